import { randomInt } from 'node:crypto';
import * as z from 'zod';

/** On the deployed stacks, the ERPs and their proxies. */
const ON_THE_STACK = [
  'kill',
  'flood',
  'ledger',
  'faults',
  'replay',
  'steps',
  'undo',
  'revisions',
  'decisions',
  'deaths',
  'deploy',
  'restore',
] as const;
/** The real functions in the process of the test, which needs no environment. */
export const IN_PROCESS = ['exploration', 'histories', 'stalled', 'schedules'] as const;
/** The rows of docs/reliability.md, in their order. */
export const CAMPAIGNS = [...ON_THE_STACK, ...IN_PROCESS] as const;
export type CampaignName = (typeof CAMPAIGNS)[number];

/** The file that runs a campaign. */
export const fileOf = (name: CampaignName): string =>
  `test/campaigns/${(ON_THE_STACK as readonly string[]).includes(name) ? 'campaigns' : 'in-process'}.test.ts`;
export const needsEnvironment = (name: CampaignName): boolean => (ON_THE_STACK as readonly string[]).includes(name);
/** It changes what others stand on: functions, proxies, the load of the ERPs. `ledger` has tables and messages of its own. */
export const wantsItAlone = (name: CampaignName): boolean => needsEnvironment(name) && name !== 'ledger';

/** The largest seed that `npm run campaigns` draws by itself: short enough to be typed again. */
const SEEDS = 1_000_000;
export const newSeed = (): number => randomInt(1, SEEDS);

/**
 * What the command tells the tests that run the campaigns, by the environment variable QUOTEBRIDGE_CAMPAIGNS in JSON. Without it, as in
 * `npm test`, all of them run in their short form with a seed of their own.
 */
const settings = z.object({
  /** short: a few orders on the ERP simulator, the sweeper called by the test. long: the figures of docs/reliability.md. */
  form: z.enum(['short', 'long']).default('short'),
  names: z.array(z.enum(CAMPAIGNS)).default([...CAMPAIGNS]),
  /** Everything that is random in a campaign comes from it; what the machine decides, such as which call comes first, does not. */
  seed: z.int().min(0).default(newSeed),
  /** Of the long form only this part, greater than 0 and at most 1; a part writes no figures. */
  part: z.number().positive().max(1).default(1),
  /** Folder for the figures of each campaign that held, `<name>.json`. */
  figures: z.string().optional(),
});
export type Settings = z.infer<typeof settings>;

export const SETTINGS_VARIABLE = 'QUOTEBRIDGE_CAMPAIGNS';
export const readSettings = (): Settings => settings.parse(JSON.parse(process.env[SETTINGS_VARIABLE] ?? '{}'));
