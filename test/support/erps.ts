import * as z from 'zod';
import { type Clerk, createClerk } from '../../local/erp/clerk.ts';
import { countSales } from '../../local/erp/count.ts';
import { createFaults } from '../../local/vendors/faults.ts';
import { part } from './environment.ts';
import { slowness } from './poll.ts';

/** How long a test waits until a fault is met, in milliseconds: its order may stand in line for long. */
export const HIT_MS = 90_000 * slowness;

/** What an ERP itself has under the key of an order, asked of neither our ledger nor our connector. */
export interface HeldSale {
  readonly ref: string;
  readonly reference: string;
  readonly state: string;
}

const tokenAnswer = z.object({ token: z.string() });
const ordersAnswer = z.object({
  items: z.array(
    z.object({
      id: z.string(),
      state: z.string(),
      document: z.object({ externalId: z.string(), description: z.string() }),
      followers: z.array(z.object({ number: z.string(), state: z.string() })),
    }),
  ),
});
const saleRecords = z.array(z.object({ id: z.int(), state: z.string(), reference: z.string() }));

/** What an ERP has under the key of an order: sales that are not cancelled, of these the confirmed ones, and drafts that were cancelled again. */
export interface Counted {
  live: number;
  confirmed: number;
  undone: number;
}

const NOTHING: Counted = { live: 0, confirmed: 0, undone: 0 };

function census(sales: readonly { key: string; state: string }[], confirmed: readonly string[]): (orderKey: string) => Counted {
  const counted = new Map<string, Counted>();
  for (const { key, state } of sales) {
    const of = counted.get(key) ?? { ...NOTHING };
    counted.set(key, of);
    if (state === 'cancelled') of.undone += 1;
    else of.live += 1;
    if (confirmed.includes(state)) of.confirmed += 1;
  }
  return (orderKey) => counted.get(orderKey) ?? NOTHING;
}

/** The clerk's own way to Tryton, which does not pass the proxy. */
export function clerk(): Clerk {
  const { url, facts = {} } = part('tryton');
  return createClerk({ url, database: facts.database ?? '', username: facts.username ?? '', password: facts.password ?? '' });
}

/** The real ERP. */
export const tryton = {
  instance: 'main',
  region: 'EU',
  /** Milliseconds for which its answer can be kept back before the connector gives the call up. */
  holdMs: 25_000,
  faults: () => createFaults(part('erp').url),
  /** How a fault finds the calls that make the draft of this order. */
  draftOf: (orderKey: string) => ({ method: 'model.sale.sale.create', contains: `${orderKey}.` }),
  /** ... and the one that begins to confirm this sale. */
  quoteOf: (ref: string) => ({ method: 'model.sale.sale.quote', contains: `[[${ref}],` }),
  confirmOf: (ref: string) => ({ method: 'model.sale.sale.confirm', contains: `[[${ref}],` }),
  cancelOf: (ref: string) => ({ method: 'model.sale.sale.cancel', contains: `[[${ref}],` }),
  sales: async (orderKey: string): Promise<HeldSale[]> => {
    const found = await clerk().read('sale.sale', [['reference', 'like', `${orderKey}%`]], ['state', 'reference']);
    return saleRecords.parse(found).map(({ id, state, reference }) => ({ ref: String(id), reference, state }));
  },
  /** All of Tryton's sales by order key, counted in its database file. */
  census: async (): Promise<(orderKey: string) => Counted> => {
    const { byKey, undone } = countSales(part('tryton').facts?.file ?? '');
    const living = [...byKey].flatMap(([key, sales]) => sales.map(({ state }) => ({ key, state })));
    return census([...living, ...undone.map((key) => ({ key, state: 'cancelled' }))], ['processing', 'done']);
  },
  /** Sales under the key that are not cancelled, counted in Tryton's database file. */
  count: (orderKey: string): number => countSales(part('tryton').facts?.file ?? '').byKey.get(orderKey)?.length ?? 0,
  /** Of those, the ones that Tryton is at work on, or has done. */
  confirmed: (orderKey: string): number =>
    (countSales(part('tryton').facts?.file ?? '').byKey.get(orderKey) ?? []).filter(({ state }) => ['processing', 'done'].includes(state)).length,
  /** Drafts under the key that were cancelled again. */
  undone: (orderKey: string): number => countSales(part('tryton').facts?.file ?? '').undone.filter((key) => key === orderKey).length,
  /** A person takes a confirmed sale back: shipment and draft invoice cancelled, and nothing made anew. */
  takeBack: async (ref: string): Promise<void> => {
    const person = clerk();
    await person.cancelShipmentsOf(ref);
    await person.handleException(ref, 'shipment', 'ignore');
    await person.cancelInvoicesOf(ref);
    await person.handleException(ref, 'invoice', 'ignore');
  },
  /** What people read on a sale. */
  description: async (ref: string): Promise<string> => {
    const [sale] = await clerk().read('sale.sale', [['id', '=', Number(ref)]], ['description']);
    return String(sale?.description ?? '');
  },
};

