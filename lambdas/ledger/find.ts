import { orderKey as orderKeyShape } from '../../contracts/workflow.ts';
import type { Head, QuoteItem } from '../domain/head.ts';
import { orderKeyOf } from '../domain/identity.ts';
import type { Ledger } from './ledger.ts';
import { ordersByNumber, readHeads } from './queries.ts';

/** An order key as people write it: in any case, O for 0, I and L for 1 (Crockford's base32); undefined: no order key. */
export function orderKeyIn(text: string): string | undefined {
  const key = text.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return orderKeyShape.safeParse(key).success ? key : undefined;
}

/** A quote with the orders of all its revisions, lowest first; none yet where only milestones came. */
export interface FoundQuote {
  readonly quote: QuoteItem;
  readonly heads: readonly Head[];
}

/** Keys are derived, so those of all revisions are known; one that came too late stands in no chain of predecessors. */
async function withRevisions(ledger: Ledger, quote: QuoteItem, known: readonly Head[]): Promise<FoundQuote> {
  const highest = Math.max(quote.highest?.revision ?? 0, quote.withdrawnUpTo, ...known.map((head) => head.quote.revision));
  const keys = Array.from({ length: highest }, (_, at) => orderKeyOf(quote.tenant, quote.cpq, quote.id, at + 1));
  const heads = await readHeads(ledger, keys);
  return { quote, heads: heads.sort((a, b) => a.quote.revision - b.quote.revision) };
}

const quoteOf = (ledger: Ledger, { tenant, quote }: Head): Promise<QuoteItem> => ledger.readQuote(tenant, quote.cpq, quote.id);

/** The quote of the order whose key this is; undefined: it is no order key, or the ledger has no such order. */
export async function quoteOfOrder(ledger: Ledger, text: string): Promise<FoundQuote | undefined> {
  const key = orderKeyIn(text);
  const head = key === undefined ? undefined : await ledger.read(key);
  return head && withRevisions(ledger, await quoteOf(ledger, head), [head]);
}

export interface Named {
  readonly tenant: string;
  /** The CPQ connection that is meant; undefined: any. */
  readonly cpq?: string | undefined;
  /** Those that the tenant is configured with. */
  readonly cpqs: readonly string[];
}

/** The quotes that people call by this number, or else the one that a CPQ knows by this id. A number may name several. */
export async function quotesNamed(ledger: Ledger, text: string, { tenant, cpq, cpqs }: Named): Promise<FoundQuote[]> {
  const heads = await readHeads(ledger, await ordersByNumber(ledger, tenant, text));
  const numbered = Map.groupBy(
    heads.filter(({ quote }) => cpq === undefined || quote.cpq === cpq),
    ({ quote }) => JSON.stringify([quote.cpq, quote.id]),
  );
  if (numbered.size > 0)
    return Promise.all([...numbered.values()].map(async (known) => withRevisions(ledger, await quoteOf(ledger, known[0] as Head), known)));
  const quotes = await Promise.all((cpq === undefined ? cpqs : [cpq]).map((one) => ledger.readQuote(tenant, one, text)));
  return Promise.all(quotes.filter(({ version }) => version > 0).map((quote) => withRevisions(ledger, quote, [])));
}
