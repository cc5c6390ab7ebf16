import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { type Delivery, deliveries } from '../northwind/deliveries.ts';
import { changeEvent, type EventEntry } from '../vendors/salesforce/events.ts';

export interface RelayOptions {
  readonly events: EventBridgeClient;
  readonly bus: string;
  readonly org: string;
}

/** EventBridge takes 10 entries a call. */
export const ENTRIES = 10;

/** The relay's side of a CPQ: change events on the inbound bus. @throws when the bus refuses an entry */
export async function relay({ events, bus }: RelayOptions, entries: readonly EventEntry[]): Promise<void> {
  for (let from = 0; from < entries.length; from += ENTRIES) {
    const batch = entries.slice(from, from + ENTRIES).map((entry) => ({ EventBusName: bus, ...entry }));
    const { FailedEntryCount } = await events.send(new PutEventsCommand({ Entries: batch }));
    if (FailedEntryCount) throw new Error(`the inbound bus refused ${FailedEntryCount} of ${batch.length} events`);
  }
}

/** A change event as it goes on the bus, and what it announces. */
interface Announcement extends Delivery {
  readonly entry: EventEntry;
}

/** What a relay makes of these acceptances: a tenth announced twice, neighbours out of order, some merged, some as gaps. */
export const announcements = (org: string, recordIds: readonly string[]): Announcement[] =>
  deliveries(recordIds).map((delivery, n) => ({
    ...delivery,
    entry: changeEvent({ org, recordIds: delivery.recordIds, change: delivery.change, sequenceNumber: n + 1 }),
  }));
