import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, it } from 'vitest';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Fact } from '../../lambdas/ledger/append.ts';
import type { Quarantined } from '../../lambdas/ledger/quarantine.ts';
import { countSales } from '../../local/erp/count.ts';
import { compareErp, compareReceiver } from '../../local/report/compare.ts';
import { report } from '../../local/report/data.ts';
import { histogram } from '../../local/report/histogram.ts';
import { ofOthers } from '../../local/report/observe.ts';
import { page } from '../../local/report/page.ts';
import { bins, duration, percentile } from '../../local/report/statistics.ts';
import { summaryText, verdictText } from '../../local/report/summary.ts';
import { completed, goodReport, goodRun, head, keyOf, receiverOf, salesOf, waiting } from './report-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

const sale = (letter: string, state: string, number: string | null = '1') => ({ id: 7, reference: `${keyOf(letter)}.0`, number, state });

describe('percentile', () => {
  it('is a value that occurred, by nearest rank', () => {
    const values = Array.from({ length: 20 }, (_, at) => 20 - at);
    expect([percentile(values, 0.5), percentile(values, 0.95), percentile(values, 1)]).toEqual([10, 19, 20]);
    expect(percentile([3], 0.95)).toBe(3);
    expect(percentile([], 0.5)).toBeUndefined();
  });
});

describe('bins of the histogram', () => {
  it.each([[[0.4, 2.2, 3.1]], [[12, 48, 71]], [[1, 600, 830]], [[5]], [[10, 20]]])('hold every one of %j in at most 12 of one width', (values) => {
    const all = bins(values);
    expect(all.reduce((sum, { count }) => sum + count, 0)).toBe(values.length);
    expect(all.length).toBeLessThanOrEqual(12);
    expect(all.at(-1)?.to).toBeGreaterThanOrEqual(Math.max(...values));
  });

  it('are none where nothing was completed', () => {
    expect(bins([])).toEqual([]);
    expect(histogram([])).toContain('no order');
  });
});

it.each([
  [4.24, '4.2 s'],
  [59.4, '59 s'],
  [60, '1 min 00 s'],
  [725, '12 min 05 s'],
])('a duration of %d s is written %s', (seconds, text) => {
  expect(duration(seconds)).toBe(text);
});

describe('the ERP against the ledger', () => {
  const differences = (order: ReturnType<typeof head>, ...sales: ReturnType<typeof sale>[]) => compareErp([order], salesOf(...sales));

  it('agrees where a completed order is one confirmed sale of its number, a draft a draft, a waiting order nothing', () => {
    expect(differences(completed('A', '1'), sale('A', 'processing'))).toEqual([]);
    expect(differences(completed('A', '1'), sale('A', 'done'), sale('A', 'cancelled', null))).toEqual([]);
    expect(differences(head('A', { state: 'drafted' }), sale('A', 'draft', null))).toEqual([]);
    expect(differences(waiting('A', 'CUSTOMER_UNKNOWN'))).toEqual([]);
    expect(differences(head('A', { state: 'cancelled' }), sale('A', 'cancelled', null))).toEqual([]);
  });

  it('names the key of a completed order that the ERP does not have, has as a draft, twice, or under another number', () => {
    expect(differences(completed('A', '1'))).toEqual([`${keyOf('A')}: completed in the ledger, so one order (1); the ERP has none`]);
    expect(differences(completed('A', '1'), sale('A', 'draft', null))).toEqual([expect.stringContaining('the ERP has draft id 7')]);
    expect(differences(completed('A', '1'), sale('A', 'done'), sale('A', 'processing'))).toEqual([expect.stringContaining('done 1, processing 1')]);
    expect(differences(completed('A', '1'), sale('A', 'processing', '2'))).toEqual([expect.stringContaining('the ERP has processing 2')]);
  });

  it('names an order in the ERP of which the ledger says that there is none, or knows nothing', () => {
    expect(differences(waiting('A', 'CUSTOMER_UNKNOWN'), sale('A', 'processing'))).toEqual([expect.stringContaining('so none; the ERP has')]);
    expect(differences(completed('A', '1'), sale('A', 'done'), sale('B', 'done'))).toEqual([`${keyOf('B')}: in the ERP, and not in the ledger`]);
  });
});

