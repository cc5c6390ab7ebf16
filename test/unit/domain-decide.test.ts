import { describe, expect, it } from 'vitest';
import example from '../../config/example.ts';
import { policy as policyShape } from '../../contracts/policy.ts';
import { owner } from '../../contracts/rules.ts';
import { isSamePerson } from '../../contracts/tasks.ts';
import { covers } from '../../lambdas/domain/approval.ts';
import { type CauseTask, escalated, opened } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { memberOf, membersText } from '../../lambdas/domain/owners.ts';
import {
  type Around,
  apply,
  type Chain,
  decide,
  decideAdoptDraft,
  decideAssign,
  decideCancel,
  decideCauseDefault,
  decideCauseWake,
  decideEscalate,
  decideFoundConfirmed,
  decideFoundTax,
  decideOutcome,
  decideRaise,
  decideStart,
  decideWake,
  type Parking,
  waitFor,
  waitOver,
} from '../../lambdas/domain/protocol/index.ts';
import { snapshotOf } from '../../lambdas/domain/snapshot.ts';
import { type Approval, type Ask, steadySinceOf, type Wait, waitsForCauseSince } from '../../lambdas/domain/waiting.ts';
import { ANSWER_DUE, accepted, completed, confirmed, draft, inSeconds, NOW, order, parking, times } from './domain-fixtures.ts';
import { answer, around, asking, policy, taskIdOf } from './task-fixtures.ts';

const LATER = inSeconds(60);
const idle = (head: Head): Head => ({ ...head, run: { ...head.run, active: false } });
const decided = (head: Head, option: Parameters<typeof answer>[1], by = 'anna', more = {}) =>
  decide(head, answer(head, option, by, more), LATER, around);

/** The answer was taken: the question is closed, the order due now, and a fact says by whom. */
function expectDecided(decision: ReturnType<typeof decide>, by: string): Head {
  expect(decision.answer).toMatchObject({ answer: 'decided', decided: { by, at: LATER, reason: 'because' } });
  expect(decision.fact).toEqual({ type: 'order.decided.v1', actor: by });
  const { next } = decision;
  if (!next) throw new Error('nothing was written');
  expect([next.task, next.wait, next.dueAt, next.sweepAt]).toEqual([undefined, undefined, LATER, LATER]);
  return next;
}

describe('an answer', () => {
  it('retry: the order is due, and what it waited for counts anew', () => {
    const next = expectDecided(decided(asking('ERP_REFUSED'), 'retry', 'eve'), 'eve');
    expect(next).not.toHaveProperty('waited');
  });

  it('cancel: the order is stopped as by orders cancel', () => {
    const head = asking('ERP_REFUSED');
    const next = expectDecided(decided(head, 'cancel', 'eve'), 'eve');
    expect(next.stops).toEqual(decideCancel(head, 'eve', LATER, 'because').next?.stops);
  });

  it('cancel of an order that was asked to stop before is another run of it', () => {
    const stopped = { cancel: { by: 'someone', at: NOW } };
    const next = expectDecided(decided({ ...asking('PLATFORM_UNDO_STUCK'), stops: stopped }, 'cancel', 'pat'), 'pat');
    expect(next.stops).toEqual(stopped);
  });

  it('reject: the order is undone by policy, before the pivot only', () => {
    expect(expectDecided(decided(asking('PRICE_OUT_OF_TOLERANCE'), 'reject'), 'anna').stops.policy).toEqual({
      by: 'anna',
      at: LATER,
      reason: 'because',
    });
    const late = asking('PRICE_OUT_OF_TOLERANCE', undefined, idle(confirmed));
    expect(decided(late, 'reject')).toEqual({ answer: { answer: 'not possible', why: expect.stringContaining('confirmed') } });
  });

  it.each([
    ['CANCEL_AFTER_PIVOT', 'cancel'],
    ['WITHDRAWN_AFTER_PIVOT', 'withdrawn'],
  ] as const)('keep: %s is turned down', (code, kind) => {
    const head = asking(code, undefined, { ...idle(completed), stops: { [kind]: { by: 'someone', at: NOW } } });
    expect(expectDecided(decided(head, 'keep'), 'anna').stops[kind]).toEqual({ by: 'someone', at: NOW, decided: 'keep' });
  });

  describe('reroute', () => {
    const head = asking('ERP_NOT_CONFIGURED', undefined, { ...accepted, prepared: { customer: { run: 1, hash: 'h', ref: 'r' } } });
    const to = (erp: string, patch: Partial<Head> = {}) => decided({ ...head, ...patch }, 'reroute', 'pat', { to: erp });

    it('goes to another ERP of the tenant while nothing stands in one', () => {
      const next = expectDecided(to('other'), 'pat');
      expect([next.route, next.prepared]).toEqual([{ ...accepted.route, erp: 'other' }, {}]);
    });

    it('ends what was approved of the prices and the credit of the one before, and nothing else', () => {
      const of = (measure: Approval['measure']): Approval => ({ contentHash: accepted.contentHash, measure, value: '1', by: [] });
      const approvals = { price: of('price deviation'), credit: of('exposure'), order: of('order'), discount: of('discount'), cpq: of(undefined) };
      expect(Object.keys(expectDecided(to('other', { approvals }), 'pat').approvals)).toEqual(['discount', 'cpq']);
    });

    it.each([
      ['nowhere', {}, 'there is no ERP instance'],
      ['erp', {}, 'already'],
      ['other', { state: 'drafted', draft }, 'stands in erp'],
      ['other', { order }, 'stands in erp'],
      ['other', { everUnknown: true }, 'without an answer'],
    ] as const)('to %s with %j is refused: %s', (erp, patch, why) => {
      expect(to(erp, patch as Partial<Head>)).toEqual({ answer: { answer: 'not possible', why: expect.stringContaining(why) } });
    });
  });
});

