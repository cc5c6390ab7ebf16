import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Context } from '../../cli/context.ts';
import { dismissEntry, resubmit } from '../../cli/quarantine.ts';
import { patientRules } from '../../config/policies/rules.ts';
import type { CloudEvent } from '../../contracts/envelope.ts';
import type { Policy } from '../../contracts/policy.ts';
import { rules } from '../../contracts/rules.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import { escalateOthers } from '../../lambdas/functions/operations/sweep/escalate.ts';
import { proveTasks } from '../../lambdas/functions/operations/sweep/prove-tasks.ts';
import { sendDigests } from '../../lambdas/functions/operations/sweep/send-digests.ts';
import type { RunDeps } from '../../lambdas/functions/quote-to-order/run/deps.ts';
import { dispatch } from '../../lambdas/functions/quote-to-order/run/dispatch.ts';
import { decideTask, type Request } from '../../lambdas/ledger/decide.ts';
import { createDigests } from '../../lambdas/ledger/digests.ts';
import { entryTaskId } from '../../lambdas/ledger/entry-tasks.ts';
import { listQuarantine, openEntries, type Quarantined, quarantinePut } from '../../lambdas/ledger/quarantine.ts';
import { assignTask, findTask, openTasks } from '../../lambdas/ledger/tasks.ts';
import { taskView } from '../../lambdas/views/task.ts';
import { taskGroups } from '../../lambdas/views/tasks.ts';
import { completed, inSeconds, NOW } from './domain-fixtures.ts';
import { ledgerWith, memoryTable } from './table-fixtures.ts';
import { policy as people } from './task-fixtures.ts';

const defaults = { stage: 'local', tenant: 'acme', erp: 'erp' };
const KEY = orderKeyOf('acme', 'salesforce', 'q', 1);
const order: Head = { ...completed, orderKey: KEY, run: { ...completed.run, active: false }, dueAt: undefined, sweepAt: undefined };
const policy = {
  ...people,
  tenants: { acme: { ...people.tenants.acme, cpqs: { salesforce: { region: 'EU', businessUnit: 'main' } } } },
  erps: { erp: {} },
  rules: rules.parse({
    default: { ...patientRules.default, askingOtherwise: { due: 3600, escalate: ['finance'], atLast: 'cancel' } },
  }),
} as unknown as Policy;

