import * as z from 'zod';
import { decimal, money } from '../../../../contracts/money.ts';
import { understood } from '../answers.ts';
import type { DraftLine, DraftOrder, ErpCustomer, ErpOrder } from '../port.ts';

export const customerAnswer = z.object({
  code: z.string(),
  active: z.boolean(),
  topLevelParent: z.string(),
  credit: z.object({ limit: money.nullable(), used: money, onHold: z.boolean() }),
});
export const productsAnswer = z.object({ items: z.array(z.object({ code: z.string(), active: z.boolean(), listPrice: money })) });
export const carrierAnswer = z.object({ code: z.string() });

export const toCustomer = ({ code, active, topLevelParent, credit }: z.infer<typeof customerAnswer>): ErpCustomer => ({
  code,
  active,
  top: topLevelParent,
  credit: { limit: credit.limit ?? undefined, used: credit.used, blocked: credit.onHold },
  ref: { code },
});

/** A code is all that this ERP needs of a customer, a product or a carrier. */
const codeRef = z.object({ code: z.string() });

/** The body of POST /orders; the vendor gives it back as `document`. */
const documentSchema = z.object({
  externalId: z.string(),
  customer: z.string(),
  currency: z.string(),
  description: z.string(),
  shipTo: z.record(z.string(), z.unknown()).nullable(),
  carrier: z.string().nullable(),
  requestedDate: z.string().nullable(),
  lines: z.array(z.object({ product: z.string(), description: z.string(), quantity: decimal, unitPrice: decimal })),
});
export type OrderDocument = z.infer<typeof documentSchema>;

export const orderAnswer = z.object({
  id: z.string(),
  number: z.string(),
  state: z.enum(['open', 'confirmed', 'blocked', 'cancelled']),
  /** Why a blocked order is blocked. */
  reason: z.string().optional(),
  total: money,
  document: documentSchema,
  /** Shipments and invoices that came of it. */
  followers: z.array(z.object({ kind: z.string(), number: z.string(), state: z.enum(['open', 'cancelled', 'credited']) })),
});
export type OrderAnswer = z.infer<typeof orderAnswer>;
export const ordersAnswer = z.object({ items: z.array(orderAnswer) });

const STATUS: Record<OrderAnswer['state'], ErpOrder['status']> = { open: 'draft', confirmed: 'confirmed', blocked: 'stuck', cancelled: 'cancelled' };

/** In words for a person. An order that nothing was made of yet may still have something made of it: only what was taken back is over. */
export function stillInForce(order: OrderAnswer | undefined, ref: string): string[] {
  if (order === undefined) return [`order ${ref} is not in the ERP`];
  if (order.state === 'cancelled') return [];
  if (order.state !== 'confirmed' || order.followers.length === 0) return [`order ${order.number} is ${order.state}`];
  return order.followers.filter(({ state }) => state === 'open').map(({ kind, number, state }) => `${kind} ${number} is ${state}`);
}

export const toOrder = (order: OrderAnswer): ErpOrder => ({
  ref: order.id,
  key: order.document.externalId,
  number: order.number,
  status: STATUS[order.state],
  total: order.total,
});

const toLine = ({ product, description, quantity, unitPrice }: DraftLine) => ({
  product: understood(codeRef, product).code,
  description,
  quantity,
  unitPrice,
});

export function toDocument(draft: DraftOrder): OrderDocument {
  const lines = draft.freight === undefined ? draft.lines : [...draft.lines, draft.freight];
  return {
    externalId: draft.key,
    customer: understood(codeRef, draft.customer).code,
    currency: draft.currency,
    description: draft.description,
    shipTo: draft.shipTo === undefined ? null : JSON.parse(JSON.stringify(draft.shipTo)), // without undefined fields, as the vendor gives it back
    carrier: draft.carrier === undefined ? null : understood(codeRef, draft.carrier).code,
    requestedDate: draft.requestedDate ?? null,
    lines: lines.map(toLine),
  };
}
