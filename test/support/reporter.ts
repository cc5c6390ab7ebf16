import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Reporter, TestModule } from 'vitest/node';
import type { Results } from '../../local/results.ts';

const empty = () => ({ passed: 0, failed: 0, skipped: 0, milliseconds: 0 });

/** Counts by tier and names what was skipped, for the command that started the tests (QUOTEBRIDGE_RESULTS is the file it reads). */
export default class TierReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly unknown[]): void {
    const file = process.env.QUOTEBRIDGE_RESULTS;
    if (!file) return;
    const results: Results = { tiers: {}, skipped: [], unhandled: unhandled.length };
    for (const module of modules) count(module, results);
    results.skipped.sort();
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, JSON.stringify(results, null, 2));
  }
}

function count(module: TestModule, results: Results): void {
  results.tiers[module.project.name] ??= empty();
  const tier = results.tiers[module.project.name] ?? empty();
  tier.milliseconds += module.diagnostic().duration;
  for (const test of module.children.allTests()) {
    const { state } = test.result();
    if (state === 'passed') tier.passed += 1;
    else if (state === 'skipped') {
      tier.skipped += 1;
      results.skipped.push(`${module.relativeModuleId} > ${test.fullName}`);
    } else tier.failed += 1;
  }
  // A file or a suite that broke before or after its tests counts, though no test of it failed.
  const broken = [module, ...module.children.allSuites()].filter((one) => one.errors().length > 0).length;
  tier.failed += broken;
}
