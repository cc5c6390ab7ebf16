import { heldBack } from '../../../ledger/replay-outcomes.ts';
import { HIDDEN_SECONDS, type ReplayDeps } from './deps.ts';
import type { Session } from './session.ts';

/** Between two looks at a queue that shows nothing although messages are in flight that the replay does not hold. */
const LOOK_MS = 1000;
/** For so long it is looked: who has them, be it an invocation of the replay that died, gives them back by then. */
const QUIET_MS = (HIDDEN_SECONDS + 5) * 1000;

/** Whether a queue has come to its end: it shows nothing, and nothing is in flight but what the replay holds back. */
export function createEnd({ ledger, queues, pause }: Pick<ReplayDeps, 'ledger' | 'queues' | 'pause'>, session: Session, queue: string) {
  let reached = false;
  let looking: Promise<void> | undefined;

  async function look(): Promise<void> {
    const now = ledger.stamp();
    const { id, quietSince = now } = session.replay;
    session.update({ quietSince });
    const { visible, inFlight } = await queues.depth(queue);
    // By the outcomes, which are written for each message before it is hidden: the record is behind if an invocation died.
    reached = visible + inFlight <= (await heldBack(ledger, id)) || Date.parse(now) - Date.parse(quietSince) > QUIET_MS;
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
      session.update({ quietSince: undefined });
    },
  };
}
