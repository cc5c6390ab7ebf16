import type { StepCall } from '../../../aws/step.ts';
import { Stop } from '../../../domain/errors.ts';
import type { Head } from '../../../domain/head.ts';
import {
  canSettle,
  decideFoundConfirmed,
  decideFoundTax,
  decideProbed,
  decideSettleErp,
  decideSettleTax,
  type Found,
  isSold,
  probeDue,
} from '../../../domain/protocol/index.ts';
import { nextTaxKey } from '../../../domain/tax.ts';
import { taxDocumentItem } from '../../../ledger/tax-document.ts';
import type { ErpDeps } from './deps.ts';
import { lookUp } from './found.ts';
import { tidyUp } from './tidy-up.ts';

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

/**
 * A document that the tax provider recorded or voided late, under the key that HEAD names or the next one.
 * @returns whether HEAD knows all of it now
 */
async function probeTax({ ledger, tax }: ErpDeps, head: Head): Promise<boolean> {
  const next = nextTaxKey(head);
  for (const key of new Set([head.tax?.key ?? next, next])) {
    const document = await tax.find(key);
    if (!document) continue;
    const { answer } = await ledger.change(
      head.orderKey,
      (current) => decideFoundTax(current, key, document),
      (after) => taxDocumentItem(ledger.table, after),
    );
    if (answer === 'in flight') return false;
  }
  return true;
}

/** An order that the ERP confirmed late. @returns whether HEAD knows of it now */
async function probeConfirmed({ ledger }: ErpDeps, head: Head, orders: readonly Found[]): Promise<boolean> {
  const confirmed = orders.find((order) => order.ref === head.draft?.ref && isSold(order));
  return !confirmed || (await ledger.change(head.orderKey, (current, now) => decideFoundConfirmed(current, confirmed, now))).answer !== 'in flight';
}

/**
 * A look that is owed: a confirm that landed late is adopted, a draft that landed late is adopted or cancelled, a tax document adopted;
 * then nothing more is owed for this time, unless HEAD could not take it in. Throws Stop ERP_ORDER_UNEXPECTED.
 */
export async function probe(deps: ErpDeps, call: StepCall, head: Head): Promise<Head> {
  const began = deps.ledger.stamp();
  if (!probeDue(head, began)) return head;
  const erp = await deps.erpOf(head.route.erp);
  const orders = await lookUp(erp, head);
  const order = await probeConfirmed(deps, head, orders);
  await tidyUp(deps, call, erp, head, orders);
  const document = await probeTax(deps, head);
  // As of when it began: what came due since was not looked for.
  return (await deps.ledger.change(head.orderKey, (current) => (order && document ? decideProbed(current, began) : { answer: null }))).head;
}
