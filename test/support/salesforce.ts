import { expect } from 'vitest';
import { CPQ } from '../../contracts/queues.ts';
import { recipientsOf } from '../../lambdas/domain/recipients.ts';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import type { Fault } from '../../local/vendors/salesforce/control.ts';
import { type Change, changeEvent } from '../../local/vendors/salesforce/events.ts';
import { type RecordOptions, records } from '../../local/vendors/salesforce/records.ts';
import { part } from './environment.ts';
import { loadedPolicy } from './policy.ts';
import { poll } from './poll.ts';
import { ordersOf } from './receivers.ts';
import type { Stage } from './stage.ts';

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${part('salesforce').url}/__control/${path}`, { method, ...(body !== undefined && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`the Salesforce simulator answered ${answer.status} to ${method} ${path}`);
  return answer.json();
}

/** What the record of a quote shows of its order. */
interface Shown {
  readonly QB_Order_Key__c?: string;
  readonly QB_Revision__c?: number;
  readonly QB_Sequence__c?: number;
  readonly QB_State__c?: string;
}
const recordOf = (id: string): Promise<Shown | null> => control('GET', `records/SBQQ__Quote__c/${id}`) as Promise<Shown | null>;

/** The Salesforce organisation of a tenant: people change quotes in it, its relay announces that. */
export function createSalesforce(stage: Stage, tenant: string) {
  const event = async (change: Omit<Change, 'org'>) => {
    const { Source, DetailType, Detail } = changeEvent({ org: await orgOf(tenant), ...change });
    return { source: Source, 'detail-type': DetailType, detail: JSON.parse(Detail) as unknown };
  };
  return {
    event,
    put: (quotes: readonly NorthwindQuote[], options: RecordOptions = {}) => control('PUT', 'records', records(quotes, options)),
    setStatus: (quote: NorthwindQuote, status: string) => control('PATCH', `records/SBQQ__Quote__c/${quote.header.id}`, { SBQQ__Status__c: status }),
    remove: (quote: NorthwindQuote) => control('DELETE', `records/SBQQ__Quote__c/${quote.header.id}`),
    record: (quote: NorthwindQuote) => recordOf(quote.header.id),
    /** Plans faults of the simulator, instead of those that are planned. */
    faults: (...faults: readonly Fault[]) => control('PUT', 'faults', faults),
    /** Announces changes in this order. */
    announce: async (...changes: readonly Omit<Change, 'org'>[]): Promise<void> => stage.put(...(await Promise.all(changes.map(event)))),
  };
}

/** Where the record of a quote shows something else than the order of its highest revision is in the ledger; `records` were compared. */
async function differences(stage: Stage, tenants: readonly string[] | undefined): Promise<{ records: number; found: string[] }> {
  const policy = await loadedPolicy();
  const heads = (await ordersOf(stage, tenants)).filter((head) => recipientsOf(policy, head)[CPQ]);
  const compared = heads.map(async ({ orderKey, tenant, seq, state, quote }) => {
    const { highest } = await stage.ledger.readQuote(tenant, quote.cpq, quote.id);
    if (highest?.orderKey !== orderKey) return [];
    const shown = await recordOf(quote.id);
    const same = shown?.QB_Order_Key__c === orderKey && shown.QB_Sequence__c === seq && shown.QB_State__c === state;
    return [same ? '' : `${orderKey}: ${state} at ${seq} in the ledger, ${shown?.QB_State__c} at ${shown?.QB_Sequence__c} in record ${quote.id}`];
  });
  const lines = (await Promise.all(compared)).flat();
  return { records: lines.length, found: lines.filter(Boolean) };
}

/** The record of every quote of these tenants, or of all, shows what the ledger has, or will within `seconds`. @returns how many records */
export async function everyRecordAgrees(stage: Stage, tenants?: readonly string[], seconds = 120): Promise<number> {
  let last: Awaited<ReturnType<typeof differences>> = { records: 0, found: ['nothing was compared'] };
  await poll(
    'every record of the CPQ shows what the ledger has',
    async () => {
      last = await differences(stage, tenants);
      return last.found.length === 0;
    },
    { seconds, every: 1000 },
  ).catch(() => undefined); // what differs says more than that time is over
  expect(last.found).toEqual([]);
  return last.records;
}

async function orgOf(tenant: string): Promise<string> {
  const org = (await loadedPolicy()).tenants[tenant]?.cpqs.salesforce?.org;
  if (!org) throw new Error(`tenant ${tenant} has no Salesforce organisation`);
  return org;
}
