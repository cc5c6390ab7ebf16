import type { TaskOption } from '../contracts/tasks.ts';
import { type AnyTask, isShared } from '../lambdas/ledger/tasks.ts';
import { askedValue, questionOf, reasonOf } from '../lambdas/views/question.ts';
import { decideCommand, seenOf } from '../lambdas/views/task.ts';
import { Refused } from './failure.ts';
import { plain } from './print.ts';

/** The question as it is asked now, with what is to be approved. */
export function askedText(task: AnyTask): string {
  if (isShared(task)) return plain(questionOf(task.code, task.cause));
  const { ask, code, detail } = task;
  const value = askedValue(task);
  return plain(`${questionOf(code)} ${reasonOf(code, detail)}${value === undefined ? '' : ` (${ask?.measure ?? ask?.subject}: ${value})`}`);
}

/**
 * Nobody approves what they have not seen: an approval names the question with the mark that `tasks show` prints, and another one means
 * that it was asked anew since, of others or because it got worse. Other answers may leave the mark out.
 * @throws {Refused} with the question as it is now, and the command that answers it
 */
export function mustBeSeen(task: AnyTask, option: TaskOption, seen: string | undefined, stage: string): void {
  if (task.state === 'closed' || seen === seenOf(task) || (seen === undefined && option !== 'approve')) return;
  const why = seen === undefined ? 'An approval says which question it answers' : 'The question was asked anew since you saw it';
  throw new Refused(`Task ${task.id}: nothing was decided. ${why}: ${askedText(task)}`, decideCommand(task, option, stage));
}
