import { ERRORS, type ErrorCode, triesAgain } from '../../../contracts/errors.ts';
import {
  atRest,
  type Decision,
  type FactDraft,
  type Head,
  hasNews,
  hasStop,
  isMine,
  later,
  latest,
  pastPivot,
  type StepError,
  SYSTEM,
  undecidedStop,
} from '../head.ts';
import { answerOrLook, nextProbe } from './looks.ts';
import { stopQuestion } from './reversed.ts';
import { dueForCause, type Parking, type Reason, waitFor, waitOver } from './wait.ts';

export interface End {
  readonly run: number;
  readonly now: string;
  readonly parking: Parking;
  /** The error name that the state machine caught; undefined when Settle comes after an undo that went well. */
  readonly error?: string | undefined;
}

export type EndAnswer = 'undo' | 'ended' | 'run over';

/** Undo passes in one run before the order is parked: each pass ends a draft or a document, so more means that nothing moves. */
const UNDO_PASSES = 3;

/** Names thrown by steps that recorded their code before; any other name is a death without a word. */
const SPOKEN = ['Stop', 'RetrySoon', 'Busy'];

/** What this run failed with, never the error of an earlier one. */
function errorOf(head: Head, end: End): Reason {
  const own = head.lastError?.run === end.run ? head.lastError : undefined;
  if (own && (end.error === undefined || SPOKEN.includes(end.error))) return own;
  return { code: 'PLATFORM_STEP_DIED', detail: end.error ? `a step ended with ${end.error.slice(0, 100)}` : 'the run ended before its end' };
}

/**
 * The one function of every last write: idle, and due when `dueAt` says so. News that came during the run keeps its own due time
 * (rule 5); the slot of admission is given back by the caller, who finds it in the head that was read.
 */
function endRun(head: Head, end: End, dueAt: string | undefined): Head {
  const { slot: _freed, ...run } = head.run;
  const idle: Head = { ...head, run: { ...run, active: false, deaths: 0 } };
  if (hasNews(head)) return { ...idle, sweepAt: end.now };
  return dueForCause(idle, dueAt, end.now, end.parking);
}

/** At rest: nothing is waited for, and what it was asked about is not going to be asked again. */
function settled(head: Head): Head {
  const { waited: _past, unanswered: _closed, ...rest } = waitOver(head);
  return rest;
}

const parked: FactDraft = { type: 'order.parked.v1', actor: SYSTEM };

interface When {
  /** ISO 8601: a call may land until then, so it is not due before. */
  readonly notBefore?: string | undefined;
  /** Code of an error that passes by itself: due again as after that one, whoever is asked something else. */
  readonly passing?: ErrorCode | undefined;
}

function park(head: Head, end: End, reason: Reason, { notBefore, passing }: When = {}): Decision<EndAnswer> {
  // A condition that failed for news alone: no wait, the order stays due, and what it waited for before is not over by that.
  if (reason.code === 'NEWS_ARRIVED' && hasNews(head)) return { next: endRun(head, end, end.now), answer: 'ended' };
  const { head: parkedFor, dueAt } = waitFor(head, reason, end.now, end.parking);
  const { wait } = parkedFor;
  const again = passing && wait && end.parking.triesAgain(passing, wait.times);
  const waiting: Head = again === undefined || !wait ? parkedFor : { ...parkedFor, wait: { ...wait, again } };
  const at = answerOrLook(waiting, dueAt, end.now);
  return { next: endRun(waiting, end, notBefore ? latest(at, notBefore) : at), fact: parked, answer: 'ended' };
}

/** At rest: due only for what is owed, and not before `notBefore`: a look that just failed is not tried again at once. */
function rest(head: Head, end: End, fact: FactDraft | undefined, notBefore?: string): Decision<EndAnswer> {
  const owed = nextProbe(head);
  const next = endRun(settled(head), end, owed && notBefore ? latest(owed, notBefore) : owed);
  return fact ? { next, fact, answer: 'ended' } : { next, answer: 'ended' };
}

type Asked = NonNullable<ReturnType<typeof undecidedStop>>;

/** A stop that came after the pivot. The question has what the ERP still has in force, where this run has read it. */
function askPerson(head: Head, end: End, kind: Asked, passing?: ErrorCode): Decision<EndAnswer> {
  const code = stopQuestion(kind);
  const found = head.lastError?.run === end.run && head.lastError.code === code ? head.lastError.detail : undefined;
  return park(head, end, { code, detail: found ?? `asked for by ${head.stops[kind]?.by}` }, { passing });
}

