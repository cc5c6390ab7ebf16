import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import { decideTask } from '../../lambdas/ledger/decide.ts';
import { findTask, isShared, openTasks } from '../../lambdas/ledger/tasks.ts';
import type { OrderView } from '../../lambdas/views/order.ts';
import { seenOf, type TaskView } from '../../lambdas/views/task.ts';
import { products } from '../../local/northwind/master-data.ts';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import { data, quotebridge } from '../support/cli.ts';
import { simulator } from '../support/erps.ts';
import { poll } from '../support/poll.ts';
import { northwindQuote, withContent } from '../support/quotes.ts';
import { digestsOf } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();
const { ledger } = stage;

/** Its list price is twice the one of the ERP: somebody has to approve it. */
const dear = (n: number): NorthwindQuote =>
  withContent(northwindQuote(n), (content) => ({
    ...content,
    lines: content.lines.map((line, at) => (at === 0 ? { ...line, listPrice: (Number(line.listPrice) * 2).toFixed(2) } : line)),
  }));

async function held(name: string, n: number) {
  const tenant = createTenant(stage, name, simulator);
  const quote = dear(n);
  await tenant.prepare(quote);
  const orderKey = await tenant.accept(quote);
  const head = await tenant.untilWaiting(orderKey, 'PRICE_OUT_OF_TOLERANCE');
  return { tenant, orderKey, task: head.task?.id ?? '' };
}

