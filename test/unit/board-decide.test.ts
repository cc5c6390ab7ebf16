import { describe, expect, test } from 'vitest';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import { SYSTEM } from '../../lambdas/domain/head.ts';
import { type Chain, decideEscalate } from '../../lambdas/domain/protocol/index.ts';
import { aroundOf } from '../../lambdas/domain/rules.ts';
import { LedgerContended } from '../../lambdas/ledger/ledger.ts';
import { readReference } from '../../lambdas/ledger/references.ts';
import { textOf, tokenOf } from '../support/board.ts';
import { boardOf, nth, waiting, wanted } from './board-fixtures.ts';
import { NOW } from './domain-fixtures.ts';
import { asking, taskIdOf } from './task-fixtures.ts';

const head = wanted(1);
const id = taskIdOf(head);
const path = `/tasks/${id}`;
const CAUSE = 'acme#erp#product#X-1';
const decisions = (facts: readonly string[]) => facts.filter((type) => type === 'order.decided.v1').length;

describe('deciding', () => {
  test('closes the task, makes the order due, and leads to the page that shows it', async () => {
    const { visit, head: read, facts, sentRuns, get } = boardOf([head]);
    expect(await visit('ada').decide(id, 'approve', { reason: ' a large customer ' })).toMatchObject({ status: 303, headers: { location: path } });
    expect(read(head.orderKey)).toMatchObject({ decided: { option: 'approve', by: 'board:ada', reason: 'a large customer' } });
    expect(read(head.orderKey).task).toBeUndefined();
    expect(decisions(facts(head.orderKey))).toBe(1);
    expect(sentRuns).toEqual([head.orderKey]);
    const { status, body } = await get(path);
    expect(status).toBe(200);
    expect(textOf(body)).toContain('Decided: Approve By board:ada');
    expect(textOf(body)).toMatch(/Decided before .*Approve APPROVAL_NEEDED board:ada .* a large customer/);
    expect(body).not.toContain('/decide"');
  });

  test('with the same form again and again changes nothing: it was decided by you', async () => {
    const { visit, facts } = boardOf([head]);
    const ada = visit('ada');
    const token = tokenOf((await ada.see(path)).body, `${path}/decide`);
    const send = () => ada.send(`${path}/decide`, { token, option: 'approve', reason: 'because' });
    const all = await Promise.all(Array.from({ length: 100 }, send));
    expect(all.filter(({ status }) => status === 303).length).toBe(1);
    expect(all.filter(({ status }) => status === 409).length).toBe(99);
    const again = await send();
    expect(again.status).toBe(409);
    expect(textOf(again.body)).toContain('You have decided this already');
    expect(textOf(again.body)).toContain('What counts is: Approve, by board:ada,');
    expect(decisions(facts(head.orderKey))).toBe(1);
  });

  test('of two people at once one decides, and the other is told who did, when and why', async () => {
    const { visit, facts } = boardOf([head]);
    const [ada, bob] = await Promise.all([visit('ada').decide(id, 'approve'), visit('bob').decide(id, 'reject', { reason: 'too cheap' })]);
    const [first, second] = ada.status === 303 ? ['ada', bob] : ['bob', ada];
    expect(second.status).toBe(409);
    expect(textOf(second.body)).toContain(`board:${first} has decided this already`);
    expect(textOf(second.body)).toMatch(/What counts is: (Approve|Reject), by board:\w+, 2026-01-01 12:00:00 UTC/);
    expect(decisions(facts(head.orderKey))).toBe(1);
  });

  test('that comes between a correction and its order says what stays corrected', async () => {
    const decided = { task: id, code: 'CUSTOMER_HIERARCHY_GAP', option: 'reject', by: 'board:bob', at: NOW, reason: 'too late for it' } as const;
    const instead = { answer: 'already decided', decided } as const;
    const what = 'customer ACC is C-1 in ERP erp now';
    const { visit } = boardOf([head], { decide: async () => ({ answer: 'only corrected', what, instead }) });
    const { status, body } = await visit('ada').decide(id, 'approve');
    expect(status).toBe(409);
    expect(textOf(body)).toContain(`${what}, and that stays. The question went another way meanwhile: Reject, by board:bob,`);
    expect(textOf(body)).not.toContain('Nothing was changed');
  });

  test('of several who have to approve is one of them: the next group is asked, and the same form counts once', async () => {
    const both = { subject: 'discount', value: '0.25', worse: 'larger', approvers: ['sales-operations', 'finance'] } as const;
    const order = asking('APPROVAL_NEEDED', both, nth(1));
    const { visit, head: read } = boardOf([order]);
    const page = `/tasks/${taskIdOf(order)}`;
    const ada = visit('ada');
    const form = { token: tokenOf((await ada.see(page)).body, `${page}/decide`), option: 'approve', reason: 'because' };
    expect(await ada.send(`${page}/decide`, form)).toMatchObject({ status: 303 });
    expect(read(order.orderKey).task).toMatchObject({ owner: 'finance', approved: [{ by: 'board:ada' }] });
    expect(textOf((await ada.see(page)).body)).toContain('Approved so far board:ada (sales-operations) at 2026-01-01T12:00Z');
    const again = await ada.send(`${page}/decide`, form);
    expect(again.status).toBe(409);
    expect(textOf(again.body)).toContain('This form was sent already Nothing was done again.');
    const twice = await visit('ada').decide(taskIdOf(order), 'approve');
    expect(twice.status).toBe(409);
    expect(textOf(twice.body)).toContain('You have decided this already');
    expect(await visit('bob').decide(taskIdOf(order), 'approve')).toMatchObject({ status: 303 });
    expect(read(order.orderKey).task).toBeUndefined();
  });

  test('of a hundred forms of two people one decides', async () => {
    const { visit, facts } = boardOf([head]);
    const people = [visit('ada'), visit('bob')];
    const all = await Promise.all(Array.from({ length: 100 }, (_, n) => people[n % 2]?.decide(id, 'approve')));
    expect(Object.entries(Object.groupBy(all, (answer) => String(answer?.status))).map(([status, of]) => [status, of?.length])).toEqual([
      ['303', 1],
      ['409', 99],
    ]);
    expect(decisions(facts(head.orderKey))).toBe(1);
  });

  test('is refused to whoever is not of the group that is asked', async () => {
    const { visit, head: read } = boardOf([head]);
    const eve = visit('eve');
    const { status, body } = await eve.send(`${path}/decide`, { token: eve.issue(`${path}/decide`), option: 'approve', reason: 'because' });
    expect(status).toBe(403);
    expect(textOf(body)).toContain('You may not decide this');
    expect(textOf(body)).toContain('Nothing was changed: board:eve is not of the group sales-operations, which is asked.');
    expect(read(head.orderKey)).toMatchObject({ task: { id } });
  });

  test('is too late when the policy has decided, and when the order went on without an answer', async () => {
    const decided = { task: id, code: 'APPROVAL_NEEDED', option: 'reject', by: SYSTEM, at: head.createdAt, reason: 'nobody answered' } as const;
    const { task: _over, wait: _past, ...gone } = head;
    const answered = boardOf([{ ...gone, decided }]);
    answered.put({ pk: `T#${id}`, sk: 'PLACE', orderKey: head.orderKey });
    const ada = answered.visit('ada');
    const send = (visitor: typeof ada) =>
      visitor.send(`${path}/decide`, { token: visitor.issue(`${path}/decide`), option: 'approve', reason: 'because' });
    const late = await send(ada);
    expect(late.status).toBe(410);
    expect(textOf(late.body)).toContain('It is too late Nobody had answered in time, and the policy decided: Reject, by system,');

    const without = boardOf([gone]);
    without.put({ pk: `T#${id}`, sk: 'PLACE', orderKey: head.orderKey });
    const closed = await send(without.visit('ada'));
    expect(closed.status).toBe(410);
    expect(textOf(closed.body)).toContain('The question is not open any more');
  });

  test('is too late after the default of the policy, also when something else was decided since: it says what and when', async () => {
    const { visit, deps } = boardOf([head]);
    const around = aroundOf(deps.policy, head);
    const chain: Chain = { escalate: [], atLast: 'reject' };
    const ada = visit('ada');
    const form = { token: tokenOf((await ada.see(path)).body, `${path}/decide`), option: 'approve', reason: 'because' };
    await deps.ledger.change(head.orderKey, (now) => decideEscalate(now, now.task?.dueAt ?? '', chain, around));
    const other = { task: 'another', code: 'ERP_REFUSED', option: 'retry', by: 'board:eve', at: head.createdAt, reason: 'x' } as const;
    await deps.ledger.change(head.orderKey, (now) => ({ next: { ...now, decided: other }, answer: null }));
    const late = await ada.send(`${path}/decide`, form);
    expect(late.status).toBe(410);
    expect(textOf(late.body)).toMatch(
      /It is too late Nobody had answered in time, and the policy decided: Reject, by system, \d{4}-\d\d-\d\d \S+ UTC.*nobody answered until .*The task/,
    );
    await expect(deps.ledger.read(head.orderKey)).resolves.toMatchObject({ stops: { policy: { by: SYSTEM } } });
  });

  test('is not for who asked for the terms: another member approves them', async () => {
    const asked = asking('APPROVAL_NEEDED', { subject: 'discount', value: '0.25', worse: 'larger', requestedBy: 'Ada@example.com' }, nth(1));
    const { visit, head: read } = boardOf([asked]);
    const refused = await visit('ada').decide(taskIdOf(asked), 'approve');
    expect(refused.status).toBe(403);
    expect(textOf(refused.body)).toContain('You may not decide this Nothing was changed: nobody approves what they asked for themselves.');
    expect(refused.body).toContain(`href="/tasks/${taskIdOf(asked)}"`);
    expect(read(asked.orderKey)).toMatchObject({ task: { id: taskIdOf(asked) }, approvals: {} });
    expect(await visit('bob').decide(taskIdOf(asked), 'approve')).toMatchObject({ status: 303 });
  });

  test('answers the question that was shown, and none that was asked since', async () => {
    const { visit, head: read } = boardOf([head]);
    expect(await visit('ada').decide(id, 'approve', { openedAt: '2025-12-31T00:00:00.000Z' })).toMatchObject({ status: 410 });
    expect(read(head.orderKey).task?.id).toBe(id);
  });

  test.each([
    ['an answer that the question does not have', { option: 'retry' }, 409, 'This answer is not among those that the question has'],
    ['an answer that there is not', { option: 'toString' }, 400, 'option: expected one of retry,'],
    ['no reason', { reason: ' ' }, 400, 'The answer is not complete reason: say why, in a sentence.'],
    ['a reason of two lines', { reason: 'x\ny' }, 400, 'reason: expected no line breaks'],
    ['a reason without end', { reason: 'x'.repeat(301) }, 400, 'reason: expected at most 300 characters.'],
  ])('%s changes nothing and says so', async (_what, fields, status, text) => {
    const { visit, log, failures } = boardOf([head]);
    const answer = await visit('ada').decide(id, 'approve', fields);
    expect(answer.status).toBe(status);
    expect(textOf(answer.body)).toContain(text);
    expect(log.writes).toBe(0);
    expect(failures).toEqual([]);
  });

  test('needs a log-in, and a form that was shown to the very same person', async () => {
    const { board, visit, log } = boardOf([head]);
    const fields = { option: ['approve'], reason: ['because'] };
    const request = { method: 'POST', path: `${path}/decide`, query: {} };
    const [ada, bob] = [visit('ada'), visit('bob')];
    const stolen = ada.issue(`${path}/decide`);
    const nobody = await board({ ...request, form: { ...fields, token: [stolen] } });
    expect(nobody.status).toBe(403);
    expect(textOf(nobody.body)).toContain('Nobody is logged in');
    expect(nobody.body).toContain(`href="/login?next=%2Ftasks%2F${id}"`);
    for (const token of [stolen, '', 'x.y', bob.issue(path), bob.issue('/tasks/other/decide')]) {
      const refused = await bob.send(`${path}/decide`, { option: 'approve', reason: 'because', token });
      expect(refused.status).toBe(403);
      expect(textOf(refused.body)).toContain('The form is out of date');
    }
    expect(log.writes).toBe(0);
  });

  test('that fails does not claim that nothing happened', async () => {
    const decide = async () => {
      throw new Error('with a secret');
    };
    const { visit, failures } = boardOf([head], { decide });
    const { status, body } = await visit('ada').decide(id, 'approve');
    expect(status).toBe(500);
    expect(textOf(body)).toContain('It is not known what came of this');
    expect(body).not.toContain('secret');
    expect(failures).toMatchObject([{ message: 'with a secret' }]);
  });

  test('an unknown task is told from a closed one', async () => {
    const { visit } = boardOf([]);
    const ada = visit('ada');
    expect(await ada.send('/tasks/nothing/decide', { token: ada.issue('/tasks/nothing/decide'), option: 'retry', reason: 'because' })).toMatchObject({
      status: 404,
    });
  });

  test('sets the code that many orders wait for, once, and wakes them', async () => {
    const { visit, deps, sentCauses } = boardOf([waiting(1), waiting(2)]);
    const shared = causeTaskId(CAUSE);
    expect(await visit('eve').decide(shared, 'correct', { target: ' P-9 ' })).toMatchObject({ status: 303 });
    expect(await readReference(deps.ledger, 'acme', 'erp', 'product', 'X-1')).toMatchObject({ target: 'P-9', version: 1 });
    expect(sentCauses).toEqual([CAUSE]);
    const ada = visit('ada');
    const late = await ada.send(`/tasks/${shared}/decide`, {
      token: ada.issue(`/tasks/${shared}/decide`),
      option: 'correct',
      reason: 'because',
      target: 'P-8',
    });
    expect(late.status).toBe(409);
    expect(textOf(late.body)).toContain('board:eve has decided this already');
    expect(await readReference(deps.ledger, 'acme', 'erp', 'product', 'X-1')).toMatchObject({ target: 'P-9' });
  });
});

