import { type Policy, writesBack } from '../../contracts/policy.ts';
import { CPQ } from '../../contracts/queues.ts';
import type { Head } from './head.ts';

/** Who has to hear of an order, and the prefixes of the types of events that each wants. */
export type Recipients = Readonly<Record<string, { readonly events: readonly string[] }>>;

/** The subscribers, and the CPQ where the quote has a record that shows its order. */
export function recipientsOf(
  { subscribers, tenants }: Pick<Policy, 'subscribers' | 'tenants'>,
  { tenant, quote }: Pick<Head, 'tenant' | 'quote'>,
): Recipients {
  const connection = tenants[tenant]?.cpqs[quote.cpq];
  return connection !== undefined && writesBack(connection) ? { ...subscribers, [CPQ]: { events: ['order.'] } } : subscribers;
}