describe('an approval', () => {
  const ask: Ask = { subject: 'discount', measure: 'discount', value: '0.20', worse: 'larger', approvers: ['sales-operations', 'finance'] };
  const head = asking('APPROVAL_NEEDED', ask);

  it('by several is asked of one group after the other, and the last one makes the order due', () => {
    expect(head.task?.owner).toBe('sales-operations');
    const first = decided(head, 'approve', 'anna');
    expect(first.answer).toEqual({ answer: 'approved in part', next: 'finance' });
    const half = first.next as Head;
    expect(half.task).toMatchObject({
      id: taskIdOf(head),
      owner: 'finance',
      level: 0,
      askedAt: LATER,
      approved: [{ group: 'sales-operations', by: 'anna', at: LATER }],
    });
    expect([half.dueAt, half.wait?.code]).toEqual([half.task?.dueAt, 'APPROVAL_NEEDED']);
    const last = expectDecided(decided(half, 'approve', 'fred'), 'fred');
    expect(last.approvals.discount).toMatchObject({
      contentHash: head.contentHash,
      value: '0.20',
      by: [{ by: 'anna' }, { group: 'finance', by: 'fred' }],
    });
  });

  it('by one of several leaves the order due for what has come since it was asked, and its question to the next group', () => {
    const stopped = decideCancel(head, 'cli:ops', LATER).next as Head;
    const half = decided(stopped, 'approve', 'anna').next as Head;
    expect([half.task?.owner, half.dueAt, decideStart(half, LATER)]).toEqual(['finance', stopped.dueAt, 'admit']);
    const looked = decided({ ...head, dueAt: NOW }, 'approve', 'anna').next as Head;
    expect(looked.dueAt).toBe(NOW);
  });

  it('is kept with the lines that it is of, and covers no other', () => {
    const deviation = { subject: 'PRICE_OUT_OF_TOLERANCE', measure: 'price deviation', value: '12.00', worse: 'larger', lines: [1, 3] } as const;
    const head = asking('PRICE_OUT_OF_TOLERANCE', deviation);
    const kept = decide(head, answer(head, 'approve', 'anna'), NOW, around).next?.approvals.PRICE_OUT_OF_TOLERANCE;
    expect(kept).toMatchObject({ measure: 'price deviation', value: '12.00', lines: [1, 3] });
    expect(covers(kept, head.contentHash, deviation)).toBe(true);
    expect(covers(kept, head.contentHash, { ...deviation, lines: [2] })).toBe(false);
  });

  it('sent again by who has given it is known already', () => {
    const half = decided(head, 'approve', 'anna').next as Head;
    const everywhere = { ...around, memberOf: (_group: string, person: string) => person };
    expect(decide(half, answer(half, 'approve', 'anna'), LATER, everywhere).answer).toMatchObject({
      answer: 'already decided',
      decided: { by: 'anna' },
    });
  });

  it.each([
    ['arn:aws:sts::111122223333:assumed-role/Finance/Anna@Example.com', 'anna@example.com'],
    ['arn:aws:iam::111122223333:user/sales/anna', 'anna@example.com'],
    ['board:anna', 'Anna'],
  ])('by %s is not given to what %s asked for', (person, requestedBy) => {
    const own = asking('APPROVAL_NEEDED', { ...ask, requestedBy });
    const everywhere = { ...around, memberOf: (_group: string, by: string) => by };
    const approved = (by: string) => decide(own, answer(own, 'approve', by), LATER, everywhere).answer;
    expect(approved(person)).toEqual({ answer: 'not authorised', why: expect.stringContaining('nobody approves') });
    expect(approved('arn:aws:sts::111122223333:assumed-role/anna/ben@example.com').answer).toBe('approved in part');
  });

  it('by a member and by its deputy is one approval, in either order', () => {
    const standIn: Around = { ...around, memberOf: (_group, person) => (person === 'carl' ? 'anna' : person) };
    for (const [first, second] of [
      ['anna', 'carl'],
      ['carl', 'anna'],
    ] as const) {
      const half = decide(head, answer(head, 'approve', first), LATER, standIn).next as Head;
      const why = expect.stringContaining(`${first} has approved already`);
      expect(decide(half, answer(half, 'approve', second), LATER, standIn).answer).toEqual({ answer: 'not authorised', why });
      expect(decide(half, answer(half, 'approve', 'fred'), LATER, standIn).answer.answer).toBe('decided');
    }
  });

  it('of one of several decides nothing: who answers after the order has run is told so', () => {
    const half = decided(head, 'approve', 'anna').next as Head;
    const run = { ...waitOver(half), run: { ...half.run, n: 4, active: true } };
    const why = 'anna had approved it, finance not yet; the order goes on in run 4';
    expect(decide(run, answer(half, 'approve', 'fred'), LATER, around).answer).toEqual({ answer: 'not open any more', why });
    expect(snapshotOf(half).decision).toEqual({ task: half.task?.id, code: 'APPROVAL_NEEDED', option: 'approve', at: LATER, reason: 'because' });
  });

  it('by the next group is due when the order has to be complete, at most', () => {
    const half = decided({ ...head, deadline: inSeconds(ANSWER_DUE) }, 'approve', 'anna').next as Head;
    expect([half.task?.dueAt, half.dueAt]).toEqual([inSeconds(ANSWER_DUE), inSeconds(ANSWER_DUE)]);
  });

  it('by one person in two roles is one approval', () => {
    const role = (name: string, person: string) => `arn:aws:sts::111122223333:assumed-role/${name}/${person}`;
    const everywhere = { ...around, memberOf: (_group: string, by: string) => by };
    const half = decide(head, answer(head, 'approve', role('Sales', 'ben@example.com')), LATER, everywhere).next as Head;
    const then = (by: string) => decide(half, answer(half, 'approve', by), LATER, everywhere).answer.answer;
    expect(then(role('Finance', 'Ben@example.com'))).toBe('already decided');
    const again = decide(
      half,
      answer(half, 'approve', role('Finance', 'ben@example.com'), { reason: 'another one' }),
      inSeconds(90),
      everywhere,
    ).answer;
    expect(
      decide(half, answer(half, 'approve', role('Sales', 'ben@example.com')), LATER, {
        ...around,
        memberOf: (group, by) => (group === 'finance' ? undefined : by),
      }).answer.answer,
    ).toBe('already decided');
    expect(again).toMatchObject({ decided: { by: role('Sales', 'ben@example.com'), at: LATER, reason: 'because' } });
    expect(then(role('Finance', 'fred@example.com'))).toBe('decided');
  });

  it.each(['anna', 'carl', 'cli:anna'])('is not given by %s, who asked for it or stands in for who did', (person) => {
    const own = asking('APPROVAL_NEEDED', { ...ask, requestedBy: 'anna' });
    expect(decided(own, 'approve', person)).toEqual({ answer: { answer: 'not authorised', why: expect.stringContaining('nobody approves') } });
    expect(decided(own, 'approve', 'berta').answer.answer).toBe('approved in part');
    expect(decided(own, 'reject', 'anna').answer.answer).toBe('decided');
  });

  it('names the group that really signed, also after an escalation', () => {
    const { next: escalated } = decideEscalate(head, inSeconds(ANSWER_DUE), { escalate: ['platform'] }, around);
    const half = decided(escalated as Head, 'approve', 'pat').next as Head;
    expect(half.task).toMatchObject({ owner: 'finance', approved: [{ group: 'platform', by: 'pat' }] });
  });

  describe('whose approvers were changed while it is waited for', () => {
    const sales: Ask = { ...ask, approvers: ['sales-operations'] };
    const again = (from: Head, approvers: Ask['approvers']) =>
      waitFor(from, { code: 'APPROVAL_NEEDED', detail: '', ask: { ...ask, approvers } }, LATER, parking).head;

    it('is asked anew of the group that is to approve now, and is not given by the one before', () => {
      const tightened = again(asking('APPROVAL_NEEDED', sales), ['finance']);
      expect(tightened.task).toMatchObject({ owner: 'finance', openedAt: LATER, level: 0, approved: [] });
      expect(decided(tightened, 'approve', 'berta').answer.answer).toBe('not authorised');
      expect(decided(tightened, 'approve', 'fred').next?.approvals.discount?.by).toEqual([
        { group: 'finance', by: 'fred', at: LATER, reason: 'because', value: '0.20' },
      ]);
    });

    it('keeps what was approved as far as the groups are the same, escalated or not', () => {
      const half = decided(head, 'approve', 'anna').next as Head;
      expect(again(half, ['sales-operations', 'platform']).task).toMatchObject({ owner: 'platform', approved: [{ by: 'anna' }] });
      expect(again(half, ['sales-operations', 'finance', 'platform']).task).toMatchObject({ owner: 'finance', approved: [{ by: 'anna' }] });
      expect(again(half, ['finance', 'sales-operations']).task).toMatchObject({ owner: 'finance', approved: [] });
      expect(again(half, ['sales-operations']).task).toMatchObject({ owner: 'sales-operations', approved: [] });
    });

    it('goes on where it was when they are the same', () => {
      const { next: escalated } = decideEscalate(head, inSeconds(ANSWER_DUE), { escalate: ['platform'] }, around);
      expect(again(escalated as Head, ['sales-operations', 'finance']).task).toEqual(escalated?.task);
    });
  });

  it('that was half given holds for a lower value, and begins anew for a worse one', () => {
    const half = decided(head, 'approve', 'anna').next as Head;
    const asked = (value: string) => waitFor(half, { code: 'APPROVAL_NEEDED', detail: '', ask: { ...ask, value } }, LATER, parking).head.task;
    expect(asked('0.10')).toMatchObject({ approved: [{ by: 'anna' }], ask: { value: '0.10' } });
    expect(asked('0.30')).toMatchObject({ approved: [], owner: 'sales-operations' });
  });

  it('that was half given for more than is asked now holds up to that: who has approved is not asked again, the next one is', () => {
    const half = decided(head, 'approve', 'anna').next as Head;
    const asked = (from: Head, value: string, at: string) =>
      waitFor(from, { code: 'APPROVAL_NEEDED', detail: '', ask: { ...ask, value } }, at, parking).head;
    const less = asked(half, '0.10', LATER);
    expect(less.task).toMatchObject({ owner: 'finance', openedAt: half.task?.openedAt });
    expect(asked(less, '0.15', inSeconds(90)).task).toMatchObject({
      approved: [{ by: 'anna', value: '0.20' }],
      owner: 'finance',
      openedAt: inSeconds(90),
    });
    expect(asked(less, '0.30', inSeconds(90)).task).toMatchObject({ approved: [], owner: 'sales-operations' });
  });
});

