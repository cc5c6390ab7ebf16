import * as z from 'zod';
import { CAMPAIGNS } from './settings.ts';

const count = z.int().min(0);
const counts = z.record(z.string(), count);

/** What holds for the orders of every campaign that makes orders. */
const verdict = z.object({
  orders: count,
  completed: count,
  /** Orders that were undone or reversed, and orders that never were to be made. */
  cancelled: count.default(0),
  /** Orders that wait for a person in the end, by code. */
  waiting: counts,
  duplicates: count,
  lost: count,
  /** Orders that somebody had to touch. */
  touched: count,
});
export type Verdict = z.infer<typeof verdict>;

/** What a campaign looked at that makes no orders in an ERP, such as random histories in its own process, and how often something was wrong. */
const search = z.object({ looked: count, at: z.string(), violations: count });
export type Search = z.infer<typeof search>;

/** What one campaign found: its verdict, and what else is worth knowing as lines of a table. */
const findings = z.object({ verdict: z.union([verdict, search]), lines: z.array(z.tuple([z.string(), z.string()])) });
export type Findings = z.infer<typeof findings>;

const row = findings.extend({
  seed: count,
  seconds: count,
  /** ISO 8601 in UTC, when it ended. */
  at: z.string(),
  commit: z.string(),
  machine: z.string(),
  cloud: z.string(),
});
export type Row = z.infer<typeof row>;

/** The newest run of all campaigns in one go, by one command. */
const together = z.object({ held: count, seed: count, seconds: count, at: z.string(), commit: z.string(), machine: z.string() });
export type Together = z.infer<typeof together>;

/** docs/reliability.json: the newest long run of each campaign, and of all together. */
export const reliability = z.object({ together: together.optional(), rows: z.partialRecord(z.enum(CAMPAIGNS), row) });
export type Reliability = z.infer<typeof reliability>;

export const findingsFile = findings.extend({ seconds: count });
