import Big from 'big.js';
import * as z from 'zod';
import { type QuoteContent, type QuoteHeader, type QuoteLine, quoteContent, quoteHeader } from '../../../../contracts/quote.ts';
import { plus, round, sum, times, within } from '../../../domain/money.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import type { CpqQuote } from '../port.ts';
import { countryCode } from './country.ts';

/*
 * Where a quote's fields come from. SBQQ__ is the managed package Salesforce CPQ; the custom fields stand for what it lacks and are
 * made by the organisation's administrator.
 *
 * | canonical                    | SBQQ__Quote__c                                      | kind     |
 * | id, number, at               | Id, Name, LastModifiedDate                          | standard |
 * | status                       | SBQQ__Status__c (picklist; two values are custom)   | package  |
 * | currency                     | CurrencyIsoCode (organisation with many currencies) | standard |
 * | sold-to                      | SBQQ__Account__r.AccountNumber, .Name               | standard |
 * | ship-to name and address     | SBQQ__ShippingName__c, SBQQ__Shipping…__c           | package  |
 * | sum of lines (checked)       | SBQQ__NetAmount__c                                  | package  |
 * | revision                     | Revision__c, Number(4,0); empty is 1                | custom   |
 * | shipping.carrier             | Carrier__c, Text(128)                               | custom   |
 * | shipping.freight             | Freight__c, Currency(16,2); empty is 0              | custom   |
 * | shipping.requestedDate       | RequestedDate__c, Date                              | custom   |
 * | channel                      | Channel__c, picklist direct, partner, online        | custom   |
 * | region, business unit        | Region__c, BusinessUnit__c, Text(128)               | custom   |
 * | paymentTerm (1)              | SBQQ__PaymentTerms__c (picklist)                    | package  |
 * | requestedBy (1)              | SBQQ__SalesRep__r.Username (lookup to User)         | package  |
 *
 * | canonical line               | SBQQ__QuoteLine__c                                  |
 * | product, description         | SBQQ__ProductCode__c, SBQQ__ProductName__c          |
 * | quantity, listPrice          | SBQQ__Quantity__c, SBQQ__ListPrice__c               |
 * | netPrice, amount             | SBQQ__NetPrice__c, SBQQ__NetTotal__c                |
 * | charge                       | SBQQ__ChargeType__c: One-Time, Recurring            |
 * | (left out where true)        | SBQQ__Optional__c                                   |
 * | family, cost (1)             | SBQQ__ProductFamily__c, SBQQ__UnitCost__c           |
 *
 * (1) Only where the connection has `terms`: an integration user who may not see one of these fields, as is usual for costs, would have
 * the whole query refused. "Net 30" becomes "Net-30": identifiers have no blanks.
 */

/** A number of Salesforce, kept as text; it may be written `1.39E8`. */
export const number = z
  .string()
  .regex(/^-?\d+(\.\d+)?([eE][+-]?\d+)?$/, 'a number')
  .transform((text) => Big(text).toFixed());
const text = z.string().nullable();

/** A field that Salesforce does not send at all, even as null, is one that it does not have any more. */
export const quoteRow = z.object({
  Id: z.string().length(18),
  Name: z.string(),
  LastModifiedDate: z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000$/, 'a time of Salesforce'),
  CurrencyIsoCode: z.string(),
  SBQQ__Status__c: text,
  SBQQ__Account__r: z.object({ AccountNumber: text, Name: text }).nullable(),
  SBQQ__NetAmount__c: number.nullable(),
  SBQQ__ShippingName__c: text,
  SBQQ__ShippingStreet__c: text,
  SBQQ__ShippingCity__c: text,
  SBQQ__ShippingState__c: text,
  SBQQ__ShippingPostalCode__c: text,
  SBQQ__ShippingCountry__c: text,
  Revision__c: number.nullable(),
  Carrier__c: text,
  Freight__c: number.nullable(),
  RequestedDate__c: text,
  Channel__c: text,
  Region__c: text,
  BusinessUnit__c: text,
});
const quoteWithTerms = quoteRow.extend({ SBQQ__PaymentTerms__c: text, SBQQ__SalesRep__r: z.object({ Username: text }).nullable() });
export type QuoteRow = z.infer<typeof quoteRow> & Partial<z.infer<typeof quoteWithTerms>>;

