import { describe, expect, it, vi } from 'vitest';
import type { Policy } from '../../contracts/policy.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { measure } from '../../lambdas/functions/operations/sweep/measure.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { openItem } from '../../lambdas/ledger/task-items.ts';
import { openTasks } from '../../lambdas/ledger/tasks.ts';
import { inTurn } from '../../lambdas/ledger/turns.ts';
import { accepted, inSeconds, NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';
import { asking, policy, taskIdOf } from './task-fixtures.ts';

vi.hoisted(() => Object.assign(process.env, { POWERTOOLS_METRICS_NAMESPACE: 'quotebridge-test', POWERTOOLS_SERVICE_NAME: 'operations-sweep' }));

const keys = (count: number): string[] => Array.from({ length: count }, (_, n) => String(n).padStart(20, '0'));
const minutes = (count: number): string[] => Array.from({ length: count }, (_, n) => inSeconds(60 * n));

describe('what there is too much of to look at it all at once', () => {
  it.each([
    [0, 1],
    [500, 1],
    [501, 2],
    [1200, 4],
    [4000, 8],
  ])('of %i each is looked at in one minute of %i, never many more than 500', (count, every) => {
    const looks = minutes(every).map((now) => inTurn(keys(count), 500, (key) => key, now));
    expect(new Set(looks.map((look) => look.every))).toEqual(new Set([every]));
    expect(looks.flatMap(({ items }) => items).toSorted()).toEqual(keys(count));
    expect(Math.max(...looks.map(({ items }) => items.length))).toBeLessThan(600);
  });

  it('20,000 come up once in 64 minutes', () => {
    expect(inTurn(keys(20_000), 500, (key) => key, NOW).every).toBe(64);
  });

  it('each is looked at in as many minutes as the largest number needs, though their number changes from minute to minute', () => {
    const few = keys(600);
    const counts = [3000, 600, 1200, 700, 2100, 600, 3900, 600];
    const seen = new Set(minutes(8).flatMap((now, n) => inTurn(keys(counts[n] ?? 0), 500, (key) => key, now).items));
    expect(few.filter((key) => !seen.has(key))).toEqual([]);
  });
});

/** So many orders, each with its question, and a clock that goes on. */
function world(count: number) {
  const heads = keys(count).map((orderKey): Head => asking('ERP_REFUSED', undefined, { ...accepted, orderKey }));
  const memory = ledgerWith(heads);
  for (const head of heads) memory.put(openItem(head));
  const clock = { now: NOW };
  const ledger = createLedger({ client: memory.client, table: 'ledger', now: () => new Date(clock.now) });
  const deps = { ledger, policy: { ...policy, erps: {} } as unknown as Policy };
  /** What each minute's look has read. */
  const look = async (times: number): Promise<number[]> => {
    const read: number[] = [];
    for (const now of minutes(times)) {
      clock.now = now;
      const { gets } = memory.log;
      await measure(deps);
      read.push(memory.log.gets - gets);
    }
    return read;
  };
  return { ...memory, heads, ledger, look };
}

describe('the sweeper looks at whether nobody is forgotten', () => {
  it('at every one of more orders than it reads in a minute: each is asked about within four', async () => {
    const { heads, items, ledger, look } = world(1200);
    const lost = [3, 400, 801, 1100, 1199].map((n) => heads[n] as Head);
    for (const head of lost) items.delete(`O#${head.orderKey} T#${taskIdOf(head)}`);
    await look(4);
    expect(await openTasks(ledger)).toHaveLength(1200);
  }, 30_000);

  it('at every one of more questions than it reads in a minute, and reads no more for it', async () => {
    const { heads, put, ledger, look } = world(2100);
    const stale = [1, 700, 1400, 2099].map((n) => ({
      ...openItem(heads[n] as Head),
      sk: `T#stale${n}`,
      id: `stale${n}`,
      dueAt: inSeconds(1e6),
      taskDue: inSeconds(1e6),
    }));
    for (const item of stale) put(item);
    const read = await look(4);
    expect((await openTasks(ledger)).filter(({ id }) => id.startsWith('stale'))).toEqual([]);
    // Of 2,100 orders a part, each with its question; of their questions a part, each with its order.
    expect(Math.max(...read)).toBeLessThan(2 * 600 + 2 * 1200);
  }, 30_000);
});
