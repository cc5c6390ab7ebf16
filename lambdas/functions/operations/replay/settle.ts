import type { Outcome } from '../../../domain/replay.ts';
import { readOutcomes, writeOutcomes } from '../../../ledger/replays.ts';
import { ENOUGH_MS, type ReplayDeps } from './deps.ts';
import type { Session } from './session.ts';

const PAGE = 100;

/** Which of these, that were sent, have failed again by now. */
async function asOfNow({ failures }: ReplayDeps, outcomes: readonly Outcome[]): Promise<Outcome[]> {
  const sent = outcomes.filter(({ outcome }) => outcome === 'sent' || outcome === 'failed again');
  const noted = await failures.readAll(sent.flatMap(({ failureId }) => failureId ?? []));
  return sent.flatMap((one) => {
    const failure = noted.get(one.failureId ?? '');
    if (!failure || failure.lastAt <= one.at) return [];
    return [{ ...one, outcome: 'failed again' as const, failure: failure.code }];
  });
}

/** How a step of the end is taken: undefined where it failed and that shall be borne. */
type Step = <T>(work: Promise<T>) => Promise<T | undefined>;

/**
 * The end of a replay, page by page: shows again what was held back, notes what has failed again since, and counts. Cursor and counts are
 * written together, so they are exact whoever died on the way.
 * @param step for a replay that was given up, whose last act must not fail by what it was given up for
 * @returns whether it came to the end
 */
export async function settle(deps: ReplayDeps, session: Session, step: Step = (work) => work): Promise<boolean> {
  const { ledger, queues } = deps;
  for (;;) {
    const { id, queue, cursor } = session.replay;
    const { outcomes, next } = await readOutcomes(ledger, id, PAGE, cursor);
    const handles = outcomes.flatMap(({ handle }) => handle ?? []);
    const shown = await step(queues.hide(queue, handles, 0).then(() => true));
    const failed = new Map((await step(asOfNow(deps, outcomes)))?.map((outcome) => [outcome.id, outcome]));
    const settled = outcomes.map((one) => ({ ...(failed.get(one.id) ?? one), ...(shown && { handle: undefined }) }));
    const changed = settled.filter(({ id, handle }, at) => failed.has(id) || handle !== outcomes[at]?.handle);
    await step(writeOutcomes(ledger, id, changed));
    session.tally(settled);
    session.update({ cursor: next });
    if (next === undefined) return true;
    if (deps.left() <= ENOUGH_MS) return false;
  }
}
