import { METRIC } from '../../../../contracts/metrics.ts';
import { count } from '../../../aws/metrics.ts';
import { type Head, hasNews } from '../../../domain/head.ts';
import { decideCauseWake, decideWake } from '../../../domain/protocol/index.ts';
import { causeVersion } from '../../../ledger/references.ts';
import type { OrderDeps } from './deps.ts';

/** The mapping was corrected while the order was being parked for it: due now (rule 8). */
async function missedCure({ ledger }: OrderDeps, head: Head): Promise<boolean> {
  const { cause } = head.wait ?? {};
  if (!cause) return false;
  const version = await causeVersion(ledger, cause);
  const { answer } = await ledger.change(head.orderKey, (current, now) => decideCauseWake(current, cause, version, now));
  return answer === 'due';
}

/** The write that ends an order wakes its quote's highest revision; should this be lost, that one is due again by itself (rule 16). */
async function wakeSuccessor({ ledger, send }: OrderDeps, head: Head): Promise<void> {
  const { highest } = await ledger.readQuote(head.tenant, head.quote.cpq, head.quote.id);
  if (!highest || highest.orderKey === head.orderKey) return;
  await ledger.change(highest.orderKey, decideWake);
  await send({ orderKey: highest.orderKey });
}

/** What follows the last write of a run: its slot is free, and whoever waits for this order or for the slot is told. */
export async function endRun(deps: OrderDeps, before: Head, after: Head): Promise<void> {
  if (after.wait) count(METRIC.parked(after.wait.code));
  if (after.state === 'completed' && before.state !== 'completed') count(METRIC.completed);
  await deps.admission.release(before, before.run.n, before.run.slot);
  if (hasNews(before) || (await missedCure(deps, after))) await deps.send({ orderKey: after.orderKey });
  if (after.state === 'cancelled' && before.state !== 'cancelled') await wakeSuccessor(deps, after);
}
