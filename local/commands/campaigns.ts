import { existsSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { findingsFile } from '../../test/campaigns/support/figures.ts';
import { parseOptions } from '../../test/campaigns/support/options.ts';
import { writeFigures, writeTogether } from '../../test/campaigns/support/page.ts';
import {
  CAMPAIGNS,
  type CampaignName,
  fileOf,
  needsEnvironment,
  SETTINGS_VARIABLE,
  type Settings,
  wantsItAlone,
} from '../../test/campaigns/support/settings.ts';
import { BRING_UP_PHASES, bringUp } from '../bring-up.ts';
import { refuseRemoteEndpoint } from '../cloud/endpoint.ts';
import { command } from '../command.ts';
import { stopOwnEnvironment } from '../environment.ts';
import { home } from '../paths.ts';
import { Progress } from '../progress.ts';
import { versions } from '../report/versions.ts';
import { totals, verdict } from '../results.ts';
import { runTiers } from '../tests.ts';

const folder = join(home, 'campaigns');
/** As it was before the page is written, which is a change itself. */
const { Quotebridge: commit = '' } = versions();

/** Runs campaigns in one go of their own. @returns whether they held; the figures of each are in `folder` then */
async function runTogether(settings: Settings): Promise<boolean> {
  const env = { [SETTINGS_VARIABLE]: JSON.stringify({ ...settings, figures: folder } satisfies Settings) };
  const found = totals(await runTiers({ tiers: ['campaigns'], args: [...new Set(settings.names.map(fileOf))], env }));
  console.log(verdict(found));
  return found.failed === 0;
}

/** Runs campaigns one after the other; one that fails does not stop the others. @returns those that failed */
async function runInTurn(settings: Settings, signal: AbortSignal): Promise<CampaignName[]> {
  const failed: CampaignName[] = [];
  for (const name of settings.names) {
    const held = await runTogether({ ...settings, names: [name] });
    signal.throwIfAborted();
    if (!held) failed.push(name);
    else if (settings.part === 1) publish(name, settings.seed);
  }
  return failed;
}

/** In the long form those that want the environment for themselves run one after the other, and the others beside them. @returns those that failed */
async function runAll(settings: Settings, signal: AbortSignal): Promise<CampaignName[]> {
  if (settings.form === 'short') return (await runTogether(settings)) ? [] : settings.names;
  const lanes = [settings.names.filter(wantsItAlone), settings.names.filter((name) => !wantsItAlone(name))];
  return (await Promise.all(lanes.map((names) => runInTurn({ ...settings, names }, signal)))).flat();
}

/** The load tells whether the campaigns had the machine for themselves: by themselves they make some per core. */
function machine(): string {
  const load = `load average ${loadavg()[2]?.toFixed(1)} over 15 minutes`;
  return `${availableParallelism()} cores, ${Math.round(totalmem() / 1024 ** 3)} GB, ${load}, Node ${process.versions.node}`;
}

/** Puts the figures of a long run into docs/reliability.md. */
function publish(name: CampaignName, seed: number): void {
  const file = join(folder, `${name}.json`);
  if (!existsSync(file)) return;
  const { MiniStack, Tryton } = versions(); // now that they are installed
  const cloud = `MiniStack ${MiniStack}, Tryton ${Tryton?.split(' ')[0]} on SQLite`;
  const findings = findingsFile.parse(JSON.parse(readFileSync(file, 'utf8')));
  writeFigures(name, { ...findings, seed, at: new Date().toISOString(), commit, machine: machine(), cloud });
  console.log(`docs/reliability.md: the row of ${name} is new.`);
}

/**
 * Kills, loses and restarts against an environment of its own, and counts in the ERP's own database. Each campaign replaces its row of
 * docs/reliability.md if everything held; in the short form they run side by side, as in `npm test`, and write nothing.
 */
await command(
  async (signal) => {
    const options = parseOptions(process.argv.slice(2));
    if ('wrong' in options) {
      console.error(options.wrong);
      return 2;
    }
    refuseRemoteEndpoint();
    rmSync(folder, { recursive: true, force: true });
    const began = Date.now();
    try {
      const progress = new Progress(BRING_UP_PHASES);
      if (options.names.some(needsEnvironment)) await bringUp(progress, { cloud: { name: 'ministack' }, port: 0, signal });
      const failed = await runAll(options, signal);
      const { names, form, seed, part } = options;
      const held = names.length - failed.length;
      console.log(`\n${held} of ${names.length} campaigns held in ${progress.elapsed()}; seed ${seed}.`);
      if (failed.length > 0) console.log(`Not: ${failed.join(', ')}.`);
      if (form === 'long' && part === 1 && held === CAMPAIGNS.length) {
        const seconds = Math.round((Date.now() - began) / 1000);
        writeTogether({ held, seed, seconds, at: new Date().toISOString(), commit, machine: machine() });
      }
      return failed.length === 0 ? 0 : 1;
    } finally {
      await stopOwnEnvironment();
    }
  },
  async () => 'Nothing is left running; the next run starts over.',
);
