import type { StepCall } from '../../../aws/step.ts';
import { Stop } from '../../../domain/errors.ts';
import type { Head } from '../../../domain/head.ts';
import { canSettle, decideFoundConfirmed, decideProbed, decideSettleErp, decideSettleTax, extras, probeDue } from '../../../domain/protocol/index.ts';
import { cancelDraftOf } from './cancel-draft.ts';
import type { ErpDeps } from './deps.ts';
import { lookUp } from './found.ts';

/**
 * Before a run looks at anything else: an effect whose outcome is unknown is settled by lookup, once its call can no longer land.
 * Throws Stop EFFECT_UNKNOWN before that time, and whatever the lookup throws.
 */
export async function settleOpen({ ledger, policy, erpOf, tax }: ErpDeps, head: Head): Promise<Head> {
  const slot = head.open;
  if (!slot) return head;
  if (!canSettle(head, ledger.stamp())) throw new Stop('EFFECT_UNKNOWN', `${slot.action} may still land until ${slot.settleAt}`);
  if (slot.action === 'record-tax' || slot.action === 'void-tax') {
    const key = slot.action === 'void-tax' ? head.tax?.key : slot.target;
    const document = key ? await tax.find(key) : undefined;
    return (await ledger.change(head.orderKey, (current, now) => decideSettleTax(current, slot.attempt, document, now, policy.times.probes))).head;
  }
  const orders = await lookUp(await erpOf(head.route.erp), head);
  return (await ledger.change(head.orderKey, (current, now) => decideSettleErp(current, slot.attempt, orders, now, policy.times.probes))).head;
}

/** A look that is owed: a confirm that landed late is adopted, drafts that landed late are cancelled, then nothing more is owed for this time. */
export async function probe(deps: ErpDeps, call: StepCall, head: Head): Promise<Head> {
  if (!probeDue(head, deps.ledger.stamp())) return head;
  const erp = await deps.erpOf(head.route.erp);
  const orders = await lookUp(erp, head);
  const confirmed = orders.find((order) => order.ref === head.draft?.ref && (order.status === 'confirmed' || order.status === 'stuck'));
  if (confirmed) await deps.ledger.change(head.orderKey, (current) => decideFoundConfirmed(current, confirmed));
  for (const extra of extras(head, orders)) await cancelDraftOf(deps, call, erp, head, extra.ref, false);
  return (await deps.ledger.change(head.orderKey, decideProbed)).head;
}
