import { describe, expect, it } from 'vitest';
import { verify } from '../../cli/audit.ts';
import type { Context } from '../../cli/context.ts';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { openCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { headItem } from '../../lambdas/ledger/keys.ts';
import { accepted, inSeconds, KEY, NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';
import { asking, policy, taskIdOf } from './task-fixtures.ts';

const CAUSE = 'acme#erp#product#P';
const asks = asking('ERP_REFUSED');
const first: Head = { ...accepted, seq: 0, lastHash: '' };
const waits: Head = {
  ...first,
  wait: { kind: 'person', code: 'PRODUCT_UNMAPPED', since: NOW, times: 1, cause: CAUSE, causeVersion: 0 },
  dueAt: inSeconds(900),
  sweepAt: inSeconds(900),
};

/** A ledger with one order, written as it is: its chain is whole. */
async function world(head: Head, now = NOW) {
  const memory = ledgerWith([first], now);
  await memory.ledger.change(KEY, () => ({ next: { ...head, seq: 0, lastHash: '' }, answer: null }));
  const context = { ledger: memory.ledger, say: () => {}, config: { policy, stage: 'local' } } as unknown as Context;
  const stored = () => memory.items.get(`O#${KEY} HEAD`) ?? {};
  return { ...memory, stored, audit: (order = 'all', tenant?: string) => verify(context, { order, tenant }) };
}

describe('the audit', () => {
  it('finds an order with its due time and its question whole', async () => {
    const { audit } = await world(asks);
    expect(await audit()).toMatchObject({ ok: true, text: '1 order, 0 facts: every chain is whole, and nobody is forgotten.' });
  });

  it('names a parked order that no sweep would ever find: it is in no index that the sweeper reads', async () => {
    const { audit, put, stored } = await world({ ...asks, task: undefined, wait: { kind: 'vendor', code: 'ERP_UNAVAILABLE', since: NOW, times: 1 } });
    const { sweepShard: _shard, sweepAt: _at, dueAt: _due, ...lost } = stored();
    put(lost);
    const { ok, text, view } = await audit();
    expect([ok, view]).toMatchObject([false, { forgotten: [{ orderKey: KEY, what: 'an order without a due time' }], brokenOrders: 0 }]);
    expect(text).toContain('1 order, 0 facts: 1 without due time or question.');
    expect(await audit(KEY)).toMatchObject({ ok: false, view: { forgotten: [{ orderKey: KEY }] } });
  });

  it('names a parked order without its question', async () => {
    const { audit, items } = await world(asks);
    items.delete(`O#${KEY} T#${taskIdOf(asks)}`);
    expect((await audit()).view).toMatchObject({ forgotten: [{ orderKey: KEY, what: 'an order without its question' }] });
  });

  it('names a question without its order, also one that is in no index', async () => {
    const { audit, items, put } = await world(asks);
    const { taskOwner: _owner, taskDue: _due, ...open } = items.get(`O#${KEY} T#${taskIdOf(asks)}`) ?? {};
    put({ ...open, sk: 'T#other', id: 'other' });
    expect((await audit()).view).toMatchObject({ forgotten: [{ orderKey: KEY, what: 'a question that no order has' }] });
  });

  it('names orders that wait for a cause of which nobody is asked', async () => {
    const { audit, ledger } = await world(waits);
    expect((await audit()).view).toMatchObject({ forgotten: [{ orderKey: KEY, what: 'orders without the question of their cause' }] });
    await openCauseTask(ledger, { cause: CAUSE, causeVersion: 0, code: 'PRODUCT_UNMAPPED' }, inSeconds(900));
    expect(await audit()).toMatchObject({ ok: true });
  });

  it('names a shared question that nobody waits for, unless it is about one order', async () => {
    const { audit, put } = await world(asks, inSeconds(600));
    const shared = { id: causeTaskId(CAUSE), cause: CAUSE, tenant: 'acme', code: 'PRODUCT_UNMAPPED', state: 'open', causeVersion: 0, version: 1 };
    put({
      pk: `C#${CAUSE}`,
      sk: 'TASK',
      ...shared,
      openedAt: NOW,
      dueAt: NOW,
      owner: 'master-data',
      level: 0,
      taskOwner: 'master-data',
      taskDue: NOW,
    });
    expect(await audit()).toMatchObject({ ok: false, view: { forgotten: [{ cause: CAUSE, what: 'a question that nobody waits for' }] } });
    expect(await audit(KEY)).toMatchObject({ ok: true });
  });

  it('names an order whose HEAD is gone, by whatever names it: its facts, quote, number, task, rejected event, an earlier or a later revision', async () => {
    const { audit, put, items } = await world(asks);
    const missing = async (tenant?: string) => ((await audit('all', tenant)).view as { broken: { orderKey: string; what: string }[] }).broken;
    const keys = ['F', 'Q', 'N', 'P', 'B', 'T', 'X', 'S'].map((letter) => letter.padStart(20, '0'));
    const [fact, highest, number, earlier, beside, asked, event, later] = keys as [string, string, string, string, string, string, string, string];
    put({ pk: `O#${fact}`, sk: 'F#000000000001', event: { tenant: 'acme' } });
    put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', tenant: 'acme', version: 1, highest: { revision: 1, orderKey: highest }, beside: [beside] });
    put({ pk: 'T#t', sk: 'PLACE', orderKey: asked });
    put({ pk: 'T#c', sk: 'PLACE', cause: CAUSE });
    put({ pk: 'X#acme', sk: 'e', tenant: 'acme', orderKey: event });
    put({ pk: 'X#acme', sk: 'f', tenant: 'acme' });
    put({ pk: 'N#acme#Q-1', sk: number });
    put({ ...items.get(`O#${KEY} HEAD`), predecessor: earlier, supersededBy: later });
    expect((await missing()).map(({ orderKey }) => orderKey).toSorted()).toEqual(keys.toSorted());
    const how = (await missing()).map(({ what }) => what).join();
    for (const words of ['task t is about it', 'the rejected event e is about it', `${KEY} names it as a later`]) expect(how).toContain(words);
    expect((await missing('acme')).map(({ orderKey }) => orderKey).toSorted()).toEqual(keys.filter((key) => key !== asked).toSorted());
    expect((await audit()).ok).toBe(false);
    const { ok, text } = await audit(fact);
    expect([ok, text]).toEqual([
      false,
      expect.stringContaining('it has no HEAD, though facts of it are left: it was deleted, or is missing in the backup'),
    ]);
    await expect(audit('Z'.padStart(20, '0'))).rejects.toThrow('no order');
  });

  it('names one of which only something is left behind what a subscriber has', async () => {
    const { audit, put } = await world(asks);
    const orderKey = 'Y'.padStart(20, '0');
    put({ pk: `O#${orderKey}`, sk: 'S#billing', sequence: 3 });
    await expect(audit(orderKey)).rejects.toThrow('no order');
    put({ pk: `O#${orderKey}`, sk: 'T#a', id: 'a', orderKey, tenant: 'acme', state: 'open' });
    expect((await audit(orderKey)).text).toContain('it has no HEAD, though something of it is left');
  });

  it('names a broken chain beside it', async () => {
    const { audit, put, items } = await world(asks);
    items.delete(`O#${KEY} T#${taskIdOf(asks)}`);
    put(headItem({ ...asks, seq: 3, lastHash: 'x' }));
    const { text } = await audit();
    expect(text).toContain('1 order, 0 facts: 1 broken, 1 without due time or question.');
    expect(text).toContain('HEAD ends with fact 3');
  });
});