describe('orders of other tenants in the same ERP', () => {
  const other = { ...completed('B', '2'), tenant: 'acme' };

  it('are those that the ledger has for another tenant, and no others', async () => {
    const { ledger } = ledgerWith([completed('A', '1'), other]);
    expect(await ofOthers(ledger, 'northwind', [keyOf('A'), keyOf('B'), keyOf('C')])).toEqual(new Set([keyOf('B')]));
  });

  it('are not counted: neither their sales nor what a subscriber knows of them', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'sales-')), 'erp.sqlite');
    const database = new DatabaseSync(file);
    database.exec('CREATE TABLE sale_sale (id INTEGER, reference TEXT, number TEXT, state TEXT)');
    for (const [id, letter] of ['A', 'B', 'B', 'C'].entries())
      database.exec(`INSERT INTO sale_sale VALUES (${id}, '${keyOf(letter)}.0', '1', 'done')`);
    database.close();
    const sales = countSales(file, new Set([keyOf('B')]));
    expect([sales.duplicates, sales.states]).toEqual([[], { done: 2 }]);
    expect(compareErp([completed('A', '1')], sales)).toEqual([`${keyOf('C')}: in the ERP, and not in the ledger`]);
    const { facts } = goodRun().observed;
    const without = new Map([...facts].filter(([key]) => key !== keyOf('C')));
    expect(compareReceiver(without, ['order.'], receiverOf(facts), new Set([keyOf('C')]))).toEqual([]);
  });
});

describe('a subscriber against the ledger', () => {
  const { facts } = goodRun().observed;

  it('agrees where it knows the newest event of every order', () => {
    expect(compareReceiver(facts, ['order.'], receiverOf(facts))).toEqual([]);
  });

  it('names orders of which it knows nothing, an older event, other content, or too much', () => {
    const { orders, counters } = receiverOf(facts);
    const [a, b, c] = [keyOf('A'), keyOf('B'), keyOf('C')];
    const older = (facts.get(b) as Fact[])[1]?.event.data;
    const { [a]: known, ...without } = orders;
    const other = { ...known, state: 'cancelled', orderKey: a, sequence: 3 };
    expect(compareReceiver(facts, ['order.'], { counters, orders: without })).toEqual([`${a}: knows nothing, the ledger has event 3`]);
    expect(compareReceiver(facts, ['order.'], { counters, orders: { ...orders, [b]: older as typeof other } })).toEqual([
      `${b}: knows event 2, the ledger has event 3`,
    ]);
    expect(compareReceiver(facts, ['order.'], { counters, orders: { ...orders, [a]: other } })).toEqual([expect.stringContaining(a)]);
    expect(compareReceiver(new Map([...facts].filter(([key]) => key !== c)), ['order.'], { counters, orders })).toEqual([`${c}: not in the ledger`]);
  });

  it('owes only events that the subscriber asked for', () => {
    expect(compareReceiver(facts, ['invoice.'], { ...receiverOf(facts), orders: {} })).toEqual([]);
  });
});

