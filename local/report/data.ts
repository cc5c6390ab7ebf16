import * as z from 'zod';

const count = z.int().min(0);
const seconds = z.number().min(0);

/** A quote without an order in the ERP, and why. */
const exception = z.strictObject({
  quote: z.string(),
  orderKey: z.string(),
  detail: z.string(),
  cure: z.string(),
  command: z.string().optional().describe('what to run next; without it the order goes on by itself'),
});

const group = z.strictObject({
  code: z.string(),
  title: z.string(),
  class: z.string(),
  owner: z.string(),
  orders: z.array(exception).min(1),
});

const subscriber = z.strictObject({
  name: z.string(),
  received: count,
  applied: count,
  ignored: count.describe('repeated, or overtaken by a newer event'),
  refused: count.describe('with a bad signature, or no order event, or while it was down'),
  differences: z.array(z.string()).describe('orders of which it knows something else than the ledger'),
});

/** What `npm start` found: `report.json`, and everything that the page and the summary show. */
export const report = z.strictObject({
  version: z.literal(1),
  at: z.iso.datetime(),
  ok: z.boolean().describe('every quote is one order in the ERP or has a named reason, and nobody knows anything else'),
  versions: z.record(z.string(), z.string()),
  quotes: z.strictObject({ sent: count, events: count, repeated: count, merged: count, gaps: count }),
  erp: z.strictObject({
    orders: count.describe('confirmed sales with our key in the database of the ERP'),
    duplicates: z.array(z.string()).describe('order keys with more than one sale'),
    states: z.record(z.string(), count),
    differences: z.array(z.string()).describe('orders of which the ERP knows something else than the ledger'),
  }),
  waiting: z.array(group),
  unaccounted: z.array(z.string()).describe('quotes that are neither an order nor have a reason'),
  gaveUp: z.string().optional().describe('why the run ended before the end of every quote was known'),
  subscribers: z.array(subscriber),
  cycle: z.strictObject({
    seconds: z.array(seconds).describe('acceptance in the CPQ to completion, one for each completed order, sorted'),
    median: seconds.optional(),
    p95: seconds.optional(),
    run: seconds.optional().describe('median of the run that completed the order, without waiting for its turn'),
  }),
  times: z.strictObject({
    bringUp: seconds,
    firstOrder: seconds.optional().describe('from the start of the command to the first order confirmed in the ERP'),
    flow: seconds.describe('from the first quote sent to the end of the last'),
    total: seconds,
  }),
});
export type Report = z.infer<typeof report>;
export type WaitingGroup = z.infer<typeof group>;