describe('who answers', () => {
  const head = asking('PRICE_OUT_OF_TOLERANCE');

  it.each([
    ['anna', 'anna'],
    ['carl', 'anna'],
    ['zack', undefined],
    ['fred', undefined],
    ['system', 'system'],
  ])('%s acts in sales operations as %s', (person, as) => {
    expect(memberOf(policy, 'sales-operations', person)).toBe(as);
  });

  it('may be a deputy, in place of the member that it stands in for and in no other group', () => {
    const asks: Ask = { subject: 'discount', measure: 'discount', value: '0.20', worse: 'larger', requestedBy: 'berta' };
    const carl = decided(asking('APPROVAL_NEEDED', asks), 'approve', 'carl');
    expect(carl.next?.approvals.discount?.by).toEqual([
      { group: 'sales-operations', by: 'carl', for: 'anna', at: LATER, reason: 'because', value: '0.20' },
    ]);
    expect(carl.fact).toEqual({ type: 'order.decided.v1', actor: 'carl' });
    // zoe is no member, so nobody acts for her; carl stands in for nobody in finance.
    expect(decided(asking('APPROVAL_NEEDED', asks), 'approve', 'zack').answer.answer).toBe('not authorised');
    expect(decided(asking('APPROVAL_NEEDED', { ...asks, approvers: ['finance'] }), 'approve', 'carl').answer.answer).toBe('not authorised');
  });

  it('is a deputy in the policy that a stage begins with, unless the member itself asked for it', () => {
    const shipped = policyShape.parse(example.policy);
    const [[anna = '', carla = ''] = []] = Object.entries(shipped.owners.finance.deputies);
    const stage: Around = { ...around, memberOf: (group, person) => memberOf(shipped, group, person) };
    const answerOf = (by: string, requestedBy: string) => {
      const asked = asking('APPROVAL_NEEDED', { subject: 'terms', approvers: ['finance'], requestedBy });
      return decide(asked, answer(asked, 'approve', by), LATER, stage).answer;
    };
    expect(answerOf(carla, 'ben@example.com')).toMatchObject({ answer: 'decided', decided: { by: carla } });
    expect(answerOf(carla.replace('carla', 'ben'), 'anna@example.com')).toMatchObject({ answer: 'not authorised' });
    for (const requester of [anna, 'anna@example.com', 'carla@example.com'])
      expect(answerOf(carla, requester)).toMatchObject({ answer: 'not authorised', why: 'nobody approves what they asked for themselves' });
  });

  it('is anybody where the group says so', () => {
    expect([memberOf(policy, 'master-data', 'whoever'), membersText(policy, 'master-data')]).toEqual(['whoever', 'anybody']);
    expect(membersText(policy, 'sales-operations')).toBe('anna, berta, cli:anna, carl (for anna), zack (for zoe)');
  });

  it('may be all of a role, with who stands in for one of them', () => {
    const role = (name: string, person: string) => `arn:aws:sts::111122223333:assumed-role/${name}/${person}`;
    const finance = {
      ...policy.owners.finance,
      members: [role('Finance', '*'), 'cli:fred'],
      deputies: { [role('Finance', 'ann')]: role('Sales', 'carla') },
    };
    const as = (person: string) => memberOf({ owners: { ...policy.owners, finance } }, 'finance', person);
    expect(as(role('Finance', 'ben'))).toBe(role('Finance', 'ben'));
    expect(as(role('Sales', 'carla'))).toBe(role('Finance', 'ann'));
    expect([as('cli:fred'), as('cli:freda'), as(role('FinanceReader', 'ben')), as(role('Sales', 'ben'))]).toEqual([
      'cli:fred',
      undefined,
      undefined,
      undefined,
    ]);
  });

  it.each([
    ['cli:*', true],
    ['*', true],
    ['', false],
    ['arn:aws:sts::111122223333:assumed-role/*/ann', false],
    ['cli:**', false],
  ])('a member "%s" passes the check of the policy: %s', (member, passes) => {
    expect(owner.shape.members.safeParse([member]).success).toBe(passes);
  });

  it.each([
    ['ann', 'ann@example.com', true],
    ['ann@example.com', 'ann@example.org', false],
    ['cli:ann', 'cli:anna', false],
  ])('%s and %s are one person: %s', (one, other, same) => {
    expect([isSamePerson(one, other), isSamePerson(other, one)]).toEqual([same, same]);
  });

  it('a stranger is told who is asked, and nothing is written', () => {
    expect(decided(head, 'retry', 'fred')).toEqual({ answer: { answer: 'not authorised', why: expect.stringContaining('sales-operations') } });
  });

  it('an option that the question does not have is told before', () => {
    expect(decided(head, 'keep', 'fred')).toEqual({ answer: { answer: 'not allowed', options: ['retry', 'approve', 'reject'] } });
  });
});

