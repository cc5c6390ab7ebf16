import type { Outcome, Replay } from '../../../domain/replay.ts';
import { allOutcomes, readOutcomes, writeOutcomes } from '../../../ledger/replay-outcomes.ts';
import { ENOUGH_MS, type ReplayDeps } from './deps.ts';
import type { Session } from './session.ts';

const PAGE = 100;

const wasSent = ({ outcome }: Outcome): boolean => outcome === 'sent' || outcome === 'failed again';

/**
 * Tells of an outcome whether its message came back and was sent once more since, after the replay was resumed. It came back under another
 * message id, so it is known by where its failure is noted.
 */
async function sentSince(ledger: ReplayDeps['ledger'], { id, resumed = [] }: Replay): Promise<(outcome: Outcome) => boolean> {
  if (resumed.length === 0) return () => false;
  const attempt = ({ at }: Outcome): number => resumed.filter((one) => one.at <= at).length;
  const newest = new Map<string, number>();
  for await (const outcomes of allOutcomes(ledger, id))
    for (const one of outcomes) if (one.failureId && wasSent(one)) newest.set(one.failureId, Math.max(attempt(one), newest.get(one.failureId) ?? 0));
  return (one) => wasSent(one) && attempt(one) < (newest.get(one.failureId ?? '') ?? 0);
}

/** Those of these that came back: failed again by now, or sent again since. */
async function asOfNow({ failures }: ReplayDeps, outcomes: readonly Outcome[], again: (outcome: Outcome) => boolean): Promise<Outcome[]> {
  const noted = await failures.readAll(outcomes.filter(wasSent).flatMap(({ failureId }) => failureId ?? []));
  return outcomes.filter(wasSent).flatMap((one): Outcome[] => {
    if (again(one)) return [{ ...one, outcome: 'sent again' }];
    const failure = noted.get(one.failureId ?? '');
    if (!failure || failure.lastAt <= one.at) return [];
    return [{ ...one, outcome: 'failed again', failure: failure.code }];
  });
}

/** How a step of the end is taken: undefined where it failed and that shall be borne. */
type Step = <T>(work: Promise<T>) => Promise<T | undefined>;

/**
 * The end of a replay, page by page: shows again what was held back, notes what has come back since, and counts. Cursor and counts are
 * written together, so they are exact whoever died on the way.
 * @param step for a replay that was given up, whose last act must not fail by what it was given up for
 * @returns whether it came to the end
 */
export async function settle(deps: ReplayDeps, session: Session, step: Step = (work) => work): Promise<boolean> {
  const { ledger, queues } = deps;
  const again = (await step(sentSince(ledger, session.replay))) ?? (() => false);
  for (;;) {
    const { id, queue, cursor } = session.replay;
    const { outcomes, next } = await readOutcomes(ledger, id, PAGE, cursor);
    const handles = outcomes.flatMap(({ handle }) => handle ?? []);
    const shown = await step(queues.hide(queue, handles, 0).then(() => true));
    const back = new Map((await step(asOfNow(deps, outcomes, again)))?.map((outcome) => [outcome.id, outcome]));
    const settled = outcomes.map((one) => ({ ...(back.get(one.id) ?? one), ...(shown && { handle: undefined }) }));
    const changed = settled.filter(({ id, handle }, at) => back.has(id) || handle !== outcomes[at]?.handle);
    await step(writeOutcomes(ledger, id, changed));
    session.tally(settled);
    session.update({ cursor: next });
    if (next === undefined) return true;
    if (deps.left() <= ENOUGH_MS) return false;
  }
}
