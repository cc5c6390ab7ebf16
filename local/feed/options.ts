import { parseArgs } from 'node:util';

export interface StartOptions {
  /** How many accepted quotes are sent, the oldest first. */
  readonly quotes: number;
  /** Leaves everything running at the end. */
  readonly keep: boolean;
}

const DEFAULT_QUOTES = 60;

const usage = (available: number): string =>
  [
    'npm start [-- OPTIONS]',
    `  --quotes N   sends the first N accepted quotes, 1 to ${available} (${DEFAULT_QUOTES} when left out)`,
    `  --all        sends all ${available}`,
    '  --keep       leaves everything running at the end; npm run down stops it',
  ].join('\n');

/** The command line of `npm start`, or what is wrong with it and how to write it. */
export function parseOptions(args: string[], available: number): StartOptions | { readonly wrong: string } {
  const wrong = (what: string) => ({ wrong: `${what}\n${usage(available)}` });
  try {
    const options = { quotes: { type: 'string' }, all: { type: 'boolean', default: false }, keep: { type: 'boolean', default: false } } as const;
    const { quotes, all, keep } = parseArgs({ args, options }).values;
    if (all && quotes !== undefined) return wrong('--quotes and --all exclude each other.');
    if (all) return { quotes: available, keep };
    if (quotes === undefined) return { quotes: Math.min(DEFAULT_QUOTES, available), keep };
    const number = /^\d+$/.test(quotes) ? Number(quotes) : 0;
    if (number < 1 || number > available) return wrong(`--quotes takes a number from 1 to ${available}, not "${quotes}".`);
    return { quotes: number, keep };
  } catch (error) {
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error;
    return wrong(`${(error as Error).message.split('. ')[0]}.`);
  }
}

/** How long a run takes as a rule, beside bringing up: the ERP confirms about one order a second, measured on 2 cores. */
export function expectation(quotes: number, available: number): string {
  if (quotes === available) return "This takes 10 to 17 minutes, most of it the ERP's own time.";
  const minutes = Math.ceil((60 + quotes * 1.2) / 60);
  return `This takes about ${minutes} minutes; the first run takes 2 minutes more, for what it installs.`;
}