describe('the same question again', () => {
  const head = asking('ERP_REFUSED');

  it('a second answer is told of the first, also to who gave it', () => {
    const next = decided(head, 'retry', 'eve').next as Head;
    for (const [option, by] of [
      ['retry', 'eve'],
      ['cancel', 'eve'],
      ['cancel', 'fred'],
    ] as const)
      expect(decide(next, answer(head, option, by), LATER, around)).toEqual({
        answer: { answer: 'already decided', decided: expect.objectContaining({ option: 'retry', by: 'eve' }) },
      });
  });

  it('after the default of the policy an answer is too late', () => {
    const late = decideEscalate(head, inSeconds(ANSWER_DUE), { escalate: [], atLast: 'cancel' }, around);
    expect(late.answer).toBe('decided');
    expect(late.next).toMatchObject({
      stops: { cancel: { by: 'system' } },
      decided: { by: 'system', reason: expect.stringContaining('nobody answered') },
    });
    expect(decide(late.next as Head, answer(head, 'retry', 'eve'), LATER, around).answer).toMatchObject({
      answer: 'too late',
      decided: { option: 'cancel' },
    });
  });

  it('asked anew: an answer to what was seen before does not count for it', () => {
    const next = decided(head, 'retry', 'eve').next as Head;
    const { head: again } = waitFor(next, { code: 'ERP_REFUSED', detail: '' }, inSeconds(90), parking);
    expect(again.task).toMatchObject({ id: taskIdOf(head), openedAt: inSeconds(90), level: 0 });
    const seen = answer(head, 'retry', 'eve', { openedAt: NOW });
    expect(decide(again, seen, inSeconds(91), around).answer.answer).toBe('already decided');
    expect(decide(again, { ...seen, openedAt: inSeconds(90) }, inSeconds(91), around).answer.answer).toBe('decided');
  });

  it('that nobody has answered goes on where it was, though the order ran in between', () => {
    const escalated = { ...head, task: { ...head.task, level: 1, assignee: 'eve' } } as Head;
    const raised = decideRaise({ ...escalated, dueAt: NOW }, 1, 'p', NOW, times).next as Head;
    expect(raised.task).toBeUndefined();
    const again = waitFor(raised, { code: 'ERP_REFUSED', detail: '' }, inSeconds(90), parking);
    expect(again.head.task).toEqual(escalated.task);
    expect(again.dueAt).toBe(head.task?.dueAt);
    expect(again.head.wait).toMatchObject({ since: NOW, times: 2 });
  });

  it('that is closed says what happened instead', () => {
    const why = (patch: Partial<Head>) => decide({ ...accepted, ...patch }, answer(head, 'retry', 'eve'), LATER, around).answer;
    expect(why({})).toEqual({ answer: 'not open any more', why: 'the order is accepted and waits for nobody' });
    expect(why({ run: { ...accepted.run, n: 4, active: true } })).toMatchObject({ why: 'the order goes on in run 4' });
    expect(why(asking('TAX_MISMATCH'))).toMatchObject({ why: expect.stringContaining('TAX_MISMATCH') });
  });
});

