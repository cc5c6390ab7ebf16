import * as z from 'zod';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { afterEffect, understood } from '../answers.ts';
import type { DraftOrder, ErpOrder, ErpPort } from '../port.ts';
import type { ConnectorOptions } from '../session.ts';
import { type Conversation, createClient, type TrytonSecret } from './client.ts';
import { inForce } from './in-force.ts';
import { customerRef, ORDER_FIELDS, type Sale, toSale, toSaleValues } from './map.ts';
import * as master from './master-data.ts';

const created = z.tuple([z.int()]);

/**
 * Tryton 8.0 over JSON-RPC. The key stands in `reference`, which Tryton does not keep unique, so an unknown effect is settled by
 * looking for it. It has no row locks on SQLite: two confirms of one sale at once made three invoices, hence one run at a time per
 * order, and a confirm that may still run is never repeated.
 */
export function createTryton(secret: TrytonSecret, options: ConnectorOptions = {}): ErpPort {
  const client = createClient(secret, options);
  const now = options.now ?? Date.now;
  return {
    vendor: 'Tryton',
    uniqueness: 'lookup',
    // Credit limits are a module of their own (account_credit_limit), and so are relations between parties (party_relationship); the
    // modules that are set up here have neither.
    keeps: { credit: false, hierarchy: false },
    vendorMaximumMs: 31_000, // on SQLite it gives up a locked write after 30.4 s
    freightProduct: 'FREIGHT',
    vendorKey: (orderKey, generation) => `${orderKey}.${generation}`,
    findCustomer: (code) => master.findCustomer(client.converse(), code),
    findProducts: (codes, customer, currency) => master.findProducts(client.converse(), codes, customer, currency),
    findCarrier: (code) => master.findCarrier(client.converse(), code),
    findOrders: (orderKey) => findOrders(client.converse(), orderKey),
    readOrder: async (ref) => (await readSale(client.converse(), ref))?.order,
    createDraft: (draft) => createDraft(client.converse(), draft, new Date(now()).toISOString().slice(0, 10)),
    confirm: (ref) => confirm(client.converse(), ref),
    cancelDraft: (ref) => cancelDraft(client.converse(), ref),
    inForce: (ref) => inForce(client.converse(), ref),
  };
}

async function findOrders(tryton: Conversation, orderKey: string): Promise<ErpOrder[]> {
  const domain = [['reference', 'like', `${orderKey}.%`]];
  const found = await tryton.read('model.sale.sale.search_read', [domain, 0, 100, [['id', 'ASC']], ORDER_FIELDS]);
  return understood(z.array(z.unknown()), found).map((record) => toSale(record).order);
}

/** By search, because reading an id that does not exist is a UserError. */
async function readSale(tryton: Conversation, ref: string): Promise<Sale | undefined> {
  const found = await tryton.read('model.sale.sale.search_read', [[['id', '=', Number(ref)]], 0, 1, null, ORDER_FIELDS]);
  return understood(z.array(z.unknown()), found).map(toSale)[0];
}

async function existingSale(tryton: Conversation, ref: string): Promise<Sale> {
  const sale = await readSale(tryton, ref);
  if (sale === undefined) throw new VendorError('ERP_DRAFT_LOST', 'refused', `Tryton has no sale ${ref}`);
  return sale;
}

/** One create call with everything in it, so there is no half-made sale. */
async function createDraft(tryton: Conversation, draft: DraftOrder, today: string): Promise<ErpOrder> {
  const customer = understood(customerRef, draft.customer);
  const currency = await master.currencyId(tryton, draft.currency);
  const shipmentAddress = draft.shipTo === undefined ? customer.shipment_address : await master.addressId(tryton, customer.party, draft.shipTo);
  const answer = await tryton.write('model.sale.sale.create', [[toSaleValues(draft, { currency, shipmentAddress, today })]]);
  return afterEffect(async () => (await existingSale(tryton, String(understood(created, answer)[0]))).order);
}

async function confirm(tryton: Conversation, ref: string): Promise<ErpOrder> {
  const sale = await existingSale(tryton, ref);
  if (sale.order.status === 'confirmed') return sale.order;
  if (sale.order.status === 'cancelled') throw new VendorError('ERP_DRAFT_LOST', 'refused', 'the sale was cancelled in Tryton');
  if (sale.order.status === 'stuck') return processAgain(tryton, sale);
  if (sale.state === 'draft') await press(tryton, 'quote', sale, ['quotation', 'confirmed', 'processing', 'done']);
  await press(tryton, 'confirm', sale, ['confirmed', 'processing', 'done']);
  return afterEffect(async () => (await existingSale(tryton, ref)).order);
}

/** Confirming leaves a sale in `confirmed` without a word when its invoice or shipment cannot be made; `process` says why. */
async function processAgain(tryton: Conversation, sale: Sale): Promise<ErpOrder> {
  try {
    await tryton.write('model.sale.sale.process', [[sale.id]]);
  } catch (error) {
    if (!(error instanceof VendorError) || error.effect !== 'refused') throw error;
    throw new VendorError('ERP_ORDER_STUCK', 'refused', error.detail, { cause: error });
  }
  return afterEffect(async () => (await existingSale(tryton, sale.order.ref)).order);
}

async function cancelDraft(tryton: Conversation, ref: string): Promise<ErpOrder> {
  const sale = await existingSale(tryton, ref);
  if (sale.order.status === 'cancelled') return sale.order;
  if (sale.order.status !== 'draft')
    throw new VendorError('ERP_REFUSED', 'refused', 'the sale is confirmed: it is reversed in Tryton, not cancelled');
  await press(tryton, 'cancel', sale, ['cancelled']);
  return afterEffect(async () => (await existingSale(tryton, ref)).order);
}

/** A button that does not fit the state is a UserError, a repeat too: where the sale is at what the button leads to, it is done. */
async function press(tryton: Conversation, button: 'quote' | 'confirm' | 'cancel', sale: Sale, done: readonly Sale['state'][]): Promise<void> {
  try {
    await tryton.write(`model.sale.sale.${button}`, [[sale.id]]);
  } catch (error) {
    if (!(error instanceof VendorError) || error.effect !== 'refused') throw error;
    const now = await existingSale(tryton, sale.order.ref);
    if (!done.includes(now.state)) throw error;
  }
}
