import { Webhook } from 'standardwebhooks';
import * as z from 'zod';
import { envelope } from '../../../../contracts/envelope.ts';
import { ORDER_EVENTS, orderSnapshot, TASK_EVENTS } from '../../../../contracts/events.ts';
import { METRIC } from '../../../../contracts/metrics.ts';
import { count } from '../../../aws/metrics.ts';
import { definitionOf } from '../../../domain/event-type.ts';
import { parsed } from '../../../domain/rejected.ts';
import { callVendor } from '../../../gateway/call.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { acknowledged } from '../../../ledger/deliveries.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import type { Endpoint } from './endpoint.ts';

/** A subscriber has this long to answer. */
const DEADLINE_MS = 8000;

/** Answers of a subscriber that may be another one later: it was too slow to read, or wants the request again. 429 is the gateway's. */
const LATER = new Set([408, 425]);
const isForGood = (status: number): boolean => status >= 400 && status < 500 && !LATER.has(status);
/** The signature was not accepted: the secret may have been renewed since it was read. */
const UNAUTHORIZED = new Set([401, 403]);

export interface DeliverDeps {
  readonly ledger: Ledger;
  readonly endpointOf: (subscriber: string) => Promise<Endpoint>;
  /** The endpoint is read anew for the next delivery. */
  readonly forgetEndpoint: (subscriber: string) => void;
}

/** As little as a delivery needs: an event of an older or a newer deployment goes out as it was written. */
const ofOrder = orderSnapshot.pick({ orderKey: true, sequence: true }).loose();
const fromBus = z.object({ detail: envelope.extend({ data: z.union([ofOrder, z.object({ owner: z.string() }).loose()]) }).loose() });

/**
 * One event to one subscriber, as a signed webhook (Standard Webhooks): the id is the event's, so a repeat is recognisable, and the
 * snapshot has its sequence, so an old one moves nobody back.
 * @throws VendorError when it was not acknowledged: SUBSCRIBER_UNAVAILABLE, or SUBSCRIBER_REFUSED for good; Rejected for what is no event
 */
export async function deliver({ ledger, endpointOf, forgetEndpoint }: DeliverDeps, subscriber: string, body: unknown): Promise<void> {
  const { detail } = parsed(fromBus, body);
  definitionOf([...ORDER_EVENTS, ...TASK_EVENTS], detail.type);
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
  const { status } = await callVendor(profile, { method: 'POST', url, headers, body: payload, deadlineMs: DEADLINE_MS, effect: 'write' });
  if (UNAUTHORIZED.has(status)) forgetEndpoint(subscriber);
  if (status >= 300)
    throw new VendorError(isForGood(status) ? 'SUBSCRIBER_REFUSED' : 'SUBSCRIBER_UNAVAILABLE', 'refused', `${subscriber} answered ${status}`);
  count(METRIC.delivered(subscriber));
  const order = ofOrder.safeParse(detail.data).data;
  if (order) await acknowledged(ledger, order.orderKey, subscriber, order.sequence);
}