describe('an answer that nobody gives', () => {
  const head = asking('ERP_REFUSED');
  /** The order has tried again by itself as often as the policy allows. */
  const usedUp = { ...parking, triesAgain: () => undefined };
  const due = inSeconds(ANSWER_DUE);
  const chain = { escalate: ['finance', 'platform'] as const };
  const at = (from: Head, now: string, atLast?: 'cancel' | 'keep') => decideEscalate(from, now, { escalate: [...chain.escalate], atLast }, around);

  it('is not late before its time', () => {
    expect(at(head, LATER)).toEqual({ answer: 'not due' });
  });

  it('goes from group to group, each with its own time, and stays open and overdue after the last', () => {
    const first = at(head, due);
    expect(first).toMatchObject({ answer: 'escalated', fact: { type: 'order.escalated.v1', actor: 'system' } });
    expect(first.next).toMatchObject({
      task: { id: taskIdOf(head), owner: 'finance', level: 1, dueAt: inSeconds(2 * ANSWER_DUE) },
      dueAt: inSeconds(2 * ANSWER_DUE),
    });
    const second = at(first.next as Head, inSeconds(2 * ANSWER_DUE)).next as Head;
    expect(second.task).toMatchObject({ owner: 'platform', level: 2 });
    expect(at(second, inSeconds(3 * ANSWER_DUE))).toEqual({ answer: 'overdue' });
    expect(at(second, inSeconds(3 * ANSWER_DUE), 'cancel').answer).toBe('decided');
  });

  it('is late for the next group when the order has to be complete, at most', () => {
    const deadline = inSeconds(ANSWER_DUE + 60);
    const first = at({ ...head, deadline }, due).next as Head;
    expect([first.task?.dueAt, first.dueAt]).toEqual([deadline, deadline]);
    expect((at(first, deadline).next as Head).task).toMatchObject({ level: 2, dueAt: inSeconds(2 * ANSWER_DUE + 60) });
  });

  it('is not to try again what was refused: it would be refused again', () => {
    expect(head.task?.code).toBe('ERP_REFUSED');
    expect(decideEscalate(head, due, { escalate: [], atLast: 'retry' }, around)).toEqual({ answer: 'overdue' });
  });

  it('a default that is no option of the question decides nothing', () => {
    expect(decideEscalate(head, due, { escalate: [], atLast: 'keep' }, around)).toEqual({ answer: 'overdue' });
  });

  it('is decided by default once: the same question again stays open and overdue, until a person has answered it', () => {
    const askAgain = (from: Head, now: string) => {
      const { head: waiting, dueAt } = waitFor(from, { code: 'ERP_UNAVAILABLE', detail: '' }, now, usedUp);
      return { ...waiting, dueAt, sweepAt: dueAt };
    };
    const retried = decideEscalate(askAgain(accepted, NOW), due, { escalate: [], atLast: 'retry' }, around);
    expect(retried.answer).toBe('decided');
    const again = askAgain(retried.next as Head, due);
    const late = inSeconds(2 * ANSWER_DUE);
    expect(decideEscalate(again, late, { escalate: [], atLast: 'retry' }, around)).toEqual({ answer: 'overdue' });
    expect(decideEscalate(again, late, { escalate: ['finance'], atLast: 'retry' }, around).answer).toBe('escalated');
    const person = decide(again, answer(again, 'retry', 'eve'), late, around).next as Head;
    expect(decideEscalate(askAgain(person, late), inSeconds(3 * ANSWER_DUE), { escalate: [], atLast: 'retry' }, around).answer).toBe('decided');
  });

  it('is decided by default once, also where two questions take turns', () => {
    let now = due;
    const asked = (from: Head, code: 'ERP_UNAVAILABLE' | 'ERP_BUSY') => {
      const { head: waiting, dueAt } = waitFor(from, { code, detail: '' }, now, usedUp);
      now = dueAt;
      return decideEscalate({ ...waiting, dueAt, sweepAt: dueAt }, now, { escalate: [], atLast: 'retry' }, around);
    };
    const first = asked(accepted, 'ERP_UNAVAILABLE');
    const second = asked(first.next as Head, 'ERP_BUSY');
    expect([first.answer, second.answer]).toEqual(['decided', 'decided']);
    for (const code of ['ERP_UNAVAILABLE', 'ERP_BUSY'] as const) expect(asked(second.next as Head, code)).toEqual({ answer: 'overdue' });
  });

  it('is decided by default once, also where a person has answered what that led to', () => {
    const asked = (from: Head, code: 'TAX_MISMATCH' | 'CANCEL_AFTER_PIVOT', now: string): Head => {
      const { head: waiting, dueAt } = waitFor(from, { code, detail: '' }, now, usedUp);
      return { ...waiting, dueAt, sweepAt: dueAt };
    };
    const cancels: Chain = { escalate: [], atLast: 'cancel' };
    const cancelled = decideEscalate(asked(idle(confirmed), 'TAX_MISMATCH', NOW), due, cancels, around);
    expect(cancelled).toMatchObject({ answer: 'decided', next: { stops: { cancel: { by: 'system' } } } });
    const stop = asked(cancelled.next as Head, 'CANCEL_AFTER_PIVOT', due);
    const kept = decide(stop, answer(stop, 'keep', 'anna'), due, around);
    expect(kept.answer).toMatchObject({ answer: 'decided' });
    const again = asked(kept.next as Head, 'TAX_MISMATCH', due);
    expect(decideEscalate(again, inSeconds(2 * ANSWER_DUE), cancels, around)).toEqual({ answer: 'overdue' });
  });

  it('does not take the news away that came meanwhile', () => {
    const { next: stopped } = decideCancel(head, 'alice', due);
    expect(decideEscalate(stopped as Head, inSeconds(ANSWER_DUE + 1), { escalate: ['finance'] }, around)).toEqual({ answer: 'not due' });
  });

  it('starts no run by a stray message, however late: what brings news does', () => {
    const late = inSeconds(ANSWER_DUE + 60);
    expect(decideStart(head, late)).toBe('drop');
    expect(decideRaise(head, 1, 'p', late, times)).toEqual({ answer: 'drop' });
    const decisions = [
      decide(head, answer(head, 'retry', 'eve'), late, around),
      decideCancel(head, 'alice', late),
      decideWake(head, late),
      decideCauseWake({ ...head, wait: { kind: 'person', code: 'ERP_REFUSED', since: NOW, times: 1, cause: 'c', causeVersion: 0 } }, 'c', 0, late),
    ];
    for (const { next } of decisions) expect(decideStart(next as Head, inSeconds(ANSWER_DUE + 61))).toBe('admit');
  });

  it('an operator can still have the order run', () => {
    expect(decideWake(head, due)).toMatchObject({ answer: 'due', next: { dueAt: inSeconds(ANSWER_DUE + 0.001) } });
    expect(decideWake({ ...head, dueAt: NOW }, due)).toEqual({ answer: 'already due' });
  });

  describe('may be looked after', () => {
    const head = asking('PRICE_OUT_OF_TOLERANCE');
    const to = { to: 'anna', by: 'berta', reason: 'knows the customer' };

    it('by somebody of the group that is asked, or who stands in for one, which changes nothing else', () => {
      const assigned = { by: 'berta', at: NOW, reason: to.reason };
      for (const person of ['anna', 'carl', undefined])
        expect(decideAssign(head, taskIdOf(head), { ...to, to: person }, NOW, policy)).toEqual({
          next: { ...head, task: { ...head.task, assignee: person, assigned } },
          answer: 'assigned',
        });
      expect(decideAssign(head, 'other', to, NOW, policy)).toEqual({ answer: 'not open any more' });
    });

    it.each([
      ['to somebody else', { ...to, to: 'eve' }],
      ['by somebody else', { ...to, by: 'eve' }],
      ['by somebody else to nobody', { ...to, to: undefined, by: 'eve' }],
    ])('and not %s', (_name, wrong) => {
      const why = 'eve is not of the group sales-operations, which is asked: anna, berta, cli:anna, carl (for anna), zack (for zoe)';
      expect(decideAssign(head, taskIdOf(head), wrong, NOW, policy)).toEqual({ answer: { why } });
    });
  });
});

