import { setTimeout as pause } from 'node:timers/promises';
import { type Command, Option } from 'commander';
import { ERRORS, type ErrorCode, type OwnerGroup } from '../contracts/errors.ts';
import { OWNER_GROUPS, TASK_OPTIONS, type TaskOption } from '../contracts/tasks.ts';
import { memberOf } from '../lambdas/domain/owners.ts';
import { sharedQuestion } from '../lambdas/ledger/cause-tasks.ts';
import { type DecideDeps, decideTask, type Request } from '../lambdas/ledger/decide.ts';
import { orderKeyIn } from '../lambdas/ledger/find.ts';
import { type AnyTask, assignTask, findTask, isShared, openTasks, ordersOfCause } from '../lambdas/ledger/tasks.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { optionTexts, type Waiting } from '../lambdas/views/question.ts';
import { type TaskView, taskView } from '../lambdas/views/task.ts';
import { act, type Output } from './command.ts';
import { confirmed } from './confirm.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';
import { tenantIn } from './find.ts';
import { count } from './print.ts';
import { option as parse } from './replay-function.ts';
import { askedText, mustBeSeen } from './tasks-seen.ts';
import { answerText, tasksText, taskText } from './tasks-text.ts';

interface Filter {
  readonly owner?: OwnerGroup;
  readonly code?: ErrorCode;
  readonly tenant?: string;
  readonly overdue?: boolean;
  readonly mine?: boolean;
  readonly as?: string;
}

interface DecideOptions extends Filter {
  readonly reason: string;
  readonly target?: string;
  readonly to?: string;
  readonly seen?: string;
  readonly yes?: boolean;
}

/** Milliseconds between two answers of many: each starts runs. */
const PACE_MS = 100;
/** Tasks that one command answers at most. */
const AT_ONCE = 1000;

/** Who acts. On a laptop several people can be tried; elsewhere it is whoever runs the command. @throws {Usage} */
async function actorIn({ config, actor }: Context, as: string | undefined): Promise<string> {
  if (as === undefined) return actor();
  if (config.cloud === 'aws') throw new Usage(`--as is for local clouds: on stage ${config.stage} you are ${await actor()}.`);
  return `cli:${as}`;
}

async function waitingOn({ ledger }: Context, task: AnyTask): Promise<Waiting> {
  if (isShared(task)) return ordersOfCause(ledger, task.cause);
  const head = await ledger.read(task.orderKey);
  return { heads: head ? [head] : [], more: false };
}

const viewOf = async (context: Context, task: AnyTask): Promise<TaskView> =>
  taskView(task, await waitingOn(context, task), context.config.policy, context.defaults, new Date());

/** The open tasks that are meant, those that are due first before the others. */
async function wanted(context: Context, { owner, code, tenant, overdue, mine, as }: Filter): Promise<AnyTask[]> {
  const of = tenant === undefined ? undefined : tenantIn(context, tenant);
  const actor = mine || as !== undefined ? await actorIn(context, as) : '';
  const isMine = (task: AnyTask) => task.assignee === actor || (!task.assignee && memberOf(context.config.policy, task.owner, actor) !== undefined);
  const tasks = await openTasks(context.ledger, { owner, ...(overdue && { dueBy: context.ledger.stamp() }) });
  return tasks.filter((task) => (code === undefined || task.code === code) && (of === undefined || task.tenant === of) && (!mine || isMine(task)));
}

async function list(context: Context, filter: Filter): Promise<Output> {
  const tasks: TaskView[] = [];
  for (const task of await wanted(context, filter)) tasks.push(await viewOf(context, task));
  return { view: { tasks }, text: tasksText(tasks, new Date(), context.config.stage) };
}

