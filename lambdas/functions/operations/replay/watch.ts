import { type Outcome, stopFor } from '../../../domain/replay.ts';
import type { Backlog } from './backlog.ts';
import type { ReplayDeps } from './deps.ts';
import type { Session } from './session.ts';

/** After so many it is waited for so long, and until they are handled, whether they fail again, before the rest follows. */
const PROBE = 50;
export const PROBE_MS = 2000;
/** ... and then looked again so often. */
const WATCH_MS = 1000;

const sentOf = (outcomes: readonly Outcome[]) =>
  outcomes.flatMap(({ outcome, failureId, at }) => (outcome === 'sent' && failureId !== undefined ? [{ failureId, at }] : []));

/** Looks whether what a replay sends fails again; if too much does, `why` in its record says so. */
export function createWatch({ failures, pause }: Pick<ReplayDeps, 'failures' | 'pause'>, session: Session, backlog: Backlog) {
  const sent = (): number => session.replay.counts.sent ?? 0;
  let probe = session.replay.probed ? Promise.resolve() : undefined;
  let lookedAt = Date.now();

  async function look(): Promise<void> {
    lookedAt = Date.now();
    const { recent } = session.replay;
    const noted = await failures.readAll(recent.map(({ failureId }) => failureId));
    const failed = recent.flatMap(({ failureId, at }) => {
      const failure = noted.get(failureId);
      return failure && failure.lastAt > at ? [failure.code] : [];
    });
    const why = stopFor(recent.length, failed);
    if (why !== undefined) session.update({ why });
  }

  async function wait(): Promise<void> {
    await pause(PROBE_MS);
    const over = await backlog.over();
    await look();
    if (over) session.update({ probed: true });
  }

  return {
    probed: (): boolean => probe !== undefined,
    /** Before a page: the first messages are a probe, for which the others wait. */
    async before(): Promise<void> {
      if (!probe && sent() >= PROBE) probe = wait();
      await probe;
    },
    /** After a page. */
    async after(outcomes: readonly Outcome[]): Promise<void> {
      session.watch(sentOf(outcomes));
      if (Date.now() - lookedAt >= WATCH_MS) await look();
    },
  };
}
