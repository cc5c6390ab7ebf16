import { orderKey as orderKeyShape } from '../contracts/workflow.ts';
import type { Head, QuoteItem } from '../lambdas/domain/head.ts';
import { orderKeyOf } from '../lambdas/domain/identity.ts';
import { ordersByNumber, readHeads } from '../lambdas/ledger/queries.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';

/** An order key as people write it: in any case, O for 0, I and L for 1 (Crockford's base32); undefined: no order key. */
export function orderKeyIn(text: string): string | undefined {
  const key = text.toUpperCase().replaceAll('O', '0').replaceAll(/[IL]/g, '1');
  return orderKeyShape.safeParse(key).success ? key : undefined;
}

/** @throws {Usage} when it is no order key. */
export function mustBeOrderKey(text: string): string {
  const key = orderKeyIn(text);
  if (key === undefined) throw new Usage(`"${text}" is no order key. \`npx quotebridge lineage ${text}\` shows the order keys of a quote.`);
  return key;
}

/** @throws {Usage} when the configuration has no such tenant. */
export function tenantIn({ config, defaults }: Context, name: string | undefined): string {
  const tenant = name ?? defaults.tenant;
  if (!Object.hasOwn(config.policy.tenants, tenant)) throw new Usage(`Stage ${config.stage} has no tenant "${tenant}".`);
  return tenant;
}

export interface QuoteAddress {
  readonly tenant?: string | undefined;
  readonly cpq?: string | undefined;
}

/** A quote with the orders of all its revisions, lowest first; none yet where only milestones came. */
export interface FoundQuote {
  readonly quote: QuoteItem;
  readonly heads: readonly Head[];
}

/** Keys are derived, so those of all revisions are known; one that came too late stands in no chain of predecessors. */
async function withRevisions({ ledger }: Context, quote: QuoteItem, known: readonly Head[]): Promise<FoundQuote> {
  const highest = Math.max(quote.highest?.revision ?? 0, quote.withdrawnUpTo, ...known.map((head) => head.quote.revision));
  const keys = Array.from({ length: highest }, (_, at) => orderKeyOf(quote.tenant, quote.cpq, quote.id, at + 1));
  const heads = await readHeads(ledger, keys);
  return { quote, heads: heads.sort((a, b) => a.quote.revision - b.quote.revision) };
}

async function byNumber({ ledger, config }: Context, tenant: string, number: string, cpq: string | undefined): Promise<Head[]> {
  const heads = await readHeads(ledger, await ordersByNumber(ledger, tenant, number));
  const found = heads.filter((head) => cpq === undefined || head.quote.cpq === cpq);
  const quotes = new Map(found.map(({ quote }) => [`${quote.id} --cpq ${quote.cpq}`, quote]));
  if (quotes.size < 2) return found;
  throw new Refused(
    `${number} is the number of ${quotes.size} quotes.`,
    [...quotes.keys()].map((one) => commandLine(`lineage ${one}`, config.stage)).join('\n'),
  );
}

/** The quote that an order key, a number that people use, or a CPQ's quote id names. @throws {Refused} when the ledger has none. */
export async function findQuote(context: Context, text: string, address: QuoteAddress): Promise<FoundQuote> {
  const { ledger, config } = context;
  const quoteOf = ({ tenant, quote }: Head) => ledger.readQuote(tenant, quote.cpq, quote.id);
  const key = orderKeyIn(text);
  const head = key === undefined ? undefined : await ledger.read(key);
  if (head) return withRevisions(context, await quoteOf(head), [head]);
  const tenant = tenantIn(context, address.tenant);
  const numbered = await byNumber(context, tenant, text, address.cpq);
  if (numbered[0]) return withRevisions(context, await quoteOf(numbered[0]), numbered);
  const cpqs = address.cpq === undefined ? Object.keys(config.policy.tenants[tenant]?.cpqs ?? {}) : [address.cpq];
  const quotes = await Promise.all(cpqs.map((cpq) => ledger.readQuote(tenant, cpq, text)));
  const quote = quotes.find(({ version }) => version > 0);
  if (quote) return withRevisions(context, quote, []);
  throw new Refused(
    `Tenant ${tenant} has no order and no quote ${text}.`,
    [
      `${commandLine('orders list', config.stage)}    shows the orders`,
      `${commandLine('quarantine list', config.stage)}    shows the events that were rejected`,
      '--tenant T    looks in another tenant',
    ].join('\n'),
  );
}
