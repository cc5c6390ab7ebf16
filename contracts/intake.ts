import * as z from 'zod';
import { identifier } from './quote.ts';

/** An EventBridge event as a rule puts it on a queue, as far as the intake reads it. */
export const inboundEvent = z.object({
  source: z.string().max(256),
  'detail-type': z.string().max(128),
  /** Written by EventBridge: the account that put the event. */
  account: z.string().max(20).optional(),
  detail: z.unknown(),
});
export type InboundEvent = z.infer<typeof inboundEvent>;

/** One record of a CPQ to fetch; `original` is what named it, to be submitted again when the fetch is refused for good. */
export const cpqMessage = z.object({
  tenant: identifier,
  cpq: identifier,
  recordId: z.string().min(1).max(64),
  change: z.string().max(64),
  original: inboundEvent,
});
export type CpqMessage = z.infer<typeof cpqMessage>;

/** Event source of what the connector of a CPQ puts on the inbound bus. */
export const connectorSource = (tenant: string, cpq: string): string => `quotebridge/cpq/${tenant}/${cpq}`;
