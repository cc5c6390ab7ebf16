import * as z from 'zod';
import { identifier, quoteHeader } from '../../contracts/quote.ts';
import { orderKey } from '../../contracts/workflow.ts';
import { orderKeyOf } from './identity.ts';

/** Whose a message is, for people and tools; nothing is decided on it. */
export interface Labels {
  readonly tenant?: string | undefined;
  readonly orderKey?: string | undefined;
  readonly correlationId?: string | undefined;
}

const quoteIdentity = quoteHeader.pick({ cpq: true, id: true, revision: true });
const correlation = z.string().min(1).max(200);

/** undefined: not JSON. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const fields = (value: unknown): Record<string, unknown> => (typeof value === 'object' && value !== null ? { ...value } : {});
const read = <T>(schema: z.ZodType<T>, value: unknown): T | undefined => schema.safeParse(value).data;

/** What can be read of a message of any queue, or of what was meant to be one: an event, a record of a CPQ, `{orderKey}`, `{cause}`. */
export function labelsOf(text: string): Labels {
  const message = fields(jsonOf(text));
  const event = fields(message.detail);
  const data = fields(event.data);
  const tenantOfCause = typeof message.cause === 'string' ? message.cause.split('#')[0] : undefined;
  const tenant = read(identifier, message.tenant ?? event.tenant ?? tenantOfCause);
  const quote = read(quoteIdentity, data.quote);
  return {
    tenant,
    orderKey: read(orderKey, message.orderKey ?? data.orderKey) ?? (tenant && quote && orderKeyOf(tenant, quote.cpq, quote.id, quote.revision)),
    correlationId: read(correlation, event.correlationid ?? event.id),
  };
}
