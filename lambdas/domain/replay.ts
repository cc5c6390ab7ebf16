import { randomInt } from 'node:crypto';
import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import type { ReplayFilter, Republication } from '../../contracts/replay.ts';

/** What sending a message again would do. `code`: with which code it would be refused, or put into quarantine. */
export interface Verdict {
  readonly verdict: 'already done' | 'would run' | 'would be refused';
  readonly why: string;
  readonly code?: ErrorCode | undefined;
}

/**
 * What came of one message. sent: its consumer has it; failed again: ... and has noted a failure since; refused, not sent: it stays in the
 * dead-letter queue, since it would be refused or since SQS did not take it; looked at: of a dry run; not chosen: the filter is for others, or it
 * failed after the replay had begun; sent again: it came back and the replay, resumed, has sent it once more: only the last time counts.
 */
export type OutcomeKind = 'sent' | 'failed again' | 'sent again' | 'refused' | 'not sent' | 'looked at' | 'not chosen';

export interface Outcome extends Partial<Verdict> {
  /** The message id; of a republication the order key. */
  readonly id: string;
  readonly outcome: OutcomeKind;
  readonly at: string;
  /** Of a failure before, or after it was sent. */
  readonly failure?: ErrorCode | undefined;
  readonly tenant?: string | undefined;
  readonly orderKey?: string | undefined;
  readonly correlationId?: string | undefined;
  /** Events that were sent; of a republication. */
  readonly events?: number | undefined;
  /** Where the index of failures would have it. */
  readonly failureId?: string | undefined;
  /** By which the message is shown again at the end: until then it is hidden, so that it does not come round twice. */
  readonly handle?: string | undefined;
}

export type ReplayStatus = 'queued' | 'running' | 'done' | 'stopped' | 'failed';

/** Sent at which time, and where the index of failures would have it. */
export interface Sent {
  readonly failureId: string;
  readonly at: string;
}

export interface Resumption {
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** One replay, as it is kept for good: who, why, what, and what came of it. Times are ISO 8601 in UTC. */
export interface Replay {
  readonly id: string;
  /** The dead-letter queue; of a republication the queue of the subscriber, or `business` for the bus. */
  readonly queue: string;
  readonly republish?: Republication | undefined;
  readonly by: string;
  readonly reason: string;
  /** Who had it go on after it stopped, failed or stood still, and why. */
  readonly resumed?: readonly Resumption[] | undefined;
  readonly filter: ReplayFilter;
  readonly dryRun: boolean;
  readonly perSecond: number;
  readonly status: ReplayStatus;
  /** send: messages are gone through; settle: what was held back is shown again, and outcomes are counted. */
  readonly phase: 'send' | 'settle';
  /** Outcome -> how many; exact when the replay has ended, but of a republication that failed: up to a second behind. */
  readonly counts: Readonly<Partial<Record<OutcomeKind, number>>>;
  /** Verdict -> how many of those that were chosen. */
  readonly verdicts: Readonly<Partial<Record<Verdict['verdict'], number>>>;
  /** How far `settle`, or a republication, has come. */
  readonly cursor?: string | undefined;
  /** The newest that were sent, to see whether they fail. */
  readonly recent: readonly Sent[];
  /** Messages in the consumer's queue before anything was sent. */
  readonly before?: number | undefined;
  /** The first ones are handled, or were waited for long enough. */
  readonly probed?: boolean | undefined;
  /** Since when it is waited for the consumer to handle what was sent. */
  readonly waitingSince?: string | undefined;
  /** Of those that were sent, how many at most the consumer had not handled when it was no longer waited: they may still fail. */
  readonly unhandled?: number | undefined;
  /** Since when its queue shows nothing, while `send`. */
  readonly quietSince?: string | undefined;
  readonly createdAt: string;
  readonly startedAt?: string | undefined;
  readonly endedAt?: string | undefined;
  /** Why it stopped or failed. */
  readonly why?: string | undefined;
  /** The invocation that works on it; after `leaseUntil` another one may. */
  readonly lease?: string | undefined;
  readonly leaseUntil: string;
  /** The id of the message by which that invocation works. */
  readonly message?: string | undefined;
  /** Invocations in a row that began and did not hand on. */
  readonly tries: number;
}

export const hasEnded = ({ status }: Pick<Replay, 'status'>): boolean => status === 'done' || status === 'stopped' || status === 'failed';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

export const newReplayId = (now: string): string =>
  `${now.slice(0, 19).replaceAll(/[-:]/g, '')}-${Array.from({ length: 4 }, () => CROCKFORD[randomInt(32)]).join('')}`;

/** What is known of a dead letter, as far as filters ask. */
export interface Known {
  readonly tenant?: string | undefined;
  readonly orderKey?: string | undefined;
  readonly failure?: { readonly code: ErrorCode; readonly lastAt: string } | undefined;
  readonly sentAt: string;
}

export function matches(filter: ReplayFilter, { tenant, orderKey, failure, sentAt }: Known): boolean {
  const at = Date.parse(failure?.lastAt ?? sentAt);
  return (
    (filter.tenant === undefined || filter.tenant === tenant) &&
    (filter.orderKey === undefined || filter.orderKey === orderKey) &&
    (filter.code === undefined || filter.code === failure?.code) &&
    (filter.class === undefined || (failure !== undefined && filter.class === ERRORS[failure.code].class)) &&
    (filter.since === undefined || at >= Date.parse(filter.since)) &&
    (filter.until === undefined || at < Date.parse(filter.until))
  );
}

/** Of how many that were sent last the failures are counted. */
export const WATCHED = 100;
const FEWEST = 5;
const SHARE = 0.2;

/** Why a replay has to stop: of what it sent last too much has failed again. undefined: it goes on. */
export function stopFor(watched: number, failed: readonly ErrorCode[]): string | undefined {
  if (failed.length < FEWEST || failed.length <= SHARE * watched) return undefined;
  const [[code] = []] = [...Map.groupBy(failed, (one) => one)].sort(([, a], [, b]) => b.length - a.length);
  return `${failed.length} of the last ${watched} messages failed again, most with ${code}: ${ERRORS[code as ErrorCode].cure}`;
}
