import * as z from 'zod';
import type { Money } from '../../../../contracts/money.ts';
import type { Address } from '../../../../contracts/quote.ts';
import { understood } from '../answers.ts';
import type { DraftLine, DraftOrder, ErpOrder } from '../port.ts';

/** Tryton's JSON: a Decimal is `{"__class__":"Decimal","decimal":"99.36"}`; booleans are 1 and 0 on SQLite, true and false on PostgreSQL. */
export const decimal = z.object({ __class__: z.literal('Decimal'), decimal: z.string() }).transform((value) => value.decimal);
const flag = z.union([z.boolean(), z.number()]).transform(Boolean);
const id = z.int();
const optionalId = id.nullish().transform((value) => value ?? null);

export const partyRecord = z.object({ id, code: z.string(), active: flag });

/** What the ERP proposes for a sale to a party (on_change of `party`). */
export const saleDefaults = z.object({
  invoice_party: optionalId,
  invoice_address: optionalId,
  shipment_party: optionalId,
  shipment_address: optionalId,
  payment_term: optionalId,
  warehouse: optionalId,
});

export const productRecord = z.object({
  id,
  code: z.string(),
  active: flag,
  salable: flag,
  sale_uom: optionalId,
  account_category: optionalId,
  sale_price_uom: decimal.nullish(),
  'template.': z.object({ active: flag }),
});
export type ProductRecord = z.infer<typeof productRecord>;

/** Taxes of a line come as a difference to the (empty) list that was sent. */
export const lineChange = z
  .object({ taxes: z.object({ add: z.array(z.tuple([id, z.object({ id })])) }).optional() })
  .transform((change) => change.taxes?.add.map(([, tax]) => tax.id) ?? []);

export const identified = z.object({ id });

export const addressRecord = z.object({ id, street: z.string().nullish(), city: z.string().nullish(), postal_code: z.string().nullish() });

/** What `createDraft` needs of a customer and of a product; they travel through `prepared` as JSON. */
export const customerRef = z.object({ company: id, party: id, ...saleDefaults.shape });
const productRef = z.object({ product: id, unit: id, taxes: z.array(id) });
const carrierRef = z.object({ carrier: id });

export const ORDER_FIELDS = ['reference', 'number', 'state', 'total_amount', 'currency.code'] as const;

const saleRecord = z.object({
  id,
  reference: z.string().nullable(),
  number: z.string().nullable(),
  state: z.enum(['draft', 'quotation', 'confirmed', 'processing', 'done', 'cancelled']),
  total_amount: decimal,
  'currency.': z.object({ code: z.string() }),
});
type SaleState = z.infer<typeof saleRecord>['state'];

/**
 * `confirmed` is not what it says: the sale is confirmed, and making its invoice and shipment failed. Only `processing` and `done`
 * prove that the order is under way.
 */
const STATUS: Record<SaleState, ErpOrder['status']> = {
  draft: 'draft',
  quotation: 'draft',
  confirmed: 'stuck',
  processing: 'confirmed',
  done: 'confirmed',
  cancelled: 'cancelled',
};

export interface Sale {
  readonly id: number;
  readonly state: SaleState;
  readonly order: ErpOrder;
}

export function toSale(record: unknown): Sale {
  const sale = understood(saleRecord, record);
  const total: Money = { amount: sale.total_amount, currency: sale['currency.'].code };
  const order = { ref: String(sale.id), key: sale.reference ?? '', number: sale.number ?? undefined, status: STATUS[sale.state], total };
  return { id: sale.id, state: sale.state, order };
}

/** Ids that the sale needs beside those of the draft. */
export interface SaleIds {
  readonly currency: number;
  readonly shipmentAddress: number | null;
  /** Date of today, ISO 8601. */
  readonly today: string;
}

const asDecimal = (value: string) => ({ __class__: 'Decimal', decimal: value });

function asDate(iso: string) {
  const [year, month, day] = iso.split('-').map(Number);
  return { __class__: 'date', year, month, day };
}

function toLine(line: DraftLine) {
  const { product, unit, taxes } = understood(productRef, line.product);
  return {
    type: 'line',
    product,
    description: line.description,
    quantity: Number(line.quantity), // Tryton's quantities are floats
    unit,
    unit_price: asDecimal(line.unitPrice),
    taxes: [['add', taxes]],
  };
}

/**
 * Creating runs no on_change, so everything is given. Freight comes with the quote: `shipment_cost_method` is empty, else Tryton would
 * add its own freight line. A requested date in the past is left out: confirming refuses it, for a sale cannot ship before its date.
 */
export function toSaleValues(draft: DraftOrder, ids: SaleIds): Record<string, unknown> {
  const customer = understood(customerRef, draft.customer);
  const lines = draft.freight === undefined ? draft.lines : [...draft.lines, draft.freight];
  const date = draft.requestedDate !== undefined && draft.requestedDate >= ids.today ? draft.requestedDate : undefined;
  return {
    company: customer.company,
    party: customer.party,
    invoice_party: customer.invoice_party,
    invoice_address: customer.invoice_address,
    shipment_party: customer.shipment_party,
    shipment_address: ids.shipmentAddress,
    payment_term: customer.payment_term,
    warehouse: customer.warehouse,
    currency: ids.currency,
    reference: draft.key,
    description: draft.description,
    carrier: draft.carrier === undefined ? null : understood(carrierRef, draft.carrier).carrier,
    shipment_cost_method: null,
    shipping_date: date === undefined ? null : asDate(date),
    lines: [['create', lines.map(toLine)]],
  };
}

const same = (a: string | null | undefined, b: string | null | undefined): boolean =>
  (a ?? '').trim().toLowerCase() === (b ?? '').trim().toLowerCase();

/** The address of the party that is the one to ship to, among those in its country. */
export function matchingAddress(records: readonly z.infer<typeof addressRecord>[], wanted: Address): number | undefined {
  return records.find((record) => same(record.street, wanted.street) && same(record.city, wanted.city) && same(record.postal_code, wanted.postalCode))
    ?.id;
}