/** The error of this run, after which the order tries again by itself. */
function passingError(head: Head, end: End): StepError | undefined {
  const own = head.lastError?.run === end.run && end.error !== undefined ? head.lastError : undefined;
  return own && SPOKEN.includes(end.error ?? '') && triesAgain(ERRORS[own.code].retry) ? own : undefined;
}

/**
 * An undecided cancel, withdrawal or rejection of an order that the ERP has: the question; or another try to read what is in force, which
 * the first step does. What a later step failed with is tried again meanwhile: the order may be kept.
 */
function askedToStop(head: Head, end: End): Decision<EndAnswer> | undefined {
  const undecided = undecidedStop(head);
  if (!undecided) return undefined;
  const error = passingError(head, end);
  return error?.step === 'check-customer' ? park(head, end, error) : askPerson(head, end, undecided, error?.code);
}

const recorded = (head: Head): boolean => head.tax?.status === 'recorded';
const failedUndo = (head: Head, end: End): boolean =>
  head.lastError?.run === end.run && (head.lastError.step === 'cancel-draft' || head.lastError.step === 'void-tax');

/** Once more through Void tax and Cancel draft order, unless that has just failed or does not come to an end. */
function undo(head: Head, end: End, error: Reason): Decision<EndAnswer> {
  if (failedUndo(head, end)) return park(head, end, error);
  if (head.run.undos >= UNDO_PASSES) return park(head, end, { code: 'PLATFORM_UNDO_STUCK', detail: `${UNDO_PASSES} passes in one run` });
  const { lastError: _answered, ...undoing } = head;
  return { next: { ...undoing, run: { ...head.run, undos: head.run.undos + 1 } }, answer: 'undo' };
}

/** Completed, cancelled or reversed: a person is asked, a tax document that outlived the order is voided, or it is at rest. */
function settleAtRest(head: Head, end: End, error: Reason): Decision<EndAnswer> {
  const asked = head.state === 'completed' ? askedToStop(head, end) : undefined;
  if (asked) return asked;
  if (head.state !== 'completed' && recorded(head)) return undo(head, end, error);
  return ERRORS[error.code].retry === 'person' && end.error === 'Stop' && head.lastError?.run === end.run
    ? park(head, end, error)
    : rest(head, end, undefined, end.error && later(end.now, end.parking.triesAgain(error.code, 1) ?? end.parking.lookAgain));
}

/** Why an order waits for what is unknown: the error that kept it from looking, or else that it is too early to look. */
const heldBy = (error: Reason, detail: string): Reason =>
  ['hold', 'settle'].includes(ERRORS[error.code].retry) ? error : { code: 'EFFECT_UNKNOWN', detail };

/**
 * Settle decides from HEAD, in this order: not my run; an effect whose outcome is unknown; at rest; a stop before the pivot (undo
 * while something lives, else cancelled); an undecided cancel or withdrawal after it; this run's error.
 */
export function decideSettle(head: Head, end: End): Decision<EndAnswer> {
  if (!isMine(head, end.run)) return { answer: 'run over' };
  const error = errorOf(head, end);
  if (head.open) {
    return park(head, end, heldBy(error, `${head.open.action} may still land`), { notBefore: head.open.settleAt });
  }
  if (atRest(head)) return settleAtRest(head, end, error);
  // After a restore the vendors may have more than HEAD knows: nothing is undone, and nothing is over, before they were asked.
  if (head.lookFrom !== undefined && (head.lookFrom > end.now || (hasStop(head) && !pastPivot(head))))
    return park(head, end, heldBy(error, 'the vendors were not asked yet after the restore'), { notBefore: head.lookFrom });
  if (hasStop(head) && !pastPivot(head)) {
    if (head.draft || recorded(head) || failedUndo(head, end)) return undo(head, end, error);
    return rest({ ...head, state: 'cancelled' }, end, { type: 'order.cancelled.v1', actor: SYSTEM });
  }
  return askedToStop(head, end) ?? park(head, end, error);
}

/** Complete: confirmed and read back, tax recorded. With an undecided cancel or withdrawal a person is asked in the same write. */
export function decideComplete(head: Head, end: End): Decision<EndAnswer | 'not ready'> {
  if (!isMine(head, end.run)) return { answer: 'run over' };
  const ready =
    head.state === 'completed' || (head.state === 'confirmed' && head.order !== undefined && !head.order.stuck && head.tax?.status === 'recorded');
  if (head.open || !ready) return { answer: 'not ready' };
  const completed: Head = { ...head, state: 'completed' };
  const undecided = undecidedStop(completed);
  if (undecided) return askPerson(completed, end, undecided);
  return rest(completed, end, head.state === 'completed' ? undefined : { type: 'order.completed.v1', actor: SYSTEM });
}