export const lineRow = z.object({
  Id: z.string().length(18),
  SBQQ__ProductCode__c: text,
  SBQQ__ProductName__c: text,
  SBQQ__Quantity__c: number.nullable(),
  SBQQ__ListPrice__c: number.nullable(),
  SBQQ__NetPrice__c: number.nullable(),
  SBQQ__NetTotal__c: number.nullable(),
  SBQQ__ChargeType__c: text,
});
const lineWithTerms = lineRow.extend({ SBQQ__ProductFamily__c: text, SBQQ__UnitCost__c: number.nullable() });
export type LineRow = z.infer<typeof lineRow> & Partial<z.infer<typeof lineWithTerms>>;

/** What is read of a quote and of a line; `terms`: with what the approval matrix asks for. */
export const rowsOf = (terms: boolean): { readonly quote: z.ZodType<QuoteRow>; readonly line: z.ZodType<LineRow> } =>
  terms ? { quote: quoteWithTerms, line: lineWithTerms } : { quote: quoteRow, line: lineRow };

const PARENTS: Readonly<Record<string, readonly string[]>> = { SBQQ__Account__r: ['AccountNumber', 'Name'], SBQQ__SalesRep__r: ['Username'] };

const columns = (row: z.ZodObject): string =>
  Object.keys(row.shape)
    .flatMap((name) => PARENTS[name]?.map((field) => `${name}.${field}`) ?? [name])
    .join(', ');

/** `id` has to be a record id: the caller checks it, for it goes into the query as it is. */
export const quoteQuery = (id: string, terms: boolean): string =>
  `SELECT ${columns(terms ? quoteWithTerms : quoteRow)} FROM SBQQ__Quote__c WHERE Id = '${id}'`;
export const linesQuery = (id: string, terms: boolean): string =>
  `SELECT ${columns(terms ? lineWithTerms : lineRow)} FROM SBQQ__QuoteLine__c WHERE SBQQ__Quote__c = '${id}' AND SBQQ__Optional__c = false ORDER BY SBQQ__Number__c, Id`;

/**
 * The standard picklist also has Presented, for which nobody waits. Expired and Withdrawn are values that the organisation's administrator
 * adds: the package has no word for a quote that ran out or was taken back.
 */
const STATUS: Readonly<Record<string, CpqQuote['status']>> = {
  Draft: 'created',
  'In Review': 'submitted',
  Approved: 'approved',
  Denied: 'rejected',
  Rejected: 'rejected',
  Accepted: 'accepted',
  Expired: 'expired',
  Withdrawn: 'withdrawn',
};
export const statusOf = (row: QuoteRow): CpqQuote['status'] => STATUS[row.SBQQ__Status__c ?? ''];

const invalid = (detail: string): VendorError => new VendorError('QUOTE_INVALID', 'refused', detail);

/** Names the fields that do not fit, never their values: those may be personal data. */
function checked<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw invalid(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; '));
}