describe('an order that shares its question, at last', () => {
  const wait = {
    kind: 'person',
    code: 'ERP_AUTHENTICATION',
    since: NOW,
    times: 1,
    cause: 'c',
    causeVersion: 0,
    lookedAt: LATER,
    answerDue: LATER,
  } as const;
  const head: Head = { ...idle(accepted), wait, dueAt: LATER };

  it('runs first where somebody has sent it on, or it owes a look', () => {
    for (const dueAt of [NOW, inSeconds(59)]) expect(decideCauseDefault({ ...head, dueAt }, NOW, LATER)).toEqual({ answer: 'not due' });
    expect(decideCauseDefault({ ...head, dueAt: inSeconds(61) }, NOW, LATER).answer).toBe('cancelled');
  });

  it('sent on at the time of its answer runs first, too', () => {
    for (const now of [LATER, inSeconds(61)]) {
      const { next, answer } = decideWake(head, now);
      expect(answer).toBe('due');
      expect(next?.dueAt).not.toBe(LATER);
      expect(decideCauseDefault(next as Head, NOW, inSeconds(61.001))).toEqual({ answer: 'not due' });
    }
    expect(decideCauseDefault({ ...head, dueAt: NOW }, NOW, NOW)).toEqual({ answer: 'not due' });
  });

  it('of which the policy has answered for all, in a version before, runs again and is asked about anew', () => {
    const cure = { by: 'system', at: inSeconds(90), option: 'cancel', reason: 'why' } as const;
    expect(decideCauseWake({ ...head, dueAt: inSeconds(600) }, 'c', 0, inSeconds(100), cure)).toMatchObject({ answer: 'due', next: { stops: {} } });
  });

  it('is not cancelled by what the policy has answered to all', () => {
    const cure = { by: 'system', at: inSeconds(90), option: 'cancel', reason: 'why' } as const;
    const person = { ...cure, by: 'anna' };
    const wakes = (one: typeof cure | typeof person) => decideCauseWake({ ...head, dueAt: inSeconds(600) }, 'c', 0, inSeconds(100), one).next;
    expect([wakes(cure)?.stops, wakes(cure)?.wait?.cure, wakes(person)?.stops.cancel?.by]).toEqual([{}, undefined, 'anna']);
  });

  it('is cancelled when its own time is over, not before', () => {
    expect(decideCauseDefault(head, LATER, LATER)).toMatchObject({ answer: 'cancelled', next: { stops: { cancel: { by: 'system', at: LATER } } } });
    expect(decideCauseDefault(head, LATER, NOW)).toEqual({ answer: 'not due' });
    expect(decideCauseDefault(head, undefined, LATER)).toEqual({ answer: 'not due' });
  });

  it('looks once more before: what it waits for may be over, and nobody has said so', () => {
    for (const lookedAt of [NOW, undefined])
      for (const dueAt of [LATER, inSeconds(600)]) {
        const looks = decideCauseDefault({ ...head, wait: { ...wait, lookedAt }, dueAt }, LATER, LATER);
        expect(looks).toMatchObject({ answer: 'looks once more', next: { stops: {} } });
        expect(decideStart(looks.next as Head, inSeconds(61))).toBe('admit');
        expect(decideCauseDefault(looks.next as Head, LATER, inSeconds(61))).toEqual({ answer: 'not due' });
      }
  });

  it.each<[string, Partial<Head>]>([
    ['is at work', { run: { ...head.run, active: true } }],
    ['is cancelled', { state: 'cancelled' }],
    ['is completed', { ...completed, run: head.run, wait }],
    ['is being confirmed', { state: 'drafted', open: { action: 'confirm-order', attempt: 'a', at: NOW, settleAt: LATER, payloadHash: 'h' } }],
  ])('is left alone when it %s', (_what, patch) => {
    expect(decideCauseDefault({ ...head, ...patch }, NOW, LATER)).toEqual({ answer: 'not due' });
  });
});

