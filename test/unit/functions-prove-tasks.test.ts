import { describe, expect, it } from 'vitest';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Wait } from '../../lambdas/domain/waiting.ts';
import { proveTasks } from '../../lambdas/functions/operations/sweep/prove-tasks.ts';
import { openCauseTask, readCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { headItem } from '../../lambdas/ledger/keys.ts';
import { openEntries } from '../../lambdas/ledger/quarantine.ts';
import { answerCause, setReference } from '../../lambdas/ledger/references.ts';
import { findTask, openTasks } from '../../lambdas/ledger/tasks.ts';
import { accepted, active, inSeconds, KEY, NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';
import { asking, policy, taskIdOf } from './task-fixtures.ts';

const CAUSE = 'acme#erp#product#P';
const asks = asking('ERP_REFUSED');
const id = taskIdOf(asks);
const waits: Head = {
  ...accepted,
  wait: { kind: 'person', code: 'PRODUCT_UNMAPPED', since: NOW, times: 1, cause: CAUSE, causeVersion: 0 },
  dueAt: inSeconds(900),
  sweepAt: inSeconds(900),
};
const cause = { cause: CAUSE, causeVersion: 0, code: 'PRODUCT_UNMAPPED' } as const;

/** An order as it was written, and then what went wrong. */
async function world(head: Head, now = NOW) {
  const memory = ledgerWith([accepted], now);
  await memory.ledger.change(KEY, () => ({ next: head, answer: null }));
  const proved = async () => proveTasks({ ledger: memory.ledger, policy }, [memory.head(KEY)], await openEntries(memory.ledger, 'acme'));
  /** Found once, put right, and found no more. */
  const healed = async () => [await proved(), await proved()];
  return { ...memory, proved, healed };
}

describe('the proof that nobody is forgotten', () => {
  it.each([
    ['an order with its question', asks],
    ['an order that tries again by itself', { ...accepted, wait: { kind: 'vendor', code: 'ERP_UNAVAILABLE', since: NOW, times: 1 } } as Head],
    ['a run under way', active],
    ['an order at rest', { ...accepted, state: 'completed', dueAt: undefined, sweepAt: undefined } as Head],
  ])('finds nothing amiss with %s', async (_what, head) => {
    const { proved, items } = await world(head);
    const before = items.get(`O#${KEY} HEAD`);
    expect(await proved()).toBe(0);
    expect(items.get(`O#${KEY} HEAD`)).toEqual(before);
  });

  it('an order whose question is missing in the ledger gets it', async () => {
    const { healed, items, ledger } = await world(asks);
    items.delete(`O#${KEY} T#${id}`);
    expect(await healed()).toEqual([1, 0]);
    expect(await openTasks(ledger)).toMatchObject([{ id, code: 'ERP_REFUSED', dueAt: asks.task?.dueAt }]);
  });

  it('an order that was parked before there were questions is asked about', async () => {
    const { task: _none, ...old } = asks;
    const { healed, head, facts } = await world(old);
    expect(await healed()).toEqual([1, 0]);
    expect(head(KEY)).toMatchObject({ task: { id, owner: 'erp-support' }, dueAt: head(KEY).task?.dueAt });
    expect(facts(KEY)).toEqual(['order.parked.v1']);
  });

  it('an order without a due time is due', async () => {
    const { healed, head, put } = await world(asks);
    put({ ...headItem(asks), dueAt: undefined, version: 9 });
    expect((await healed())[0]).toBe(1);
    expect(head(KEY).dueAt).toBe(NOW);
  });

  it('an order that no sweep would find is found by its question, and is due', async () => {
    const { ledger, head, put } = await world(asks);
    put(headItem({ ...asks, sweepAt: undefined, version: 9 }));
    const found = async () => proveTasks({ ledger, policy }, [], []);
    expect([await found(), await found()]).toEqual([1, 0]);
    expect([head(KEY).dueAt, head(KEY).sweepAt]).toEqual([NOW, NOW]);
  });

  it.each<[string, Partial<Head>]>([
    ['waits, without a due time', { ...asks, dueAt: undefined }],
    ['waits, and is not in the index of the sweep', { ...asks, sweepAt: undefined }],
    ['waits for nobody, without a due time', { dueAt: undefined, sweepAt: undefined }],
    ['is at its end and asks something, without a due time', { ...asks, state: 'completed', dueAt: undefined, sweepAt: undefined }],
    ['is at work, without the limit of its run', { ...active, dueAt: undefined, sweepAt: undefined }],
  ])('no order is written that %s', async (_what, wrong) => {
    const { ledger, items } = ledgerWith([accepted]);
    const before = structuredClone([...items]);
    await expect(ledger.change(KEY, (head) => ({ next: { ...head, ...wrong }, answer: null }))).rejects.toMatchObject({ name: 'OrderForgotten' });
    expect([...items]).toEqual(before);
  });

  it('a question that its order does not have is closed', async () => {
    const { healed, put, ledger } = await world(asks);
    put(headItem({ ...accepted, version: 9 }));
    expect(await healed()).toEqual([1, 0]);
    expect(await findTask(ledger, id)).toMatchObject({ state: 'closed', code: 'ERP_REFUSED', closed: { by: 'system' } });
    expect(await openTasks(ledger)).toEqual([]);
  });

  it('orders that wait for a cause of which nobody is asked: it is asked', async () => {
    const { healed, ledger } = await world(waits);
    expect(await healed()).toEqual([1, 0]);
    expect(await openTasks(ledger)).toMatchObject([{ id: causeTaskId(CAUSE), code: 'PRODUCT_UNMAPPED' }]);
  });

  it('... also where the oldest of them waits for what was answered, and is about to be woken', async () => {
    const { head, ledger, put } = await world(waits);
    await answerCause(ledger, CAUSE, { option: 'retry', by: 'anna', reason: 'it is there' }, 0);
    put(headItem({ ...waits, orderKey: 'later', wait: { ...(waits.wait as Wait), causeVersion: 1 } }));
    expect(await proveTasks({ ledger, policy }, [head(KEY), head('later')], [])).toBe(1);
    expect(await openTasks(ledger)).toMatchObject([{ id: causeTaskId(CAUSE), causeVersion: 1 }]);
  });

  it('a question about a cause that has its cure is closed by it', async () => {
    const { healed, ledger } = await world(accepted);
    await setReference(ledger, { tenant: 'acme', erp: 'erp', kind: 'product', code: 'P', target: 'NW-1', by: 'anna' });
    await openCauseTask(ledger, cause, inSeconds(60));
    expect(await healed()).toEqual([1, 0]);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'closed', decided: { option: 'correct' } });
  });

  it('a question about a cause that nobody waits for is closed, though not at once', async () => {
    const { proved, ledger } = await world(accepted);
    await openCauseTask(ledger, cause, inSeconds(600));
    expect(await proved()).toBe(0);
    const later = await world(accepted, inSeconds(121));
    for (const item of [await readCauseTask(ledger, CAUSE)])
      later.put({ pk: `C#${CAUSE}`, sk: 'TASK', ...item, taskOwner: 'master-data', taskDue: 'x' });
    expect(await later.healed()).toEqual([1, 0]);
    expect(await readCauseTask(later.ledger, CAUSE)).toMatchObject({ state: 'closed' });
  });

  it('... unless the index names others than the first, which waits no more', async () => {
    const later = await world(accepted, inSeconds(121));
    await openCauseTask(later.ledger, cause, inSeconds(600));
    const task = { ...(await readCauseTask(later.ledger, CAUSE)), openedAt: NOW };
    later.put({ pk: `C#${CAUSE}`, sk: 'TASK', ...task, taskOwner: 'master-data', taskDue: 'x' });
    later.put({ ...headItem(accepted), cause: CAUSE, causeSince: '1' });
    later.put({ ...headItem({ ...waits, orderKey: 'another' }), causeSince: '2' });
    expect((await later.healed())[0]).toBe(0);
    expect(await readCauseTask(later.ledger, CAUSE)).toMatchObject({ state: 'open' });
  });

  it('an order that moved on since it was read is not amiss', async () => {
    const { ledger, items, put } = await world(asks);
    items.delete(`O#${KEY} T#${id}`);
    put(headItem({ ...accepted, version: 9 }));
    expect(await proveTasks({ ledger, policy }, [asks], [])).toBe(0);
  });
});
