import { describe, expect, test } from 'vitest';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { parkingOf } from '../../lambdas/domain/rules.ts';
import { askAboutEntry, entryTaskId } from '../../lambdas/ledger/entry-tasks.ts';
import { textOf, tokenOf } from '../support/board.ts';
import { boardOf, nth, waiting, wanted } from './board-fixtures.ts';
import { inSeconds, NOW } from './domain-fixtures.ts';
import { taskIdOf } from './task-fixtures.ts';

const CAUSE = 'acme#erp#product#X-1';
const shared = causeTaskId(CAUSE);

describe('the list of tasks', () => {
  test('asks by group, what is overdue first, with money and age; a cause of many orders is one', async () => {
    const late = wanted(3);
    const overdue = { ...late, task: { ...late.task, dueAt: inSeconds(-7200), openedAt: inSeconds(-86_400) } } as Head;
    const { get } = boardOf([waiting(1), waiting(2), wanted(4), overdue]);
    const text = textOf((await get('/tasks')).body);
    expect(text).toContain('3 open tasks, 1 overdue; due first comes first.');
    expect(text).toMatch(
      /Q-3 detail APPROVAL_NEEDED sales-operations 1 order 100\.00 EUR 1 d ! overdue 2 h ago .*Which product of ERP erp is X-1\?.* 2 orders 200\.00 EUR 2 min in 1 h .*Q-4/,
    );
    const overview = textOf((await get('/')).body);
    expect(overview).toContain('sales-operations 2 1 2 200.00 EUR ! overdue 2 h ago');
    expect(overview).toContain('master-data 1 0 2 200.00 EUR in 1 h');
  });

  test('is narrowed by group, code, tenant, due time and who looks after it', async () => {
    const taken = wanted(2, { tenant: 'other' });
    const { get, visit } = boardOf([waiting(1), wanted(1), { ...taken, task: { ...taken.task, assignee: 'board:ada' } } as Head]);
    const count = async (query: Record<string, string>, see: typeof get = get) =>
      textOf((await see('/tasks', query)).body).match(/(\d+) open task/)?.[1];
    expect(await count({ owner: 'sales-operations' })).toBe('2');
    expect(await count({ code: 'PRODUCT_UNMAPPED' })).toBe('1');
    expect(await count({ tenant: 'other' })).toBe('1');
    expect(await count({ due: 'overdue' })).toBe('0');
    expect(await count({ assigned: 'nobody' })).toBe('2');
    expect(await count({ assigned: 'me' }, visit('ada').see)).toBe('1');
    expect(await count({ assigned: 'me' }, visit('bob').see)).toBe('0');
    for (const query of [{ owner: 'nobody' }, { code: 'x' }, { due: 'soon' }, { tenant: 'nobody' }])
      expect((await get('/tasks', query)).status).toBe(400);
  });

  test('shows that nobody is asked anything', async () => {
    const { get } = boardOf([nth(1)]);
    expect(textOf((await get('/tasks')).body)).toContain('0 open tasks, 0 overdue; due first comes first. None.');
    expect(textOf((await get('/')).body)).toContain('Nobody is asked anything.');
  });
});

