import Big from 'big.js';
import * as z from 'zod';
import { understood } from '../answers.ts';
import type { Conversation } from './client.ts';
import { decimal } from './map.ts';

const numbered = z.object({ id: z.int(), number: z.string().nullable(), state: z.string() });

const confirmedSale = z.object({
  state: z.string(),
  number: z.string().nullable(),
  shipment_state: z.string(),
  invoice_state: z.string(),
  'shipments.': z.array(numbered),
  'invoices.': z.array(numbered.extend({ untaxed_amount: decimal, lines: z.array(z.int()) })),
});
type ConfirmedSale = z.infer<typeof confirmedSale>;
type Invoice = ConfirmedSale['invoices.'][number];

/** `origin` is the model and the id of the line that it takes back, with a comma between them. */
const creditLine = z.object({ amount: decimal, origin: z.string() });

const FIELDS = [
  'state',
  'number',
  'shipment_state',
  'invoice_state',
  'shipments.number',
  'shipments.state',
  'invoices.number',
  'invoices.state',
  'invoices.untaxed_amount',
  'invoices.lines',
];

const nameOf = (kind: string, { id, number, state }: z.infer<typeof numbered>): string => `${kind} ${number ?? `with id ${id}`} is ${state}`;

/**
 * Invoices that were posted and are not credited in full. A credit with refund cancels its invoice; one without leaves it posted, and the
 * lines of the credit note name those that they take back.
 */
async function uncredited(tryton: Conversation, invoices: readonly Invoice[]): Promise<Invoice[]> {
  const posted = invoices.filter(({ state }) => state === 'posted' || state === 'paid');
  if (posted.length === 0) return [];
  const domain = [
    ['origin.invoice.id', 'in', posted.map(({ id }) => id), 'account.invoice.line'],
    ['invoice.state', 'in', ['posted', 'paid']],
  ];
  const found = await tryton.read('model.account.invoice.line.search_read', [domain, 0, 1000, null, ['amount', 'origin']]);
  const credits = understood(z.array(creditLine), found).map(({ amount, origin }) => ({ amount, line: Number(origin.split(',')[1]) }));
  const creditedOf = ({ lines }: Invoice) => credits.filter(({ line }) => lines.includes(line)).reduce((sum, { amount }) => sum.plus(amount), Big(0));
  return posted.filter((invoice) => creditedOf(invoice).plus(invoice.untaxed_amount).gt(0));
}

/** Cancelled shipments and invoices are made anew by Tryton if the clerk, asked about the exception, says so. */
const undecided = ({ number, shipment_state, invoice_state }: ConfirmedSale): string[] => [
  ...(shipment_state === 'exception' ? [`the shipment exception of sale ${number} is not handled`] : []),
  ...(invoice_state === 'exception' ? [`the invoice exception of sale ${number} is not handled`] : []),
];

/**
 * A confirmed sale is not cancelled in Tryton: its shipments are, and its draft invoices; a posted one is credited. Handling the exceptions
 * without making anything anew ends it in `done`, which also means delivered, so that state tells nothing. One that got stuck
 * (`confirmed`) goes back to draft and is cancelled. Measured on 8.0.
 */
export async function inForce(tryton: Conversation, ref: string): Promise<string[]> {
  const found = await tryton.read('model.sale.sale.search_read', [[['id', '=', Number(ref)]], 0, 1, null, FIELDS]);
  const [sale] = understood(z.array(confirmedSale), found);
  if (sale === undefined) return [`sale ${ref} is not in the ERP`];
  if (sale.state === 'cancelled') return [];
  const { 'shipments.': shipments, 'invoices.': invoices } = sale;
  if (shipments.length + invoices.length === 0) return [`sale ${sale.number ?? ref} is ${sale.state}`];
  const drafts = invoices.filter(({ state }) => state === 'draft' || state === 'validated');
  return [
    ...shipments.filter(({ state }) => state !== 'cancelled').map((shipment) => nameOf('shipment', shipment)),
    ...[...drafts, ...(await uncredited(tryton, invoices))].map((invoice) => nameOf('invoice', invoice)),
    ...undecided(sale),
  ];
}
