import { isDeepStrictEqual } from 'node:util';
import type * as z from 'zod';
import type { VendorAnswer } from '../../../gateway/call.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { afterEffect, parseJson, understood } from '../answers.ts';
import type { DraftOrder, ErpCustomer, ErpOrder, ErpPort, ErpProduct } from '../port.ts';
import type { ConnectorOptions } from '../session.ts';
import { type Conversation, createClient, type SimulatorSecret, VENDOR_MAXIMUM_MS } from './client.ts';
import { refusal } from './errors.ts';
import {
  carrierAnswer,
  customerAnswer,
  type OrderAnswer,
  orderAnswer,
  ordersAnswer,
  productsAnswer,
  stillInForce,
  toCustomer,
  toDocument,
  toOrder,
} from './map.ts';

interface SimulatorOptions extends ConnectorOptions {
  /** How this installation treats a second document with the same key; left out: it refuses it. */
  readonly uniqueness?: ErpPort['uniqueness'];
}

/**
 * An ERP over REST that keeps its external id unique: it stands for the vendors that refuse a second document with the same key
 * (NetSuite, Business Central with an extension field); or does not, as those that have to be looked through first. Served by
 * local/vendors/erp-simulator.
 */
export function createErpSimulator(secret: SimulatorSecret, options: SimulatorOptions = {}): ErpPort {
  const client = createClient(secret, options);
  return {
    vendor: 'ERP simulator',
    uniqueness: options.uniqueness ?? 'native',
    keeps: { credit: true, hierarchy: true },
    vendorMaximumMs: VENDOR_MAXIMUM_MS,
    freightProduct: 'FREIGHT',
    vendorKey: (orderKey, generation) => `${orderKey}-${generation}`,
    findCustomer: (code) => findCustomer(client.converse(), code),
    findProducts: (codes, customer, currency) => findProducts(client.converse(), codes, customer, currency),
    findCarrier: async (code) => {
      const carrier = await lookUp(client.converse(), `/carriers/${encodeURIComponent(code)}`, carrierAnswer);
      return carrier && { code: carrier.code, ref: { code: carrier.code } };
    },
    findOrders: async (orderKey) => {
      const answer = await client.converse().get(`/orders?externalIdPrefix=${encodeURIComponent(`${orderKey}-`)}`);
      return read(answer, ordersAnswer).items.map(toOrder);
    },
    readOrder: async (ref) => {
      const order = await readOrder(client.converse(), ref);
      return order && toOrder(order);
    },
    createDraft: (draft) => createDraft(client.converse(), draft),
    confirm: (ref) => confirm(client.converse(), ref),
    cancelDraft: (ref) => cancelDraft(client.converse(), ref),
    inForce: async (ref) => stillInForce(await readOrder(client.converse(), ref), ref),
  };
}

function read<T>(answer: VendorAnswer, schema: z.ZodType<T>): T {
  if (answer.status >= 300) throw refusal(answer.status, answer.body);
  return understood(schema, parseJson(answer.body));
}

/** undefined for 404. */
async function lookUp<T>(erp: Conversation, path: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const answer = await erp.get(path);
  return answer.status === 404 ? undefined : read(answer, schema);
}

async function findCustomer(erp: Conversation, code: string): Promise<ErpCustomer | undefined> {
  const customer = await lookUp(erp, `/customers/${encodeURIComponent(code)}`, customerAnswer);
  return customer && toCustomer(customer);
}

async function findProducts(
  erp: Conversation,
  codes: readonly string[],
  customer: ErpCustomer,
  currency: string,
): Promise<(ErpProduct | undefined)[]> {
  const query = new URLSearchParams({ codes: codes.join(','), customer: customer.code, currency });
  const { items } = read(await erp.get(`/products?${query}`), productsAnswer);
  const byCode = new Map(items.map((item) => [item.code, { ...item, ref: { code: item.code } }]));
  return codes.map((code) => byCode.get(code));
}

const readOrder = (erp: Conversation, ref: string): Promise<OrderAnswer | undefined> =>
  lookUp(erp, `/orders/${encodeURIComponent(ref)}`, orderAnswer);

async function existing(erp: Conversation, ref: string): Promise<OrderAnswer> {
  const order = await readOrder(erp, ref);
  if (order === undefined) throw new VendorError('ERP_DRAFT_LOST', 'refused', `the ERP has no order ${ref}`);
  return order;
}

/** 409 is the second wall: the key is taken. By the same document, then it is ours and was made by an earlier call; never by another. */
async function createDraft(erp: Conversation, draft: DraftOrder): Promise<ErpOrder> {
  const document = toDocument(draft);
  const answer = await erp.post('/orders', document);
  if (answer.status !== 409) return written(answer);
  const [order] = read(await erp.get(`/orders?externalId=${encodeURIComponent(draft.key)}`), ordersAnswer).items;
  if (order !== undefined && isDeepStrictEqual(order.document, document)) return toOrder(order);
  throw new VendorError('KEY_COLLISION', 'refused', `the ERP holds another order under ${draft.key}`);
}

/** An answer with 2xx that cannot be read is an effect that was done. */
const written = (answer: VendorAnswer): Promise<ErpOrder> => {
  if (answer.status >= 300) throw refusal(answer.status, answer.body);
  return afterEffect(async () => toOrder(read(answer, orderAnswer)));
};

async function confirm(erp: Conversation, ref: string): Promise<ErpOrder> {
  const before = await existing(erp, ref);
  if (before.state === 'confirmed') return toOrder(before);
  if (before.state === 'cancelled') throw new VendorError('ERP_DRAFT_LOST', 'refused', 'the order was cancelled in the ERP');
  const order = await written(await erp.post(`/orders/${encodeURIComponent(ref)}/confirmation`));
  if (order.status !== 'stuck' || before.state !== 'blocked') return order;
  throw new VendorError('ERP_ORDER_STUCK', 'refused', (await existing(erp, ref)).reason ?? 'the ERP gives no reason');
}

async function cancelDraft(erp: Conversation, ref: string): Promise<ErpOrder> {
  const order = await existing(erp, ref);
  if (order.state === 'cancelled') return toOrder(order);
  return written(await erp.post(`/orders/${encodeURIComponent(ref)}/cancellation`));
}
