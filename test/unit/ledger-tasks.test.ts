import { describe, expect, it } from 'vitest';
import { causeTaskId, escalated } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { decideAssign, decideEscalate, decideRaise } from '../../lambdas/domain/protocol/index.ts';
import { wake } from '../../lambdas/functions/master-data/wake/wake.ts';
import { openCauseTask, readCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { cureCause, wakeForCause } from '../../lambdas/ledger/causes.ts';
import { decideTask } from '../../lambdas/ledger/decide.ts';
import { answerKey, headItem } from '../../lambdas/ledger/keys.ts';
import type { Ledger } from '../../lambdas/ledger/ledger.ts';
import { listReferences, readReference, setReference } from '../../lambdas/ledger/references.ts';
import { assignTask, findTask, openTasks, ordersOfCause } from '../../lambdas/ledger/tasks.ts';
import { ANSWER_DUE, accepted, inSeconds, KEY, NOW, times } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';
import { around, asking, policy, taskIdOf } from './task-fixtures.ts';

const CAUSE = 'acme#erp#product#P';
const asks = asking('ERP_REFUSED');

/** A ledger with these orders, each written as it is, and what people's answers send. */
async function world(heads: readonly Head[]) {
  const memory = ledgerWith(heads.map(({ task: _not, ...head }) => head));
  for (const head of heads) await memory.ledger.change(head.orderKey, () => ({ next: head, answer: null }));
  const sent: string[] = [];
  const deps = {
    ledger: memory.ledger,
    policy,
    sendRun: async ({ orderKey }: { orderKey: string }) => void sent.push(orderKey),
    sendCause: async ({ cause }: { cause: string }) => void sent.push(cause),
  };
  const decide = (task: string, option: Parameters<typeof decideTask>[1]['option'], by: string, more = {}) =>
    decideTask(deps, { task, option, by, reason: 'because', ...more });
  const stored = (task: string) => memory.items.get(`O#${KEY} T#${task}`);
  return { ...memory, deps, sent, decide, stored };
}

describe('the task of an order', () => {
  it('is written with HEAD, and stands in the index of the group that is asked', async () => {
    const { ledger, stored } = await world([asks]);
    expect(stored(taskIdOf(asks))).toMatchObject({
      state: 'open',
      code: 'ERP_REFUSED',
      tenant: 'acme',
      detail: 'detail',
      taskOwner: 'erp-support',
      taskDue: asks.task?.dueAt,
    });
    expect(await openTasks(ledger)).toMatchObject([{ id: taskIdOf(asks), orderKey: KEY }]);
    expect(await openTasks(ledger, { owner: 'finance' })).toEqual([]);
    expect(await openTasks(ledger, { dueBy: NOW })).toEqual([]);
    expect(await openTasks(ledger, { dueBy: inSeconds(ANSWER_DUE) })).toHaveLength(1);
  });

  it('moves with an escalation and an assignment, and is not written again when nothing of it changed', async () => {
    const { ledger, stored, items } = await world([asks]);
    await ledger.change(KEY, (head) => decideEscalate(head, inSeconds(ANSWER_DUE), { escalate: ['finance'] }, around));
    await ledger.change(KEY, (head) => decideAssign(head, taskIdOf(asks), { to: 'fred', by: 'fred', reason: 'mine' }, NOW, policy));
    expect(stored(taskIdOf(asks))).toMatchObject({ state: 'open', owner: 'finance', taskOwner: 'finance', level: 1, assignee: 'fred' });
    items.delete(`O#${KEY} T#${taskIdOf(asks)}`);
    await ledger.change(KEY, (head) => ({ next: { ...head, generation: 5 }, answer: null }));
    expect(stored(taskIdOf(asks))).toBeUndefined();
  });

  it('is closed by the run that begins without an answer, and open again when the order stops with it once more', async () => {
    const { ledger, stored } = await world([{ ...asks, dueAt: NOW }]);
    await ledger.change(KEY, (head, now) => decideRaise(head, 1, 'p', now, times));
    expect(stored(taskIdOf(asks))).toMatchObject({ state: 'closed', closed: { by: 'system', at: NOW } });
    expect(stored(taskIdOf(asks))).not.toHaveProperty('taskOwner');
    await ledger.change(KEY, () => ({ next: asks, answer: null }));
    expect(stored(taskIdOf(asks))).toMatchObject({ state: 'open', taskOwner: 'erp-support' });
    expect(stored(taskIdOf(asks))?.closed).toBeUndefined();
  });

  it('another question closes the one before', async () => {
    const { ledger } = await world([asks]);
    const other = asking('TAX_MISMATCH');
    await ledger.change(KEY, () => ({ next: other, answer: null }));
    expect(await openTasks(ledger)).toMatchObject([{ id: taskIdOf(other) }]);
    expect(await findTask(ledger, taskIdOf(asks))).toMatchObject({ state: 'closed' });
  });
});

describe('an answer through the ledger', () => {
  it('closes the task in the write that makes the order due, and sends it', async () => {
    const { decide, stored, head, sent, facts } = await world([asks]);
    expect(await decide(taskIdOf(asks), 'retry', 'eve')).toMatchObject({ answer: 'decided' });
    expect(stored(taskIdOf(asks))).toMatchObject({ state: 'closed', closed: { by: 'eve', option: 'retry', reason: 'because', at: NOW } });
    expect([head(KEY).task, head(KEY).dueAt, facts(KEY), sent]).toEqual([undefined, NOW, ['order.decided.v1'], [KEY]]);
  });

  it('of two people at once one decides, and the other is told what', async () => {
    const { decide, facts } = await world([asks]);
    const both = await Promise.all([decide(taskIdOf(asks), 'retry', 'eve'), decide(taskIdOf(asks), 'cancel', 'eve')]);
    expect(both.map(({ answer }) => answer).sort()).toEqual(['already decided', 'decided']);
    expect(facts(KEY)).toEqual(['order.decided.v1']);
  });

  it('to a question of long ago is told what was answered then', async () => {
    const { decide, ledger } = await world([asks]);
    await decide(taskIdOf(asks), 'retry', 'eve');
    await ledger.change(KEY, () => ({ next: asking('TAX_MISMATCH'), answer: null }));
    expect(await decide(taskIdOf(asks), 'retry', 'eve')).toMatchObject({ answer: 'already decided', decided: { by: 'eve', option: 'retry' } });
  });

  it('to a question that went away by itself, and to one that never was', async () => {
    const { decide, ledger } = await world([{ ...asks, dueAt: NOW }]);
    await ledger.change(KEY, (head, now) => decideRaise(head, 1, 'p', now, times));
    expect(await decide(taskIdOf(asks), 'retry', 'eve')).toMatchObject({
      answer: 'not open any more',
      why: expect.stringContaining('without an answer'),
    });
    expect(await decide('nothing', 'retry', 'eve')).toEqual({ answer: 'unknown' });
  });

  it('that corrects a customer link sets that of the account which the question names, and only when the answer is taken', async () => {
    const blocked = asking('CUSTOMER_HIERARCHY_GAP', { subject: 'CUSTOMER_HIERARCHY_GAP:erp:C:D', account: 'ACC' });
    const { decide, ledger, sent } = await world([blocked]);
    const id = taskIdOf(blocked);
    expect(await decide(id, 'correct', 'anna')).toMatchObject({ answer: 'not possible', why: expect.stringContaining('ACC') });
    expect(await decide(id, 'correct', 'anna', { target: 'C-1' })).toMatchObject({ answer: 'decided' });
    expect(await readReference(ledger, 'acme', 'erp', 'customer', 'ACC')).toMatchObject({ target: 'C-1', version: 1 });
    expect(sent).toEqual(['acme#erp#customer#ACC', KEY]);
    expect(await decide(id, 'correct', 'anna', { target: 'C-2' })).toMatchObject({ answer: 'already decided' });
    expect((await readReference(ledger, 'acme', 'erp', 'customer', 'ACC')).target).toBe('C-1');
  });

  it('that corrects a customer link while somebody else decides is told both: the link stays corrected, the question went another way', async () => {
    const blocked = asking('CUSTOMER_HIERARCHY_GAP', { subject: '', account: 'ACC' });
    const { decide, deps, ledger, sent, facts } = await world([blocked]);
    const id = taskIdOf(blocked);
    // Between the write of the mapping and that of the order.
    Object.assign(deps, { sendCause: () => decide(id, 'reject', 'berta') });
    expect(await decide(id, 'correct', 'anna', { target: 'C-1' })).toMatchObject({
      answer: 'only corrected',
      what: 'customer ACC is C-1 in ERP erp now',
      instead: { answer: 'already decided', decided: { by: 'berta', option: 'reject' } },
    });
    expect((await readReference(ledger, 'acme', 'erp', 'customer', 'ACC')).target).toBe('C-1');
    expect([facts(KEY), sent]).toEqual([['order.decided.v1'], [KEY]]);
  });
});

/** Carries out the answer to the question about a cause, as its message has the waker do. @returns the orders that are sent */
async function carriedOut(ledger: Ledger, cause: string): Promise<string[]> {
  const sent: string[] = [];
  await wake({ ledger, send: async ({ orderKey }) => void sent.push(orderKey), sendCause: async () => {} }, { cause });
  return sent;
}

/** The version of a cause was answered by somebody who then died. */
function answeredBy(put: (item: Record<string, unknown>) => unknown, by: string): void {
  put({ pk: 'R#acme#erp#product', sk: 'P', version: 1 });
  put({ ...answerKey(CAUSE, 1), option: 'retry', by, at: NOW, reason: 'renewed' });
}

describe('the task of a cause', () => {
  const wait = { kind: 'person', code: 'PRODUCT_UNMAPPED', since: NOW, times: 1, cause: CAUSE, causeVersion: 0 } as const;
  const waiting = (n: number): Head => ({ ...accepted, orderKey: String(n).padStart(20, '0'), wait, dueAt: inSeconds(900), sweepAt: inSeconds(900) });
  const orders = [1, 2, 3, 4, 5].map(waiting);
  const cause = { cause: CAUSE, causeVersion: 0, code: 'PRODUCT_UNMAPPED' } as const;
  const id = causeTaskId(CAUSE);

  async function asked(heads: readonly Head[] = orders) {
    const here = await world(heads);
    for (const _order of heads) await openCauseTask(here.ledger, cause, inSeconds(ANSWER_DUE));
    return here;
  }

  it('is one, however many orders park for it: all but the first read and write nothing', async () => {
    const { ledger, log } = await asked([]);
    await openCauseTask(ledger, cause, inSeconds(ANSWER_DUE));
    await openCauseTask(ledger, cause, inSeconds(ANSWER_DUE));
    expect(log.writes).toBe(1);
    expect(await openTasks(ledger, { owner: 'master-data' })).toMatchObject([{ id, cause: CAUSE, tenant: 'acme', state: 'open' }]);
    expect(await findTask(ledger, id)).toMatchObject({ id });
  });

  it('is due when the earliest order that waits has to be complete, and not later again', async () => {
    const { ledger, log } = await asked([]);
    const due = async () => (await openTasks(ledger)).map(({ dueAt }) => dueAt);
    await openCauseTask(ledger, { ...cause, deadline: inSeconds(7200) }, inSeconds(3600));
    expect(await due()).toEqual([inSeconds(3600)]);
    await Promise.all([600, 900].map((n) => openCauseTask(ledger, { ...cause, deadline: inSeconds(n) }, inSeconds(3600))));
    expect(await due()).toEqual([inSeconds(600)]);
    const { writes } = log;
    for (const deadline of [undefined, inSeconds(-60), inSeconds(601)]) await openCauseTask(ledger, { ...cause, deadline }, inSeconds(60));
    expect([await due(), log.writes]).toEqual([[inSeconds(600)], writes]);
  });

  it('is asked of the next group until the earliest order has to be complete, at most', async () => {
    const { ledger } = await asked([]);
    for (const deadline of [inSeconds(9000), inSeconds(7200), undefined]) await openCauseTask(ledger, { ...cause, deadline }, inSeconds(60));
    const task = await readCauseTask(ledger, CAUSE);
    const next = (now: string, dueAt: string) => task && escalated(task, now, { escalate: ['platform'] }, () => dueAt);
    expect(next(inSeconds(3600), inSeconds(86_400))).toMatchObject({ owner: 'platform', dueAt: inSeconds(7200) });
    expect(next(inSeconds(3600), inSeconds(5000))).toMatchObject({ dueAt: inSeconds(5000) });
    expect(next(inSeconds(8000), inSeconds(86_400))).toMatchObject({ dueAt: inSeconds(86_400) });
  });

  it('opened by an order that has to be complete before is due then', async () => {
    const { ledger } = await asked([]);
    await openCauseTask(ledger, { ...cause, deadline: inSeconds(600) }, inSeconds(3600));
    expect(await openTasks(ledger)).toMatchObject([{ dueAt: inSeconds(600) }]);
  });

  it('two that open it at once: one does', async () => {
    const { ledger } = await world([]);
    await Promise.all([1, 2].map((n) => openCauseTask(ledger, cause, inSeconds(n))));
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open', version: 1 });
    expect(await openTasks(ledger)).toHaveLength(1);
  });

  it('is asked anew by who waits for the version that an answer has just made, though the old question is not closed yet', async () => {
    const { ledger, put } = await asked([]);
    await openCauseTask(ledger, cause, inSeconds(ANSWER_DUE));
    // Whoever answered died between the version and the question.
    answeredBy(put, 'anna');
    await openCauseTask(ledger, { ...cause, causeVersion: 1 }, inSeconds(ANSWER_DUE));
    await cureCause(ledger, CAUSE);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open', causeVersion: 1 });
    await openCauseTask(ledger, cause, inSeconds(ANSWER_DUE));
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open', causeVersion: 1 });
  });

  it('that was asked anew since it was seen is not answered: what waits now was not seen', async () => {
    const { ledger, decide } = await asked(orders.slice(0, 1));
    const anew = { answer: 'not open any more', why: 'it was asked anew since' };
    expect(await decide(id, 'cancel', 'anna', { openedAt: inSeconds(-60) })).toEqual(anew);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open' });
    expect(await decide(id, 'cancel', 'anna', { openedAt: NOW })).toMatchObject({ answer: 'decided' });
  });

  it('that is answered, and whose answer nobody lived to close, is closed by who answers after: that one is told who was first', async () => {
    const { ledger, put, decide, head } = await asked(orders.slice(0, 1));
    answeredBy(put, 'anna');
    expect(await decide(id, 'cancel', 'berta')).toMatchObject({ answer: 'already decided', decided: { by: 'anna', option: 'retry' } });
    expect([await openTasks(ledger), head(orders[0]?.orderKey ?? '').stops]).toEqual([[], {}]);
  });

  it.each(['correct', 'cancel'] as const)(
    'about a newer version than the mapping has, as after a backup: %s answers it, and all that wait',
    async (option) => {
      const newer = orders.slice(0, 2).map((head, n) => ({ ...head, wait: { ...wait, causeVersion: n === 0 ? 3 : 2 } }));
      const { ledger, put, decide, head } = await world(newer);
      put({ pk: 'R#acme#erp#product', sk: 'P', target: 'NW-1', version: 2 });
      await openCauseTask(ledger, { ...cause, causeVersion: 3 }, inSeconds(ANSWER_DUE));
      expect(await decide(id, option, 'anna', { target: 'NW-2' })).toMatchObject({ answer: 'decided', decided: { by: 'anna' } });
      expect([await openTasks(ledger), (await readReference(ledger, 'acme', 'erp', 'product', 'P')).version]).toEqual([[], 4]);
      await carriedOut(ledger, CAUSE);
      expect(newer.map(({ orderKey }) => [head(orderKey).dueAt, head(orderKey).stops.cancel?.by])).toEqual(
        newer.map(() => [NOW, option === 'cancel' ? 'anna' : undefined]),
      );
    },
  );

  it('about a newer version than the mapping has is answered by a mapping that is set elsewhere, too', async () => {
    const { ledger, put } = await world([]);
    put({ pk: 'R#acme#erp#product', sk: 'P', target: 'NW-1', version: 2 });
    await openCauseTask(ledger, { ...cause, causeVersion: 3 }, inSeconds(ANSWER_DUE));
    await setReference(ledger, { tenant: 'acme', erp: 'erp', kind: 'product', code: 'P', target: 'NW-2', by: 'cli:anna' });
    expect(await openTasks(ledger)).toEqual([]);
  });

  it('of an order that stops with a newer version meanwhile is not answered by an older answer', async () => {
    const { ledger, put, head } = await asked(orders.slice(0, 1));
    const [before] = orders as [Head];
    put({ pk: 'R#acme#erp#product', sk: 'P', version: 1 });
    await ledger.change(before.orderKey, (current) => ({ next: { ...current, wait: { ...wait, causeVersion: 1 } }, answer: null }));
    expect([await wakeForCause(ledger, before), head(before.orderKey).dueAt]).toEqual([false, inSeconds(900)]);
  });

  it('counts the orders that wait', async () => {
    const { ledger } = await asked();
    const { heads, more } = await ordersOfCause(ledger, CAUSE);
    expect([heads.length, more]).toEqual([5, false]);
  });

  it('the cure answers it: mapping and answer are one action', async () => {
    const { decide, ledger, sent } = await asked();
    expect(await decide(id, 'correct', 'whoever', { target: 'NW-1' })).toMatchObject({ answer: 'decided' });
    expect(await readReference(ledger, 'acme', 'erp', 'product', 'P')).toMatchObject({ target: 'NW-1', version: 1 });
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'closed', decided: { option: 'correct', by: 'whoever', reason: 'because' } });
    expect(sent).toEqual([CAUSE]);
    expect(await decide(id, 'correct', 'another', { target: 'NW-2' })).toMatchObject({ answer: 'already decided', decided: { by: 'whoever' } });
  });

  it('two people correct it at once: one version, one decision', async () => {
    const { decide, ledger } = await asked();
    const both = await Promise.all([decide(id, 'correct', 'a', { target: 'NW-1' }), decide(id, 'correct', 'b', { target: 'NW-2' })]);
    const winner = both.findIndex(({ answer }) => answer === 'decided');
    expect(both.filter(({ answer }) => answer === 'decided')).toHaveLength(1);
    expect(await readReference(ledger, 'acme', 'erp', 'product', 'P')).toMatchObject({ target: ['NW-1', 'NW-2'][winner], version: 1 });
  });

  it('a mapping that is set elsewhere answers it too, and an order that parks for the new version asks again', async () => {
    const { ledger } = await asked();
    await setReference(ledger, { tenant: 'acme', erp: 'erp', kind: 'product', code: 'P', target: 'NW-1', by: 'cli:anna' });
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'closed', decided: { by: 'cli:anna' } });
    await openCauseTask(ledger, { ...cause, causeVersion: 1 }, inSeconds(ANSWER_DUE));
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open', causeVersion: 1 });
  });

  it('cancel stops every order that waits for it', async () => {
    const { decide, head, sent, ledger } = await asked();
    expect(await decide(id, 'cancel', 'whoever')).toMatchObject({ answer: 'decided', decided: { option: 'cancel' } });
    expect([sent, await openTasks(ledger)]).toEqual([[CAUSE], []]);
    expect(await carriedOut(ledger, CAUSE)).toEqual(orders.map(({ orderKey }) => orderKey));
    expect(orders.map(({ orderKey }) => head(orderKey).stops.cancel?.by)).toEqual(orders.map(() => 'whoever'));
    expect(await carriedOut(ledger, CAUSE)).toEqual([]);
    expect(await decide(id, 'retry', 'whoever')).toMatchObject({ answer: 'already decided' });
  });

  it.each(['retry', 'cancel'] as const)(
    '%s for all leaves an order alone that waits for something else by now, though the index has it still',
    async (option) => {
      const { decide, put, items, head, ledger } = await asked(orders.slice(0, 2));
      // Its code has both answers.
      put({ ...items.get(`C#${CAUSE} TASK`), code: 'CUSTOMER_HIERARCHY_GAP' });
      const gone = orders[0] as Head;
      const { cause: indexed, causeSince } = items.get(`O#${gone.orderKey} HEAD`) ?? {};
      put({ ...headItem({ ...asking('ERP_REFUSED', undefined, gone), version: 9 }), cause: indexed, causeSince });
      const before = head(gone.orderKey);
      expect(await decide(id, option, 'whoever')).toMatchObject({ answer: 'decided' });
      expect([await carriedOut(ledger, CAUSE), head(gone.orderKey)]).toEqual([[orders[1]?.orderKey], before]);
    },
  );

  describe('that may be approved for one order', () => {
    const customer = 'acme#erp#customer#SHIP';
    const gap = { cause: customer, causeVersion: 0, code: 'CUSTOMER_HIERARCHY_GAP' } as const;
    const stuck = orders.map((head) => ({ ...head, wait: { ...wait, ...gap } }));
    const shared = causeTaskId(customer);
    const gaps = async () => {
      const here = await world(stuck);
      await openCauseTask(here.ledger, gap, inSeconds(ANSWER_DUE));
      return here;
    };

    it.each(['approve', 'reject', 'reroute', 'keep'] as const)('%s is no answer for all, and changes nothing', async (option) => {
      const { decide, head, sent, ledger } = await gaps();
      expect(await decide(shared, option, 'anna')).toEqual({ answer: 'not allowed', options: ['retry', 'correct', 'cancel'] });
      expect([stuck.map(({ orderKey }) => head(orderKey).stops), sent]).toEqual([stuck.map(() => ({})), []]);
      expect(await readCauseTask(ledger, customer)).toMatchObject({ state: 'open' });
    });

    it('retry wakes every order, and one that stops with it again asks anew', async () => {
      const { decide, head, sent, ledger } = await gaps();
      expect(await decide(shared, 'retry', 'anna')).toMatchObject({ answer: 'decided', decided: { option: 'retry', by: 'anna' } });
      expect([sent, await openTasks(ledger)]).toEqual([[customer], []]);
      expect(await carriedOut(ledger, customer)).toEqual(stuck.map(({ orderKey }) => orderKey));
      expect(stuck.map(({ orderKey }) => [head(orderKey).dueAt, head(orderKey).stops])).toEqual(stuck.map(() => [NOW, {}]));
      const cure = { by: 'anna', option: 'retry', reason: 'because', at: NOW };
      expect(stuck.map(({ orderKey }) => head(orderKey).wait?.cure)).toEqual(stuck.map(() => cure));
      expect(await readReference(ledger, 'acme', 'erp', 'customer', 'SHIP')).toMatchObject({ target: undefined, version: 1 });
      expect(await listReferences(ledger, 'acme', 'erp', 'customer')).toEqual([]);
      await openCauseTask(ledger, { ...gap, causeVersion: 1 }, inSeconds(ANSWER_DUE));
      expect(await readCauseTask(ledger, customer)).toMatchObject({ state: 'open', causeVersion: 1 });
      expect(await decide(shared, 'correct', 'anna', { target: 'C-1' })).toMatchObject({ answer: 'decided' });
      expect(await readReference(ledger, 'acme', 'erp', 'customer', 'SHIP')).toMatchObject({ target: 'C-1', version: 2 });
    });

    it('two people answer at once: one counts', async () => {
      const { decide, ledger, items } = await gaps();
      const both = await Promise.all([decide(shared, 'retry', 'anna'), decide(shared, 'cancel', 'berta')]);
      expect(both.map(({ answer }) => answer).toSorted()).toEqual(['already decided', 'decided']);
      const winner = ['anna', 'berta'][both.findIndex(({ answer }) => answer === 'decided')];
      expect(items.get(`C#${customer} A#000000000001`)?.by).toBe(winner);
      expect((await readCauseTask(ledger, customer))?.decided?.by).toBe(winner);
    });

    it('keeps the mapping when it is answered otherwise', async () => {
      const { decide, ledger } = await gaps();
      await setReference(ledger, { tenant: 'acme', erp: 'erp', kind: 'customer', code: 'SHIP', target: 'C-9', by: 'anna' });
      await openCauseTask(ledger, { ...gap, causeVersion: 1 }, inSeconds(ANSWER_DUE));
      expect(await decide(shared, 'retry', 'berta')).toMatchObject({ answer: 'decided' });
      expect(await readReference(ledger, 'acme', 'erp', 'customer', 'SHIP')).toMatchObject({ target: 'C-9', version: 2 });
    });

    it.each(['retry', 'correct', 'cancel'] as const)('%s is for the group that is asked', async (option) => {
      const { decide, sent, ledger, head, deps } = await gaps();
      const owners = { ...policy.owners, 'master-data': { ...policy.owners['master-data'], members: ['mary'] } };
      Object.assign(deps, { policy: { ...policy, owners } });
      const told = await decide(shared, option, 'fred', { target: 'C-1' });
      expect(told).toEqual({ answer: 'not authorised', why: expect.stringContaining('master-data') });
      expect([sent, stuck.map(({ orderKey }) => head(orderKey).stops)]).toEqual([[], stuck.map(() => ({}))]);
      expect((await readReference(ledger, 'acme', 'erp', 'customer', 'SHIP')).version).toBe(0);
      expect(await decide(shared, option, 'mary', { target: 'C-1' })).toMatchObject({ answer: 'decided', decided: { by: 'mary' } });
    });
  });

  describe('about a customer that the ERP does not sell to', () => {
    const customer = 'acme#erp#customer#ACC';
    const blocked = { cause: customer, causeVersion: 0, code: 'CUSTOMER_BLOCKED' } as const;
    const two = orders.slice(0, 2).map((head) => ({ ...head, wait: { ...wait, ...blocked } }));
    const shared = causeTaskId(customer);

    it('can be answered with another ERP, which the tenant has, for all that wait', async () => {
      const { decide, head, sent, ledger } = await world(two);
      await openCauseTask(ledger, blocked, inSeconds(ANSWER_DUE));
      for (const [to, why] of [
        ['none', 'there is no ERP instance "none"; there are erp, other'],
        ['erp', 'it goes to erp already'],
      ])
        expect(await decide(shared, 'reroute', 'fred', { to })).toEqual({ answer: 'not possible', why });
      expect([sent, await openTasks(ledger)]).toMatchObject([[], [{ id: shared, owner: 'finance' }]]);
      expect(await decide(shared, 'reroute', 'fred', { to: 'other' })).toMatchObject({ answer: 'decided', decided: { option: 'reroute' } });
      expect([sent, await openTasks(ledger)]).toEqual([[customer], []]);
      expect(await carriedOut(ledger, customer)).toEqual(two.map(({ orderKey }) => orderKey));
      expect(two.map(({ orderKey }) => [head(orderKey).route.erp, head(orderKey).dueAt])).toEqual(two.map(() => ['other', NOW]));
    });
  });

  it('has the options of its code, and who looks after it', async () => {
    const { decide, ledger } = await asked();
    expect(await decide(id, 'approve', 'whoever')).toEqual({ answer: 'not allowed', options: ['correct', 'cancel'] });
    const to = { to: 'berta', by: 'anna', reason: 'knows the customer' };
    expect(await assignTask(ledger, policy, id, to)).toBe('assigned');
    expect(await assignTask(ledger, policy, 'nothing', to)).toBe('unknown');
    const assigned = { by: 'anna', at: NOW, reason: 'knows the customer' };
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ assignee: 'berta', assigned, state: 'open' });
  });
});
