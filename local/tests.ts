import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { CHROMIUM_CURE, findChromium } from './browser.ts';
import { home, root } from './paths.ts';
import { runAttached } from './processes.ts';
import { needsBrowser, type Results, skipDifferences, tierLines, totals, verdict } from './results.ts';
import type { CloudName } from './state.ts';

interface TestOptions {
  /** Tiers of vitest.config.ts; all when left out. */
  tiers?: string[];
  cloud?: CloudName;
  /** More arguments for vitest, e.g. a file or `-t NAME`. */
  args?: string[];
  /** More variables for the tests. */
  env?: Readonly<Record<string, string>>;
}

/** Runs tiers in the foreground. @returns what they found; a runner that broke down counts as one failure */
export async function runTiers({ tiers = [], cloud = 'ministack', args = [], env: more = {} }: TestOptions): Promise<Results> {
  const file = join(home, `results-${randomUUID()}.json`); // of this run: another may be under way
  const vitest = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...tiers.flatMap((tier) => ['--project', tier]), ...args];
  const env = { ...process.env, ...more, QUOTEBRIDGE_HOME: home, QUOTEBRIDGE_CLOUD: cloud, QUOTEBRIDGE_RESULTS: file };
  const code = await runAttached(process.execPath, vitest, { cwd: root, env });
  const results: Results = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : { tiers: {}, skipped: [], unhandled: 0 };
  rmSync(file, { force: true });
  // Broke down, or found nothing to run: neither is a success.
  const { passed, failed } = totals(results);
  if (failed === 0 && (code !== 0 || passed === 0)) results.unhandled += 1;
  return results;
}

/** Runs tiers by themselves, prints the verdict. @returns the exit code */
export async function runAlone(options: TestOptions): Promise<number> {
  const found = totals(await runTiers(options));
  console.log(verdict(found));
  return found.failed === 0 ? 0 : 1;
}

/** Prints what a whole run on a cloud found: by tier, what was skipped against the committed list, the verdict as the last line. @returns the exit code */
export function conclude(results: Results, cloud: CloudName): number {
  const committed = (JSON.parse(readFileSync(join(root, 'test', 'skips.json'), 'utf8')) as Record<CloudName, string[]>)[cloud];
  // People may do without the tests in a browser; CI may not.
  const browserless = findChromium() === undefined && !process.env.CI;
  const differences = skipDifferences(
    results.skipped.filter((name) => !(browserless && needsBrowser(name))),
    committed,
  );
  console.log(`\nTiers on ${cloud}:\n${tierLines(results).join('\n')}`);
  console.log(
    results.skipped.length === 0 ? `Skipped on ${cloud}: none` : `Skipped on ${cloud}:\n${results.skipped.map((name) => `  ${name}`).join('\n')}`,
  );
  if (results.skipped.some(needsBrowser)) console.log(`No Chromium was found; with one the tests in test/browser run:\n  ${CHROMIUM_CURE}`);
  for (const difference of differences) console.log(`test/skips.json does not agree: ${difference}`);
  const found = totals(results);
  found.failed += differences.length > 0 ? 1 : 0;
  console.log(verdict(found));
  return found.failed === 0 ? 0 : 1;
}
