import { describe, expect, test } from 'vitest';
import { random } from '../../local/northwind/random.ts';
import type { Row } from '../campaigns/support/figures.ts';
import { parseOptions } from '../campaigns/support/options.ts';
import { reliabilityPage } from '../campaigns/support/page.ts';
import { drawQuotes } from '../campaigns/support/quotes.ts';
import { CAMPAIGNS, wantsItAlone } from '../campaigns/support/settings.ts';
import { tally } from '../campaigns/support/verdict.ts';

describe('npm run campaigns', () => {
  test('runs every row in its long form when nothing is said, with a seed of its own', () => {
    expect(parseOptions([])).toEqual({ names: [...CAMPAIGNS], form: 'long', seed: expect.any(Number), part: 1 });
  });

  test('takes rows, a seed and the short form', () => {
    expect(parseOptions(['faults', 'kill', '--seed', '7', '--short'])).toEqual({ names: ['kill', 'faults'], form: 'short', seed: 7, part: 1 });
  });

  test.each([
    [['floods'], 'There is no campaign floods.'],
    [['--seed', 'x'], '--seed takes a number of at most 9 digits, not "x".'],
    [['--part', '0'], '--part takes a percentage, 1 to 100, not "0".'],
    [['--seed'], "Option '--seed <value>' argument missing."],
    [['--fast'], "Unknown option '--fast'."],
  ])('says of %j what is wrong, and how it is called', (args, wrong) => {
    expect(parseOptions(args)).toEqual({ wrong: expect.stringMatching(/^[\s\S]*npm run campaigns/) });
    expect(parseOptions(args)).toEqual({ wrong: expect.stringContaining(wrong) });
  });
});

test('a seed draws the same quotes again, another one others', () => {
  const drawn = (seed: number) => drawQuotes(20, random(seed)).map(({ header, customer }) => [header.id, customer]);
  expect(drawn(1)).toEqual(drawn(1));
  expect(drawn(1)).not.toEqual(drawn(2));
  expect(new Set(drawn(1).map(([id]) => id)).size).toBe(20);
});

test('codes are counted and sorted', () => {
  expect(tally(['b', 'a', 'b'])).toEqual({ a: 1, b: 2 });
});

test('the page has a row and a section for each campaign that has figures', () => {
  const row: Row = {
    verdict: { orders: 3, completed: 1, cancelled: 1, waiting: { PLATFORM_RUN_DIED: 1 }, duplicates: 0, lost: 0, touched: 0 },
    lines: [['calls', '7']],
    seed: 42,
    seconds: 200,
    at: '2026-11-27T10:00:00.000Z',
    commit: 'abc',
    machine: '2 cores',
    cloud: 'a local cloud',
  };
  const page = reliabilityPage({ rows: { kill: row } });
  expect(page).toContain('| [The process is killed](#kill) | 3 | 1 | 1 | 1 x PLATFORM_RUN_DIED | 0 | 0 | 0 | 3 min | 2026-11-27 |');
  expect(page).toContain('npm run campaigns -- kill --seed 42');
  expect(page).not.toContain('## flood');
  expect(page).not.toContain('in one run');
  const together = { held: CAMPAIGNS.length, seed: 7, seconds: 4200, at: row.at, commit: 'abc', machine: '2 cores' };
  expect(reliabilityPage({ rows: { kill: row }, together })).toContain(
    'All 16 campaigns held in one run of 70 min: `npm run campaigns -- --seed 7`, ended 2026-11-27 10:00 UTC, commit abc; 2 cores.',
  );
});

test('campaigns that need no more than the tables of a local cloud, or nothing, run beside the others', () => {
  expect(CAMPAIGNS.filter((name) => !wantsItAlone(name))).toEqual(['ledger', 'exploration', 'histories', 'stalled', 'schedules']);
});
