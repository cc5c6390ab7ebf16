import { ERRORS } from '../../../contracts/errors.ts';
import type { Parking, StartTimes } from '../../../lambdas/domain/protocol/index.ts';

/**
 * Time is abstracted: every step happens at NOW, and what lies ahead is one of four moments that the exploration lets pass one by one.
 * Their order among each other is not used, except that a settle time is later than a retry (a run may then come too early only
 * because of news), and a person's answer is due after the look that is owed.
 */
export const NOW = '2026-01-01T12:00:00.000Z';
export const LIMIT = '2026-01-01T12:30:00.000Z';
export const LATER = '2026-01-01T13:00:00.000Z';
export const SETTLES = '2026-01-09T15:00:00.000Z';
/** No call of before a restore can land from here on. */
export const RUNS_FROM = '2026-01-10T12:00:00.000Z';
export const RESTORE = { epoch: 1, at: NOW, runsFrom: RUNS_FROM };
export const PROBES = '2026-01-05T12:00:00.000Z';

/** Long after all of them, and in a HEAD one with LATER: when it comes the order runs. */
const ANSWER_DUE = '2026-02-01T12:00:00.000Z';

const HOUR = 3600;
export const PROBE_AFTER = [4 * 24 * HOUR];
export const TIMES: StartTimes = {
  runLimit: HOUR / 2,
  deathBackoff: HOUR,
  lookAgain: HOUR,
};

const BY_ITSELF = ['soon', 'hold', 'settle'];
/** An order tries again as often as it needs: how often is not the protocol's. */
export const PARKING: Parking = {
  triesAgain: (code) => (BY_ITSELF.includes(ERRORS[code].retry) ? HOUR : undefined),
  answerDue: () => ANSWER_DUE,
  lookAgain: HOUR,
};

const MOMENTS = new Set([LIMIT, SETTLES, PROBES, RUNS_FROM]);

/** The moment that stands for this time. */
export const momentOf = (time: string): string => (time <= NOW ? NOW : MOMENTS.has(time) ? time : LATER);
