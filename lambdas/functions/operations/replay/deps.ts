import type { Policy } from '../../../../contracts/policy.ts';
import type { Publish } from '../../../aws/bus.ts';
import type { Queues } from '../../../aws/queues.ts';
import type { DeadLettersDeps } from '../../../ledger/dead-letters.ts';

/** Collaborators of this function's actions. */
export interface ReplayDeps extends DeadLettersDeps {
  readonly queues: Pick<Queues, 'receive' | 'depth' | 'hide' | 'remove' | 'sendAll'>;
  readonly policy: Pick<Policy, 'subscribers' | 'tenants'>;
  /** To the business bus. */
  readonly publish: Publish;
  /** Milliseconds that this invocation has left. */
  readonly left: () => number;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** Where this function runs, as events name it. */
  readonly place: { readonly account: string; readonly region: string };
}

/** Milliseconds that a page may take, and handing the rest over. */
export const ENOUGH_MS = 5000;

/** Seconds that received messages stay hidden: longer than an invocation, shorter than the replay's own message after one that died. */
export const HIDDEN_SECONDS = 30;

/** Has a replay go on, in another invocation. @throws Error when SQS does not take the message */
export async function sendOn({ queues }: Pick<ReplayDeps, 'queues'>, replay: string): Promise<void> {
  const taken = await queues.sendAll('replay', [{ body: JSON.stringify({ replay }) }]);
  if (taken.size !== 1) throw new Error(`the queue did not take the message of replay ${replay}`);
}