describe('the page of a task', () => {
  test('about a rejected event: the order goes on, and the answer is given once', async () => {
    const order = nth(1, { state: 'completed', dueAt: undefined, sweepAt: undefined });
    const { visit, put, quarantined, items, get, deps } = boardOf([order]);
    const entry = {
      id: 'x1',
      tenant: 'acme',
      code: 'QUOTE_CONTENT_CHANGED',
      detail: '100.00 EUR, and 90.00 EUR now',
      orderKey: order.orderKey,
    } as const;
    quarantined(entry.id, entry);
    for (const { Put } of askAboutEntry('ledger', order, entry, parkingOf(deps.policy, order), NOW)) put(Put.Item);
    const id = entryTaskId(entry);
    expect(textOf((await get('/tasks')).body)).toMatch(
      /Q-1 100\.00 EUR, and 90\.00 EUR now QUOTE_CONTENT_CHANGED sales-operations no order 0 s in 1 d/,
    );
    expect(textOf((await get('/')).body)).toMatch(/sales-operations 1 0 0 in 1 d/);
    const text = textOf((await visit('ada').see(`/tasks/${id}`)).body);
    expect(text).toContain('The order goes on with the first. Is the other content dismissed');
    expect(text).toContain('npx quotebridge quarantine show x1');
    expect(textOf((await visit('eve').see(`/tasks/${id}`)).body)).toContain('You are board:eve, and sales-operations is asked');
    const [ada, bob] = [visit('ada'), visit('bob')];
    const bobs = { token: tokenOf((await bob.see(`/tasks/${id}`)).body, `/tasks/${id}/decide`), option: 'dismiss', reason: 'agreed' };
    expect(await ada.decide(id, 'dismiss', { reason: 'a mistake' })).toMatchObject({ status: 303 });
    const second = await bob.send(`/tasks/${id}/decide`, bobs);
    expect(second.status).toBe(409);
    expect(textOf(second.body)).toMatch(/board:ada has decided this already What counts is: Dismiss the other content, by board:ada, .* a mistake/);
    expect(items.get('X#acme x1')).toMatchObject({ dismissed: { by: 'board:ada', at: NOW, reason: 'a mistake' } });
    expect(textOf((await get(`/tasks/${id}`)).body)).toContain('Decided: Dismiss the other content By board:ada');
    expect(textOf((await get('/')).body)).toContain('No event is in quarantine.');
  });

  test('has the question, the facts, who may answer and until when; without a log-in no form and no name', async () => {
    const head = wanted(1);
    const { get, visit } = boardOf([head]);
    const { status, body } = await get(`/tasks/${taskIdOf(head)}`);
    expect(status).toBe(200);
    const text = textOf(body);
    expect(text).toContain('Is this order approved?');
    expect(text).toMatch(/To be approved discount: 0\.25/);
    expect(text).toContain('Customer ACC-1 Tenant acme');
    expect(text).toContain('Who may answer sales-operations: board:ada, board:bob');
    expect(text).toContain('Due in 1 d');
    expect(body).toContain(`href="/orders/${head.orderKey}"`);
    expect(body).not.toContain('/decide"');
    expect(body).toContain(`href="/login?next=%2Ftasks%2F${taskIdOf(head)}"`);
    const known = textOf((await visit('ada').see(`/tasks/${taskIdOf(head)}`)).body);
    expect(known).toContain('ACC-1, Vins et alcools Chevalier, FR');
    expect(known).toMatch(/Approve The order goes on.*Reject The order is undone/);
  });

  test('tells whoever may not answer who may', async () => {
    const head = wanted(1);
    const { body } = await boardOf([head])
      .visit('eve')
      .see(`/tasks/${taskIdOf(head)}`);
    expect(textOf(body)).toContain('You are board:eve, and sales-operations is asked: board:ada, board:bob.');
    expect(body).not.toContain('/decide"');
  });

  test('of a cause asks for the code of all the orders that wait for it', async () => {
    const { visit, get } = boardOf([waiting(1), waiting(2)]);
    const text = textOf((await visit('eve').see(`/tasks/${shared}`)).body);
    expect(text).toContain('In the quote X-1, 60.00 EUR per unit');
    expect(textOf((await get(`/tasks/${shared}`)).body)).not.toContain('In the quote');
    expect(text).toContain('Which product of ERP erp is X-1?');
    expect(text).toContain('Holds up 2 orders');
    expect(text).toContain('Code of the product in ERP erp');
    expect(text).toMatch(/Cancel all 2 orders that wait for it This cancels all 2 orders that wait for it \(\d+\.\d\d EUR before tax\)/);
    expect(text).toMatch(/Orders that wait for it .*Q-2 .*Q-1 /);
  });

  test('is where the page of a waiting order leads to', async () => {
    const [own, caused] = [wanted(1), waiting(2)];
    const { get } = boardOf([own, caused]);
    const { body } = await get(`/orders/${own.orderKey}`);
    expect(body).toContain(`href="/tasks/${taskIdOf(own)}"`);
    expect(textOf(body)).toContain('To decide: Is this order approved? sales-operations, due in 1 d');
    expect((await get(`/orders/${caused.orderKey}`)).body).toContain(`href="/tasks/${shared}"`);
  });

  test('that there is not says so', async () => {
    expect(await boardOf([]).get('/tasks/0123456789abcdef0123')).toMatchObject({ status: 404 });
  });

  test('escapes what others wrote', async () => {
    const hostile = '<script>alert(1)</script>';
    const head = wanted(1, { quote: { ...nth(1).quote, number: hostile } });
    const bad = { ...head, wait: { ...head.wait, detail: hostile }, task: { ...head.task, assignee: hostile } } as Head;
    const { visit } = boardOf([bad]);
    for (const path of ['/tasks', `/tasks/${taskIdOf(head)}`]) {
      const { body } = await visit('ada').see(path);
      expect(body).toContain('&lt;script&gt;');
      expect(body).not.toContain('<script>alert');
    }
  });
});

describe('assigning', () => {
  test('whoever may answer takes a task, and gives it back', async () => {
    const head = wanted(1);
    const { visit, head: read } = boardOf([head]);
    const path = `/tasks/${taskIdOf(head)}/assign`;
    const ada = visit('ada');
    const token = async () => tokenOf((await ada.see(`/tasks/${taskIdOf(head)}`)).body, path);
    expect(await ada.send(path, { token: await token(), to: 'me' })).toMatchObject({ status: 303 });
    expect(read(head.orderKey).task?.assignee).toBe('board:ada');
    expect(textOf((await ada.see(`/tasks/${taskIdOf(head)}`)).body)).toMatch(/Looked after by board:ada, by board:ada, .*taken on the board/);
    expect(await ada.send(path, { token: await token(), to: 'nobody' })).toMatchObject({ status: 303 });
    expect(read(head.orderKey).task?.assignee).toBeUndefined();
  });

  test('nobody else does, and not what is closed', async () => {
    const head = wanted(1);
    const board = boardOf([head]);
    const path = `/tasks/${taskIdOf(head)}/assign`;
    const before = board.visit('bob');
    const token = tokenOf((await before.see(`/tasks/${taskIdOf(head)}`)).body, path);
    await board.visit('ada').decide(taskIdOf(head), 'approve');
    expect(await before.send(path, { token, to: 'me' })).toMatchObject({ status: 410 });
    expect(await board.visit('eve').send(path, { token: 'guessed' })).toMatchObject({ status: 403 });
  });
});
