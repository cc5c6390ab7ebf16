import * as z from 'zod';
import { CAUSE_KINDS } from './reference.ts';

/** 20 characters of Crockford's base32: 100 bits (rule 1). */
export const orderKey = z.string().regex(/^[0-9A-HJKMNP-TV-Z]{20}$/, 'an order key: 20 characters of base32');

/** The small message that starts a run; retry, hold, correction, operator and sweeper all send it. */
export const runMessage = z.object({ orderKey });
export type RunMessage = z.infer<typeof runMessage>;

/** The small message that wakes every order that waits for a cause. */
export const causeMessage = z.object({
  cause: z
    .string()
    .max(400)
    .regex(new RegExp(`^[^\\s#]+#[^\\s#]+#(${CAUSE_KINDS.join('|')})#[^\\s#]+$`), '<tenant>#<erp>#<kind>#<code>'),
});

/** Input of an execution: nothing else travels through the state machine. */
export const executionInput = z.object({ orderKey, run: z.int().min(1) });
export type ExecutionInput = z.infer<typeof executionInput>;

export const STEPS = [
  'check-customer',
  'map-products',
  'price-and-shipping',
  'estimate-tax',
  'check-policy',
  'create-draft',
  'record-tax',
  'confirm-order',
  'complete',
  'settle',
  'void-tax',
  'cancel-draft',
] as const;
export type Step = (typeof STEPS)[number];

/** What the state machine gives to a function. `error` is the name that a Catch saw; only Settle gets it. */
export const stepInput = executionInput.extend({ action: z.enum(STEPS), error: z.string().max(200).optional() });
export type StepInput = z.infer<typeof stepInput>;

/** What Settle answers to the state machine. */
export const settleAnswer = z.object({ next: z.enum(['undo', 'stop']) });
export type SettleAnswer = z.infer<typeof settleAnswer>;
