import { randomInt } from 'node:crypto';
import * as z from 'zod';

/** The rows of docs/reliability.md, in the order in which the long form runs them. */
export const CAMPAIGNS = ['kill', 'flood', 'faults', 'replay'] as const;
export type CampaignName = (typeof CAMPAIGNS)[number];

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
  /** Folder for the figures of each campaign that held, `<name>.json`. */
  figures: z.string().optional(),
});
export type Settings = z.infer<typeof settings>;

export const SETTINGS_VARIABLE = 'QUOTEBRIDGE_CAMPAIGNS';
export const readSettings = (): Settings => settings.parse(JSON.parse(process.env[SETTINGS_VARIABLE] ?? '{}'));
