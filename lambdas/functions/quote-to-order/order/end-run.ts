import { METRIC } from '../../../../contracts/metrics.ts';
import { count } from '../../../aws/metrics.ts';
import { ended, type Head, hasNews } from '../../../domain/head.ts';
import { decideFree, decideStart } from '../../../domain/protocol/index.ts';
import { askOrWake } from '../../../ledger/causes.ts';
import type { OrderDeps } from './deps.ts';

/** The write that ends an order wakes its quote's highest revision; should this be lost, that one is due again by itself (rule 16). */
async function wakeSuccessor({ ledger, send }: OrderDeps, head: Head): Promise<void> {
  const { highest } = await ledger.readQuote(head.tenant, head.quote.cpq, head.quote.id);
  if (!highest || highest.orderKey === head.orderKey) return;
  // A restore may have lost it: whoever sends it again starts it.
  if (head.epoch > 0 && !(await ledger.read(highest.orderKey))) return;
  const { answer } = await ledger.change(highest.orderKey, decideFree);
  if (answer !== 'not waiting') await send({ orderKey: highest.orderKey });
}

/** What follows the last write of a run: its slot is free, and whoever waits for this order or for the slot is told. */
export async function endRun(deps: OrderDeps, before: Head, after: Head): Promise<void> {
  if (after.wait) count(METRIC.parked(after.wait.code));
  if (after.state === 'completed' && before.state !== 'completed') count(METRIC.completed);
  await deps.admission.release(before, before.run.n, before.run.slot);
  if (hasNews(before) || (await askOrWake(deps.ledger, deps.policy, after))) await deps.send({ orderKey: after.orderKey });
  // Reversed was written by a step: the end of its run is the first that can tell, and so does the end of each later one.
  if (after.state === 'reversed' || (after.state === 'cancelled' && before.state !== 'cancelled')) await wakeSuccessor(deps, after);
}

/**
 * The last write of this run is tried again and finds its run over: whoever wrote it may have died before it told anybody. So it is told
 * once more, which a repeat does not harm; the slot, of which HEAD knows no more, comes back with the sweeper.
 */
export async function endAgain(deps: OrderDeps, head: Head, run: number): Promise<void> {
  if (head.run.n !== run || head.run.active) return;
  if (decideStart(head, deps.ledger.stamp()) === 'admit' || (await askOrWake(deps.ledger, deps.policy, head)))
    await deps.send({ orderKey: head.orderKey });
  if (ended(head)) await wakeSuccessor(deps, head);
}
