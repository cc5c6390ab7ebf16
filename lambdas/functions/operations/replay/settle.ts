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

/**
 * The end of a replay, page by page: shows again what was held back, notes what has failed again since, and counts. Cursor and counts are
 * written together, so they are exact whoever died on the way.
 * @returns whether it came to the end
 */
export async function settle(deps: ReplayDeps, session: Session): Promise<boolean> {
  const { ledger, queues } = deps;
  for (;;) {
    const { id, queue, cursor } = session.replay;
    const { outcomes, next } = await readOutcomes(ledger, id, PAGE, cursor);
    await queues.hide(
      queue,
      outcomes.flatMap(({ handle }) => handle ?? []),
      0,
    );
    const changed = new Map((await asOfNow(deps, outcomes)).map((outcome) => [outcome.id, outcome]));
    await writeOutcomes(ledger, id, [...changed.values()]);
    session.tally(outcomes.map((outcome) => changed.get(outcome.id) ?? outcome));
    session.update({ cursor: next });
    if (next === undefined) return true;
    if (deps.left() <= ENOUGH_MS) return false;
  }
}