describe('a GET', () => {
  test('of whatever address changes nothing, not even a thousand times', async () => {
    const { board, visit, log } = boardOf([head, waiting(2), nth(3)]);
    const ada = visit('ada');
    const token = ada.issue(`${path}/decide`);
    const query = { token, option: 'approve', reason: 'because', task: id, to: 'me' };
    const shows = ['/', '/orders', `/orders/${head.orderKey}`, '/tasks', path, '/search?q=1', `/tasks/${causeTaskId(CAUSE)}`];
    const sends = [`${path}/decide`, `${path}/assign`, '/tasks/together', '/tasks/together/decide'];
    for (const address of [...shows, ...sends]) {
      for (const method of ['GET', 'HEAD']) await board({ method, path: address, query });
      await ada.see(address, query);
    }
    for (const address of sends) expect(await ada.see(address, query)).toMatchObject({ status: 405, headers: { allow: 'POST' } });
    for (let n = 0; n < 1000; n++) await ada.see(n % 2 === 0 ? path : `${path}/decide`, query);
    expect(log.writes).toBe(0);
    // The token was not used up either.
    expect(await ada.send(`${path}/decide`, { token, option: 'approve', reason: 'because' })).toMatchObject({ status: 303 });
  });

  test('is what other methods are not: only the forms can be sent, and nothing else is', async () => {
    const { board, visit } = boardOf([head]);
    const ada = visit('ada');
    for (const address of ['/', '/orders', '/tasks', path, '/board.css'])
      expect(await ada.send(address, {})).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    for (const method of ['PUT', 'DELETE', 'PATCH', 'get'])
      expect(await board({ method, path: `${path}/decide`, query: {} })).toMatchObject({ status: 405 });
  });
});