/** A task by its id, or the one that an order waits for by the order's key. @throws {Refused} */
async function mustBeTask({ ledger, config }: Context, text: string): Promise<AnyTask> {
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
async function mustBeMeant(context: Context, text: string): Promise<AnyTask> {
  const task = await mustBeTask(context, text);
  if (!isShared(task) || task.id === text) return task;
  const { heads, more } = await waitingOn(context, task);
  throw new Refused(
    `Order ${text} waits for a question that orders share: its answer is for ${more ? 'at least ' : ''}${count(heads.length, 'order')}.`,
    `${commandLine(`tasks show ${task.id}`, context.config.stage)}    shows it; answer it by this id`,
  );
}

/** One question with the facts to decide it: what the ledger has, and the quote of the first order that waits. */
export async function show(context: Context, _options: object, id: string): Promise<Output> {
  const found = await mustBeTask(context, id);
  const waiting = await waitingOn(context, found);
  const now = new Date();
  const task = taskView(found, waiting, context.config.policy, context.defaults, now);
  const [head] = waiting.heads;
  const quote = head && (await context.documents.readQuote(head.document).catch((error: Error) => error));
  return { view: { task, quote: quote instanceof Error ? undefined : quote }, text: taskText(task, now, context.config.stage, quote) };
}

export const decideDepsOf = ({ ledger, config, sendRun, sendCause }: Context): DecideDeps => ({
  ...{ ledger, sendRun, sendCause },
  policy: config.policy,
});

const requestOf = async (
  context: Context,
  { id, openedAt }: AnyTask,
  option: TaskOption,
  { as, reason, target, to }: DecideOptions,
): Promise<Request> => ({
  ...{ task: id, openedAt, option, reason, target, to },
  by: await actorIn(context, as),
});

/** What was asked for is so now: it was decided, or had been decided just so. */
function holds(answer: Awaited<ReturnType<typeof decideTask>>, { by, option }: Request): boolean {
  if (answer.answer === 'already decided') return answer.decided.by === by && answer.decided.option === option;
  return answer.answer === 'decided' || answer.answer === 'approved in part';
}

/** What is done to all orders that wait, and not simply taken back: it is confirmed. */
const FOR_GOOD: readonly TaskOption[] = ['cancel', 'reroute'];

async function decideOne(context: Context, options: DecideOptions, id: string, option: TaskOption): Promise<Output> {
  const task = await mustBeMeant(context, id);
  mustBeSeen(task, option, options.seen, context.config.stage);
  const shared = isShared(task) ? await waitingOn(context, task) : undefined;
  if (shared && task.state === 'open' && FOR_GOOD.includes(option) && !options.yes)
    await confirmed(context, `${askedText(task)}\n${optionTexts(option, shared)[1]} Reason: ${options.reason}`);
  const request = await requestOf(context, task, option, options);
  const answer = await decideTask(decideDepsOf(context), request);
  const ok = holds(answer, request);
  if (!ok)
    throw new Refused(
      `Task ${task.id}: ${answerText(answer)}.`,
      `${commandLine(`tasks show ${task.id}`, context.config.stage)}    shows how it stands`,
    );
  return { view: { task: task.id, ...answer }, text: `${askedText(task)}\nTask ${task.id}: ${answerText(answer, shared)}` };
}

/** One answer to many questions: what it would do first, then one after the other. */
async function decideMany(context: Context, options: DecideOptions, option: TaskOption): Promise<Output> {
  const tasks = (await wanted(context, options)).slice(0, AT_ONCE);
  if (tasks.length === 0) return { view: { decided: [] }, text: 'No open task is meant: nothing is decided.' };
  if (options.target !== undefined) throw new Usage('--target belongs to one task: each code has its own.');
  if (!options.yes) {
    const views = await Promise.all(tasks.slice(0, 20).map((task) => viewOf(context, task)));
    const orders = `${tasksText(views, new Date(), context.config.stage).split('\n\n')[0]}\n`;
    await confirmed(context, `${orders}\n"${option}" would be decided on ${count(tasks.length, 'task')}: ${options.reason}`);
  }
  const lines: { task: string; answer: string; ok: boolean; text: string }[] = [];
  for (const task of tasks) {
    const request = await requestOf(context, task, option, options);
    const shared = isShared(task) ? await waitingOn(context, task) : undefined;
    const answer = await decideTask(decideDepsOf(context), request);
    lines.push({ task: task.id, answer: answer.answer, ok: holds(answer, request), text: `Task ${task.id}: ${answerText(answer, shared)}` });
    await pause(PACE_MS);
  }
  const done = lines.filter(({ ok }) => ok).length;
  const text = [...lines.map((line) => line.text), '', `${done} of ${count(lines.length, 'task')} decided.`].join('\n');
  return { view: { decided: lines }, text, ok: done === lines.length };
}

const isOption = (text: string | undefined): text is TaskOption => (TASK_OPTIONS as readonly (string | undefined)[]).includes(text);

/** A filter beside a task would be ignored, and the answer given to a task that it does not mean. @throws {Usage} */
function mustBeOneOrMany([, second]: readonly string[], { owner, code, tenant, overdue, mine }: Filter): void {
  const filters = '--code, --owner, --tenant, --overdue, --mine';
  const isFilter = (owner ?? code ?? tenant ?? overdue ?? mine) !== undefined;
  if (second !== undefined && isFilter) throw new Usage(`Name a task, or say which with ${filters}: not both.`);
  if (second === undefined && !isFilter) throw new Usage(`Name a task, or say which: ${filters}.`);
}

/** Answers one task, or all that the filter means. @throws {Usage} */
export async function decide(context: Context, options: DecideOptions, first: string, second?: string): Promise<Output> {
  const option = second ?? first;
  if (!isOption(option)) throw new Usage(`"${option}" is no answer; answers are ${TASK_OPTIONS.join(', ')}.`);
  if (second !== undefined) return decideOne(context, options, first, option);
  return decideMany(context, options, option);
}

export async function assign(context: Context, { reason, as }: Pick<DecideOptions, 'reason' | 'as'>, id: string, person: string): Promise<Output> {
  const { stage, policy } = context.config;
  const task = await mustBeMeant(context, id);
  const to = person === 'nobody' ? undefined : person;
  const answer = await assignTask(context.ledger, policy, task.id, { to, by: await actorIn(context, as), reason });
  if (typeof answer === 'object')
    throw new Refused(`Task ${task.id} is not assigned: ${answer.why}.`, `${commandLine(`tasks show ${task.id}`, stage)}    shows who is asked`);
  if (answer !== 'assigned') throw new Refused(`Task ${task.id}: ${answer}.`, `${commandLine('tasks list', stage)}    shows those that are open`);
  return { view: { task: task.id, assignee: to }, text: `Task ${task.id}: ${to ?? 'nobody'} looks after it.` };
}

export function addTasks(program: Command): void {
  const tasks = program.command('tasks').description('the questions that wait for a person, and their answers');
  const filtered = (command: Command): Command =>
    command
      .addOption(new Option('--owner <group>', 'asked of this group').choices(OWNER_GROUPS))
      .addOption(new Option('--code <code>', 'asked with this code').choices(Object.keys(ERRORS)))
      .option('--tenant <tenant>', 'of this tenant')
      .option('--overdue', 'of which the answer is late')
      .option('--mine', 'assigned to you, or to nobody and of your groups')
      .option('--as <person>', 'on a local cloud: as this person', parse.person);
  filtered(tasks.command('list').description('open tasks, those that are due first before the others')).action(act(list));
  tasks
    .command('show')
    .description('one task: the question, the facts, the answers')
    .argument('<task>', 'id of the task, or order key')
    .action(act(show));
  filtered(tasks.command('decide').description('answer a task; without a task all that the filter means, after a confirmation'))
    .argument('<task>', `id of the task, or order key; with a filter the answer: ${TASK_OPTIONS.join(', ')}`)
    .argument('[answer]', 'one of the answers that the task has')
    .requiredOption('--reason <text>', 'why; kept in the ledger', parse.reason)
    .option('--target <code>', 'correct: what it is called in the ERP')
    .option('--to <erp>', 'reroute: the ERP instance')
    .option('--seen <mark>', 'the question as you saw it: `tasks show` prints it; an approval of one task needs it')
    .option('--yes', 'do not ask whether many tasks or orders are meant')
    .hook('preAction', (command) => mustBeOneOrMany(command.args, command.opts<Filter>()))
    .action(act(decide));
  tasks
    .command('assign')
    .description('say who of the group that is asked looks after a task')
    .argument('<task>', 'id of the task, or order key')
    .argument('<person>', 'as in the policy, or: nobody', parse.person)
    .requiredOption('--reason <text>', 'why; kept with the task', parse.reason)
    .option('--as <person>', 'on a local cloud: as this person', parse.person)
    .action(act(assign));
}
