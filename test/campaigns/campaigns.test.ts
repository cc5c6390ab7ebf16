import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, test } from 'vitest';
import type * as z from 'zod';
import { connectStage } from '../support/stage.ts';
import { faults } from './faults.ts';
import type { Findings, findingsFile } from './figures.ts';
import { flood } from './flood.ts';
import { intercept, type LedgerFaults } from './intercept.ts';
import { kill } from './kill.ts';
import { replay } from './replay.ts';
import { type CampaignName, readSettings } from './settings.ts';

const { form, names, seed, figures } = readSettings();
const stage = connectStage();
const world = { stage, form, seed };
/** Seconds that the ERP function may take in the short form, so that a lost answer is settled after 17 s instead of 47. */
const SHORT_TIMEOUT = 15;

let ledger: LedgerFaults;
/** The rules of the campaign `faults` meet every write at the ERP: in the short form the others begin when they are gone. */
const faultless = Promise.withResolvers<void>();

beforeAll(async () => {
  console.log(`Campaigns ${names.join(', ')}, ${form} form, seed ${seed}: npm run campaigns -- --seed ${seed}${form === 'short' ? ' --short' : ''}`);
  if (!names.includes('faults')) faultless.resolve();
  ledger = await intercept(stage, [{ name: 'QuoteToOrderErpFunction', timeoutSeconds: form === 'short' ? SHORT_TIMEOUT : undefined }]);
});
afterAll(() => ledger?.stop());

/** Runs a campaign, and keeps its figures once everything that it must show holds. */
async function run(name: CampaignName, campaign: () => Promise<Findings>): Promise<void> {
  const began = Date.now();
  const found = await campaign();
  const seconds = Math.round((Date.now() - began) / 1000);
  console.log([`${name}: ${JSON.stringify(found.verdict)} in ${seconds} s`, ...found.lines.map((line) => `  ${line.join(': ')}`)].join('\n'));
  if (!figures) return;
  mkdirSync(figures, { recursive: true });
  writeFileSync(join(figures, `${name}.json`), JSON.stringify({ ...found, seconds } satisfies z.infer<typeof findingsFile>));
}

function campaign(name: CampaignName, what: string, work: () => Promise<Findings>): void {
  if (names.includes(name)) test(what, () => run(name, work));
}

describe.concurrent('exactly one order each, none lost, touched by nobody:', () => {
  campaign('faults', 'answers are lost, late or refused', () => faults(world, faultless.resolve).finally(faultless.resolve)); // also when it fails before
  campaign('kill', 'the process is killed at six points of an effect', () => faultless.promise.then(() => kill(world, ledger)));
  campaign('replay', 'everything comes again out of the dead-letter queues, while processes die', () => replay(world));
  campaign('flood', 'many quotes come at once, some twice', () => faultless.promise.then(() => flood(world)));
});
