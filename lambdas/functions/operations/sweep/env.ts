import * as z from 'zod';

/** Environment of this function; the stack and the handler both read it from here. */
export const env = z.object({
  LEDGER_TABLE: z.string().min(1),
  RUNTIME_TABLE: z.string().min(1),
  RUN_QUEUE_URL: z.string().min(1),
  BUSINESS_BUS: z.string().min(1),
});
