/** What a run of the tests found. */
export interface Results {
  tiers: Record<string, { passed: number; failed: number; skipped: number; milliseconds: number }>;
  /** Names of the tests that were skipped, sorted. */
  skipped: string[];
  /** Errors outside of any test. */
  unhandled: number;
}

interface Totals {
  passed: number;
  failed: number;
  skipped: number;
}

export function totals(results: Results): Totals {
  const sum = { passed: 0, failed: results.unhandled, skipped: 0 };
  for (const tier of Object.values(results.tiers)) {
    sum.passed += tier.passed;
    sum.failed += tier.failed;
    sum.skipped += tier.skipped;
  }
  return sum;
}

/** The last line of every test command. */
export const verdict = ({ passed, failed, skipped }: Totals): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;

/** One line for each tier. */
export function tierLines(results: Results): string[] {
  return Object.entries(results.tiers).map(([name, tier]) => `  ${name.padEnd(14)} ${verdict(tier)} (${(tier.milliseconds / 1000).toFixed(1)} s)`);
}

/** Whether it is a test that needs a browser, which a machine may lack. */
export const needsBrowser = (name: string): boolean => name.startsWith('test/browser/');

/** How the tests that were skipped differ from the committed list; empty when they are the same. */
export function skipDifferences(skipped: string[], committed: string[]): string[] {
  return [
    ...skipped.filter((name) => !committed.includes(name)).map((name) => `skipped, but not listed: ${name}`),
    ...committed.filter((name) => !skipped.includes(name)).map((name) => `listed, but not skipped: ${name}`),
  ];
}
