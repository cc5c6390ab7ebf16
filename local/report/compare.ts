import type { OrderSnapshot } from '../../contracts/events.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { canonicalJson } from '../../lambdas/domain/identity.ts';
import type { Fact } from '../../lambdas/ledger/append.ts';
import type { SaleCount } from '../erp/count.ts';
import type { ReceiverState } from '../vendors/receivers.ts';

/** States of a sale in Tryton from its confirmation on. */
const CONFIRMED = ['confirmed', 'processing', 'done'];
/** States of a sale in Tryton that can be undone. */
const DRAFT = ['draft', 'quotation'];

const isOrder = (sales: SaleCount, orderKey: string): boolean => (sales.byKey.get(orderKey) ?? []).some(({ state }) => CONFIRMED.includes(state));

/** How many keys are an order in the ERP. */
export const ordersIn = (sales: SaleCount): number => [...sales.byKey.keys()].filter((key) => isOrder(sales, key)).length;

/** What the ERP has to hold of an order, as the ledger has it. */
function expectedOf(head: Head): { states: readonly string[]; what: string } {
  if (head.state === 'confirmed' || head.state === 'completed') return { states: CONFIRMED, what: 'one order' };
  return head.state === 'drafted' ? { states: DRAFT, what: 'one draft' } : { states: [], what: 'none' };
}

/** Keys of which the ERP holds something else than the ledger says, each with what. */
export function compareErp(heads: readonly Head[], sales: SaleCount): string[] {
  const known = new Set(heads.map(({ orderKey }) => orderKey));
  const strangers = [...sales.byKey.keys()].filter((key) => !known.has(key)).map((key) => `${key}: in the ERP, and not in the ledger`);
  const different = heads.flatMap((head) => {
    const found = sales.byKey.get(head.orderKey) ?? [];
    const { states, what } = expectedOf(head);
    const numbered = head.state !== 'completed' || found.every(({ number }) => number === head.order?.number);
    if (found.length === (states.length > 0 ? 1 : 0) && found.every(({ state }) => states.includes(state)) && numbered) return [];
    const there = found.map(({ id, number, state }) => `${state} ${number ?? `id ${id}`}`).join(', ') || 'none';
    return [`${head.orderKey}: ${head.state} in the ledger, so ${what}${head.order?.number ? ` (${head.order.number})` : ''}; the ERP has ${there}`];
  });
  return [...different, ...strangers];
}

/** What a subscriber has to know of an order: the newest fact of the kinds that it asked for. */
const newestOf = (facts: readonly Fact[], prefixes: readonly string[]): OrderSnapshot | undefined =>
  facts.findLast(({ event }) => prefixes.some((prefix) => event.type.startsWith(prefix)))?.event.data;

/** Keys of which a subscriber knows something else than the ledger. @param others keys of other tenants, which this is not about */
export function compareReceiver(
  facts: ReadonlyMap<string, readonly Fact[]>,
  prefixes: readonly string[],
  state: ReceiverState,
  others: ReadonlySet<string> = new Set(),
): string[] {
  const strangers = Object.keys(state.orders).filter((key) => !facts.has(key) && !others.has(key));
  const different = [...facts].flatMap(([key, ofOrder]) => {
    const wanted = newestOf(ofOrder, prefixes);
    const known = state.orders[key];
    if (canonicalJson(known) === canonicalJson(wanted)) return [];
    return [`${key}: knows ${known ? `event ${known.sequence}` : 'nothing'}, the ledger has ${wanted ? `event ${wanted.sequence}` : 'nothing'}`];
  });
  return [...different, ...strangers.map((key) => `${key}: not in the ledger`)];
}