describe('deciding many tasks together', () => {
  const three = [wanted(1), wanted(2), wanted(3)];
  const ids = three.map(taskIdOf);

  async function confirmed(board: ReturnType<typeof boardOf>, fields: Record<string, string | string[]> = {}) {
    const ada = board.visit('ada');
    const { body } = await ada.see('/tasks', { code: 'APPROVAL_NEEDED' });
    const page = await ada.send('/tasks/together', {
      token: tokenOf(body, '/tasks/together'),
      code: 'APPROVAL_NEEDED',
      option: 'approve',
      reason: 'a campaign',
      task: ids,
      ...fields,
    });
    return { ada, page };
  }

  test('shows what would be decided, and what it is worth, before it is', async () => {
    const board = boardOf(three);
    const { page } = await confirmed(board);
    expect(page.status).toBe(200);
    const text = textOf(page.body);
    expect(text).toContain('Approve: 3 tasks?');
    expect(text).toContain('Together they are worth 300.00 EUR');
    expect(text).toContain('a campaign');
    for (const n of [1, 2, 3]) expect(text).toContain(`Q-${n}`);
    expect(board.log.writes).toBe(0);
  });

  test('says of how many another group is asked next: these orders do not go on', async () => {
    const several = (n: number) =>
      asking('APPROVAL_NEEDED', { subject: 'discount', value: '0.25', worse: 'larger', approvers: ['sales-operations', 'finance'] }, nth(n));
    const two = [several(4), several(5)];
    const { page } = await confirmed(boardOf(two), { task: two.map(taskIdOf) });
    expect(textOf(page.body)).toContain('finance is asked next; the order goes on when all have approved.');
    expect(textOf(page.body)).not.toContain('The order goes on');
    const all = [...three, ...two];
    const { page: mixed } = await confirmed(boardOf(all), { task: all.map(taskIdOf) });
    expect(textOf(mixed.body)).toMatch(/Of 3: The order goes on; .* Of 2: finance is asked next/);
  });

  test('decides what is ticked, each by itself, once, and says what came of each', async () => {
    const board = boardOf(three);
    const { ada, page } = await confirmed(board);
    await board.visit('bob').decide(ids[1] ?? '', 'reject');
    const ticked = [...page.body.matchAll(/name="task" value="([^"]+)" checked/g)].map(([, value]) => value ?? '');
    expect(ticked.length).toBe(3);
    const form = { token: tokenOf(page.body, '/tasks/together/decide'), option: 'approve', reason: 'a campaign', task: ticked.slice(0, 2) };
    const { status, body } = await ada.send('/tasks/together/decide', form);
    expect(status).toBe(200);
    expect(textOf(body)).toContain('1 of 2 tasks decided');
    expect(textOf(body)).toMatch(/Q-1 ✓ decided Approve Q-2 ! not decided board:bob has decided this already\. What counts is: Reject, by board:bob/);
    expect(board.head(three[2]?.orderKey ?? '').task?.id).toBe(ids[2]);
    const writes = board.log.writes;
    expect(await ada.send('/tasks/together/decide', form)).toMatchObject({ status: 409 });
    expect(board.log.writes).toBe(writes);
  });

  test('goes on with the others when one fails, and says of which it is not known what came of it', async () => {
    const own = boardOf(three);
    const board = boardOf(three, {
      decide: async (request) => (request.task === ids[0] ? Promise.reject(new LedgerContended('met another writer')) : own.deps.decide(request)),
    });
    const { ada, page } = await confirmed(board);
    const task = ids.slice(0, 2).map((one) => `${one}@${NOW}`);
    const form = { token: tokenOf(page.body, '/tasks/together/decide'), option: 'approve', reason: 'a campaign', task };
    const { status, body } = await ada.send('/tasks/together/decide', form);
    expect(status).toBe(200);
    expect(textOf(body)).toContain('1 of 2 tasks decided');
    expect(textOf(body)).toContain('LedgerContended. Its task shows what came of it; if it is open, answer it there.');
    expect(board.failures).toEqual([expect.objectContaining({ name: 'LedgerContended' })]);
    expect(own.head(three[1]?.orderKey ?? '').task).toBeUndefined();
  });

  test('decides no question that was asked anew since it was shown', async () => {
    const board = boardOf(three);
    const { ada, page } = await confirmed(board);
    const task = [`${ids[0]}@2025-12-31T00:00:00.000Z`, `${ids[1]}@${NOW}`];
    const form = { token: tokenOf(page.body, '/tasks/together/decide'), option: 'approve', reason: 'a campaign', task };
    const { body } = await ada.send('/tasks/together/decide', form);
    expect(textOf(body)).toContain('1 of 2 tasks decided');
    expect(three.slice(0, 2).map(({ orderKey }) => board.head(orderKey).task?.id)).toEqual([ids[0], undefined]);
  });

  test('needs a reason and a log-in; what is closed meanwhile is not shown', async () => {
    const board = boardOf(three);
    expect(await confirmed(board, { reason: '' })).toMatchObject({ page: { status: 400 } });
    expect((await board.get('/tasks', { code: 'APPROVAL_NEEDED' })).body).not.toContain('/tasks/together');
    const { body } = await board.visit('ada').see('/tasks', { code: 'APPROVAL_NEEDED' });
    for (const one of ids) await board.visit('ada').decide(one, 'approve');
    expect(body).toContain('Decide 3 tasks together');
    const ada = board.visit('ada');
    expect(
      await ada.send('/tasks/together', { token: ada.issue('/tasks/together'), option: 'approve', reason: 'a campaign', task: ids }),
    ).toMatchObject({ status: 410 });
  });
});
