import { parseArgs } from 'node:util';
import { CAMPAIGNS, type CampaignName, newSeed, type Settings } from './settings.ts';

const usage = [
  'npm run campaigns [-- NAME... OPTIONS]',
  `  NAME       ${CAMPAIGNS.join(', ')}; all when left out`,
  '  --seed N   draws the same plan again; a new one when left out',
  '  --part P   of the long form only this percentage, and docs/reliability.md stays as it is',
  '  --short    a few orders each, and docs/reliability.md stays as it is',
].join('\n');

const isName = (name: string): name is CampaignName => (CAMPAIGNS as readonly string[]).includes(name);

/** The command line of `npm run campaigns`, or what is wrong with it and how to write it. */
export function parseOptions(args: string[]): Required<Omit<Settings, 'figures'>> | { readonly wrong: string } {
  const wrong = (what: string) => ({ wrong: `${what}\n${usage}` });
  try {
    const options = { seed: { type: 'string' }, part: { type: 'string', default: '100' }, short: { type: 'boolean', default: false } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const unknown = positionals.filter((name) => !isName(name));
    if (unknown.length > 0) return wrong(`There is no campaign ${unknown.join(', ')}.`);
    if (values.seed !== undefined && !/^\d{1,9}$/.test(values.seed)) return wrong(`--seed takes a number of at most 9 digits, not "${values.seed}".`);
    if (!/^([1-9]\d?|100)$/.test(values.part)) return wrong(`--part takes a percentage, 1 to 100, not "${values.part}".`);
    const names = CAMPAIGNS.filter((name) => positionals.length === 0 || positionals.includes(name));
    return { names, seed: Number(values.seed ?? newSeed()), part: Number(values.part) / 100, form: values.short ? 'short' : 'long' };
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error;
    return wrong(`${(error as Error).message.split('. ')[0]}.`);
  }
}
