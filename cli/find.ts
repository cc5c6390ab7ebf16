import { type FoundQuote, orderKeyIn, quoteOfOrder, quotesNamed } from '../lambdas/ledger/find.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';

/** @throws {Usage} when it is no order key. */
export function mustBeOrderKey(text: string): string {
  const key = orderKeyIn(text);
  if (key === undefined) throw new Usage(`"${text}" is no order key. \`npx quotebridge lineage ${text}\` shows the order keys of a quote.`);
  return key;
}

/** @throws {Usage} when the configuration has no such tenant. */
export function tenantIn({ config, defaults }: Context, name: string | undefined): string {
  const tenant = name ?? defaults.tenant;
  if (!Object.hasOwn(config.policy.tenants, tenant))
    throw new Usage(`Stage ${config.stage} has no tenant "${tenant}"; it has ${Object.keys(config.policy.tenants).join(', ')}.`);
  return tenant;
}

export interface QuoteAddress {
  readonly tenant?: string | undefined;
  readonly cpq?: string | undefined;
}

/** The quote that an order key, a number that people use, or a CPQ's quote id names. @throws {Refused} when the ledger has none, or several. */
export async function findQuote(context: Context, text: string, address: QuoteAddress): Promise<FoundQuote> {
  const { ledger, config } = context;
  const ofOrder = await quoteOfOrder(ledger, text);
  if (ofOrder) return ofOrder;
  const tenant = tenantIn(context, address.tenant);
  const cpqs = Object.keys(config.policy.tenants[tenant]?.cpqs ?? {});
  const [found, ...others] = await quotesNamed(ledger, text, { tenant, cpq: address.cpq, cpqs });
  if (found && others.length === 0) return found;
  if (found)
    throw new Refused(
      `${text} is the name of ${others.length + 1} quotes.`,
      [found, ...others].map(({ quote }) => commandLine(`lineage ${quote.id} --cpq ${quote.cpq}`, config.stage)).join('\n'),
    );
  throw new Refused(
    `Tenant ${tenant} has no order and no quote ${text}.`,
    [
      `${commandLine('orders list', config.stage)}    shows the orders`,
      `${commandLine('quarantine list', config.stage)}    shows the events that were rejected`,
      '--tenant T    looks in another tenant',
    ].join('\n'),
  );
}
