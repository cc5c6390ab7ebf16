import { expect, test } from 'vitest';
import { skipDifferences, tierLines, totals, verdict } from '../../local/results.ts';

const results = {
  tiers: {
    unit: { passed: 20, failed: 0, skipped: 0, milliseconds: 900 },
    integration: { passed: 5, failed: 1, skipped: 2, milliseconds: 61_000 },
  },
  skipped: ['a', 'b'],
  unhandled: 1,
};

test('an error outside of any test is a failure', () => {
  expect(verdict(totals(results))).toBe('25 passed, 2 failed, 2 skipped');
});

test('the verdict names skipped tests only when there are some', () => {
  expect(verdict({ passed: 1, failed: 0, skipped: 0 })).toBe('1 passed, 0 failed');
});

test('each tier has a line with its counts and its time', () => {
  expect(tierLines(results)[1]).toMatch(/^ {2}integration +5 passed, 1 failed, 2 skipped \(61\.0 s\)$/);
});

test('a skipped test that is not listed is named, and so is a listed one that ran', () => {
  expect(skipDifferences(['a', 'new'], ['a', 'old'])).toEqual(['skipped, but not listed: new', 'listed, but not skipped: old']);
});
