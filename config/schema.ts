import * as z from 'zod';
import { currency, decimal } from '../contracts/money.ts';
import { type Policy, policy } from '../contracts/policy.ts';
import { CPQ } from '../contracts/queues.ts';
import { country, identifier } from '../contracts/quote.ts';
import { isSamePerson } from '../contracts/tasks.ts';

/** Days that CloudWatch Logs accepts as a retention period, of those that make sense here. */
const logRetentionDays = z.literal([1, 3, 7, 14, 30, 60, 90, 180, 365]);

/**
 * How many calls of a function run at once. For consumers of a queue it is the event source's maximum concurrency (2-1000 in AWS);
 * for `erp` and `tax`, which the state machine calls, it is reserved concurrency and unset means unreserved. `order` has no entry:
 * Settle runs there, and a throttled Settle fails its execution.
 */
const concurrency = z.strictObject({
  intake: z.int().min(2).max(1000).default(5),
  cpq: z.int().min(2).max(1000).default(2),
  run: z.int().min(2).max(1000).default(5),
  wake: z.int().min(2).max(1000).default(2),
  deliver: z.int().min(2).max(1000).default(2).describe('for each subscriber'),
  erp: z.int().min(1).max(1000).optional(),
  tax: z.int().min(1).max(1000).optional(),
});

/**
 * A quote of one line that may become an order at any time: of a tenant whose ERP is a test system. Its customer and product are
 * mapped like any other (`quotebridge reference set`).
 */
const smoke = z.strictObject({
  tenant: identifier,
  cpq: identifier.describe('a connection of vendor "canonical"'),
  region: identifier,
  businessUnit: identifier,
  customer: identifier.describe('account number in the CPQ'),
  country,
  currency,
  product: identifier.describe('product code in the CPQ'),
  listPrice: decimal.describe('per unit, in the currency; within the tolerance of the list price in the ERP'),
});

/**
 * Every region, business unit and tenant that the rules name, with those that there are: a misspelt name would be a rule for nobody.
 * A region or business unit is there when a route or a connection of a tenant names it.
 */
function namedInRules({ tenants, rules }: Policy): { path: string[]; names: string[]; known: string[] }[] {
  const places = Object.values(tenants).flatMap(({ routes, cpqs }) => [...routes, ...Object.values(cpqs)]);
  const placesOf = (key: 'region' | 'businessUnit'): string[] =>
    [...new Set(places.map((place) => place[key]))].filter((name) => name !== '*').sort();
  const known = { regions: placesOf('region'), businessUnits: placesOf('businessUnit'), tenants: Object.keys(tenants) };
  const named = (['regions', 'businessUnits', 'tenants'] as const).map((level) => ({
    path: [level],
    names: Object.keys(rules[level]),
    known: known[level],
    overlays: Object.entries(rules[level]).map(([name, overlay]) => ({ path: [level, name], overlay })),
  }));
  const overlays = [{ path: ['default'], overlay: rules.default }, ...named.flatMap((level) => level.overlays)];
  const conditions = overlays.flatMap(({ path, overlay }) =>
    Object.entries(overlay.approvals ?? {}).flatMap(([id, rule]) =>
      (['regions', 'businessUnits'] as const).map((key) => ({
        path: [...path, 'approvals', id, 'when', key],
        names: rule?.when[key] ?? [],
        known: known[key],
      })),
    ),
  );
  return [...named, ...conditions];
}

/**
 * Salesforce connections that do not read what the approval matrix of their tenant is about: payment terms and families would never match, and
 * nobody would know who asked for the terms, who may not approve them.
 */
const withoutTerms = ({ tenants, rules }: Policy): string[][] =>
  Object.entries(tenants).flatMap(([tenant, { cpqs }]) => {
    const wider = [rules.default, ...Object.values(rules.regions), ...Object.values(rules.businessUnits)];
    const asked = wider.flatMap(({ approvals = {} }) => Object.entries(approvals)).flatMap(([id, rule]) => (rule ? [[id, rule] as const] : []));
    const matrix = Object.values({ ...Object.fromEntries(asked), ...rules.tenants[tenant]?.approvals });
    if (matrix.every((rule) => !rule)) return [];
    return Object.entries(cpqs).flatMap(([name, { vendor, terms }]) =>
      vendor === 'salesforce' && !terms ? [['tenants', tenant, 'cpqs', name, 'terms']] : [],
    );
  });

/** Is there a person for each of these groups, another one for each? */
const seated = ([members, ...groups]: readonly (readonly string[])[], taken: readonly string[] = []): boolean =>
  members === undefined || members.some((person) => !taken.some((other) => isSamePerson(person, other)) && seated(groups, [...taken, person]));

/**
 * Rules of the matrix that could never be approved in full: each of several approvers is another person, and a deputy counts as its member. How
 * many people a `*` stands for nobody knows.
 */
