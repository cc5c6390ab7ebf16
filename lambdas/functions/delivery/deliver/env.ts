import * as z from 'zod';

/** Environment of this function; the stack and the handler both read it from here. */
export const env = z.object({
  LEDGER_TABLE: z.string().min(1),
  /** JSON object: queue ARN -> {name of the subscriber, url of the queue}. */
  SUBSCRIBER_QUEUES: z.string().min(2),
});
