import { randomInt, randomUUID } from 'node:crypto';
import type { CloudEvent } from '../../contracts/envelope.ts';
import type { Milestone } from '../../contracts/events.ts';
import type { QuoteContent } from '../../contracts/quote.ts';
import { round, sum } from '../../lambdas/domain/money.ts';
import { type NorthwindQuote, quotes, renumbered } from '../../local/northwind/quotes.ts';

/** The name of the CPQ connection through which canonical events come. */
export const CANONICAL = 'canonical';

/**
 * A copy of one of Northwind's orders as a quote under a number that no other test has, so that a test can run again in the same
 * environment. `at` counts from 1, as in local/northwind/planted.ts; the first six are clean.
 */
export function northwindQuote(at: number): NorthwindQuote {
  const quote = quotes[at - 1];
  if (!quote) throw new Error(`Northwind has no quote ${at}`);
  return renumbered(quote, randomInt(1_000_000, 9_999_999));
}

export const revisionOf = (quote: NorthwindQuote, revision: number): NorthwindQuote => ({ ...quote, header: { ...quote.header, revision } });

/** The quote with other content, its total computed anew. */
export function withContent(quote: NorthwindQuote, change: (content: QuoteContent) => QuoteContent): NorthwindQuote {
  const content = change(quote.content);
  const total = round(sum([...content.lines.map((line) => line.amount), content.shipping.freight]));
  return { ...quote, content, header: { ...quote.header, total } };
}

/** The goods go to another country than the customer's: we tax by where they go, the ERP by the customer, so the totals differ. */
export const shippedTo = (quote: NorthwindQuote, country: string): NorthwindQuote =>
  withContent(quote, (content) => ({
    ...content,
    parties: content.parties.map((party) => (party.role === 'ship-to' ? { ...party, address: { ...party.address, country } } : party)),
  }));

/** What a producer that knows our contract sends for an accepted quote. `region` decides about the ERP: SIM is the simulator's. */
export function acceptedEvent(tenant: string, { header, content }: NorthwindQuote, region: string, cpq = CANONICAL): CloudEvent<object> {
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: 'quoting.example',
    type: 'quote.accepted.v1',
    time: new Date().toISOString(),
    tenant,
    region,
    data: { quote: { ...header, cpq }, acceptedAt: new Date().toISOString(), content },
  };
}

/** What a producer sends when a quote is withdrawn, or comes to one of the CPQ's milestones. */
export function quoteEvent(
  tenant: string,
  { header }: NorthwindQuote,
  what: 'withdrawn' | Milestone,
  at = new Date().toISOString(),
  cpq = CANONICAL,
): CloudEvent<object> {
  const { id, number, revision } = header;
  const source = 'quoting.example';
  return {
    specversion: '1.0',
    id: randomUUID(),
    source,
    type: `quote.${what}.v1`,
    time: at,
    tenant,
    data: { quote: { cpq, id, number, revision }, at },
  };
}

export const inbound = (event: CloudEvent<unknown>) => ({ source: event.source, 'detail-type': event.type, detail: event });
