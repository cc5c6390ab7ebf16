import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../contracts/envelope.ts';
import { digestOf, toldBy } from '../../lambdas/domain/digest.ts';
import { sendDigests } from '../../lambdas/functions/operations/sweep/send-digests.ts';
import { createDigests } from '../../lambdas/ledger/digests.ts';
import { accepted, inSeconds, KEY, NOW } from './domain-fixtures.ts';
import { ledgerWith, memoryTable } from './table-fixtures.ts';
import { asking, policy } from './task-fixtures.ts';

const asked = { id: 't', code: 'ERP_REFUSED', openedAt: NOW, dueAt: inSeconds(3600), level: 0 } as const;
const base = { owner: 'erp-support', tasks: [asked], orders: 1, money: [], last: undefined, every: 900, working: true, now: inSeconds(1) } as const;

describe('a digest', () => {
  it('tells the first question at once, and nothing before its time', () => {
    expect(digestOf(base)?.data).toMatchObject({ open: 1, fresh: 1, overdue: 0, dueSoon: 0, top: [{ code: 'ERP_REFUSED', tasks: 1 }] });
    expect(digestOf({ ...base, last: { until: inSeconds(-1), newest: [] }, now: inSeconds(898) })).toBeUndefined();
    expect(digestOf({ ...base, last: { until: inSeconds(-1), newest: [] }, now: inSeconds(899) })?.data.fresh).toBe(1);
  });

  it('has nothing to tell of what was told, until it is late', () => {
    const told = { ...base, last: toldBy([asked], inSeconds(1)) };
    expect(digestOf({ ...told, now: inSeconds(2000) })).toBeUndefined();
    expect(digestOf({ ...told, now: inSeconds(3600) })?.data).toMatchObject({ fresh: 0, overdue: 1 });
  });

  it('tells a group that is asked after another one, though the question is older than its last digest', () => {
    const told = { ...base, last: toldBy([], inSeconds(1000)), now: inSeconds(2000) };
    expect(digestOf(told)).toBeUndefined();
    expect(digestOf({ ...told, tasks: [{ ...asked, askedAt: inSeconds(1900), level: 1 }] })?.data).toMatchObject({ fresh: 1, escalated: 1 });
  });

  it('tells a question that the index did not have yet when the last one was made, once', () => {
    const late = { ...asked, id: 'late', openedAt: inSeconds(95) };
    const told = { ...base, tasks: [asked, late], last: toldBy([asked], inSeconds(100)), now: inSeconds(2000) };
    expect(digestOf(told)?.data).toMatchObject({ open: 2, fresh: 1 });
    expect(digestOf({ ...told, last: toldBy(told.tasks, inSeconds(100)) })).toBeUndefined();
  });

  it('says when there are more orders than it has counted', () => {
    expect(digestOf({ ...base, more: true })?.data.more).toBe(true);
    expect(digestOf(base)?.data).not.toHaveProperty('more');
  });

  it('made twice has one id, and another one with other questions: who has seen the first gets to know them', () => {
    expect(digestOf(base)?.id).toBe(digestOf({ ...base, now: inSeconds(5) })?.id);
    const other = { ...asked, id: 'u' };
    expect(digestOf({ ...base, tasks: [asked, other] })?.id).not.toBe(digestOf(base)?.id);
    expect(digestOf({ ...base, tasks: [asked, other] })?.id).toBe(digestOf({ ...base, tasks: [other, asked] })?.id);
  });

  it('reminds of late answers in working time only, and tells new questions at any time', () => {
    const late = { ...base, last: toldBy([asked], inSeconds(1)), now: inSeconds(3600) };
    expect([digestOf(late)?.data.overdue, digestOf({ ...late, working: false })]).toEqual([1, undefined]);
    expect(digestOf({ ...base, working: false })?.data.fresh).toBe(1);
  });

  it('says what is due soon, what was escalated, and the most frequent codes first', () => {
    const tasks = [asked, { ...asked, level: 1, dueAt: inSeconds(60) }, { ...asked, code: 'TAX_MISMATCH' as const }];
    expect(digestOf({ ...base, tasks })?.data).toMatchObject({
      escalated: 1,
      dueSoon: 1,
      top: [{ code: 'ERP_REFUSED', tasks: 2 }, { code: 'TAX_MISMATCH' }],
    });
  });
});

describe('the sweeper tells people what they are asked', () => {
  it('once for each group, with number and worth of the orders', async () => {
    const { ledger } = ledgerWith([accepted]);
    await ledger.change(KEY, () => ({ next: asking('ERP_REFUSED'), answer: null }));
    const sent: CloudEvent<unknown>[] = [];
    const digests = createDigests({ client: memoryTable().client, table: 'runtime' });
    const deps = { ledger, policy, digests, publish: async (events: readonly CloudEvent<unknown>[]) => void sent.push(...events) };
    expect([await sendDigests(deps), await sendDigests(deps)]).toEqual([1, 0]);
    expect(sent).toMatchObject([
      { type: 'task.digested.v1', subject: 'erp-support', data: { orders: 1, money: [{ amount: '100.00', currency: 'EUR' }] } },
    ]);
    expect(await digests.last('erp-support')).toMatchObject({ until: NOW, newest: [expect.stringContaining('@')] });
  });

  it('again when the bus did not take it', async () => {
    const { ledger } = ledgerWith([accepted]);
    await ledger.change(KEY, () => ({ next: asking('ERP_REFUSED'), answer: null }));
    const digests = createDigests({ client: memoryTable().client, table: 'runtime' });
    const refuse = async () => {
      throw new Error('refused');
    };
    await expect(sendDigests({ ledger, policy, digests, publish: refuse })).rejects.toThrow('refused');
    expect(await sendDigests({ ledger, policy, digests, publish: async () => undefined })).toBe(1);
  });
});
