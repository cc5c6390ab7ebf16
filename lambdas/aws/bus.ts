import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { CloudEvent } from '../../contracts/envelope.ts';

/** EventBridge takes 10 entries a call. */
const ENTRIES = 10;

/** PutEvents answers 200 also when it took nothing: the refused entries are in the answer. */
class PublishRefused extends Error {
  override readonly name = 'PublishRefused';
  readonly code = 'PUBLISH_FAILED';
}

export type Publish = (events: readonly CloudEvent<unknown>[]) => Promise<void>;

/** Puts CloudEvents on a bus in structured mode. Throws PublishRefused when an entry was not taken. */
export function publisher(bus: string, client = new EventBridgeClient({}), deadlineMs = 5000): Publish {
  return async (events) => {
    for (let from = 0; from < events.length; from += ENTRIES) {
      const entries = events.slice(from, from + ENTRIES).map((event) => ({
        EventBusName: bus,
        Source: event.source,
        DetailType: event.type,
        Detail: JSON.stringify(event),
        Time: new Date(event.time),
      }));
      const answer = await client.send(new PutEventsCommand({ Entries: entries }), { abortSignal: AbortSignal.timeout(deadlineMs) });
      if (answer.FailedEntryCount) {
        const codes = [...new Set((answer.Entries ?? []).flatMap((entry) => entry.ErrorCode ?? []))];
        throw new PublishRefused(`${answer.FailedEntryCount} of ${entries.length} entries refused: ${codes.join(', ')}`);
      }
    }
  };
}
