import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import { type Change, changeEvent } from '../../local/vendors/salesforce/events.ts';
import { type RecordOptions, records } from '../../local/vendors/salesforce/records.ts';
import { part } from './environment.ts';
import { loadedPolicy } from './policy.ts';
import type { Stage } from './stage.ts';

/** The Salesforce organisation of a tenant: people change quotes in it, its relay announces that. */
export function createSalesforce(stage: Stage, tenant: string) {
  const control = async (method: string, path: string, body: unknown): Promise<void> => {
    const answer = await fetch(`${part('salesforce').url}/__control/${path}`, { method, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(`the Salesforce simulator answered ${answer.status} to ${method} ${path}`);
  };
  const event = async (change: Omit<Change, 'org'>) => {
    const { Source, DetailType, Detail } = changeEvent({ org: await orgOf(tenant), ...change });
    return { source: Source, 'detail-type': DetailType, detail: JSON.parse(Detail) as unknown };
  };
  return {
    event,
    put: (quotes: readonly NorthwindQuote[], options: RecordOptions = {}): Promise<void> => control('PUT', 'records', records(quotes, options)),
    setStatus: (quote: NorthwindQuote, status: string): Promise<void> =>
      control('PATCH', `records/SBQQ__Quote__c/${quote.header.id}`, { SBQQ__Status__c: status }),
    /** Announces changes in this order. */
    announce: async (...changes: readonly Omit<Change, 'org'>[]): Promise<void> => stage.put(...(await Promise.all(changes.map(event)))),
  };
}

async function orgOf(tenant: string): Promise<string> {
  const org = (await loadedPolicy()).tenants[tenant]?.cpqs.salesforce?.org;
  if (!org) throw new Error(`tenant ${tenant} has no Salesforce organisation`);
  return org;
}
