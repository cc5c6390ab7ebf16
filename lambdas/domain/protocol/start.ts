import type { Cause } from '../errors.ts';
import { awaitsAnswer, type Decision, due, type FactDraft, type Head, hasNews, hasStop, later, SYSTEM } from '../head.ts';
import type { Wait } from '../waiting.ts';
import { dueForCause, type Parking, waitFor, waitOver } from './wait.ts';

export interface StartTimes {
  /** Seconds; see contracts/policy.ts. */
  readonly runLimit: number;
  readonly deathBackoff: number;
  readonly lookAgain: number;
}

/**
 * ensure: a run is active, see that its execution exists; admit: it may be raised once it has a slot; drop: nothing to do. An order whose
 * question is overdue is due for its answer, not for a run: a stray message does not close the question to open it again.
 */
export function decideStart(head: Head, now: string): 'ensure' | 'admit' | 'drop' {
  if (head.run.active) return 'ensure';
  return head.dueAt !== undefined && head.dueAt <= now && !awaitsAnswer(head) ? 'admit' : 'drop';
}

/** What a note of a fact holds. */
const NOTE_LENGTH = 300;

/** The order runs again; if it waited for a cause, because of whom and why. */
function resumed({ cure }: Wait): FactDraft {
  if (!cure) return { type: 'order.resumed.v1', actor: SYSTEM };
  const note = `${cure.option} at ${cure.at.slice(0, 16)}Z: ${cure.reason}`.slice(0, NOTE_LENGTH);
  return { type: 'order.resumed.v1', actor: cure.by, note };
}

/** Raise the run number: from here on every write of an older run finds itself over. */
export function decideRaise(head: Head, slot: number, policyHash: string, now: string, times: StartTimes): Decision<'raised' | 'active' | 'drop'> {
  const start = decideStart(head, now);
  if (start !== 'admit') return { answer: start === 'ensure' ? 'active' : 'drop' };
  const limit = later(now, times.runLimit);
  const run = { ...head.run, n: head.run.n + 1, active: true, limit, startedAt: now, slot, undos: 0, policyHash };
  const { admissionSince: _admitted, lastError: _cleared, ...rest } = waitOver(head);
  const next = due({ ...rest, run }, limit);
  return head.wait ? { next, fact: resumed(head.wait), answer: 'raised' } : { next, answer: 'raised' };
}

/** Nothing was made of the order anywhere, and nothing can still be: to undo it takes no vendor. */
const nothingMade = ({ state, draft, open, tax, lookFrom, everUnknown, probes }: Head): boolean =>
  state === 'accepted' && !draft && !open && tax?.status !== 'recorded' && lookFrom === undefined && !everUnknown && probes.length === 0;

/**
 * Nobody can work on the order as long as its ERP is not in the policy: a person has to act, and no run is raised. One that is asked to
 * stop, and of which nothing was made, is cancelled.
 * @param on the instance as a cause, for all orders that wait for it
 */
export function decideHold(head: Head, on: Cause, now: string, parking: Parking): Decision<'held' | 'cancelled' | 'drop'> {
  if (decideStart(head, now) !== 'admit') return { answer: 'drop' };
  const { admissionSince: _line, ...rest } = head;
  if (hasStop(head) && nothingMade(head)) {
    const { waited: _past, unanswered: _closed, ...over } = waitOver(rest);
    return { next: due({ ...over, state: 'cancelled' }, undefined), fact: { type: 'order.cancelled.v1', actor: SYSTEM }, answer: 'cancelled' };
  }
  const reason = { code: 'ERP_NOT_CONFIGURED', detail: `ERP instance ${head.route.erp}`, cause: on.cause, causeVersion: on.version } as const;
  const { head: waiting, dueAt } = waitFor(rest, reason, now, parking);
  return { next: dueForCause(waiting, dueAt, now, parking), fact: { type: 'order.parked.v1', actor: SYSTEM }, answer: 'held' };
}

/** No slot is free: the order stays due and stands in line; the sweeper looks again later in case its wake is lost (rule 6). */
export function decideQueueUp(head: Head, now: string, times: StartTimes): Decision<'in line' | 'drop'> {
  if (decideStart(head, now) !== 'admit') return { answer: 'drop' };
  const next = { ...head, admissionSince: head.admissionSince ?? now, sweepAt: later(now, times.lookAgain) };
  return { next, answer: 'in line' };
}

/** Runs in a row that may die before a person is asked. */
const DEATHS_BEFORE_A_PERSON = 5;

/**
 * The execution of run `n` has ended and the run is still active: it died without its last write. The order is taken over: idle,
 * due after a back-off that doubles; news keeps its own due time.
 */
export function decideTakeOver(head: Head, n: number, now: string, times: StartTimes, parking: Parking): Decision<'taken over' | 'not dead'> {
  if (!head.run.active || head.run.n !== n) return { answer: 'not dead' };
  const deaths = head.run.deaths + 1;
  const { slot: _freed, ...run } = head.run;
  const idle: Head = { ...head, run: { ...run, active: false, deaths } };
  const reason =
    deaths >= DEATHS_BEFORE_A_PERSON
      ? ({ code: 'PLATFORM_RUN_DIED', detail: `${deaths} runs in a row ended without writing their end` } as const)
      : ({ code: 'PLATFORM_STEP_DIED', detail: `run ${n} ended without writing its end` } as const);
  const { head: waiting, dueAt } = waitFor(idle, reason, now, parking);
  const at = waiting.wait?.kind === 'person' ? dueAt : later(now, times.deathBackoff * 2 ** (deaths - 1));
  return {
    next: hasNews(head) ? { ...waiting, sweepAt: now } : due(waiting, at),
    fact: { type: 'order.parked.v1', actor: SYSTEM },
    answer: 'taken over',
  };
}

/** The sweeper moves `sweepAt` on, never `dueAt`, before it sends: a message that is lost is sent again. */
export function decideSweep(head: Head, now: string, againAfter: number): Decision<'send' | 'not due'> {
  if (head.sweepAt === undefined || head.sweepAt > now) return { answer: 'not due' };
  return { next: { ...head, sweepAt: later(now, againAfter) }, answer: 'send' };
}
