import type { StepCall } from '../../../aws/step.ts';
import type { ErpOrder } from '../../../connectors/erp/port.ts';
import type { TaxPort } from '../../../connectors/tax/port.ts';
import { Stop } from '../../../domain/errors.ts';
import { type Head, hasStop, pastPivot } from '../../../domain/head.ts';
import { orderKeyOf } from '../../../domain/identity.ts';
import { decideLook, decideLookRoute, decideLookTax, type Found, isSold } from '../../../domain/protocol/index.ts';
import { nextTaxKey } from '../../../domain/tax.ts';
import { NEAR } from '../../../ledger/revisions.ts';
import { taxDocumentItem } from '../../../ledger/tax-document.ts';
import type { ErpDeps } from './deps.ts';
import { lookUp } from './found.ts';
import { standAlone } from './reversal.ts';

/** Revisions above one whose orders a restored ledger may have lost: nobody knows how many came after it, and each is a question to each ERP. */
const ABOVE = 3;

/** What stands under this key in any ERP: another revision may have gone to another one than this order. */
async function living({ policy, erpOf }: ErpDeps, { route }: Head, key: string): Promise<ErpOrder | undefined> {
  for (const name of new Set([route.erp, ...Object.keys(policy.erps)])) {
    const order = (await (await erpOf(name)).findOrders(key)).find(({ status }) => status !== 'cancelled');
    if (order) return order;
  }
  return undefined;
}

/**
 * A revision that an ERP knows and this ledger does not was accepted after the backup: until its quote has been sent again nobody may
 * make an order beside it. @returns lower ones that came back after this one: they do not stand along `predecessor`, where the steps look.
 * Throws Stop RESTORE_REVISION_MISSING.
 */
async function besidePredecessors(deps: ErpDeps, head: Head): Promise<string[]> {
  const { tenant, quote } = head;
  const { ledger } = deps;
  const near = Array.from({ length: NEAR + ABOVE + 1 }, (_, n) => quote.revision - NEAR + n).filter((n) => n > 0 && n !== quote.revision);
  const along = await ledger.chained(head);
  const beside: string[] = [];
  for (const revision of near.reverse()) {
    const key = orderKeyOf(tenant, quote.cpq, quote.id, revision);
    const known = await ledger.read(key, tenant);
    if (known && revision < quote.revision && !along.has(key)) beside.push(key);
    const lost = known ? undefined : await living(deps, head, key);
    if (lost) throw new Stop('RESTORE_REVISION_MISSING', `an ERP has ${lost.number ?? lost.ref} of revision ${revision}, this ledger does not`);
  }
  return beside;
}

/** Newer revisions that the ledger has tell QUOTE of themselves first: this order is superseded by them, if QUOTE did not know. */
async function recall(ledger: ErpDeps['ledger'], { tenant, quote, orderKey }: Head): Promise<Head> {
  const keys = Array.from({ length: NEAR }, (_, n) => orderKeyOf(tenant, quote.cpq, quote.id, quote.revision + NEAR - n));
  const newer = await Promise.all(keys.map((key) => ledger.read(key, tenant)));
  for (const one of newer) if (one) await ledger.recall(one.orderKey);
  return ledger.recall(orderKey);
}

/** What the ERP has of this order; of all that a person may send it to the one that made it. */
async function whereItIs({ ledger, policy, erpOf }: ErpDeps, head: Head): Promise<{ head: Head; orders: Found[] }> {
  let at = { head, orders: await lookUp(await erpOf(head.route.erp), head) };
  for (const name of Object.keys(policy.erps).filter((known) => known !== head.route.erp)) {
    const there = await lookUp(await erpOf(name), head);
    const { answer, head: moved } = await ledger.change(head.orderKey, (current) => decideLookRoute(current, at.orders, name, there));
    if (answer === 'moved') at = { head: moved, orders: there };
  }
  return at;
}

/** The newest tax document under a key of this order: keys are given out one after the other. */
async function newestDocument(tax: TaxPort, head: Head) {
  let newest: Parameters<typeof decideLookTax>[1];
  let key = head.tax?.key ?? nextTaxKey(head);
  for (let found = await tax.find(key); found; found = await tax.find(key)) {
    newest = { key, ...found };
    key = nextTaxKey({ ...head, tax: { ...found, key, hash: '', amount: found.tax, status: 'voided' } });
  }
  return newest;
}

/**
 * The first thing that an order does after a restore: it learns from QUOTE, the ERP and the tax provider what came of it after the backup.
 * Throws Stop EFFECT_UNKNOWN before calls of before the restore have ended, RESTORE_REVISION_MISSING, RESTORE_DRAFT_CANCELLED,
 * PREDECESSOR_*, NEWS_ARRIVED.
 */
export async function look(deps: ErpDeps, call: StepCall, before: Head): Promise<Head> {
  const { ledger, policy, tax } = deps;
  const { orderKey, lookFrom } = before;
  if (lookFrom === undefined) return before;
  if (lookFrom > ledger.stamp()) throw new Stop('EFFECT_UNKNOWN', `a call of before the restore may still land until ${lookFrom}`);
  const recalled = await recall(ledger, before);
  const document = await newestDocument(tax, recalled);
  await ledger.change(
    orderKey,
    (current) => decideLookTax(current, document),
    (after) => taxDocumentItem(ledger.table, after),
  );
  const { head, orders } = await whereItIs(deps, recalled);
  const decided = pastPivot(head) || hasStop(head) || orders.some(isSold);
  const beside = decided ? [] : await besidePredecessors(deps, head);
  if (beside.length > 0) await standAlone(deps, call, head, beside);
  const { answer, head: after } = await ledger.change(orderKey, (current, now) => decideLook(current, orders, now, policy.times.probes));
  if (answer === 'cancelled') throw new Stop('RESTORE_DRAFT_CANCELLED', 'a draft of before the restore stands cancelled in the ERP');
  return after;
}
