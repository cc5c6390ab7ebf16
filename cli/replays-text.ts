import { hasEnded, type Outcome, type OutcomeKind, type Replay, type Verdict } from '../lambdas/domain/replay.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { standsStill } from '../lambdas/views/replays.ts';
import { count, table } from './print.ts';

/** Messages that are listed one by one; `--json` has all. */
const LISTED = 50;

const joined = (counts: Readonly<Partial<Record<string, number>>>, what: (n: number) => string, status: Replay['status']): string =>
  Object.entries(counts)
    .map(([name, n = 0]) => `${what(n)} ${name}`)
    .join(', ') || (hasEnded({ status }) ? 'none' : 'none yet');

/** What came of its messages; a republication counts orders. */
export const countsText = ({ counts, republish, status }: Pick<Replay, 'counts' | 'republish' | 'status'>): string =>
  joined(counts, republish ? (n) => count(n, 'order') : String, status);

export const verdictsText = ({ verdicts, status }: Pick<Replay, 'verdicts' | 'status'>): string => joined(verdicts, String, status);

export const whatText = ({ republish, filter, queue }: Replay): string => {
  const chosen = Object.entries({ ...filter, ...republish }).map(([name, value]) => `${name} ${value}`);
  return `${republish ? `facts to ${queue}` : queue}${chosen.length > 0 ? `: ${chosen.join(', ')}` : ''}`;
};

const BADLY: readonly OutcomeKind[] = ['failed again', 'refused', 'not sent'];

/** Of the option by which somebody waits. */
export const WAIT = 'follow it to its end; exit code 1 when it stopped, failed, or messages were refused, not sent, not handled yet, or failed again';

/** Whether a replay that was waited for did what was asked: all that was chosen went out, was handled, and has not come back. */
export const wentWell = ({ status, counts, unhandled }: Pick<Replay, 'status' | 'counts' | 'unhandled'>): boolean =>
  status === 'done' && !unhandled && BADLY.every((outcome) => !counts[outcome]);

/** What somebody has to look at comes first. */
const OUTCOMES: readonly OutcomeKind[] = [...BADLY, 'looked at', 'sent', 'sent again', 'not chosen'];
const VERDICTS: readonly (Verdict['verdict'] | undefined)[] = ['would be refused', 'would run', 'already done', undefined];
const rank = ({ outcome, verdict }: Outcome): number => OUTCOMES.indexOf(outcome) * VERDICTS.length + VERDICTS.indexOf(verdict);
export const worstFirst = (outcomes: readonly Outcome[]): Outcome[] => outcomes.toSorted((a, b) => rank(a) - rank(b));

export function outcomesText(outcomes: readonly Outcome[]): string {
  const rows = outcomes
    .slice(0, LISTED)
    .map((one) => [
      one.id,
      one.outcome,
      one.events === undefined ? one.verdict : count(one.events, 'event'),
      one.code ?? one.failure,
      one.tenant,
      one.orderKey,
      one.why,
    ]);
  const more = outcomes.length > LISTED ? `\n${outcomes.length - LISTED} more; --json has all` : '';
  return `${table(['MESSAGE', 'OUTCOME', 'VERDICT', 'CODE', 'TENANT', 'ORDER KEY', 'WHY'], rows)}${more}`;
}

export const showText = (id: string, stage: string): string => `${commandLine(`replays show ${id}`, stage)}    shows how far it is`;

/** @param now milliseconds */
export function nextText(replay: Replay, stage: string, now = Date.now()): string {
  const { id, status, queue, republish } = replay;
  const resume = (why: string) => `${commandLine(`replays resume ${id} --reason TEXT`, stage)}    ${why}`;
  if (status === 'stopped' || status === 'failed') return resume('goes on with it, once its cause is gone');
  if (standsStill(replay, now)) return resume('goes on with it: nobody does at present');
  if (!hasEnded(replay)) return showText(id, stage);
  return commandLine(republish ? 'replays list' : `dlq peek ${queue}`, stage);
}

/** How far it is, in a line for whoever waits. */
export const progressText = (replay: Replay): string =>
  replay.phase === 'settle' && !hasEnded(replay) ? 'looking at what came of it' : `${replay.status}: ${countsText(replay)}`;