describe('an order that waits for a cause', () => {
  const held = (code: string, times: number) => code === 'ERP_BUSY' || (code === 'ERP_UNAVAILABLE' && times <= 2);
  const patience: Parking = { ...parking, triesAgain: (code, times) => (held(code, times) ? 60 : undefined) };
  const reason = { code: 'PRODUCT_UNMAPPED', detail: '', cause: 'c', causeVersion: 0 } as const;
  const busy = { code: 'ERP_BUSY', detail: '' } as const;
  const away = { ...reason, code: 'ERP_UNAVAILABLE' } as const;
  /** Runs, and stops with each of these. */
  const stopping = (...reasons: Parameters<typeof waitFor>[1][]) =>
    reasons.reduce<Head>((head, one, n) => waitFor(waitOver(head), one, inSeconds(60 * n), patience).head, accepted).wait;

  it.each<[string, Parameters<typeof waitFor>[1][], number, number]>([
    ['nothing comes in between', [reason, reason, reason], 0, 0],
    ['what passes by itself comes in between', [reason, busy, reason], 0, 120],
    ['... and it stops with it again', [reason, busy, reason, reason], 0, 120],
    ['that comes twice', [reason, busy, busy, reason], 0, 180],
    ['what passes by itself lasts long', [reason, busy, busy, busy, busy, reason], 300, 300],
    ['what passes by itself lasts almost as long', [reason, busy, busy, busy, reason], 0, 240],
    ['it has tried by itself before', [away, away, away], 120, 120],
    ['something else passes by itself in between, time and again', [away, away, away, busy, away, busy, busy, away, busy, away], 120, 540],
    ['something else lasts long, and it tries by itself anew', [away, away, away, busy, busy, busy, busy, away, away, away], 540, 540],
    ['it meets it with another code', [reason, busy, { ...reason, code: 'PRODUCT_INACTIVE' }], 120, 120],
    ['another code of it follows at once', [reason, { ...reason, code: 'PRODUCT_INACTIVE' }], 60, 60],
    ['it is answered meanwhile', [reason, busy, { ...reason, causeVersion: 1 }], 120, 120],
    ['it waits for another cause', [reason, busy, { ...reason, cause: 'd' }], 120, 120],
    ['it waited for a person in between', [reason, { code: 'ERP_REFUSED', detail: '' }, reason], 120, 120],
  ])('has waited since it began, and for the policy since it met nothing else: %s', (_what, reasons, since, steadily) => {
    const wait = stopping(...reasons) as Wait;
    expect([wait.kind, waitsForCauseSince(wait), steadySinceOf(wait)]).toEqual(['person', inSeconds(since), inSeconds(steadily)]);
    expect(wait.lookedAt).toBe(inSeconds(60 * (reasons.length - 1)));
    expect(wait.answerDue).toBe(inSeconds(60 * (reasons.length - 1) + ANSWER_DUE));
  });

  it('waits as before though a run ended without a stop, for news alone', () => {
    const asked = waitFor(accepted, reason, NOW, patience).head;
    expect(waitFor(waitOver(waitOver(asked)), reason, LATER, patience).head.wait).toMatchObject({ since: NOW, times: 2 });
  });

  it('has looked when it is held without a run, too', () => {
    const held = waitFor(waitFor(accepted, reason, NOW, patience).head, reason, inSeconds(60), patience).head;
    expect(held.wait).toMatchObject({ since: NOW, lookedAt: inSeconds(60) });
  });

  it('is shown to wait since it first stopped with it, with all its tries', () => {
    expect(stopping(away, away, away, busy, away)).toMatchObject({ since: NOW, causeSince: inSeconds(120), steadySince: inSeconds(240), times: 4 });
  });
});

