import type { ErrorCode, OwnerGroup } from '../../contracts/errors.ts';
import type { TaskOption } from '../../contracts/tasks.ts';
import type { Assigned } from './assignment.ts';

export type WaitKind = 'vendor' | 'person' | 'predecessor' | 'later' | 'settle';

interface CauseBefore extends Pick<Wait, 'code' | 'since' | 'times'> {
  readonly cause: string;
  readonly causeVersion: number;
  readonly causeSince: string;
  /** Left out: it has met something else since. */
  readonly steadySince?: string | undefined;
  /** How often in a row it has stopped since then with what passes by itself. Left out: it waits for the cause still. */
  readonly passed?: number | undefined;
}

export interface Wait {
  readonly kind: WaitKind;
  readonly code: ErrorCode;
  readonly detail?: string | undefined;
  /** When the order first stopped with this code and version of the cause; a run that stops with them again does not begin anew. */
  readonly since: string;
  /** How often in a row it has stopped with this code; of a cause, what passes by itself in between does not count. */
  readonly times: number;
  readonly cause?: string | undefined;
  readonly causeVersion?: number | undefined;
  /** Since when it waits for this version of the cause: an answer of before is not about it. Left out: since `since`. */
  readonly causeSince?: string | undefined;
  /** Since when it has stopped with this cause alone: what the policy decides at last counts from then. Left out: since it waits for it. */
  readonly steadySince?: string | undefined;
  /** When it last stopped with this cause: somebody has looked then. */
  readonly lookedAt?: string | undefined;
  /** Until when the answer about the cause is due; another `dueAt` of the order is news, or a look that is owed. */
  readonly answerDue?: string | undefined;
  /** The cause that it waited for until it met what passes by itself: should it meet that again soon, it waits on, with its tries. */
  readonly before?: CauseBefore | undefined;
  readonly ask?: Ask | undefined;
  /** It got on while it waited, by an effect that was found to be done: should it stop with this again, it is another time. */
  readonly wentOn?: true | undefined;
  /** Seconds after which the order runs again though nobody has answered: what its last run met passes by itself. */
  readonly again?: number | undefined;
  /** Who answered the question about the cause; the fact that the order runs again tells it. */
  readonly cure?: Cure | undefined;
}

/** What an approval can have a bound of. `exposure`: what a customer owes with this order; `order`: the order alone, where that is unknown. */
export type ApprovalMeasure = 'price deviation' | 'discount' | 'margin' | 'amount' | 'exposure' | 'order';

/** What a question is about, beside its code: an approval is asked for by rule and value. */
export interface Ask {
  /** Id of the rule of the approval matrix, or what else tells two questions with one code apart. */
  readonly subject: string;
  /** Hash of the conditions of the rule that have no value: an approval is of these. Left out: it has none. */
  readonly rule?: string | undefined;
  /** The account of the quote whose link to a customer of the ERP `correct` sets; left out: the question has no such answer. */
  readonly account?: string | undefined;
  /** What the value measures; the values of two measures are not compared. */
  readonly measure?: ApprovalMeasure | undefined;
  /** The value to be approved, a decimal string: the bound of the approval. */
  readonly value?: string | undefined;
  /** worse: a larger value is not covered by an approval of a smaller one; or the other way round. */
  readonly worse?: 'larger' | 'smaller' | undefined;
  /** Positions of the lines of the quote that the value is of, from 1; left out: it is of the whole quote. An approval covers no other line. */
  readonly lines?: readonly number[] | undefined;
  /** Groups that have to approve, in this order; left out: the owner of the code. */
  readonly approvers?: readonly OwnerGroup[] | undefined;
  /** Who asked for the terms, as the CPQ names people: may not approve them. */
  readonly requestedBy?: string | undefined;
}

/**
 * The question to a person about this order (rule 8). It is there if and only if the order waits for a person and not for a shared
 * cause; whoever writes HEAD writes the TASK item from it, in the same transaction.
 */
export interface Task extends Assigned {
  /** Hash of order key, code, subject and content: the same question again is the same task. */
  readonly id: string;
  readonly code: ErrorCode;
  readonly openedAt: string;
  /** Since when the group of `owner` is asked; left out: since `openedAt`. */
  readonly askedAt?: string | undefined;
  /** When the answer is due in working time of the group that is asked now. */
  readonly dueAt: string;
  /** It was asked before a restore, and may have been answered since: when it is asked again its group has its time anew. */
  readonly ofBackup?: true | undefined;
  /** The group that is asked now. */
  readonly owner: OwnerGroup;
  /** Steps of the escalation chain that were taken. */
  readonly level: number;
  readonly ask?: Ask | undefined;
  /** Of an approval with several approvers: who has approved so far. */
  readonly approved: readonly Signature[];
}

export interface Signature {
  /** The group that was asked when it was given: after an escalation another one than the rule names. */
  readonly group: OwnerGroup;
  readonly by: string;
  /** The member whose deputy gave it; left out: a member of its own. */
  readonly for?: string | undefined;
  /** What was asked then: it holds up to that. */
  readonly value?: string | undefined;
  /** Left out: of before reasons were kept with it. */
  readonly reason?: string | undefined;
  readonly at: string;
}

/** `task`: id of the question of its own that was open. */
export interface Waited extends Pick<Wait, 'kind' | 'code' | 'since' | 'times' | 'cause' | 'causeVersion' | 'causeSince' | 'steadySince' | 'before'> {
  readonly task?: string | undefined;
}

/** Since when an order waits for this version of a cause. */
export const waitsForCauseSince = ({ since, causeSince = since }: Pick<Wait, 'since' | 'causeSince'>): string => causeSince;

/** ... and has met nothing else. */
export const steadySinceOf = (wait: Pick<Wait, 'since' | 'causeSince' | 'steadySince'>): string => wait.steadySince ?? waitsForCauseSince(wait);

/** An approval is bound to the content of the quote, a rule and what it measures; `value` is the bound (rule 8). */
export interface Approval {
  readonly contentHash: string;
  readonly rule?: string | undefined;
  readonly measure?: ApprovalMeasure | undefined;
  readonly value?: string | undefined;
  readonly lines?: readonly number[] | undefined;
  readonly by: readonly Signature[];
}

/** The last answer of a person; the facts hold all of them. */
export interface Decided {
  readonly task: string;
  readonly code: ErrorCode;
  readonly option: TaskOption;
  readonly by: string;
  readonly at: string;
  readonly reason: string;
  /** The group that is asked next: it was an approval of several, and decided nothing alone. */
  readonly next?: OwnerGroup | undefined;
}

/** The answer to a question that orders share. */
export interface Cure extends Pick<Decided, 'by' | 'at' | 'option' | 'reason'> {
  /** reroute: the ERP instance, and what was asked. */
  readonly to?: string | undefined;
  readonly code?: ErrorCode | undefined;
}
