import type { Replay } from '../../../domain/replay.ts';
import type { ReplayDeps } from './deps.ts';
import type { Session } from './session.ts';

/** Looks at a queue that shows nothing although messages are in flight: somebody may be looking at them. */
const LOOKS = 5;
const LOOK_MS = 1000;

/** How many of the replay's own are hidden. */
const heldBack = ({ counts }: Replay): number =>
  (counts.refused ?? 0) + (counts['not sent'] ?? 0) + (counts['looked at'] ?? 0) + (counts['not chosen'] ?? 0);

/** Whether a queue has come to its end: it shows nothing, and nothing is in flight but what the replay holds back. */
export function createEnd({ queues, pause }: Pick<ReplayDeps, 'queues' | 'pause'>, session: Session, queue: string) {
  let reached = false;
  let looks = 0;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const { visible, inFlight } = await queues.depth(queue);
    looks += 1;
    reached = looks > LOOKS || visible + inFlight <= heldBack(session.replay);
    if (!reached) await pause(LOOK_MS);
    looking = undefined;
  }

  return {
    reached: (): boolean => reached,
    /** A page showed nothing. */
    async nothing(): Promise<void> {
      looking ??= look();
      await looking;
    },
    something(): void {
      looks = 0;
    },
  };
}
