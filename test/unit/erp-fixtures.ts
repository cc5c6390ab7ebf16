import type { QuoteDocument } from '../../contracts/quote.ts';
import type { LoadedPolicy } from '../../lambdas/aws/policy.ts';
import type { StepAction } from '../../lambdas/aws/step.ts';
import type { DraftOrder, ErpOrder, ErpPort } from '../../lambdas/connectors/erp/port.ts';
import type { TaxDocument, TaxPort } from '../../lambdas/connectors/tax/port.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { ErpDeps } from '../../lambdas/functions/quote-to-order/erp/deps.ts';
import { prepare } from '../../lambdas/ledger/prepared.ts';
import { inSeconds, KEY, total } from './domain-fixtures.ts';
import { ledgerWith, memoryDocuments } from './table-fixtures.ts';

const quote: QuoteDocument = {
  cpq: 'salesforce',
  id: 'q',
  number: 'Q-1',
  revision: 1,
  currency: 'EUR',
  total: '100.00',
  channel: 'direct',
  parties: [{ role: 'sold-to', customer: 'ACC-1' }],
  shipping: { freight: '0.00' },
  lines: [{ id: '1', product: 'P', quantity: '4', unit: 'unit', charge: 'one-time', listPrice: '30.00', netPrice: '25.00', amount: '100.00' }],
};

export const erpOrder = (patch: Partial<ErpOrder> = {}): ErpOrder => ({
  ref: '7',
  key: `${KEY}.0`,
  number: undefined,
  status: 'draft',
  total,
  ...patch,
});

/** An ERP that holds these orders: a plain object, with a log of the writes that it was asked for. */
function plainErp(...orders: ErpOrder[]) {
  const state = {
    orders: new Map(orders.map((order) => [order.ref, order])),
    /** What its product says, as the connector reads it. */
    product: { active: true, listPrice: '30.00', ref: { product: 1, taxes: [19] } as Record<string, unknown> },
    /** What a confirm comes to. */
    confirms: 'confirmed' as ErpOrder['status'],
    total,
    inForce: ['shipment 4 is waiting'],
    calls: [] as string[],
    /** A create of which nobody knows any more takes effect. */
    lands: async (ref: string): Promise<void> => {
      state.orders.set(ref, erpOrder({ ref }));
    },
    drafts: [] as DraftOrder[],
  };
  const change = (ref: string, patch: Partial<ErpOrder>): ErpOrder => {
    const order = { ...(state.orders.get(ref) ?? erpOrder({ ref })), ...patch };
    state.orders.set(ref, order);
    return order;
  };
  const port: ErpPort = {
    vendor: 'plain',
    uniqueness: 'lookup',
    keeps: { credit: false, hierarchy: false },
    vendorMaximumMs: 1000,
    freightProduct: 'FREIGHT',
    vendorKey: (orderKey, generation) => `${orderKey}.${generation}`,
    findCustomer: async (code) => ({ code, active: true, ref: { party: 1 } }),
    findProducts: async (codes) =>
      codes.map((code) => ({
        code,
        active: state.product.active,
        listPrice: { amount: state.product.listPrice, currency: 'EUR' },
        ref: state.product.ref,
      })),
    findCarrier: async () => undefined,
    findOrders: async (orderKey) => {
      state.calls.push('find');
      return orderKey === KEY ? [...state.orders.values()] : [];
    },
    readOrder: async (ref) => state.orders.get(ref),
    createDraft: async (draft) => {
      const ref = `new${state.drafts.length}`;
      state.calls.push(`create ${draft.key}`);
      state.drafts.push(draft);
      return change(ref, { key: draft.key, status: 'draft', total: state.total });
    },
    confirm: async (ref) => {
      state.calls.push(`confirm ${ref}`);
      return change(ref, { status: state.confirms, number: 'S7' });
    },
    cancelDraft: async (ref) => {
      state.calls.push(`cancel ${ref}`);
      return change(ref, { status: 'cancelled' });
    },
    inForce: async (ref) => {
      state.calls.push(`in force ${ref}`);
      return state.inForce;
    },
  };
  return { port, state };
}

interface Surroundings {
  /** Other orders in the ledger. */
  readonly beside?: readonly Head[];
  readonly afterPivot?: 'task' | 'amend';
}

/** Steps of run 3 on one order, over an ERP that is a plain object. */
export function erpWorld(start: Head, orders: ErpOrder[] = [], taxDocument?: TaxDocument, { beside = [], afterPivot = 'task' }: Surroundings = {}) {
  const memory = ledgerWith([start, ...beside]);
  const { documents } = memoryDocuments();
  const { port, state } = plainErp(...orders);
  const asked: string[] = [];
  const tax = {
    find: async (key: string) => {
      asked.push(key);
      return taxDocument;
    },
  } as unknown as TaxPort;
  const rules = { default: { afterPivot }, regions: {}, businessUnits: {}, tenants: {} };
  const policy = { times: { probes: [60, 600] }, erps: { erp: {} }, rules } as unknown as LoadedPolicy;
  const deps: ErpDeps = { ledger: memory.ledger, documents, policy, erpOf: async () => port, tax };
  const head = () => memory.head(KEY);
  const call = () => ({ head: head(), run: 3, action: 'create-draft' as const, error: undefined, settleAt: () => inSeconds(60) });
  return {
    ...memory,
    deps,
    erp: state,
    port,
    asked,
    call,
    head: () => head(),
    facts: () => memory.facts(KEY),
    step: (action: (deps: ErpDeps) => StepAction) => action(deps)(call()),
    /** What the steps before the draft leave behind. */
    prepared: async (ours = '19.00', shipping = quote.shipping) => {
      const { key } = await documents.storeQuote('acme', KEY, { ...quote, shipping });
      await memory.ledger.change(KEY, (current) => ({ next: { ...current, document: { ...current.document, key } }, answer: null }));
      const workings = [
        ['customer', { code: 'C', active: true, ref: { party: 1 } }],
        ['products', { codes: ['NW-1'] }],
        ['tax', { net: '100.00', tax: ours, rate: '19', country: 'DE' }],
      ] as const;
      for (const [step, working] of workings) await prepare(memory.ledger, documents, head(), step, working);
    },
  };
}
