import * as z from 'zod';
import { decimal } from './money.ts';
import { country, identifier } from './quote.ts';
import { owners, rules } from './rules.ts';

const seconds = z.int().min(1);

/** An ERP instance: which vendor, where its secret is, how many runs it bears at once (rule 6). */
export const erpInstance = z.object({
  vendor: z.enum(['tryton', 'simulator']),
  secretName: z.string().min(1).describe('Secrets Manager: {"url","database","username","password"}'),
  maxInFlight: z.int().min(1).max(100).describe('live runs at once; the others wait in the ledger'),
});

/** A CPQ connection of a tenant. `org` is what the vendor calls its tenant in its events. */
export const cpqConnection = z.object({
  vendor: z.enum(['salesforce', 'canonical']),
  org: z.string().min(1).optional().describe('Salesforce organisation id, as in the event source aws.partner/salesforce.com/<org>/<relay>'),
  secretName: z.string().min(1).optional().describe('Secrets Manager: {"url","clientId","clientSecret"}'),
  terms: z
    .boolean()
    .optional()
    .describe(
      'salesforce only: read payment term, product families, costs and sales representative too, for the approval matrix; the integration user needs to see these fields. When it is switched, a quote of before that comes again has other content: QUOTE_CONTENT_CHANGED',
    ),
  sources: z
    .array(z.string().min(1))
    .optional()
    .describe(
      'canonical only: prefixes of the event sources that may speak for this tenant; left out, whoever may put events on the inbound bus may',
    ),
  writeBack: z
    .boolean()
    .optional()
    .describe('salesforce only: orders are shown in the record of their quote, in the fields of docs/write-back.md; false where it has none'),
  region: identifier.describe('region of quotes that carry none'),
  businessUnit: identifier.describe('business unit of quotes that carry none'),
});

export const tenant = z.object({
  cpqs: z.record(identifier, cpqConnection),
  routes: z
    .array(z.object({ region: identifier.or(z.literal('*')), businessUnit: identifier.or(z.literal('*')), erp: identifier }))
    .min(1)
    .describe('the first that matches names the ERP instance; it is pinned when the quote is accepted'),
});

export const subscriber = z.object({
  secretName: z.string().min(1).describe('Secrets Manager: {"url","signingSecret"}; Standard Webhooks'),
  events: z
    .array(z.string().regex(/^(order|task)\./, 'expected a prefix that begins with "order." or "task."'))
    .default(['order.'])
    .describe('prefixes of event types; "task.": what groups of people are asked'),
});

/** Data that decides, apart from code: validated at synth, bundled with the functions, its hash recorded with each run (rule 14). */
export const policy = z.object({
  tenants: z.record(identifier, tenant),
  erps: z.record(identifier, erpInstance),
  subscribers: z.record(identifier, subscriber),
  rules: rules.describe('what may differ by region, business unit and tenant'),
  owners: owners.describe('who decides: the groups that codes and approvals name'),
  tax: z.object({
    sellerCountry: country,
    ossCountries: z.array(country).describe('countries whose own rate applies to a sale from abroad (EU one-stop shop); others are exports at 0'),
    rates: z.record(country, decimal).describe('standard VAT rate in percent'),
  }),
  times: z.object({
    runLimit: seconds.describe('after this a run is looked at: is its execution still alive?'),
    runTimeout: seconds.describe('TimeoutSeconds of the state machine; Powertools records expire just after'),
    deathBackoff: seconds.describe('first wait after a run that died; doubles'),
    probes: z.array(seconds).min(1).describe('an order that ever had an unknown effect is looked up again after these'),
    lookAgain: seconds.describe('the sweeper looks again at an order that stands in line, or that waits for a mapping'),
    sweepEvery: seconds,
  }),
  limits: z.object({ eventBytes: z.int().min(1024).max(1_000_000) }),
});
export type Policy = z.infer<typeof policy>;
export type ErpInstance = z.infer<typeof erpInstance>;
export type CpqConnection = z.infer<typeof cpqConnection>;

/** Whether a quote of this connection has a record that shows its order. */
export const writesBack = ({ vendor, writeBack }: Pick<CpqConnection, 'vendor' | 'writeBack'>): boolean =>
  vendor !== 'canonical' && writeBack !== false;
export type Subscriber = z.infer<typeof subscriber>;
export type TaxPolicy = Policy['tax'];
