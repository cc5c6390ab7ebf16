import { type NorthwindQuote, quotes, renumbered } from '../../../local/northwind/quotes.ts';
import type { Tenant } from '../../support/tenant.ts';

/** How many of Northwind's quotes that nothing is planted in are copied again and again. */
const POOL = quotes.filter(({ planted }) => planted.length === 0).slice(0, 24);

/** Copies of Northwind's orders as quotes, chosen and numbered by the generator. */
export function drawQuotes(count: number, next: () => number): NorthwindQuote[] {
  const first = 1_000_000 + Math.floor(next() * 8_000_000);
  return Array.from({ length: count }, (_, n) => renumbered(POOL[Math.floor(next() * POOL.length)] as NorthwindQuote, first + n));
}

/** Maps what these quotes need. */
export async function prepareAll(tenant: Tenant, drawn: readonly NorthwindQuote[]): Promise<void> {
  const once = new Map(drawn.map((quote) => [quote.content.lines[0]?.id, quote])); // a copy needs what its original needs
  for (const quote of once.values()) await tenant.prepare(quote);
}