/** The same revision with another total and this content. */
const conflicting = (hash: string) => ({
  'detail-type': 'quote.accepted.v1',
  detail: {
    ...{ specversion: '1.0', id: 'e-1', source: 'quoting.example', type: 'quote.accepted.v1', time: NOW, tenant: 'acme', region: 'EU' },
    businessunit: 'main',
    data: {
      quote: { ...order.quote, total: '90.00' },
      acceptedAt: NOW,
      document: { key: `quotes/${hash}.json`, hash: hash.repeat(64) },
    },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'entry-'));
const file = join(folder, 'event.json');
beforeAll(() => writeFileSync(file, JSON.stringify({ source: 's', 'detail-type': 't', detail: {} })));
afterAll(() => rmSync(folder, { recursive: true }));

/** An order that is completed, and the same revision once more with other content. */
async function world(now = NOW) {
  const memory = ledgerWith([order], now);
  const { ledger } = memory;
  const again = (hash = 'd') => dispatch({ ledger, policy, send: async () => {} } as unknown as RunDeps, conflicting(hash));
  await again();
  const entry = async (): Promise<Quarantined> => (await listQuarantine(ledger, 'acme'))[0] as Quarantined;
  const id = entryTaskId(await entry());
  const none = async () => undefined;
  const deps = { ledger, policy, sendRun: none, sendCause: none };
  const decide = (by: string, more: Partial<Request> = {}) => decideTask(deps, { task: id, option: 'dismiss', by, reason: 'a mistake', ...more });
  const submitted: object[] = [];
  const context = (actor: string, putInbound = async (event: object) => void submitted.push(event)) =>
    ({ ...deps, config: { stage: 'local', policy }, actor: async () => actor, putInbound }) as unknown as Context;
  const prove = async () => proveTasks({ ledger, policy }, [memory.head(KEY)], await openEntries(ledger, 'acme'));
  return { ...memory, again, entry, id, decide, submitted, context, prove };
}

describe('the same revision with other content', () => {
  it('asks sales operations once, in working time, with both totals, while the order goes on', async () => {
    const { again, ledger, id, head, entry } = await world();
    await again();
    expect(await openTasks(ledger)).toMatchObject([
      { id, code: 'QUOTE_CONTENT_CHANGED', owner: 'sales-operations', orderKey: KEY, dueAt: inSeconds(3600), entry: (await entry()).id },
    ]);
    expect((await entry()).detail).toContain('100.00 EUR, and 90.00 EUR now');
    expect(head(KEY)).toMatchObject({ state: 'completed' });
    expect(head(KEY).task).toBeUndefined();
    expect(head(KEY).dueAt).toBeUndefined();
  });

  it('holds nothing up: neither in lists nor in digests is the order counted as one that waits', async () => {
    const { ledger, id } = await world();
    const task = await findTask(ledger, id);
    if (!task) throw new Error('nobody is asked');
    expect(taskView(task, { heads: [order], more: false }, policy, defaults, new Date(NOW))).toMatchObject({
      ...{ orders: 0, money: [], escalation: { next: ['finance'], atLast: undefined } },
      options: [{ option: 'dismiss', follows: expect.stringContaining('new revision') }],
      event: expect.stringMatching(/^npx quotebridge quarantine show \w{20}$/),
    });
    const waits: Head = { ...order, wait: { kind: 'person', code: 'ERP_REFUSED', since: NOW, times: 1 } };
    expect(taskGroups([task], [waits], new Date(NOW))).toMatchObject([{ tasks: 1, orders: 0, money: [] }]);
    const sent: CloudEvent<unknown>[] = [];
    const digests = createDigests({ client: memoryTable().client, table: 'runtime' });
    await sendDigests({ ledger, policy, digests, publish: async (events) => void sent.push(...events) });
    expect(sent).toMatchObject([{ subject: 'sales-operations', data: { open: 1, orders: 0, money: [] } }]);
  });

  it('is dismissed by one of two people at once, and the other is told by whom, when and why', async () => {
    const { decide, entry, ledger, id, again, facts } = await world();
    const answers = await Promise.all([decide('anna'), decide('berta', { reason: 'not wanted' })]);
    const first = answers.find(({ answer }) => answer === 'decided');
    expect(answers.map(({ answer }) => answer).sort()).toEqual(['already decided', 'decided']);
    const { dismissed } = await entry();
    expect(answers).toContainEqual({ answer: 'already decided', decided: expect.objectContaining({ option: 'dismiss', ...dismissed }) });
    expect(first).toMatchObject({ decided: { by: dismissed?.by, at: NOW, reason: dismissed?.reason } });
    expect(await findTask(ledger, id)).toMatchObject({ state: 'closed', closed: { option: 'dismiss', ...dismissed } });
    expect(await openTasks(ledger)).toEqual([]);
    // The same event once more is known; one with a third content is another question.
    await again();
    expect([await openTasks(ledger), facts(KEY)]).toEqual([[], ['order.content-conflicted.v1']]);
    await again('e');
    expect(await openTasks(ledger)).toHaveLength(1);
  });

  it('is for those who are asked, and for the question as it was seen', async () => {
    const { decide, entry } = await world();
    expect(await decide('eve')).toMatchObject({ answer: 'not authorised', why: expect.stringContaining('sales-operations') });
    expect(await decide('anna', { option: 'cancel' })).toEqual({ answer: 'not allowed', options: ['dismiss'] });
    expect(await decide('anna', { openedAt: inSeconds(-1) })).toMatchObject({ answer: 'not open any more' });
    expect((await entry()).dismissed).toBeUndefined();
    expect(await decide('carl', { openedAt: NOW })).toMatchObject({ answer: 'decided' });
  });

  it('can be assigned, and goes to the next group when the answer is late', async () => {
    const { ledger, id, items } = await world();
    const to = { to: 'anna', by: 'berta', reason: 'knows the customer' };
    expect(await assignTask(ledger, policy, id, { ...to, by: 'eve' })).toEqual({
      why: expect.stringContaining('eve is not of the group sales-operations'),
    });
    expect(await assignTask(ledger, policy, id, to)).toBe('assigned');
    expect(await findTask(ledger, id)).toMatchObject({ assignee: 'anna', assigned: { by: 'berta', reason: to.reason }, state: 'open' });
    const late = ledgerWith([], inSeconds(3600));
    for (const item of items.values()) late.put(item);
    const sweep = () => escalateOthers({ ledger: late.ledger, policy });
    expect([await sweep(), await sweep()]).toEqual([1, 0]);
    expect(await findTask(late.ledger, id)).toMatchObject({
      owner: 'finance',
      level: 1,
      askedAt: inSeconds(3600),
      dueAt: inSeconds(7200),
      assignee: undefined,
      assigned: undefined,
    });
  });
});

describe('on the command line an entry in quarantine', () => {
  it('is dismissed as its question is: by whom it is asked of, once', async () => {
    const { context, entry, ledger, id } = await world();
    const one = (await entry()).id;
    const options = { reason: 'a mistake' };
    await expect(dismissEntry(context('eve'), options, one)).rejects.toMatchObject({
      ...{ name: 'Refused', message: expect.stringContaining('not of the group sales-operations') },
      cure: `npx quotebridge tasks show ${id}`,
    });
    expect((await dismissEntry(context('anna'), options, one)).text).toContain('is dismissed');
    expect(await findTask(ledger, id)).toMatchObject({ state: 'closed', closed: { by: 'anna', option: 'dismiss', reason: 'a mistake' } });
    const closed = { name: 'Refused', message: `Event ${one} is closed: dismissed on 2026-01-01 12:00:00 UTC by anna: a mistake. Nothing changes.` };
    await expect(dismissEntry(context('berta'), options, one)).rejects.toMatchObject(closed);
    await expect(resubmit(context('berta'), { file }, one)).rejects.toMatchObject(closed);
  });

  it('that nobody is asked about is dismissed by whoever operates the system, and of two at once one is told of the other', async () => {
    const { context, ledger, put } = await world();
    const { id, put: write } = quarantinePut(ledger, {
      ...{ tenant: 'acme', code: 'EVENT_MALFORMED', detail: 'd', source: 's', type: 't', original: { text: '{}' } },
    });
    put(write.Item);
    const both = await Promise.allSettled([
      dismissEntry(context('eve'), { reason: 'a test of theirs' }, id),
      dismissEntry(context('ida'), { reason: 'a test of ours' }, id),
    ]);
    const told = both.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
    expect(told).toEqual([expect.stringMatching(/is closed: dismissed on .* by (eve|ida): a test of (theirs|ours)\. Nothing changes/)]);
    expect((await openEntries(ledger, 'acme')).map((one) => one.id)).not.toContain(id);
  });

  it('that is submitted again, corrected, closes the question; rejected once more it is asked anew', async () => {
    const { context, entry, ledger, id, decide, again, submitted } = await world();
    await resubmit(context('berta'), { file }, (await entry()).id);
    expect(submitted).toHaveLength(1);
    expect(await findTask(ledger, id)).toMatchObject({ state: 'closed', closed: { by: 'berta', reason: 'the event was submitted again' } });
    expect(await decide('anna')).toEqual({ answer: 'not open any more', why: 'the event was submitted again by berta on 2026-01-01T12:00Z' });
    await again();
    expect(await openTasks(ledger)).toMatchObject([{ id, state: 'open' }]);
    expect(await decide('anna')).toMatchObject({ answer: 'decided' });
  });
});

describe('the proof that nobody is forgotten, of rejected events', () => {
  it('finds nothing amiss with an open entry and its question, nor with closed ones', async () => {
    const { prove, decide } = await world();
    expect(await prove()).toBe(0);
    await decide('anna');
    expect(await prove()).toBe(0);
  });

  it('asks about an entry whose question is missing or closed', async () => {
    const { prove, items, ledger, id, context, entry } = await world();
    items.delete(`O#${KEY} T#${id}`);
    expect([await prove(), await prove()]).toEqual([1, 0]);
    expect(await openTasks(ledger)).toMatchObject([{ id, dueAt: inSeconds(3600) }]);
    const fails = async () => {
      throw new Error('no bus');
    };
    await expect(resubmit(context('anna', fails), { file }, (await entry()).id)).rejects.toThrow('no bus');
    expect([await prove(), await prove()]).toEqual([1, 0]);
    expect(await openTasks(ledger)).toHaveLength(1);
  });

  it('closes a question whose entry is dealt with', async () => {
    const { prove, items, entry, ledger, id } = await world();
    const one = await entry();
    items.set(`X#acme ${one.id}`, { ...one, dismissed: { by: 'anna', at: NOW, reason: 'r' } });
    expect([await prove(), await prove()]).toEqual([1, 0]);
    expect(await findTask(ledger, id)).toMatchObject({ state: 'closed', closed: { by: 'system' } });
  });
});