/** A picklist value as an identifier. */
const word = (value: string | null | undefined): string | undefined => value?.trim().replaceAll(/[\s#]+/g, '-') || undefined;

const freightOf = (row: QuoteRow): string => round(row.Freight__c ?? '0');

/** `cpq` is the name of the connection. @throws VendorError QUOTE_INVALID */
export function headerOf(cpq: string, row: QuoteRow): QuoteHeader {
  return checked(quoteHeader, {
    cpq,
    id: row.Id,
    number: row.Name,
    revision: Number(row.Revision__c ?? 1),
    currency: row.CurrencyIsoCode,
    total: round(plus(row.SBQQ__NetAmount__c ?? '0', freightOf(row))),
  });
}

/** Whether the lines add up to the quote. If not, one of the two was read while somebody changed the quote. */
export const addsUp = (row: QuoteRow, lines: readonly LineRow[]): boolean =>
  within(row.SBQQ__NetAmount__c ?? '0', sum(lines.map((line) => line.SBQQ__NetTotal__c ?? '0')), '0.005');

/** @throws VendorError QUOTE_INVALID */
export function contentOf(row: QuoteRow, lines: readonly LineRow[]): QuoteContent {
  if (!addsUp(row, lines)) throw invalid('SBQQ__NetAmount__c is not the sum of SBQQ__NetTotal__c of the lines');
  const customer = row.SBQQ__Account__r?.AccountNumber;
  if (!customer) throw invalid('the account of the quote has no AccountNumber');
  return checked(quoteContent, {
    channel: row.Channel__c ?? undefined,
    paymentTerm: word(row.SBQQ__PaymentTerms__c),
    requestedBy: row.SBQQ__SalesRep__r?.Username ?? undefined,
    parties: [
      { role: 'sold-to', customer, name: row.SBQQ__Account__r?.Name ?? undefined },
      { role: 'ship-to', customer, name: row.SBQQ__ShippingName__c ?? undefined, address: addressOf(row) },
    ],
    shipping: { carrier: row.Carrier__c ?? undefined, freight: freightOf(row), requestedDate: row.RequestedDate__c ?? undefined },
    lines: lines.map(lineOf),
  });
}

function addressOf(row: QuoteRow): Record<string, string | undefined> {
  const country = countryCode(row.SBQQ__ShippingCountry__c ?? '');
  if (country === undefined) throw invalid('SBQQ__ShippingCountry__c is no country');
  return {
    street: row.SBQQ__ShippingStreet__c ?? undefined,
    city: row.SBQQ__ShippingCity__c ?? undefined,
    postalCode: row.SBQQ__ShippingPostalCode__c ?? undefined,
    subdivision: row.SBQQ__ShippingState__c ?? undefined,
    country,
  };
}

const CHARGES: Readonly<Record<string, QuoteLine['charge']>> = { 'One-Time': 'one-time', Recurring: 'recurring' };

function lineOf(line: LineRow): Record<string, string | undefined> {
  const { SBQQ__Quantity__c: quantity, SBQQ__ListPrice__c: listPrice, SBQQ__NetPrice__c: netPrice, SBQQ__NetTotal__c: amount } = line;
  if (quantity === null || listPrice === null || netPrice === null || amount === null) throw invalid(`line ${line.Id} lacks quantity or price`);
  if (!Big(netPrice).round(4).eq(netPrice)) throw invalid(`line ${line.Id} has a price of more than 4 decimals`);
  if (!Big(times(quantity, netPrice)).eq(amount)) throw invalid(`line ${line.Id}: amount is not quantity x price`);
  const charge = CHARGES[line.SBQQ__ChargeType__c ?? 'One-Time'];
  if (charge === undefined) throw invalid(`line ${line.Id}: charge type ${line.SBQQ__ChargeType__c} is not known`);
  return {
    id: line.Id,
    product: line.SBQQ__ProductCode__c ?? undefined,
    description: line.SBQQ__ProductName__c?.slice(0, 500),
    quantity,
    charge,
    // Written with the same digits always, so that the hash of a quote does not depend on how Salesforce writes a number.
    listPrice: round(listPrice, 4),
    netPrice: round(netPrice, 4),
    amount: round(amount),
    family: word(line.SBQQ__ProductFamily__c),
    cost: line.SBQQ__UnitCost__c == null ? undefined : round(line.SBQQ__UnitCost__c, 4),
  };
}

export const atOf = (row: Pick<QuoteRow, 'LastModifiedDate'>): string => row.LastModifiedDate.replace('+0000', 'Z');
