import { randomUUID } from 'node:crypto';
import { ERRORS } from '../../contracts/errors.ts';
import { RetrySoon, Stop } from '../domain/errors.ts';
import type { Action, Head } from '../domain/head.ts';
import { type Done, decideIntent, decideOutcome } from '../domain/protocol/index.ts';
import { VendorError } from '../gateway/vendor-error.ts';
import type { Ledger } from './ledger.ts';
import type { TransactItems } from './table.ts';

/** The run of this step is over: another one goes on with the order, this step ends without a word (rule 5). */
export class RunOver extends Error {
  override readonly name = 'RunOver';
}

export interface EffectRequest {
  readonly action: Action;
  readonly target?: string | undefined;
  readonly payloadHash: string;
  readonly stale?: boolean;
  /** End of this invocation + the vendor's maximum: from then on the call can no longer land. */
  readonly settleAt: string;
}

/** A vendor's verdict as the state machine understands it. */
export function stopFor(error: VendorError): Stop | RetrySoon {
  return ERRORS[error.code].retry === 'soon' ? new RetrySoon(error.code, error.detail) : new Stop(error.code, error.detail, { shared: error.shared });
}

async function intend(ledger: Ledger, orderKey: string, run: number, attempt: string, request: EffectRequest): Promise<void> {
  const { answer } = await ledger.change(orderKey, (head, now) => decideIntent(head, { ...request, run, attempt, at: now }));
  if (answer === 'run over') throw new RunOver(`run ${run} of ${orderKey} is over`);
  if (answer === 'slot open') throw new Stop('EFFECT_UNKNOWN', 'an effect of an earlier invocation is not settled');
  if (answer === 'news') throw new Stop('NEWS_ARRIVED', `before ${request.action}`);
  if (answer === 'not allowed') throw new Stop('NEWS_ARRIVED', `${request.action} is not allowed in this state`);
}

/**
 * One effect at a vendor (rule 2): written down before it is tried, tried once, its outcome written under the same attempt. When the
 * answer is unknown the slot stays open: only a lookup after the settle time may close it.
 * Throws Stop, RetrySoon, RunOver.
 */
export async function effect(
  ledger: Ledger,
  { orderKey }: Head,
  run: number,
  request: EffectRequest,
  perform: () => Promise<Done>,
  alongside?: (head: Head) => TransactItems,
): Promise<Head> {
  const attempt = randomUUID();
  await intend(ledger, orderKey, run, attempt, request);
  let done: Done;
  try {
    done = await perform();
  } catch (error) {
    if (!(error instanceof VendorError) || error.effect === 'unknown') throw error instanceof VendorError ? stopFor(error) : error;
    const kind = error.effect;
    await ledger.change(orderKey, (head, now) => decideOutcome(head, attempt, { kind, code: error.code }, now));
    throw stopFor(error);
  }
  const { head } = await ledger.change(orderKey, (current, now) => decideOutcome(current, attempt, { kind: 'done', done }, now), alongside);
  return head;
}
