import type { SQSRecord } from 'aws-lambda';
import { Webhook } from 'standardwebhooks';
import * as z from 'zod';
import { envelope } from '../../../../contracts/envelope.ts';
import { ALL_EVENTS, orderSnapshot } from '../../../../contracts/events.ts';
import { callVendor } from '../../../gateway/call.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { acknowledged } from '../../../ledger/deliveries.ts';
import type { Ledger } from '../../../ledger/ledger.ts';

/** A subscriber has this long to answer. */
const DEADLINE_MS = 8000;

export const endpoint = z.object({ url: z.url(), signingSecret: z.string().min(16) });
export type Endpoint = z.infer<typeof endpoint>;

export interface DeliverDeps {
  readonly ledger: Ledger;
  readonly endpointOf: (subscriber: string) => Promise<Endpoint>;
}

const fromBus = z.object({ detail: envelope.extend({ type: z.enum(ALL_EVENTS.map(({ type }) => type)), data: orderSnapshot }) });

/**
 * One event to one subscriber, as a signed webhook (Standard Webhooks): the id is the event's, so a repeat is recognisable, and the
 * snapshot has its sequence, so an old one moves nobody back. Throws VendorError when it was not acknowledged.
 */
export async function deliver({ ledger, endpointOf }: DeliverDeps, subscriber: string, body: unknown): Promise<void> {
  const { detail } = fromBus.parse(body);
  const { url, signingSecret } = await endpointOf(subscriber);
  const payload = JSON.stringify(detail);
  const now = new Date();
  const headers = {
    'content-type': 'application/cloudevents+json',
    'webhook-id': detail.id,
    'webhook-timestamp': String(Math.floor(now.getTime() / 1000)),
    'webhook-signature': new Webhook(signingSecret).sign(detail.id, now, payload),
  };
  const profile = { name: subscriber, unavailable: 'SUBSCRIBER_UNAVAILABLE', unknown: 'SUBSCRIBER_UNAVAILABLE' } as const;
  const answer = await callVendor(profile, { method: 'POST', url, headers, body: payload, deadlineMs: DEADLINE_MS, effect: 'write' });
  if (answer.status >= 300) throw new VendorError('SUBSCRIBER_REFUSED', 'refused', `${subscriber} answered ${answer.status}`);
  await acknowledged(ledger, detail.data.orderKey, subscriber, detail.data.sequence);
}

/** Longest and shortest wait between two tries of one message, in seconds. */
const LONGEST = 900;
const SHORTEST = 5;

/** The wait doubles with the age of the message; receive counts are not trusted, they survive a redrive on some clouds. */
export function backOff(record: Pick<SQSRecord, 'attributes'>, now: number): number {
  const age = Math.floor((now - Number(record.attributes.SentTimestamp)) / 1000);
  return Math.max(SHORTEST, Math.min(LONGEST, age));
}