describe('an order that has gone on since it waited for a cause', () => {
  const away = { code: 'ERP_UNAVAILABLE', detail: '', cause: 'c', causeVersion: 0 } as const;
  const twice: Parking = {
    ...parking,
    triesAgain: (code, times) => (code === 'ERP_BUSY' || (code === 'ERP_UNAVAILABLE' && times <= 2) ? 60 : undefined),
  };
  const stops = (head: Head, ...reasons: Parameters<typeof waitFor>[1][]) =>
    reasons.reduce((before, one, n) => waitFor(waitOver(before), one, inSeconds(60 * n), twice).head, head);
  const busy = { code: 'ERP_BUSY', detail: '' } as const;
  const open = { action: 'create-draft', attempt: 'a', at: NOW, settleAt: LATER, payloadHash: 'h' } as const;
  /** The effect in flight is told to be done: in the run of the order, or while it is idle. */
  const drafted = (head: Head): Head =>
    decideOutcome({ ...head, open }, 'a', { kind: 'done', done: { action: 'create-draft', draft } }, LATER).next as Head;
  const inItsRun = (head: Head): Head => drafted(waitOver(head));
  const whileIdle = (head: Head): Head => waitOver(drafted(head));
  const foundConfirmed = (head: Head): Head => {
    const found = { ref: draft.ref, key: draft.key, generation: 0, status: 'confirmed', total: draft.total } as const;
    return waitOver(decideFoundConfirmed({ ...head, state: 'drafted', draft, open: undefined }, found, LATER).next as Head);
  };

  describe.each([
    ['by an effect of its run', inItsRun],
    ['by a late answer while it waited', whileIdle],
    ['by what a look has found while it waited', foundConfirmed],
  ])('%s', (_how, gotOn) => {
    it.each([
      ['after its question was asked', [away, away, away]],
      ['after its question and something else', [away, away, away, busy]],
      ['after tries of its own', [away, away]],
      ['after tries without a cause', [busy, busy]],
    ])('tries by itself anew when it meets it again %s', (_when, reasons) => {
      const last = reasons.includes(away) ? away : busy;
      const before = stops(idle(accepted), ...reasons);
      expect(waitFor(gotOn(before), last, LATER, twice).head.wait).toMatchObject({
        kind: last === away ? 'vendor' : 'later',
        times: 1,
        since: LATER,
      });
      expect(waitFor(waitOver(before), last, LATER, twice).head.wait?.times).toBeGreaterThan(1);
    });

    it('forgets its cause though something else passes by itself after it', () => {
      const before = gotOn(stops(idle(accepted), away, away, away));
      expect(stops(before, busy, away).wait).toMatchObject({ kind: 'vendor', times: 1 });
    });

    it('goes on with a question of its own', () => {
      const asked = stops(idle(accepted), { code: 'ERP_REFUSED', detail: '' });
      const again = waitFor(gotOn(asked), { code: 'ERP_REFUSED', detail: '' }, LATER, twice).head;
      expect(again).toMatchObject({ task: asked.task, wait: { times: 2, since: NOW } });
    });
  });

  it('got on by its first draft, whichever create it came of, and not by those after it, however often creates come to nothing', () => {
    const times = (head: Head) => waitFor(head, busy, LATER, twice).head.wait?.times;
    const tried = waitOver(stops({ ...accepted, generation: 1, lost: { generation: 0, inputs: 'h' } }, busy, busy));
    const late = { ref: 'late', key: 'k', generation: 0, status: 'draft', total: draft.total } as const;
    const adopt = (head: Head, generation = 0) =>
      decideAdoptDraft({ ...head, run: { ...head.run, active: true } }, head.run.n, { ...late, generation }).next as Head;
    expect([times(drafted(tried)), times(adopt(tried))]).toEqual([1, 1]);
    const { draft: _cancelled, ...again } = apply({ ...drafted(tried), open }, { action: 'cancel-draft', ref: draft.ref }).next;
    const lost = waitOver(stops({ ...again, generation: 3, lost: { generation: 2, inputs: 'h' } }, busy, busy));
    expect([times(drafted(lost)), times(adopt(lost, 2))]).toEqual([3, 3]);
  });

  it.each([
    [undefined, 1],
    [{ id: 't', key: 'other', hash: 'h', amount: '1', status: 'voided' } as const, 3],
  ])('got on by its first tax document also where a look has found it: with %j before', (tax, times) => {
    const head = { ...waitOver(stops(accepted, busy, busy)), tax };
    const found = decideFoundTax(head, 'k', { id: 't2', tax: '1', status: 'recorded' }).next as Head;
    expect(waitFor(found, busy, LATER, twice).head.wait?.times).toBe(times);
  });

  it('waits anew for a cause that it never tried again by itself', () => {
    const unmapped = { code: 'PRODUCT_UNMAPPED', detail: '', cause: 'c', causeVersion: 0 } as const;
    const asked = stops(idle(accepted), unmapped);
    expect(waitFor(inItsRun(asked), unmapped, LATER, twice).head.wait).toMatchObject({ since: LATER, times: 1 });
    expect(waitFor(waitOver(asked), unmapped, LATER, twice).head.wait).toMatchObject({ since: NOW, times: 2 });
  });

  it('has its own question told again when something else came in between', () => {
    const refused = { code: 'ERP_REFUSED', detail: '' } as const;
    const asked = stops(idle(accepted), refused, busy);
    const told = (head: Head) => waitFor(head, refused, LATER, twice).head.task?.askedAt;
    expect([told(whileIdle(asked)), told(waitOver(asked))]).toEqual([LATER, undefined]);
  });

  it('waits on while it waits, without a run', () => {
    const asked = stops(idle(accepted), away, away, away);
    expect(drafted(asked)).toMatchObject({ wait: { cause: 'c', since: NOW, times: 3 }, dueAt: asked.dueAt });
  });

  it('is not cancelled by the policy before it has run again', () => {
    const asked = { ...stops(idle(accepted), away, away, away), dueAt: inSeconds(600) };
    expect(decideCauseDefault(asked, LATER, inSeconds(120)).answer).toBe('cancelled');
    const looks = decideCauseDefault(drafted(asked), LATER, inSeconds(120));
    expect(looks).toMatchObject({ answer: 'looks once more', next: { stops: {} } });
  });

  it.each<[string, Partial<Head>]>([
    ['a draft', { hadDraft: true }],
    ['a tax document', { state: 'drafted', draft, tax: { id: 't', key: 'k', hash: 'h', amount: '1', status: 'voided' } }],
    ['a draft cancelled', { state: 'drafted', draft }],
  ])('has not got on by %s that is made anew: else it could go round for ever', (what, patch) => {
    const before = { ...waitOver(stops(accepted, busy, busy)), open, ...patch };
    const done = {
      'a draft': { action: 'create-draft', draft },
      'a tax document': { action: 'record-tax', tax: { id: 'u', key: 'l', hash: 'h', amount: '1', status: 'recorded' } },
      'a draft cancelled': { action: 'cancel-draft', ref: draft.ref },
    }[what] as Parameters<typeof apply>[1];
    const times = (head: Head) => waitFor(apply(head, done).next, busy, LATER, twice).head.wait?.times;
    expect(times(before)).toBe(3);
    expect(times({ ...before, hadDraft: undefined, tax: undefined, stops: { cancel: { by: 'someone', at: NOW } } })).toBe(1);
  });
});

it('a shared question is handed on when its answer is late, not before', () => {
  const task = opened(undefined, { cause: 'acme#erp#product#P', causeVersion: 0, code: 'PRODUCT_UNMAPPED' }, NOW, LATER) as CauseTask;
  const at = (now: string) => escalated(task, now, { escalate: ['platform'] }, () => inSeconds(600));
  expect([at(NOW), at(LATER)]).toMatchObject([undefined, { owner: 'platform', level: 1, dueAt: inSeconds(600) }]);
});

describe('an order that bills something else than was quoted', () => {
  const told = (head: Head, by: string, option: 'retry' | 'cancel' = 'retry') =>
    decide(asking('TAX_MISMATCH', undefined, head), answer(asking('TAX_MISMATCH', undefined, head), option, by), LATER, around).next?.order;

  it('is known when a person has answered, not when the policy has, and not while it is a draft', () => {
    expect(told(idle(confirmed), 'fred')).toMatchObject({ differenceKnown: true });
    expect(told(idle(confirmed), 'system')).not.toHaveProperty('differenceKnown');
    expect(told(accepted, 'fred')).toBeUndefined();
  });
});