function withoutPeople({ rules, owners }: Policy): string[][] {
  const levels = (['regions', 'businessUnits', 'tenants'] as const).flatMap((level) =>
    Object.entries(rules[level]).map(([name, overlay]) => ({ path: [level, name], approvals: overlay.approvals })),
  );
  return [{ path: ['default'], approvals: rules.default.approvals }, ...levels].flatMap(({ path, approvals = {} }) =>
    Object.entries(approvals).flatMap(([id, rule]) => {
      const groups = (rule?.approvers ?? []).map((group) => owners[group].members);
      const counted = groups.filter((members) => members.length > 0 && !members.some((one) => one.endsWith('*')));
      const fewestFirst = counted.toSorted((a, b) => a.length - b.length);
      return seated(fewestFirst) ? [] : [['rules', ...path, 'approvals', id, 'approvers']];
    }),
  );
}

/** One deployment of Quotebridge: where it runs, what it keeps and which policy it follows. */
export const stageConfig = z
  .strictObject({
    stage: z
      .string()
      .regex(/^[a-z][a-z0-9]{0,11}$/, 'expected 1 to 12 lower-case letters and digits, a letter first')
      .describe('part of every resource name, so several stages fit in one account'),
    cloud: z.enum(['aws', 'localstack', 'ministack']),
    architecture: z.enum(['arm64', 'x86_64']).default('arm64'),
    env: z.strictObject({
      account: z.string().regex(/^\d{12}$/, 'expected an AWS account id of 12 digits'),
      region: z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, 'expected an AWS region such as "eu-central-1"'),
    }),
    retention: z.enum(['retain', 'destroy']).describe('what happens to tables and documents when the stack is removed'),
    ledgerTable: z
      .string()
      .regex(/^ledger(-[a-z0-9]{1,12})?$/, 'expected "ledger" or "ledger-" with 1 to 12 lower-case letters and digits')
      .default('ledger')
      .describe('the table of the ledger; another name after it was restored from a backup (docs/runbooks/operations.md)'),
    logRetentionDays: logRetentionDays.default(30),
    alarmEmail: z.email().optional(),
    docsUrl: z.url().optional().describe('where the folder docs of this repository can be read; alarms link to its runbooks'),
    concurrency: concurrency.prefault({}),
    salesforceEventSource: z
      .string()
      .regex(/^aws\.partner\/salesforce\.com\/[^/]+\/[^/]+$/, 'expected "aws.partner/salesforce.com/<organisation>/<relay>"')
      .optional()
      .describe('partner event source of a Salesforce Event Relay: a second entrance beside the inbound bus'),
    producerAccounts: z
      .array(z.string().regex(/^\d{12}$/, 'expected an AWS account id of 12 digits'))
      .default([])
      .describe('other accounts that may put events on the inbound bus'),
    smoke: smoke.optional().describe('the quote that `quotebridge doctor --smoke` sends'),
    policy,
  })
  .superRefine((config, context) => {
    const issue = (path: (string | number)[], message: string) => context.addIssue({ code: 'custom', path, message });
    const erps = Object.keys(config.policy.erps);
    for (const [name, { routes }] of Object.entries(config.policy.tenants)) {
      routes.forEach(({ erp }, index) => {
        if (!erps.includes(erp))
          issue(['policy', 'tenants', name, 'routes', index, 'erp'], `expected one of the ERP instances ${erps.join(', ')}, received "${erp}"`);
      });
    }
    for (const { path, names, known } of namedInRules(config.policy))
      for (const name of names)
        if (!known.includes(name)) issue(['policy', 'rules', ...path], `expected one of ${known.join(', ')}, received "${name}"`);
    for (const path of withoutTerms(config.policy))
      issue(['policy', ...path], 'expected true: the approval matrix of this tenant needs payment term, families, costs and who asked for the terms');
    for (const path of withoutPeople(config.policy))
      issue(
        ['policy', ...path],
        'expected groups with another person for each: nobody approves twice, so the question could never be answered in full',
      );
    if (config.policy.subscribers[CPQ]) issue(['policy', 'subscribers', CPQ], `expected another name: "${CPQ}" is the write-back into the CPQ`);
    const { smoke } = config;
    if (smoke && config.policy.tenants[smoke.tenant]?.cpqs[smoke.cpq]?.vendor !== 'canonical')
      issue(['smoke', 'cpq'], `expected a connection of tenant "${smoke.tenant}" with vendor "canonical", received "${smoke.cpq}"`);
    if (config.cloud !== 'aws' && config.producerAccounts.length > 0) issue(['producerAccounts'], 'expected none: local clouds have one account');
    if (config.cloud !== 'aws' && config.salesforceEventSource)
      issue(['salesforceEventSource'], 'expected none: local clouds have no partner event sources');
  });

export type StageConfig = z.infer<typeof stageConfig>;
/** What a configuration file exports: fields with a default may be left out. */
export type StageConfigInput = z.input<typeof stageConfig>;
