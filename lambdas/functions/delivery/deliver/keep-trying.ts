import type { SQSRecord } from 'aws-lambda';
import * as z from 'zod';
import { backOff, type DeliverDeps, deliver } from './deliver.ts';

/** Queue ARN -> the subscriber that it belongs to. */
export const subscriberQueues = z.record(z.string(), z.object({ name: z.string(), url: z.url() }));

/** Delivers, or sets the time of the next try and fails: the message stays in its queue. */
export async function keepTrying(
  deps: DeliverDeps,
  queues: z.infer<typeof subscriberQueues>,
  body: unknown,
  record: SQSRecord,
  hide: (queueUrl: string, seconds: number) => Promise<void>,
): Promise<void> {
  const subscriber = queues[record.eventSourceARN];
  if (!subscriber) throw new Error(`queue ${record.eventSourceARN} belongs to no subscriber`);
  try {
    await deliver(deps, subscriber.name, body);
  } catch (error) {
    await hide(subscriber.url, backOff(record, Date.now()));
    throw error;
  }
}
