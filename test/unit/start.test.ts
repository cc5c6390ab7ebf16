import { describe, expect, it } from 'vitest';
import type { Head } from '../../lambdas/domain/head.ts';
import { expectation, parseOptions } from '../../local/feed/options.ts';
import { announcements } from '../../local/feed/relay.ts';
import { counter, Pace, settled, tally } from '../../local/feed/tally.ts';
import { Patience } from '../../local/feed/watch.ts';
import { quotes } from '../../local/northwind/quotes.ts';
import { head, waiting } from './report-fixtures.ts';

describe('the command line of npm start', () => {
  it('sends 60 quotes unless it says otherwise', () => {
    expect(parseOptions([], 830)).toEqual({ quotes: 60, keep: false });
  });

  it('takes a number, all of them, and keep', () => {
    expect(parseOptions(['--quotes', '25'], 830)).toEqual({ quotes: 25, keep: false });
    expect(parseOptions(['--all', '--keep'], 830)).toEqual({ quotes: 830, keep: true });
  });

  it.each([
    [['--quotes', '0'], '1 to 830'],
    [['--quotes', '831'], '1 to 830'],
    [['--quotes=1e2'], '1 to 830'],
    [['--quotes=-3'], '1 to 830'],
    [['--quotes', 'many'], '"many"'],
    [['--quotes'], "'--quotes <value>' argument missing"],
    [['--quote', '5'], "Unknown option '--quote'"],
    [['25'], "Unexpected argument '25'"],
    [['--all', '--quotes', '5'], 'exclude each other'],
  ])('says what is wrong with %j, and how to write it', (args, what) => {
    const { wrong } = parseOptions(args, 830) as { wrong: string };
    expect(wrong).toContain(what);
    expect(wrong).toContain('npm start [-- OPTIONS]');
  });

  it('says beforehand how long all quotes take', () => {
    expect(expectation(830, 830)).toContain('10 to 17 minutes');
    expect(expectation(60, 830)).toContain('about 3 minutes');
  });
});

describe('the counter while orders flow', () => {
  const heads: Head[] = [
    head('A', { state: 'completed' }),
    waiting('B', 'PRODUCT_INACTIVE'),
    waiting('C', 'PRODUCT_INACTIVE', { run: { ...head('C').run, active: true } }),
    waiting('D', 'ERP_UNAVAILABLE', { wait: { kind: 'vendor', code: 'ERP_UNAVAILABLE', since: '2026-01-01T00:00:00.000Z', times: 1 } }),
    head('E', { state: 'drafted' }),
  ];

  it('knows the end of what is at rest or waits for a person, and of nothing that still runs', () => {
    expect(heads.filter(settled).map(({ quote }) => quote.number)).toEqual(['Q-A', 'Q-B']);
  });

  it('counts a completed order with a call in flight as not settled', () => {
    const open = { action: 'confirm-order', attempt: 'x', at: '', settleAt: '', payloadHash: '' } as const;
    expect(settled(head('A', { state: 'completed', open }))).toBe(false);
  });

  it('counts by code, rejected quotes too', () => {
    expect(tally(8, heads, ['CPQ_REFUSED'])).toEqual({
      total: 8,
      accepted: 5,
      completed: 1,
      waiting: { PRODUCT_INACTIVE: 2, ERP_UNAVAILABLE: 1, CPQ_REFUSED: 1 },
      settled: 3,
    });
  });

  it('shows counts, rate and time left in one line', () => {
    expect(counter(tally(8, heads, []), 8, 0.5)).toBe(
      '8 sent, 5 accepted, 1 completed, 0.5/s, 12 s left, 3 waiting: 2 PRODUCT_INACTIVE, 1 ERP_UNAVAILABLE',
    );
    expect(counter(tally(8, [], []), 3, undefined)).toBe('3 sent, 0 accepted, 0 completed, 0 waiting');
  });

  it('takes the rate from the last minute, so that a slow start does not spoil it', () => {
    const pace = new Pace();
    expect(pace.perSecond(0, 0)).toBeUndefined();
    expect(pace.perSecond(4, 50_000)).toBeUndefined();
    expect(pace.perSecond(6, 60_000)).toBeCloseTo(0.1);
    expect(pace.perSecond(66, 120_000)).toBeCloseTo(1);
  });
});

describe('patience', () => {
  it('ends with the time for that many quotes', () => {
    const patience = new Patience(60, 0);
    for (let second = 0; second <= 480; second++) expect(patience.over(second + 1, second * 1000)).toBeUndefined();
    expect(patience.over(1000, 481_000)).toMatch(/the time for this many quotes, 8 minutes, is over/);
  });

  it('ends when no order changes any more', () => {
    const patience = new Patience(830, 0);
    expect(patience.over(5, 100_000)).toBeUndefined();
    expect(patience.over(5, 280_000)).toBeUndefined();
    expect(patience.over(5, 280_001)).toMatch(/no order has changed for 3 minutes/);
  });
});

describe('what is announced', () => {
  it('names every quote once and a tenth twice', () => {
    const all = announcements(
      '00DNORTHWIND00000',
      quotes.slice(0, 60).map(({ header }) => header.id),
    );
    expect(new Set(all.flatMap(({ recordIds }) => recordIds)).size).toBe(60);
    expect(all.filter(({ repeated }) => repeated)).toHaveLength(6);
    for (const { recordIds, entry } of all) expect(JSON.parse(entry.Detail).payload.ChangeEventHeader.recordIds).toEqual(recordIds);
  });
});
