import type { TaskOption } from '../contracts/tasks.ts';
import { type DecideDeps, decideTask, type Request } from '../lambdas/ledger/decide.ts';
import { type AnyTask, isShared } from '../lambdas/ledger/tasks.ts';
import type { Waiting } from '../lambdas/views/question.ts';
import type { Context } from './context.ts';
import { actorIn, type Filter, waitingOn } from './tasks-find.ts';
import { answerText } from './tasks-text.ts';

export interface DecideOptions extends Filter {
  readonly reason: string;
  readonly target?: string;
  readonly to?: string;
  readonly seen?: string;
  readonly yes?: boolean;
}

export const decideDepsOf = ({ ledger, config, sendRun, sendCause }: Context): DecideDeps => ({
  ...{ ledger, sendRun, sendCause },
  policy: config.policy,
});

/** The orders of a question about a cause; undefined: it is about one order. */
export const sharedBy = async (context: Context, task: AnyTask): Promise<Waiting | undefined> =>
  isShared(task) ? waitingOn(context, task) : undefined;

/** What was asked for is so now: it was decided, or had been decided just so. */
function holds(answer: Awaited<ReturnType<typeof decideTask>>, { by, option }: Request): boolean {
  if (answer.answer === 'already decided') return answer.decided.by === by && answer.decided.option === option;
  return answer.answer === 'decided' || answer.answer === 'approved in part';
}

/** Answers a task as it was read: one that was asked anew since is not. */
export async function answerTo(
  context: Context,
  task: AnyTask,
  option: TaskOption,
  { as, reason, target, to }: DecideOptions,
  shared: Waiting | undefined,
) {
  const { id, openedAt } = task;
  const request: Request = { task: id, openedAt, option, reason, target, to, by: await actorIn(context, as) };
  const answer = await decideTask(decideDepsOf(context), request);
  return { answer, ok: holds(answer, request), text: `Task ${id}: ${answerText(answer, shared)}` };
}