describe.concurrent('a question to people', () => {
  test('from the list to the completed order in three commands', async () => {
    const { tenant, orderKey, task } = await held('t85', 1);
    const { tasks } = await data<{ tasks: TaskView[] }>('tasks', 'list', '--tenant', 't85');
    expect(tasks).toMatchObject([{ id: task, code: 'PRICE_OUT_OF_TOLERANCE', owner: 'sales-operations', orders: 1, order: { orderKey } }]);
    const { orders } = await data<{ orders: OrderView[] }>('orders', 'list', '--waiting', '--tenant', 't85');
    expect(orders[0]?.next?.command).toBe(`npx quotebridge tasks show ${task}`);
    const shown = (await quotebridge('tasks', 'show', task)).stdout;
    const [, seen = ''] = new RegExp(`tasks decide ${task} approve --seen (\\w+) --reason TEXT`).exec(shown) ?? [];
    const unseen = await quotebridge('tasks', 'decide', task, 'approve', '--reason', 'agreed with the customer');
    expect(unseen).toMatchObject({ code: 1, stderr: expect.stringContaining(`approve --seen ${seen} --reason`) });
    const decided = await quotebridge('tasks', 'decide', task, 'approve', '--seen', seen, '--reason', 'agreed with the customer');
    expect(decided).toMatchObject({ code: 0, stdout: expect.stringContaining('decided') });
    await tenant.untilState(orderKey, 'completed');
    expect(await simulator.count(orderKey)).toBe(1);
    expect(await findTask(ledger, task)).toMatchObject({ state: 'closed', closed: { option: 'approve', reason: 'agreed with the customer' } });
    expect((await tenant.facts(orderKey)).map(({ type }) => type)).toContain('order.decided.v1');
    const again = await quotebridge('tasks', 'decide', task, 'approve', '--reason', 'once more');
    expect(again).toMatchObject({ code: 0, stdout: expect.stringContaining('already decided') });
    expect(await quotebridge('tasks', 'decide', task, 'reject', '--reason', 'no')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('already decided: approve'),
    });
  });

  test('answered by two people at once: one decides, the other is told', async () => {
    const { tenant, orderKey, task } = await held('t86', 2);
    const open = await findTask(ledger, task);
    const answers = await Promise.all([
      quotebridge('tasks', 'decide', task, 'approve', '--seen', open ? seenOf(open) : '', '--reason', 'yes', '--as', 'anna'),
      quotebridge('tasks', 'decide', task, 'reject', '--reason', 'no', '--as', 'berta'),
    ]);
    expect(answers.map(({ code }) => code).sort()).toEqual([0, 1]);
    const approved = answers[0]?.code === 0;
    expect(answers.find(({ code }) => code === 1)?.stderr).toContain(`already decided: ${approved ? 'approve by cli:anna' : 'reject by cli:berta'}`);
    const head = await tenant.untilState(orderKey, approved ? 'completed' : 'cancelled');
    expect(head.decided).toMatchObject({ by: approved ? 'cli:anna' : 'cli:berta', task });
    expect((await tenant.facts(orderKey)).filter(({ type }) => type === 'order.decided.v1')).toHaveLength(1);
  });

  test('of a stranger is refused, and nothing is written', async () => {
    const { orderKey, task } = await held('t87', 3);
    const { policy } = await loadConfig('local');
    const owners = { ...policy.owners, 'sales-operations': { ...policy.owners['sales-operations'], members: ['cli:anna'] } };
    const before = await ledger.read(orderKey);
    const deps = { ...stage, policy: { ...policy, owners } };
    expect(await decideTask(deps, { task, option: 'approve', by: 'cli:mallory', reason: 'please' })).toMatchObject({ answer: 'not authorised' });
    expect(await decideTask(deps, { task, option: 'keep', by: 'cli:anna', reason: 'please' })).toMatchObject({ answer: 'not allowed' });
    expect(await ledger.read(orderKey)).toEqual(before);
  });

  test('that five orders wait for is one; its answer wakes them all', async () => {
    const tenant = createTenant(stage, 't88', simulator);
    const { sku, code } = products.find(({ number }) => number === 11) ?? { sku: '', code: '' };
    const quotes = [1, 2, 3, 4, 5].map((n) => {
      const quote = withContent(northwindQuote(1), (content) => ({ ...content, lines: content.lines.filter(({ product }) => product === sku) }));
      return { ...quote, header: { ...quote.header, id: `five-${n}`, number: `FIVE-${n}` } };
    });
    for (const quote of quotes) await tenant.prepare(quote, sku);
    const keys = await Promise.all(quotes.map((quote) => tenant.accept(quote)));
    for (const orderKey of keys) expect((await tenant.untilWaiting(orderKey, 'PRODUCT_UNMAPPED')).task).toBeUndefined();
    const [task, ...others] = await poll('the question is asked', async () => {
      const mine = (await openTasks(ledger)).filter((one) => one.tenant === 't88');
      return mine.length > 0 && mine;
    });
    expect(others).toEqual([]);
    const shown = await data<{ task: TaskView }>('tasks', 'show', task?.id ?? '');
    expect(shown.task).toMatchObject({ orders: 5, question: `Which product of ERP sim is ${sku}?` });
    const refused = await quotebridge('tasks', 'decide', 'cancel', '--tenant', 't88', '--reason', 'a try');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('--yes') });
    await data('tasks', 'decide', task?.id ?? '', 'correct', '--target', code, '--reason', 'it is new');
    for (const orderKey of keys) await tenant.untilState(orderKey, 'completed');
    expect(await findTask(ledger, task?.id ?? '')).toMatchObject({ state: 'closed', decided: { option: 'correct' } });
  });

  test('of an ERP that lets nobody in is one for all its orders; answered too early it is asked again', async () => {
    const tenant = createTenant(stage, 't58', simulator);
    const quotes = [1, 2].map((n) => {
      const quote = northwindQuote(1);
      return { ...quote, header: { ...quote.header, id: `locked-out-${n}`, number: `LOCKED-OUT-${n}` } };
    });
    for (const quote of quotes) await tenant.prepare(quote);
    const keys = quotes.map((quote) => tenant.keyOf(quote));
    const faults = simulator.faults();
    const rules = await Promise.all(
      keys.map((orderKey) => faults.plan({ match: simulator.draftOf(orderKey), action: 'status', status: 401, times: 'every' })),
    );
    for (const quote of quotes) await tenant.accept(quote);
    for (const orderKey of keys) expect((await tenant.untilWaiting(orderKey, 'ERP_AUTHENTICATION')).task).toBeUndefined();
    const asked = (version: number) =>
      poll('one question is asked', async () => {
        const mine = (await openTasks(ledger)).filter((task) => task.tenant === 't58' && isShared(task) && task.causeVersion === version);
        return mine.length === 1 && mine[0];
      });
    const { id } = await asked(0);
    const shown = await data<{ task: TaskView }>('tasks', 'show', id);
    expect(shown.task).toMatchObject({
      code: 'ERP_AUTHENTICATION',
      orders: 2,
      owner: 'platform',
      options: [{ option: 'retry' }, { option: 'cancel' }],
    });
    await data('tasks', 'decide', id, 'retry', '--reason', 'a new password');
    expect((await asked(1)).id).toBe(id);
    for (const orderKey of keys)
      await tenant.until(orderKey, 'waits again', ({ wait, run }) => wait?.code === 'ERP_AUTHENTICATION' && wait.causeVersion === 1 && !run.active);
    for (const rule of rules) await faults.remove(rule);
    await data('tasks', 'decide', id, 'retry', '--reason', 'the right password');
    for (const orderKey of keys) await tenant.untilState(orderKey, 'completed');
    expect(await findTask(ledger, id)).toMatchObject({ state: 'closed', decided: { option: 'retry', reason: 'the right password' } });
  });

  test('that nobody answers goes to the next group, and at last to the default of the policy', async () => {
    const { tenant, orderKey, task } = await held('t89', 4);
    const head = await tenant.untilState(orderKey, 'cancelled');
    expect(head.decided).toMatchObject({ task, by: 'system', option: 'reject' });
    const types = (await tenant.facts(orderKey)).map(({ type }) => type);
    expect(types.filter((type) => /decided|escalated|cancelled/.test(type))).toEqual([
      'order.escalated.v1',
      'order.decided.v1',
      'order.cancelled.v1',
    ]);
  });

  test('that orders share, and nobody answers: each is cancelled when its own time is over, and the question ends with them', async () => {
    const tenant = createTenant(stage, 't89', simulator);
    const { sku } = products.find(({ number }) => number === 11) ?? { sku: '' };
    const quotes = [1, 2].map((n) => {
      const quote = withContent(northwindQuote(1), (content) => ({ ...content, lines: content.lines.filter(({ product }) => product === sku) }));
      return { ...quote, header: { ...quote.header, id: `unanswered-${n}`, number: `UNANSWERED-${n}` } };
    });
    for (const quote of quotes) await tenant.prepare(quote, sku);
    const keys = await Promise.all(quotes.map((quote) => tenant.accept(quote)));
    const waits = await tenant.untilWaiting(keys[0] ?? '', 'PRODUCT_UNMAPPED');
    const id = causeTaskId(waits.wait?.cause ?? '');
    for (const orderKey of keys) {
      const { stops, decided } = await tenant.untilState(orderKey, 'cancelled');
      expect([stops.cancel, decided]).toEqual([
        expect.objectContaining({ by: 'system', reason: expect.stringContaining('nobody answered') }),
        undefined,
      ]);
    }
    expect(await findTask(ledger, id)).toMatchObject({ code: 'PRODUCT_UNMAPPED' });
  });

  test('is told to the subscriber of digests, with what it is worth', async () => {
    const { task } = await held('t90', 5);
    expect(await findTask(ledger, task)).toMatchObject({ owner: 'sales-operations' });
    // The sweeper of a stage that was deployed just now begins with its next minute.
    const told = await poll(
      'a digest of sales operations came',
      async () => (await digestsOf('customer-success')).find(({ data }) => data.owner === 'sales-operations' && Number(data.open) > 0),
      { seconds: 90 },
    );
    expect(told).toMatchObject({
      id: expect.stringMatching(/^digest:sales-operations:/),
      data: { top: expect.any(Array), money: expect.any(Array) },
    });
    expect(await digestsOf('billing')).toEqual([]);
  });
});
