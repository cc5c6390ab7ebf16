import type { ErrorCode, OwnerGroup } from '../contracts/errors.ts';
import { memberOf } from '../lambdas/domain/owners.ts';
import { sharedQuestion } from '../lambdas/ledger/cause-tasks.ts';
import { orderKeyIn } from '../lambdas/ledger/find.ts';
import { type AnyTask, findTask, isShared, openTasks, ordersOfCause } from '../lambdas/ledger/tasks.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import type { Waiting } from '../lambdas/views/question.ts';
import { type TaskView, taskView } from '../lambdas/views/task.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';
import { tenantIn } from './find.ts';
import { count } from './print.ts';

export interface Filter {
  readonly owner?: OwnerGroup;
  readonly code?: ErrorCode;
  readonly tenant?: string;
  readonly overdue?: boolean;
  readonly mine?: boolean;
  readonly as?: string;
}

/** Who acts. On a laptop several people can be tried; elsewhere it is whoever runs the command. @throws {Usage} */
export async function actorIn({ config, actor }: Context, as: string | undefined): Promise<string> {
  if (as === undefined) return actor();
  if (config.cloud === 'aws') throw new Usage(`--as is for local clouds: on stage ${config.stage} you are ${await actor()}.`);
  return `cli:${as}`;
}

export async function waitingOn({ ledger }: Context, task: AnyTask): Promise<Waiting> {
  if (isShared(task)) return ordersOfCause(ledger, task.cause);
  const head = await ledger.read(task.orderKey);
  return { heads: head ? [head] : [], more: false };
}

export const viewOf = async (context: Context, task: AnyTask): Promise<TaskView> =>
  taskView(task, await waitingOn(context, task), context.config.policy, context.defaults, new Date());

/** The open tasks that are meant, those that are due first before the others. */
export async function wanted(context: Context, { owner, code, tenant, overdue, mine, as }: Filter): Promise<AnyTask[]> {
  const of = tenant === undefined ? undefined : tenantIn(context, tenant);
  const actor = mine || as !== undefined ? await actorIn(context, as) : '';
  const isMine = (task: AnyTask) => task.assignee === actor || (!task.assignee && memberOf(context.config.policy, task.owner, actor) !== undefined);
  const tasks = await openTasks(context.ledger, { owner, ...(overdue && { dueBy: context.ledger.stamp() }) });
  return tasks.filter((task) => (code === undefined || task.code === code) && (of === undefined || task.tenant === of) && (!mine || isMine(task)));
}

/** A task by its id, or the one that an order waits for by the order's key. @throws {Refused} */
export async function mustBeTask({ ledger, config }: Context, text: string): Promise<AnyTask> {
  // An id may read like an order's key, and what is not there cannot be told while orders of some tenant are brought back.
  const named = await findTask(ledger, text);
  if (named) return named;
  const key = orderKeyIn(text);
  const head = key === undefined ? undefined : await ledger.read(key);
  const found = head?.task ? await findTask(ledger, head.task.id) : head && (await sharedQuestion(ledger, head));
  if (found) return found;
  const why = head ? `Nobody is asked anything about order ${key}.` : `There is no task ${text}.`;
  throw new Refused(why, `${commandLine('tasks list', config.stage)}    shows those that are open`);
}

/** The same, to answer it: a question that other orders share is named by its id, since the answer is for all of them. @throws {Refused} */
export async function mustBeMeant(context: Context, text: string): Promise<AnyTask> {
  const task = await mustBeTask(context, text);
  if (!isShared(task) || task.id === text) return task;
  const { heads, more } = await waitingOn(context, task);
  throw new Refused(
    `Order ${text} waits for a question that orders share: its answer is for ${more ? 'at least ' : ''}${count(heads.length, 'order')}.`,
    `${commandLine(`tasks show ${task.id}`, context.config.stage)}    shows it; answer it by this id`,
  );
}
