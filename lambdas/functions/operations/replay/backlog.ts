import type { DeadLetterDefinition } from '../../../../contracts/queues.ts';
import { ENOUGH_MS, type ReplayDeps } from './deps.ts';
import type { Session } from './session.ts';

/** Between two looks. */
const LOOK_MS = 1000;
/** For so long it is waited, in one invocation or more. */
const MOST_MS = 30_000;
/** So many messages in a queue are its daily traffic. Where it held more before, ours stand behind them. */
const FEW = 10;

type BacklogDeps = Pick<ReplayDeps, 'ledger' | 'queues' | 'pause' | 'left'>;

/**
 * What the consumer of a dead-letter queue has not handled yet: only then it is known whether it fails again. Dead letters of a rule go to
 * several queues; for them it is not waited.
 */
export function createBacklog({ ledger, queues, pause, left }: BacklogDeps, session: Session, { takes }: DeadLetterDefinition) {
  const depth = async (name: string): Promise<number> => {
    const { visible, inFlight } = await queues.depth(name);
    return visible + inFlight;
  };

  return {
    /** Notes what the consumer's queue holds before anything is sent. */
    async before(): Promise<void> {
      if ('queue' in takes && session.replay.before === undefined) session.update({ before: await depth(takes.queue.name) });
    },
    /** @returns false where the time is up and another invocation has to go on waiting */
    async over(): Promise<boolean> {
      if (!('queue' in takes)) return true;
      const { before = 0, waitingSince = ledger.stamp(), counts } = session.replay;
      session.update({ waitingSince });
      for (;;) {
        const more = (await depth(takes.queue.name)) - Math.min(before, FEW);
        if (more <= 0 || Date.parse(ledger.stamp()) - Date.parse(waitingSince) >= MOST_MS) {
          session.update({ waitingSince: undefined, unhandled: more > 0 ? Math.min(more, counts.sent ?? more) : undefined });
          return true;
        }
        if (left() <= ENOUGH_MS) return false;
        await pause(LOOK_MS);
      }
    },
  };
}
export type Backlog = ReturnType<typeof createBacklog>;