/** @param prefix of the external ids */
async function simulatorOrders(prefix: string) {
  const { url, facts } = part('erp-simulator');
  const login = await fetch(`${url}/sessions`, { method: 'POST', body: JSON.stringify(facts) });
  const { token } = tokenAnswer.parse(await login.json());
  const answer = await fetch(`${url}/orders?externalIdPrefix=${prefix}`, { headers: { authorization: `Bearer ${token}` } });
  return ordersAnswer.parse(await answer.json()).items;
}

async function change(what: string, fields: object): Promise<void> {
  const answer = await fetch(`${part('erp-simulator').url}/__control/${what}`, { method: 'PATCH', body: JSON.stringify(fields) });
  if (!answer.ok) throw new Error(`the ERP simulator answered ${answer.status}`);
}

/** @param prefix of the external ids */
async function simulatorSales(prefix: string): Promise<HeldSale[]> {
  const items = await simulatorOrders(prefix);
  return items.map(({ id, state, document }) => ({ ref: id, reference: document.externalId, state }));
}

/** The ERP that keeps its keys unique. */
export const simulator = {
  instance: 'sim',
  region: 'SIM',
  holdMs: 4000,
  faults: () => createFaults(part('erp-simulator').url),
  draftOf: (orderKey: string) => ({ method: 'POST /orders', contains: `${orderKey}-` }),
  confirmOf: (ref: string) => ({ method: `POST /orders/${ref}/confirmation` }),
  cancelOf: (ref: string) => ({ method: `POST /orders/${ref}/cancellation` }),
  /** USD per unit. */
  setListPrice: (product: string, listPrice: string): Promise<void> => change(`products/${product}`, { listPrice }),
  /** A person takes a confirmed order back: its shipment and its invoice are cancelled. */
  takeBack: async (ref: string): Promise<void> => {
    for (const { id, followers } of await simulatorOrders(''))
      if (id === ref) for (const { number } of followers) await change(`followers/${number}`, { state: 'cancelled' });
  },
  /** What people read on an order. */
  description: async (ref: string): Promise<string> => (await simulatorOrders('')).find(({ id }) => id === ref)?.document.description ?? '',
  /** Its limit in its own currency, and who stands above it. */
  setCustomer: (customer: string, fields: { creditLimit?: string | null; parent?: string | null }): Promise<void> =>
    change(`customers/${customer}`, fields),
  sales: (orderKey: string): Promise<HeldSale[]> => simulatorSales(`${orderKey}-`),
  /** All of the simulator's orders by order key. A confirmed order of which nothing is in force any more is reversed. */
  census: async (): Promise<(orderKey: string) => Counted> => {
    const sales = (await simulatorOrders('')).map(({ state, document, followers }) => {
      const reversed = state === 'confirmed' && followers.length > 0 && followers.every((follower) => follower.state !== 'open');
      return { key: document.externalId.split('-')[0] ?? '', state: reversed ? 'reversed' : state };
    });
    return census(sales, ['confirmed']);
  },
  count: async (orderKey: string): Promise<number> => (await simulatorSales(`${orderKey}-`)).filter(({ state }) => state !== 'cancelled').length,
  confirmed: async (orderKey: string): Promise<number> => (await simulatorSales(`${orderKey}-`)).filter(({ state }) => state === 'confirmed').length,
  undone: async (orderKey: string): Promise<number> => (await simulatorSales(`${orderKey}-`)).filter(({ state }) => state === 'cancelled').length,
};

export type Erp = typeof tryton | typeof simulator;

/**
 * Keeps back the ERP's answer to the call that makes the draft of this order, so that something can be done meanwhile, as far as the
 * connector waits for it.
 */
export async function holdDraft(erp: Erp, orderKey: string): Promise<{ made(): Promise<unknown>; letGo(): Promise<unknown> }> {
  const faults = erp.faults();
  const rule = await faults.plan({ match: erp.draftOf(orderKey), action: 'hold-answer', ms: erp.holdMs });
  return { made: () => faults.hit(rule, HIT_MS), letGo: () => faults.remove(rule) };
}
