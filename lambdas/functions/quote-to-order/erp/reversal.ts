import type { StepCall } from '../../../aws/step.ts';
import { Stop } from '../../../domain/errors.ts';
import { mustBeAlone, mustGoForward } from '../../../domain/forward.ts';
import { type Head, undecidedStop } from '../../../domain/head.ts';
import { blocking, decideAmend, decideInForce, decideReversed, predecessorVerdict } from '../../../domain/protocol/index.ts';
import { placeOf, rulesOf } from '../../../domain/rules.ts';
import type { ErpDeps } from './deps.ts';

/**
 * Asks the ERP what it still has in force of a confirmed order; nothing: the order is reversed. A person's word that it is only brings
 * about the run that reads it here. Throws Stop NEWS_ARRIVED.
 */
async function readBack({ ledger, policy, erpOf }: ErpDeps, { orderKey, route, order }: Head): Promise<readonly string[]> {
  if (!order) throw new Error(`order ${orderKey} is confirmed and names no order of the ERP`);
  // An ERP that was replaced since: what it has in force a person has to know.
  if (!(route.erp in policy.erps)) return [`and nobody can look what of it: ERP ${route.erp} is not in our configuration any more`];
  const inForce = await (await erpOf(route.erp)).inForce(order.ref);
  if (inForce.length > 0) return inForce;
  const { answer } = await ledger.change(orderKey, (current, now) => decideReversed(current, order.ref, now));
  if (answer === 'effect open' || answer === 'another order') throw new Stop('NEWS_ARRIVED', `order ${orderKey} changes at this moment`);
  return inForce;
}

/**
 * A confirmed order that somebody asked to stop, and nobody has decided to keep: has the ERP reversed it? If not, the question to the
 * person says what is still in force. Throws Stop NEWS_ARRIVED when it is reversed.
 */
export async function askedBack(deps: ErpDeps, { run }: StepCall, head: Head): Promise<void> {
  if (!undecidedStop(head)) return;
  const inForce = await readBack(deps, head);
  if (inForce.length === 0) mustGoForward({ ...head, state: 'reversed' });
  await deps.ledger.change(head.orderKey, (current) => decideInForce(current, run, inForce));
}

/**
 * Rule 16 for an order whose lower revision the ERP has: is that reversed, this one goes on; else it is an amendment, where the policy
 * says so, or a person is asked. Each turn ends one of the lower revisions or amends a higher one than before, so there are not more turns
 * than lower revisions. `beside`: keys of lower revisions that do not stand along `predecessor`. Throws Stop PREDECESSOR_OPEN,
 * PREDECESSOR_PAST_PIVOT, NEWS_ARRIVED.
 */
export async function standAlone(deps: ErpDeps, call: StepCall, head: Head, beside: readonly string[] = []): Promise<Head> {
  const { ledger, policy } = deps;
  const lower = await ledger.lower(head, beside);
  const sold = blocking(lower, head.amends);
  if (!sold || predecessorVerdict(lower, head.amends) !== 'PREDECESSOR_PAST_PIVOT') {
    mustBeAlone(head, lower);
    return head;
  }
  const inForce = await readBack(deps, sold);
  if (inForce.length === 0) return standAlone(deps, call, head, beside);
  if (rulesOf(policy, placeOf(head)).afterPivot === 'task') mustBeAlone(head, lower, inForce);
  const { answer, head: after } = await ledger.change(head.orderKey, (current) => decideAmend(current, call.run, sold.orderKey));
  if (answer === 'too late') throw new Stop('NEWS_ARRIVED', 'the order changed before it became an amendment');
  return standAlone(deps, call, after, beside);
}
