import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '../../contracts/envelope.ts';

interface Put {
  readonly source: string;
  readonly 'detail-type': string;
  readonly detail?: unknown;
}

/** What was put on a bus, as a rule of EventBridge puts it into a queue. */
export const fromRule = (put: Put, time = new Date().toISOString()): string =>
  JSON.stringify({ version: '0', id: randomUUID(), ...put, account: '000000000000', time, region: 'us-east-1', resources: [] });

/** ... an event of the business bus. */
export const fromBusinessRule = (event: CloudEvent<unknown>): string =>
  fromRule({ source: event.source, 'detail-type': event.type, detail: event }, event.time);