describe('the report of a run', () => {
  it('is good where every quote is one order or has a reason', () => {
    const made = goodReport();
    expect(made).toMatchObject({ ok: true, unaccounted: [], erp: { orders: 2, duplicates: [], differences: [] } });
    expect(report.parse(JSON.parse(JSON.stringify(made)))).toEqual(JSON.parse(JSON.stringify(made)));
    expect(verdictText(made)).toBe('3 quotes: 2 orders in the ERP, 1 waiting with a reason, 0 unaccounted for, 0 differences.');
  });

  it('measures from the acceptance in the CPQ to completion, and the run by itself', () => {
    expect(goodReport().cycle).toEqual({ seconds: [20, 20], median: 20, p95: 20, run: 15 });
    expect(goodReport().times).toEqual({ bringUp: 29, firstOrder: 40, flow: 31, total: 61 });
  });

  it('says of each waiting order what to run next', () => {
    const run = goodRun();
    const cause = 'northwind#main#product#NWD-027';
    const heads = run.observed.heads.map((one) => (one.wait ? { ...one, wait: { ...one.wait, cause } } : one));
    const text = summaryText(goodReport({ observed: { ...run.observed, heads } }));
    expect(text).toContain('1 PRODUCT_UNMAPPED (data quality, master-data)');
    expect(text).toContain(`Q-C: detail of C\n        npx quotebridge tasks decide ${causeTaskId(cause)} correct --target CODE --reason TEXT`);
  });

  it('counts a rejected quote as one with a reason', () => {
    const run = goodRun();
    const entry: Quarantined = {
      id: 'x1',
      tenant: 'northwind',
      code: 'QUOTE_INVALID',
      detail: 'bad',
      source: 's',
      type: 't',
      original: { text: '' },
      at: '',
    };
    const quotes = [...run.quotes, { number: 'Q-D', orderKey: keyOf('D'), acceptedAt: 0 }];
    const made = goodReport({ quotes, rejected: new Map([[keyOf('D'), entry]]) });
    expect(made.ok).toBe(true);
    expect(made.waiting[1]?.orders[0]?.command).toBe('npx quotebridge quarantine show x1');
  });

  const bad: [string, (run: ReturnType<typeof goodRun>) => Partial<ReturnType<typeof goodRun>>, string][] = [
    [
      'a key has two orders in the ERP',
      () => ({ sales: salesOf(sale('A', 'done'), sale('A', 'done'), sale('B', 'done', '2')) }),
      'More than one order',
    ],
    ['the ERP lacks an order', () => ({ sales: salesOf(sale('A', 'done')) }), 'The ERP and the ledger differ'],
    ['a quote left no trace', (run) => ({ quotes: [...run.quotes, { number: 'Q-D', orderKey: keyOf('D'), acceptedAt: 0 }] }), 'Q-D (D'],
    ['the time was over', () => ({ gaveUp: 'no order has changed for 3 minutes' }), 'The run ended early: no order has changed'],
    [
      'a subscriber differs',
      (run) => ({ observed: { ...run.observed, receivers: { billing: { state: receiverOf(run.observed.facts), differences: ['K: late'] } } } }),
      'billing and the ledger differ:\n  K: late',
    ],
    [
      'an order still runs',
      (run) => ({
        observed: { ...run.observed, heads: run.observed.heads.map((one) => (one.wait ? { ...one, run: { ...one.run, active: true } } : one)) },
      }),
      'accepted, PRODUCT_UNMAPPED, run 1 under way',
    ],
  ];
  it.each(bad)('fails and says so where %s', (_, change, text) => {
    const made = goodReport(change(goodRun()));
    expect(made.ok).toBe(false);
    expect(summaryText(made)).toContain(text);
    expect(verdictText(made)).toContain('FAILED');
    expect(page(made)).toContain('Something is not as it should be');
  });
});

describe('the page', () => {
  it('needs nothing from elsewhere and runs no script', () => {
    const html = page(goodReport());
    expect(html).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
    expect(html).toContain('name="viewport"');
    expect(html).toContain('color-scheme: light dark');
  });

  it('shows counts, exceptions, times and versions', () => {
    const html = page(goodReport());
    for (const part of ['<b>3</b>quotes sent', '1 PRODUCT_UNMAPPED', '<svg', 'billing', 'v24.0.0']) expect(html).toContain(part);
  });

  it('takes text of vendors as text', () => {
    const run = goodRun();
    const heads = run.observed.heads.map((one) => (one.wait ? { ...one, wait: { ...one.wait, detail: '<img src=x onerror="alert(1)">' } } : one));
    expect(page(goodReport({ observed: { ...run.observed, heads } }))).toContain('&lt;img src=x onerror=&quot;alert(1)&quot;&gt;');
  });
});
