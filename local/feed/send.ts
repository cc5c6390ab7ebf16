import type { RelayOptions } from './relay.ts';
import { announcements, ENTRIES, relay } from './relay.ts';

interface Sending {
  readonly relay: RelayOptions;
  /** URL of the CPQ's simulator. */
  readonly cpq: string;
  readonly recordIds: readonly string[];
  readonly signal: AbortSignal;
  /** Called with how many quotes were announced so far. */
  readonly sent: (quotes: number) => void;
}

export interface Sent {
  readonly events: number;
  /** Quotes that were announced a second time. */
  readonly repeated: number;
  /** Events that named several quotes, and events without field values. */
  readonly merged: number;
  readonly gaps: number;
  /** Record id -> when its customer accepted it, in milliseconds. */
  readonly acceptedAt: ReadonlyMap<string, number>;
}

/** The customer's signature: the CPQ stamps the record. @throws when the simulator refuses */
async function accept(cpq: string, recordId: string): Promise<void> {
  const body = JSON.stringify({ SBQQ__Status__c: 'Accepted' });
  const response = await fetch(`${cpq}/__control/records/SBQQ__Quote__c/${recordId}`, { method: 'PATCH', body });
  if (!response.ok) throw new Error(`the CPQ answered ${response.status} when record ${recordId} was accepted`);
}

/** Accepts quotes in the CPQ one after the other and announces each as its Event Relay does, as fast as the bus takes them. */
export async function sendQuotes({ relay: options, cpq, recordIds, signal, sent }: Sending): Promise<Sent> {
  const all = announcements(options.org, recordIds);
  const acceptedAt = new Map<string, number>();
  for (let from = 0; from < all.length; from += ENTRIES) {
    signal.throwIfAborted();
    const batch = all.slice(from, from + ENTRIES);
    for (const id of batch.flatMap((one) => one.recordIds)) {
      if (acceptedAt.has(id)) continue;
      await accept(cpq, id);
      acceptedAt.set(id, Date.now());
    }
    await relay(
      options,
      batch.map(({ entry }) => entry),
    );
    sent(acceptedAt.size);
  }
  return {
    events: all.length,
    repeated: all.filter((one) => one.repeated).length,
    merged: all.filter((one) => one.recordIds.length > 1).length,
    gaps: all.filter((one) => one.change === 'GAP_UPDATE').length,
    acceptedAt,
  };
}
