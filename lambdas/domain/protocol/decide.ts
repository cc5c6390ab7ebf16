import type { OwnerGroup } from '../../../contracts/errors.ts';
import { isSamePerson, optionsOf, type TaskOption } from '../../../contracts/tasks.ts';
import { type Decision, type Head, SYSTEM, withNews } from '../head.ts';
import type { Decided, Task } from '../waiting.ts';
import { askedOn } from './looks.ts';
import { type Answer, type Around, OPTIONS } from './options.ts';
import { answered } from './wait.ts';

export type Answered =
  /** The order is due now. */
  | { readonly answer: 'decided'; readonly decided: Decided }
  /** An approval of which others have to approve as well: the next group is asked. */
  | { readonly answer: 'approved in part'; readonly next: OwnerGroup }
  | { readonly answer: 'already decided'; readonly decided: Decided }
  /** Nobody answered in time, and what the policy names was decided. */
  | { readonly answer: 'too late'; readonly decided: Decided }
  /** The question is closed, or was asked anew, without a decision that HEAD remembers. */
  | { readonly answer: 'not open any more'; readonly why: string }
  | { readonly answer: 'not allowed'; readonly options: readonly TaskOption[] }
  | { readonly answer: 'not authorised'; readonly why: string }
  /** The option is one of the question, and cannot be done. */
  | { readonly answer: 'not possible'; readonly why: string }
  /** The mapping that a correction sets first is set, and stays; the question went another way meanwhile. */
  | { readonly answer: 'only corrected'; readonly what: string; readonly instead: Answered };

/** What happened to an order whose question is not open any more. */
function whyClosed({ state, wait, task, run }: Head): string {
  if (task) return `the order asks something else now: ${task.code}, task ${task.id}`;
  if (wait) return `the order waits for ${wait.code} now`;
  return run.active ? `the order goes on in run ${run.n}` : `the order is ${state} and waits for nobody`;
}

const notOpen = (head: Head, { task }: Answer): Answered => {
  const { decided } = head;
  if (decided?.task !== task) return { answer: 'not open any more', why: whyClosed(head) };
  if (decided.next) return { answer: 'not open any more', why: `${decided.by} had approved it, ${decided.next} not yet; ${whyClosed(head)}` };
  return { answer: decided.by === SYSTEM ? 'too late' : 'already decided', decided };
};

/** Is this an answer to the question, and may this person give it? The one check, of an order's own question and of a shared one; undefined: yes. */
export function mayNot(
  { owner, options }: { readonly owner: OwnerGroup; readonly options: readonly TaskOption[] },
  { option, by }: Pick<Answer, 'option' | 'by'>,
  { memberOf }: Pick<Around, 'memberOf'>,
): Answered | undefined {
  if (!options.includes(option)) return { answer: 'not allowed', options };
  if (memberOf(owner, by) !== undefined) return undefined;
  return { answer: 'not authorised', why: `${by} is not of the group ${owner}, which is asked` };
}

/**
 * A person's answer, or the policy's in place of one (rule 8). What is asked, in this order: is the question open; is this one of its
 * options; may this person answer; can it be done. A decision is news, and closes the task in the same write: of two people one decides,
 * and the other is told what.
 */
export function decide(head: Head, answer: Answer, now: string, around: Around): Decision<Answered> {
  const { task } = head;
  const { option, by, reason } = answer;
  if (task?.id !== answer.task) return { answer: notOpen(head, answer) };
  if (answer.openedAt !== undefined && answer.openedAt !== task.openedAt) return { answer: notOpen(head, answer) };
  // Of several approvers each is another person; who sends an approval again has given it already, whoever is asked now.
  const signed = option === 'approve' && task.approved.find((one) => isSamePerson(one.by, by));
  if (signed) {
    const first = { task: task.id, code: task.code, option, by: signed.by, at: signed.at, reason: signed.reason ?? reason };
    return { answer: { answer: 'already decided', decided: first } };
  }
  const refused = mayNot({ owner: task.owner, options: optionsOf(task.code) }, answer, around);
  if (refused) return { answer: refused };
  const outcome = OPTIONS[option]?.(head, task, answer, now, around) ?? { why: `nothing does "${option}" yet` };
  if ('why' in outcome) return { answer: { answer: option === 'approve' ? 'not authorised' : 'not possible', why: outcome.why } };
  const fact = { type: 'order.decided.v1', actor: by } as const;
  const decided: Decided = { task: task.id, code: task.code, option, by, at: now, reason };
  // Who decides for a second time what did not help goes round; a person may, and then the policy may once more.
  const others = head.byDefault?.filter((id) => id !== task.id) ?? [];
  const byDefault = by === SYSTEM ? [...others, task.id] : others;
  if ('asks' in outcome)
    return {
      next: askedOn({ ...head, decided: { ...decided, next: outcome.asks.owner }, byDefault }, outcome.asks, now),
      fact,
      answer: { answer: 'approved in part', next: outcome.asks.owner },
    };
  return {
    next: withNews({ ...told(answered(outcome.head), task, by), decided, byDefault }, now),
    fact,
    answer: { answer: 'decided', decided },
  };
}

/** Of an order of the ERP a person is not asked about the same difference again, whatever the answer was. */
const told = (head: Head, { code }: Task, by: string): Head =>
  by !== SYSTEM && code === 'TAX_MISMATCH' && head.order ? { ...head, order: { ...head.order, differenceKnown: true } } : head;
