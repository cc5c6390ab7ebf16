import { createSalesforce } from '../../../lambdas/connectors/cpq/salesforce/index.ts';
import { quotes } from '../../../local/northwind/quotes.ts';
import type { Fault } from '../../../local/vendors/salesforce/control.ts';
import { records } from '../../../local/vendors/salesforce/records.ts';
import { localClient, type SalesforceOptions, start } from '../../../local/vendors/salesforce/server.ts';
import type { Records } from '../../../local/vendors/salesforce/store.ts';

export const [first, second, third] = quotes as [(typeof quotes)[number], (typeof quotes)[number], (typeof quotes)[number]];

/** A simulated organisation with the first three Northwind quotes, a connector on it, and what a test may do to it. */
export async function organisation(options: Partial<SalesforceOptions> = {}) {
  const server = await start({ org: '00DQb0000000001MAA', records: records([first, second, third]), ...options });
  const secret = { url: server.url, ...localClient };
  const control = async (method: string, path: string, body?: unknown): Promise<Record<string, number>> => {
    const answer = await fetch(`${server.url}/__control/${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    if (!answer.ok) throw new Error(`control ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as Record<string, number>;
  };
  return {
    server,
    secret,
    cpq: createSalesforce(secret, { cpq: 'salesforce' }),
    cpqWithTerms: createSalesforce(secret, { cpq: 'salesforce', terms: true }),
    record: (id: string) => control('GET', `records/SBQQ__Quote__c/${id}`) as Promise<unknown>,
    faults: (...faults: Fault[]) => control('PUT', 'faults', faults),
    revokeTokens: () => control('DELETE', 'tokens'),
    counters: () => control('GET', 'counters'),
    put: (rows: Records) => control('PUT', 'records', rows),
    patchQuote: (id: string, fields: object) => control('PATCH', `records/SBQQ__Quote__c/${id}`, fields),
    patchLine: (id: string, fields: object) => control('PATCH', `records/SBQQ__QuoteLine__c/${id}`, fields),
    remove: (object: string, id: string) => control('DELETE', `records/${object}/${id}`),
  };
}

export type Organisation = Awaited<ReturnType<typeof organisation>>;
