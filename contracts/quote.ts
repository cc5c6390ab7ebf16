import * as z from 'zod';
import { currency, decimal } from './money.ts';

/** Identifiers are opaque strings; the bound keeps keys and log lines small. */
export const identifier = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\s#]+$/, 'no white space and no "#"');

/** ISO 3166-1 alpha-2. */
export const country = z.string().regex(/^[A-Z]{2}$/, 'an ISO 3166-1 alpha-2 country code, such as "DE"');

export const address = z.object({
  street: z.string().max(200).optional(),
  city: z.string().max(100).optional(),
  postalCode: z.string().max(20).optional(),
  subdivision: z.string().max(100).optional(),
  country,
});
export type Address = z.infer<typeof address>;

/** `customer` is the CPQ's own account number; master data maps it to each ERP's customer. */
export const party = z.object({
  role: z.enum(['sold-to', 'ship-to', 'bill-to', 'payer']),
  customer: identifier,
  name: z.string().max(200).optional(),
  address: address.optional(),
});
export type Party = z.infer<typeof party>;

export const quoteLine = z.object({
  id: identifier,
  product: identifier.describe("the CPQ's product code (SKU)"),
  description: z.string().max(500).optional(),
  quantity: decimal,
  unit: z.string().max(20).default('unit'),
  charge: z.enum(['one-time', 'recurring']).default('one-time'),
  listPrice: decimal.describe('per unit, before discount, in the currency of the quote'),
  netPrice: decimal.describe('per unit, after discount; at most 4 decimals'),
  amount: decimal.describe('quantity x netPrice, rounded to the cent'),
  family: identifier.optional().describe('product family, as the approval matrix names it'),
  cost: decimal.optional().describe('what a unit costs the seller, in the currency of the quote; never reaches the ERP'),
});
export type QuoteLine = z.infer<typeof quoteLine>;

export const shipping = z.object({
  carrier: identifier.optional().describe("the CPQ's carrier code"),
  freight: decimal.default('0.00').describe('charge for freight, in the currency of the quote; becomes a line of its own'),
  requestedDate: z.iso.date().optional(),
});

/** What identifies a quote and what people see in a list; small enough to travel in every event. */
export const quoteHeader = z.object({
  cpq: identifier.describe('name of the CPQ connection in the configuration of the tenant'),
  id: identifier.describe("the CPQ's record id"),
  number: z.string().max(80).optional().describe('what people call the quote'),
  revision: z.int().min(1).max(9999),
  currency,
  total: decimal.describe('lines + freight, before tax'),
});
export type QuoteHeader = z.infer<typeof quoteHeader>;

/** The business content of an accepted quote. The content hash covers exactly these fields and the header's. */
export const quoteContent = z.object({
  channel: z.enum(['direct', 'partner', 'online']).default('direct'),
  parties: z.array(party).min(1).max(8),
  paymentTerm: identifier.optional(),
  shipping: shipping.default({ freight: '0.00' }),
  lines: z.array(quoteLine).min(1).max(1000),
  requestedBy: z.string().min(1).max(200).optional().describe('who asked for these terms, such as "anna@example.com": may not approve them'),
});
export type QuoteContent = z.infer<typeof quoteContent>;

/** The quote as one document, as it is stored in the document bucket. */
export const quoteDocument = quoteHeader.extend(quoteContent.shape);
export type QuoteDocument = z.infer<typeof quoteDocument>;
