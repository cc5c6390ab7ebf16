import type { ErrorCode } from '../../contracts/errors.ts';
import type { DocumentReference, Milestone, OrderEventType, OrderSnapshot } from '../../contracts/events.ts';
import type { Money } from '../../contracts/money.ts';
import type { QuoteHeader } from '../../contracts/quote.ts';
import type { Step } from '../../contracts/workflow.ts';
import type { Approval, Ask, Decided, Task, Wait, Waited } from './waiting.ts';

export type State = OrderSnapshot['state'];
export type Action = 'create-draft' | 'confirm-order' | 'cancel-draft' | 'record-tax' | 'void-tax';
export type StopKind = 'cancel' | 'withdrawn' | 'superseded' | 'policy';

/** The one effect in flight (rule 2). `attempt` is random, one per invocation. Times are ISO 8601 in UTC. */
export interface Open {
  readonly action: Action;
  readonly attempt: string;
  readonly at: string;
  /** From here on the call can no longer land: end of the invocation + the vendor's maximum. */
  readonly settleAt: string;
  /** Draft or tax document that the action addresses. */
  readonly target?: string | undefined;
  /** Hash of what is written; becomes `draft.inputs` or `tax.hash`. */
  readonly payloadHash: string;
}

export interface Draft {
  readonly ref: string;
  readonly key: string;
  /** Hash of what the draft was made from; another one makes the draft stale. */
  readonly inputs: string;
  readonly total: Money;
}

export interface ConfirmedOrder {
  readonly ref: string;
  readonly number?: string | undefined;
  readonly total: Money;
  /** The ERP said yes and got stuck; past the pivot, not complete (rule 17). */
  readonly stuck: boolean;
  /** Somebody was told that it bills something else than was quoted, and has answered. */
  readonly differenceKnown?: true | undefined;
}

export interface TaxRecord {
  readonly id: string;
  readonly key: string;
  readonly hash: string;
  readonly amount: string;
  readonly status: 'recorded' | 'voided';
}

export interface Run {
  /** Number of the newest run; 0: none yet. */
  readonly n: number;
  readonly active: boolean;
  readonly limit: string;
  readonly startedAt: string;
  /** Runs in a row that ended without their last write. */
  readonly deaths: number;
  /** Admission slot that the active run holds. */
  readonly slot?: number | undefined;
  /** Times that Settle sent this run to undo: a bound against going round. */
  readonly undos: number;
  readonly policyHash: string;
}

export interface StepError {
  readonly run: number;
  readonly step: Step;
  readonly code: ErrorCode;
  readonly detail: string;
  readonly cause?: string | undefined;
  readonly causeVersion?: number | undefined;
  readonly ask?: Ask | undefined;
}

/** What a step has read, valid for its own run only (rule 14); `ref` is the document with the details. */
export interface Prepared {
  readonly run: number;
  readonly hash: string;
  readonly ref: string;
}
export type PreparedStep = 'customer' | 'products' | 'price' | 'tax';

/** Who asked the order to stop, and when; what an operator gave as the reason; the answer of the person who was asked. */
export interface Stopped {
  readonly by: string;
  readonly at: string;
  readonly reason?: string | undefined;
  readonly decided?: string | undefined;
}

/** The order as the ledger holds it: everything that a run needs to do what is still missing. */
export interface Head {
  readonly orderKey: string;
  readonly tenant: string;
  readonly quote: QuoteHeader;
  readonly contentHash: string;
  readonly document: DocumentReference;
  readonly predecessor?: string | undefined;
  /** The order that this one amends: a lower revision that is past the pivot and stays, as do those below it (policy `afterPivot: amend`, or a decision). */
  readonly amends?: string | undefined;
  readonly supersededBy?: string | undefined;
  readonly route: { readonly region: string; readonly businessUnit: string; readonly erp: string };
  readonly correlationId: string;
  readonly acceptedAt: string;
  /** Time of the accept in this ledger. */
  readonly createdAt: string;
  /** Until when the business wants it completed (policy `deadlines`), fixed at the accept. Past it the order is late; nothing fails. */
  readonly deadline?: string | undefined;
  readonly state: State;
  readonly epoch: number;
  readonly seq: number;
  readonly lastHash: string;
  /** Grows with every write; the compare-and-set of the ledger is on it. */
  readonly version: number;
  /** Grows when a draft was cancelled or a create came to nothing, so that every create has a key of its own. */
  readonly generation: number;
  readonly run: Run;
  readonly open?: Open | undefined;
  readonly draft?: Draft | undefined;
  /** A draft of it was made once, whatever became of that. */
  readonly hadDraft?: true | undefined;
  readonly order?: ConfirmedOrder | undefined;
  readonly tax?: TaxRecord | undefined;
  /** Due times of lookups that are owed because an effect was unknown once. */
  readonly probes: readonly string[];
  readonly everUnknown: boolean;
  /** The last create that came to nothing as far as the lookup saw: what its draft was made from, should it appear after all. */
  readonly lost?: { readonly generation: number; readonly inputs: string } | undefined;
  /** Reference of an order that the last look has found in the ERP under our key, confirmed, and that HEAD does not name. */
  readonly unexpected?: string | undefined;
  /** The ledger was restored: nothing is made before one look at the vendors, which tells the truth from this time on. */
  readonly lookFrom?: string | undefined;
  readonly prepared: Readonly<Partial<Record<PreparedStep, Prepared>>>;
  readonly wait?: Wait | undefined;
  /** What the order last waited for, kept over the next run: whether that one stops with the same code again. */
  readonly waited?: Waited | undefined;
  readonly task?: Task | undefined;
  /** Questions that were closed without an answer, the last one first: the order ran, and stopped with something else. Asked again, they go on where they were. */
  readonly unanswered?: readonly Task[] | undefined;
  /** By id of the rule. */
  readonly approvals: Readonly<Record<string, Approval>>;
  readonly decided?: Decided | undefined;
  /** Ids of the questions that the policy has decided since a person answered them: it decides each once, whatever else was answered meanwhile. */
  readonly byDefault?: readonly string[] | undefined;
  readonly stops: Readonly<Partial<Record<StopKind, Stopped>>>;
  readonly admissionSince?: string | undefined;
  readonly dueAt?: string | undefined;
  readonly sweepAt?: string | undefined;
  readonly lastError?: StepError | undefined;
}

