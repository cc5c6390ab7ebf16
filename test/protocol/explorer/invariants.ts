import { type Head, isConfirmed, undecidedStop } from '../../../lambdas/domain/head.ts';
import { wrongAdmission } from './admission.ts';
import { headOf, keptBelow, type Machine, orderOf } from './machine.ts';
import { NOW } from './time.ts';
import { confirmed, type World } from './world.ts';

/** Invariants of a state; the name of the first that does not hold. */
export function wrongIn(machine: Machine, world: World): string {
  if (world.wrong) return world.wrong;
  if (inForce(machine, world) > 1) return 'I1 two confirmed orders for one quote';
  const admission = machine.scope.slots ? wrongAdmission(machine, world) : '';
  if (admission) return admission;
  const honest = machine.scope.budget.early === undefined;
  let rest = true;
  for (let rev = 0; rev < world.orders.length; rev++) {
    const order = orderOf(world, rev);
    if (order.head < 0) continue;
    const head = machine.heads.get(order.head);
    const idle = !head.run.active && head.dueAt === undefined;
    rest &&= idle;
    if (confirmed(order.docs) > 0 && (head.state === 'cancelled' || (order.asked && honest)))
      return 'I2 an order although cancelled before the pivot';
    if (idle) {
      const wrong = wrongAtRest(machine, world, rev, head, honest);
      if (wrong) return wrong;
    }
    if (order.kept && !head.run.active && head.wait?.code === 'CANCEL_AFTER_PIVOT') return 'I7 a question that a person has answered is asked again';
    if (asksOther(head)) return 'I7 a person is asked something else, and the cancellation of a confirmed order is asked of nobody';
    const asks = !head.run.active && head.wait?.code === 'PREDECESSOR_PAST_PIVOT' && head.dueAt !== NOW;
    if (asks && world.common.highest > rev + 1) return 'I7 a person is asked about a revision that is not the highest';
  }
  if (rest && world.common.highest > 0) {
    const head = headOf(machine, world, world.common.highest - 1);
    if (head.state !== 'completed' && Object.keys(head.stops).length === 0) return 'I7 the highest revision ended without an order or a stop';
  }
  return '';
}

/** Confirmed orders of the quote; of those that were amended none counts, as long as the amendment is an order. */
function inForce(machine: Machine, world: World): number {
  const sold = world.orders.map((order) => confirmed(order.docs));
  const total = sold.reduce((sum, one) => sum + one, 0);
  if (total < 2 || !machine.scope.amend) return total;
  const kept = Math.max(-1, ...sold.flatMap((one, rev) => (one > 0 && (world.orders[rev]?.head ?? -1) >= 0 ? [keptBelow(machine, world, rev)] : [])));
  // Twice the same revision is never an amendment.
  return sold.reduce((sum, one, rev) => sum + (rev <= kept && one === 1 ? 0 : one), 0);
}

/**
 * Confirmed, asked to stop, and waiting for a person about something else. What came just now is news; a look that is owed, and an effect
 * that is unknown, go first; and after five dead runs nobody was there to ask.
 */
const asksOther = (head: Head): boolean =>
  !head.run.active &&
  !head.open &&
  head.dueAt !== NOW &&
  head.lookFrom === undefined &&
  isConfirmed(head) &&
  undecidedStop(head) !== undefined &&
  head.wait?.kind === 'person' &&
  !['CANCEL_AFTER_PIVOT', 'WITHDRAWN_AFTER_PIVOT', 'PLATFORM_RUN_DIED'].includes(head.wait.code);

function wrongAtRest(machine: Machine, world: World, rev: number, head: Head, honest: boolean): string {
  const order = orderOf(world, rev);
  if (head.state !== 'cancelled' && head.state !== 'completed') return 'I4 at rest without an end';
  if (order.docs.some((doc) => doc.startsWith('d'))) return 'I3 orphan draft in a final state';
  if (head.open) return 'I3 effect in flight in a final state';
  if (head.state === 'completed' && confirmed(order.docs) !== 1) return 'I3 completed without a confirmed order';
  if (head.state === 'completed' && head.stops.cancel && !head.stops.cancel.decided) return 'I7 a cancel request that nobody answers';
  if (head.state === 'completed' && rev < world.common.withdrawn && !head.stops.withdrawn) return 'I7 a withdrawal that an order was not told of';
  const recorded = order.taxes.filter((tax) => tax.startsWith('r')).length;
  if (recorded !== (head.state === 'completed' ? 1 : 0)) return `I3 ${recorded} tax documents in force for an order that is ${head.state}`;
  const sold = order.docs.find((doc) => doc.startsWith('c'))?.slice(2);
  if (machine.scope.tax === 'same' && head.state === 'completed' && head.tax?.hash !== sold)
    return 'I3 the tax document was made from other data than the order';
  if (honest && world.calls.some((call) => call.rev === rev && call.at === 'called' && call.action === 'create-draft'))
    return 'I3 a create still in flight in a final state';
  return '';
}
