import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import type * as z from 'zod';
import type { Findings, findingsFile } from './figures.ts';
import { type CampaignName, readSettings } from './settings.ts';

export const settings = readSettings();
const { form, names, seed, part, figures } = settings;

/** What a person types to have the same again. */
export const again = (some: readonly string[]): string =>
  [`npm run campaigns -- ${some.join(' ')} --seed ${seed}`, part < 1 && `--part ${Math.round(100 * part)}`, form === 'short' && '--short']
    .filter(Boolean)
    .join(' ');

/** Runs a campaign, and keeps its figures once everything that it must show holds. */
async function run(name: CampaignName, campaign: () => Promise<Findings>): Promise<void> {
  const began = Date.now();
  const found = await campaign().catch((error: Error) => {
    throw new Error(`${error.message}\nThe same plan again: ${again([name])}`, { cause: error });
  });
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log([`${name}: ${JSON.stringify(found.verdict)} in ${seconds} s`, ...found.lines.map((line) => `  ${line.join(': ')}`)].join('\n'));
  if (!figures) return;
  mkdirSync(figures, { recursive: true });
  writeFileSync(join(figures, `${name}.json`), JSON.stringify({ ...found, seconds } satisfies z.infer<typeof findingsFile>));
}

/** A campaign as a test, if it was asked for. */
export function campaign(name: CampaignName, what: string, work: () => Promise<Findings>): void {
  if (names.includes(name)) test(what, () => run(name, work));
}