/** Milestones that say whether the CPQ approves of a revision. */
export type Said = Exclude<Milestone, 'expired'>;

/** One per quote: the highest accepted revision, and the CPQ's milestones (rule 16). */
export interface QuoteItem {
  readonly tenant: string;
  readonly cpq: string;
  readonly id: string;
  readonly version: number;
  readonly highest?: { readonly revision: number; readonly orderKey: string } | undefined;
  readonly withdrawnUpTo: number;
  /** Keys of revisions that came again in a restored ledger, after a higher one or a withdrawal: they stand along no `predecessor`. */
  readonly beside?: readonly string[] | undefined;
  readonly milestones: Readonly<Partial<Record<Milestone, { readonly at: string; readonly revision: number }>>>;
  /** What the CPQ last said of each revision: one that was created or submitted anew since is not judged any more. */
  readonly verdicts?: Readonly<Record<string, { readonly milestone: Said; readonly at: string }>> | undefined;
}

export interface FactDraft {
  readonly type: OrderEventType;
  /** Who caused it: `system`, or the identity of an operator. */
  readonly actor: string;
  /** What the status does not say and a person should know; no personal data. */
  readonly note?: string;
}

/** What a pure decision asks the ledger to write, and what it answers. No `next`: nothing is written. */
export interface Decision<Answer> {
  readonly next?: Head;
  readonly fact?: FactDraft;
  readonly answer: Answer;
}

export const SYSTEM = 'system';

export const atRest = (head: Head): boolean => head.state === 'completed' || head.state === 'cancelled' || head.state === 'reversed';

/** The ERP has the order: nothing is left to prepare. */
export const isConfirmed = (head: Head): boolean => head.state === 'confirmed' || head.state === 'completed';

/** The pivot is confirm's intent, not its answer (rule 4). */
export const pastPivot = (head: Head): boolean => isConfirmed(head) || head.state === 'reversed' || head.open?.action === 'confirm-order';

export const ended = (head: Head): boolean => head.state === 'cancelled' || head.state === 'reversed';

export const hasStop = (head: Head): boolean => Object.keys(head.stops).length > 0;

/**
 * A cancel, a withdrawal or a rejection that nobody has answered yet: past the pivot a person is asked. Superseded asks nobody here: the
 * newer revision does.
 */
export const undecidedStop = (head: Head): Exclude<StopKind, 'superseded'> | undefined =>
  (['cancel', 'withdrawn', 'policy'] as const).find((kind) => head.stops[kind] && !head.stops[kind]?.decided);

/** While a run is active `dueAt` is its limit, unless somebody brought news (rule 5). */
export const hasNews = (head: Head): boolean => head.run.active && head.dueAt !== head.run.limit;

export const isMine = (head: Head, run: number): boolean => head.run.active && head.run.n === run;

/** `sweepAt` is set with every `dueAt` (rule 5). */
export const due = (head: Head, at: string | undefined): Head => ({ ...head, dueAt: at, sweepAt: at });

/** Nobody would ever look at this order again: something is left to do, and the sweeper does not find it. No write may leave one so. */
export const isForgotten = (head: Head): boolean =>
  (head.dueAt === undefined || head.sweepAt === undefined) && (!atRest(head) || head.wait !== undefined);

/** The order is due for an answer, not for a run: nothing has changed since its question was asked. One of a backup is asked again first. */
export const awaitsAnswer = ({ run, task, dueAt }: Head): boolean => !run.active && task !== undefined && !task.ofBackup && dueAt === task.dueAt;

/**
 * News: whoever brings it makes the order due in the same write. It must differ from the limit of the run and from the due time of a
 * question, by which it is recognised.
 */
export const withNews = (head: Head, now: string): Head =>
  due(head, [head.run.active && head.run.limit, head.task?.dueAt, head.wait?.answerDue].includes(now) ? later(now, 0.001) : now);

/** Since when the order is late; undefined: it is not, or it has come to its end. */
export const lateSince = (head: Head, now: string): string | undefined =>
  head.deadline !== undefined && head.deadline < now && !atRest(head) ? head.deadline : undefined;

export const later = (now: string, seconds: number): string => new Date(Date.parse(now) + seconds * 1000).toISOString();
export const latest = (a: string, b: string): string => (a > b ? a : b);
export const earliest = (a: string, b: string | undefined): string => (b !== undefined && b < a ? b : a);
