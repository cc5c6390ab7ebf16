import * as z from 'zod';
import type { Address } from '../../../../contracts/quote.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { understood } from '../answers.ts';
import type { ErpCarrier, ErpCustomer, ErpProduct } from '../port.ts';
import type { Conversation } from './client.ts';
import {
  addressRecord,
  customerRef,
  identified,
  lineChange,
  matchingAddress,
  type ProductRecord,
  partyRecord,
  productRecord,
  saleDefaults,
} from './map.ts';

/** Reads inactive records too, which searches leave out. */
const WITH_INACTIVE = { active_test: false };
type Seller = Pick<z.infer<typeof customerRef>, 'company' | 'party'>;
const COUNTRY_UNKNOWN = 'Tryton does not know the country of the shipment';

const search = async <T>(
  tryton: Conversation,
  model: string,
  record: z.ZodType<T>,
  domain: unknown[],
  fields: string[],
  context = {},
): Promise<T[]> => understood(z.array(record), await tryton.read(`model.${model}.search_read`, [domain, 0, 1000, [['id', 'ASC']], fields], context));

/** The party, and what Tryton itself proposes for a sale to it: addresses, payment term, warehouse. */
export async function findCustomer(tryton: Conversation, code: string): Promise<ErpCustomer | undefined> {
  const fields = ['code', 'active'];
  const [party] = await search(tryton, 'party.party', partyRecord, [['code', '=', code]], fields, WITH_INACTIVE);
  if (party === undefined) return undefined;
  const company = await tryton.company();
  const change = await tryton.read('model.sale.sale.on_change', [{ id: -1, company, party: party.id, lines: [] }, ['party']]);
  return { code: party.code, active: party.active, ref: { company, party: party.id, ...understood(saleDefaults, change) } };
}

/**
 * Price and taxes as Tryton computes them for this customer and currency. `sale_price_uom` in the context of a sale is the price that
 * a line's on_change reads, for all products in one call. Taxes come from the on_change of a line; they depend on the customer's tax
 * rule and on the product's accounting category, so one line per category is asked. A product is active when its template is, too.
 */
export async function findProducts(
  tryton: Conversation,
  codes: readonly string[],
  customer: ErpCustomer,
  currency: string,
): Promise<(ErpProduct | undefined)[]> {
  const seller = understood(customerRef, customer.ref);
  const currencyKey = await currencyId(tryton, currency);
  const fields = ['code', 'active', 'salable', 'sale_uom', 'account_category', 'sale_price_uom', 'template.active'];
  const context = { ...WITH_INACTIVE, currency: currencyKey, customer: seller.party };
  const records = await search(tryton, 'product.product', productRecord, [['code', 'in', [...new Set(codes)]]], fields, context);
  const taxes = new Map<number | null, number[]>();
  for (const record of records) {
    if (!taxes.has(record.account_category)) taxes.set(record.account_category, await taxesOf(tryton, record, seller, currencyKey));
  }
  const byCode = new Map(records.map((record) => [record.code, toProduct(record, currency, taxes.get(record.account_category) ?? [])]));
  return codes.map((code) => byCode.get(code));
}

/** The company has to stand on the sale: without it Tryton sees no tax rule on the party. */
async function taxesOf(tryton: Conversation, record: ProductRecord, { company, party }: Seller, currency: number): Promise<number[]> {
  const sale = { '_parent_sale.id': -1, '_parent_sale.company': company, '_parent_sale.party': party, '_parent_sale.currency': currency };
  const line = { id: -1, type: 'line', product: record.id, quantity: 1, taxes: [], ...sale };
  return understood(lineChange, await tryton.read('model.sale.line.on_change', [line, ['product']]));
}

function toProduct(record: ProductRecord, currency: string, taxes: number[]): ErpProduct {
  const active = record.active && record['template.'].active && record.salable && record.sale_uom !== null;
  const listPrice = record.sale_price_uom == null ? undefined : { amount: record.sale_price_uom, currency };
  return { code: record.code, active, listPrice, ref: { product: record.id, unit: record.sale_uom, taxes } };
}

/** A carrier of Tryton has no code of its own: its party's is taken. */
export async function findCarrier(tryton: Conversation, code: string): Promise<ErpCarrier | undefined> {
  const [carrier] = await search(tryton, 'carrier', identified, [['party.code', '=', code]], []);
  return carrier === undefined ? undefined : { code, ref: { carrier: carrier.id } };
}

/** @throws VendorError ERP_REFUSED for a currency that Tryton does not have */
export async function currencyId(tryton: Conversation, code: string): Promise<number> {
  const [currency] = await search(tryton, 'currency.currency', identified, [['code', '=', code]], []);
  if (currency === undefined) throw new VendorError('ERP_REFUSED', 'refused', `Tryton has no currency ${code}`);
  return currency.id;
}

/**
 * The party's address to ship to; added to the party when it has none like it. Found again by its content, so losing the answer costs
 * at most a second address, never a second sale: for the sale nothing was sent yet.
 */
export async function addressId(tryton: Conversation, party: number, wanted: Address): Promise<number> {
  const domain = [
    ['party', '=', party],
    ['country.code', '=', wanted.country],
  ];
  const known = matchingAddress(await search(tryton, 'party.address', addressRecord, domain, ['street', 'city', 'postal_code']), wanted);
  if (known !== undefined) return known;
  const [country] = await search(tryton, 'country.country', identified, [['code', '=', wanted.country]], []);
  if (country === undefined) throw new VendorError('ERP_REFUSED', 'refused', COUNTRY_UNKNOWN);
  const { street = null, city = null, postalCode = null } = wanted;
  const values = { party, street, city, postal_code: postalCode, country: country.id, delivery: true };
  const [created] = understood(z.tuple([z.int()]), await notTheSale(tryton.write('model.party.address.create', [[values]])));
  return created;
}

async function notTheSale<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof VendorError && error.effect === 'unknown')
      throw new VendorError('ERP_UNAVAILABLE', 'not-sent', error.detail, { cause: error });
    throw error;
  }
}
