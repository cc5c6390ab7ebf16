import { describe, expect, it } from 'vitest';
import type { Action, Head } from '../../lambdas/domain/head.ts';
import {
  canSettle,
  type Done,
  decideFoundConfirmed,
  decideIntent,
  decideOutcome,
  decideProbed,
  decideSettleErp,
  decideSettleTax,
  decideUnstuck,
  extras,
  type Found,
  nextProbe,
  probeDue,
} from '../../lambdas/domain/protocol/index.ts';
import {
  accepted,
  active,
  cancel,
  cancelled,
  completed,
  confirmed,
  draft,
  drafted,
  inSeconds,
  KEY,
  NOW,
  news,
  open,
  order,
  recorded,
  superseded,
  total,
} from './domain-fixtures.ts';

const intent = (head: Head, action: Action, target?: string, stale = false) => decideIntent(head, { ...open({ action, target }), run: 3, stale });
const stopped = (head: Head): Head => ({ ...head, stops: cancel });
const withTax = (head: Head): Head => ({ ...head, tax: recorded });

describe('the intent of an effect', () => {
  it.each<[string, Head, Action, string | undefined, boolean, string]>([
    ['create: accepted', active, 'create-draft', undefined, false, 'written'],
    ['create: there is a draft', drafted, 'create-draft', undefined, false, 'not allowed'],
    ['create: asked to stop', stopped(active), 'create-draft', undefined, false, 'not allowed'],
    ['create: asked to stop just now', news(stopped(active)), 'create-draft', undefined, false, 'news'],
    ['create: news that is no stop', news(active), 'create-draft', undefined, false, 'written'],
    ['create: past the pivot', confirmed, 'create-draft', undefined, false, 'not allowed'],
    ['create: cancelled', cancelled, 'create-draft', undefined, false, 'not allowed'],
    ["confirm: HEAD's draft", drafted, 'confirm-order', '7', false, 'written'],
    ['confirm: another draft', drafted, 'confirm-order', '8', false, 'not allowed'],
    ['confirm: news of any kind', news(drafted), 'confirm-order', '7', false, 'news'],
    ['confirm: superseded', { ...drafted, stops: superseded }, 'confirm-order', '7', false, 'not allowed'],
    ['confirm: not drafted', active, 'confirm-order', undefined, false, 'not allowed'],
    ['confirm: confirmed already', confirmed, 'confirm-order', '7', false, 'not allowed'],
    ["cancel: HEAD's draft without a reason", drafted, 'cancel-draft', '7', false, 'not allowed'],
    ["cancel: HEAD's draft that is stale", drafted, 'cancel-draft', '7', true, 'written'],
    ["cancel: HEAD's draft under a stop", stopped(drafted), 'cancel-draft', '7', false, 'written'],
    ['cancel: the confirmed order', stopped(confirmed), 'cancel-draft', '7', true, 'not allowed'],
    ['cancel: the completed order', completed, 'cancel-draft', '7', true, 'not allowed'],
    ['cancel: a draft that HEAD does not name', active, 'cancel-draft', '8', false, 'written'],
    ['cancel: such a draft, at rest', completed, 'cancel-draft', '8', false, 'written'],
    ['cancel: such a draft, cancelled', cancelled, 'cancel-draft', '8', false, 'written'],
    ['record: drafted', drafted, 'record-tax', `${KEY}.T0`, false, 'written'],
    ['record: recorded already', withTax(drafted), 'record-tax', `${KEY}.T0`, false, 'not allowed'],
    ['record: asked to stop', stopped(drafted), 'record-tax', `${KEY}.T0`, false, 'not allowed'],
    ['record: past the pivot, since an undo voided it', { ...stopped(confirmed), tax: undefined }, 'record-tax', `${KEY}.T0`, false, 'written'],
    ['void: without a reason', withTax(drafted), 'void-tax', 'T', false, 'not allowed'],
    ['void: stale', withTax(drafted), 'void-tax', 'T', true, 'written'],
    ['void: under a stop', withTax(stopped(drafted)), 'void-tax', 'T', false, 'written'],
    ['void: another document', withTax(stopped(drafted)), 'void-tax', 'U', false, 'not allowed'],
    ['void: past the pivot', stopped(confirmed), 'void-tax', 'T', true, 'not allowed'],
  ])('%s', (_name, head, action, target, stale, answer) => {
    const decision = intent(head, action, target, stale);
    expect(decision.answer).toBe(answer);
    expect(decision.next?.open).toEqual(answer === 'written' ? open({ action, target }) : undefined);
    expect(decision.fact).toBeUndefined();
  });

  it.each<[string, Head, string]>([
    ['an older run', { ...active, run: { ...active.run, n: 4 } }, 'run over'],
    ['an idle order', { ...active, run: { ...active.run, active: false } }, 'run over'],
    ['an open slot', { ...active, open: open({ attempt: 'another' }) }, 'slot open'],
    ['its own attempt in the slot', { ...active, open: open() }, 'written'],
    ['its own attempt in the slot though the run is over', { ...active, open: open(), run: { ...active.run, n: 4 } }, 'written'],
  ])('writes nothing for %s: %s', (_name, head, answer) => {
    const decision = intent(head, 'create-draft');
    expect(decision).toEqual({ answer });
  });
});

const done: Record<Action, Done> = {
  'create-draft': { action: 'create-draft', draft },
  'confirm-order': { action: 'confirm-order', order },
  'cancel-draft': { action: 'cancel-draft', ref: '7' },
  'record-tax': { action: 'record-tax', tax: recorded },
  'void-tax': { action: 'void-tax', id: 'T' },
};

describe('the outcome of an effect', () => {
  it.each<[Action, Head, Partial<Head>, string]>([
    ['create-draft', active, { state: 'drafted', draft, hadDraft: true }, 'order.drafted.v1'],
    ['confirm-order', drafted, { state: 'confirmed', order, draft }, 'order.confirmed.v1'],
    ['cancel-draft', drafted, { state: 'accepted', draft: undefined, generation: 1 }, 'order.draft-cancelled.v1'],
    ['record-tax', drafted, { tax: recorded }, 'order.tax-recorded.v1'],
    ['void-tax', withTax(drafted), { tax: { ...recorded, status: 'voided' } }, 'order.tax-voided.v1'],
  ])('%s done empties the slot and is a fact', (action, head, patch, fact) => {
    const decision = decideOutcome({ ...head, open: open({ action }) }, 'mine', { kind: 'done', done: done[action] }, NOW);
    expect(decision).toEqual({ next: { ...head, ...patch, open: undefined }, fact: { type: fact, actor: 'system' }, answer: 'written' });
  });

  it('is written though the run is over: what was done was done', () => {
    const head = { ...active, run: { ...active.run, n: 4 }, open: open() };
    expect(decideOutcome(head, 'mine', { kind: 'done', done: done['create-draft'] }, NOW)).toMatchObject({
      answer: 'written',
      next: { state: 'drafted' },
    });
  });

  it.each(['refused', 'not-sent'] as const)('%s empties the slot and changes nothing else', (kind) => {
    expect(decideOutcome({ ...active, open: open() }, 'mine', { kind, code: 'ERP_REFUSED' }, NOW)).toEqual({ next: active, answer: 'written' });
  });

  it('cancelling an extra draft leaves the named one alone', () => {
    const head = { ...drafted, open: open({ action: 'cancel-draft', target: '8' }) };
    expect(decideOutcome(head, 'mine', { kind: 'done', done: { action: 'cancel-draft', ref: '8' } }, NOW).next).toEqual(drafted);
  });

  it.each([undefined, open({ attempt: 'another' })])('done too late is a fact, news and a look that is owed (slot: %j)', (slot) => {
    const head = { ...active, open: slot, probes: [inSeconds(60)] };
    const decision = decideOutcome(head, 'mine', { kind: 'done', done: done['create-draft'] }, NOW);
    expect(decision).toEqual({
      next: { ...head, everUnknown: true, probes: [NOW, inSeconds(60)], dueAt: NOW, sweepAt: NOW },
      fact: { type: 'order.effect-found.v1', actor: 'system' },
      answer: 'late',
    });
  });

  it.each<[string, Head, Done]>([
    ['the draft that HEAD names', drafted, done['create-draft']],
    ['the draft that was confirmed', { ...confirmed, draft: undefined }, done['create-draft']],
    ['the order that HEAD names', confirmed, done['confirm-order']],
    ['a draft that HEAD does not name any more', active, done['cancel-draft']],
    ['the tax document that HEAD names', confirmed, done['record-tax']],
    ['a tax document that is voided', { ...drafted, tax: { ...recorded, status: 'voided' } }, done['void-tax']],
  ])('late news of %s is no news', (_name, head, what) => {
    expect(decideOutcome(head, 'mine', { kind: 'done', done: what }, NOW)).toEqual({ answer: 'left' });
  });

  it('late and not done is nothing', () => {
    expect(decideOutcome(active, 'mine', { kind: 'refused', code: 'ERP_REFUSED' }, NOW)).toEqual({ answer: 'left' });
  });
});

describe('settling an unknown effect at the ERP', () => {
  const standing = (ref: string, status: Found['status'], generation = 0): Found => ({ ref, key: `${KEY}.${generation}`, generation, status, total });
  const settle = (head: Head, orders: Found[], slot: Partial<ReturnType<typeof open>> = {}) =>
    decideSettleErp({ ...head, open: open(slot) }, 'mine', orders, NOW, [3600, 86_400]);
  const owed = { everUnknown: true, probes: [inSeconds(3600), inSeconds(86_400)], open: undefined };

  it('waits for the settle time', () => {
    expect(canSettle({ ...active, open: open({ settleAt: inSeconds(1) }) }, NOW)).toBe(false);
    expect(canSettle({ ...active, open: open({ settleAt: NOW }) }, NOW)).toBe(true);
    expect(canSettle(active, NOW)).toBe(false);
  });

  it('a create that is found is done', () => {
    expect(settle(active, [standing('7', 'draft')])).toEqual({
      next: { ...active, ...owed, state: 'drafted', draft, hadDraft: true },
      fact: { type: 'order.drafted.v1', actor: 'system' },
      answer: 'settled',
    });
  });

  it('a create that is absent is not sent, and the next gets a key of its own', () => {
    const lost = { generation: 0, inputs: 'inputs' };
    expect(settle(active, [])).toEqual({ next: { ...active, ...owed, generation: 1, lost }, answer: 'settled' });
    expect(settle(active, [standing('5', 'cancelled')]).next).toMatchObject({ state: 'accepted', generation: 1 });
  });

  it('of two drafts the one of this generation is taken', () => {
    const head = { ...active, generation: 1 };
    expect(settle(head, [standing('5', 'draft', 0), standing('7', 'draft', 1)]).next?.draft).toMatchObject({ ref: '7', inputs: 'inputs' });
  });

  it('a draft of an older generation is taken as stale: nobody remembers what it was made from', () => {
    expect(settle({ ...active, generation: 1 }, [standing('5', 'draft', 0)]).next?.draft).toMatchObject({ ref: '5', inputs: 'unknown' });
  });

  it.each([
    ['confirmed', { state: 'confirmed', order: { stuck: false } }],
    ['stuck', { state: 'confirmed', order: { stuck: true } }],
    ['draft', { state: 'drafted', draft }],
    ['cancelled', { state: 'drafted', draft }],
  ] as const)('a confirm whose draft is %s', (status, expected) => {
    expect(settle(drafted, [standing('7', status)], { action: 'confirm-order', target: '7' })).toMatchObject({
      next: { ...expected, everUnknown: true, probes: owed.probes },
      answer: 'settled',
    });
  });

  it('a confirm is settled by its own draft, not by another that stands there', () => {
    const { next } = settle(drafted, [standing('5', 'confirmed'), standing('7', 'draft')], { action: 'confirm-order', target: '7' });
    expect(next?.state).toBe('drafted');
  });

  it('a cancel is done when the draft is cancelled, else it was not sent', () => {
    const slot = { action: 'cancel-draft' as const, target: '7' };
    expect(settle(stopped(drafted), [standing('7', 'cancelled')], slot).next).toMatchObject({ state: 'accepted', generation: 1 });
    expect(settle(stopped(drafted), [standing('7', 'draft')], slot).next).toMatchObject({ state: 'drafted', draft, generation: 0 });
  });

  it('does nothing when the slot has moved on, or belongs to another port', () => {
    expect(decideSettleErp(active, 'mine', [], NOW, [1])).toEqual({ answer: 'moved on' });
    expect(decideSettleErp({ ...active, open: open({ attempt: 'another' }) }, 'mine', [], NOW, [1])).toEqual({ answer: 'moved on' });
    expect(settle(drafted, [], { action: 'record-tax' })).toEqual({ answer: 'moved on' });
  });
});

describe('settling an unknown effect at the tax provider', () => {
  const settle = (head: Head, action: Action, target: string, status: 'recorded' | 'voided' | undefined) =>
    decideSettleTax({ ...head, open: open({ action, target, payloadHash: 'h' }) }, 'mine', status && { id: 'T', tax: '19.00', status }, NOW, [3600]);
  it('a record that is found is done, one that is absent was not sent', () => {
    expect(settle(drafted, 'record-tax', `${KEY}.T0`, 'recorded').next).toMatchObject({ tax: recorded, everUnknown: true });
    expect(settle(drafted, 'record-tax', `${KEY}.T0`, undefined)).toMatchObject({
      next: { probes: [inSeconds(3600)] },
      answer: 'settled',
    });
    const { next } = settle(drafted, 'record-tax', `${KEY}.T0`, undefined);
    expect([next?.open, next?.tax]).toEqual([undefined, undefined]);
  });
  it('a void that is found is done, else the document still stands', () => {
    expect(settle(withTax(drafted), 'void-tax', 'T', 'voided').next?.tax?.status).toBe('voided');
    expect(settle(withTax(drafted), 'void-tax', 'T', 'recorded').next?.tax?.status).toBe('recorded');
  });
  it('does nothing when the slot has moved on', () => {
    expect(decideSettleTax(drafted, 'mine', undefined, NOW, [1])).toEqual({ answer: 'moved on' });
  });
});

describe('looks that are owed', () => {
  const found = (ref: string, status: Found['status']): Found => ({ ref, key: '', generation: 0, status, total });
  it('are due when their time has come and no effect is in flight', () => {
    const head = { ...completed, probes: [NOW, inSeconds(60)] };
    expect(probeDue(head, NOW)).toBe(true);
    expect(probeDue({ ...head, open: open() }, NOW)).toBe(false);
    expect(probeDue({ ...head, probes: [inSeconds(60)] }, NOW)).toBe(false);
  });
  it('find the drafts that HEAD does not name', () => {
    const orders = [found('5', 'draft'), found('6', 'cancelled'), found('7', 'draft'), found('8', 'confirmed')];
    expect(extras(drafted, orders).map(({ ref }) => ref)).toEqual(['5']);
    expect(extras(active, orders).map(({ ref }) => ref)).toEqual(['5', '7']);
  });
  it('once done, only those of later times stay owed', () => {
    expect(decideProbed({ ...completed, probes: [NOW, inSeconds(60)] }, NOW).next?.probes).toEqual([inSeconds(60)]);
    expect(decideProbed({ ...completed, probes: [inSeconds(60)] }, NOW)).toEqual({ answer: null });
    expect(decideProbed({ ...completed, open: open(), probes: [NOW] }, NOW)).toEqual({ answer: null });
  });
  it('the next one is the earliest, in whatever order they stand', () => {
    expect(nextProbe({ ...completed, probes: [inSeconds(9), inSeconds(3), inSeconds(6)] })).toBe(inSeconds(3));
    expect(nextProbe(completed)).toBeUndefined();
  });
  it('a confirmed order that turns up is past the pivot, whatever else was wanted', () => {
    expect(decideFoundConfirmed(stopped(drafted), found('7', 'confirmed'), NOW)).toMatchObject({
      answer: 'adopted',
      next: { state: 'confirmed', stops: cancel },
    });
    const asked = { ...stopped(drafted), run: { ...drafted.run, active: false }, dueAt: inSeconds(60) };
    expect(decideFoundConfirmed(asked, found('7', 'confirmed'), NOW).next).toMatchObject({ state: 'confirmed', dueAt: NOW });
    expect(decideFoundConfirmed(stopped(drafted), found('8', 'confirmed'), NOW)).toEqual({ answer: 'known' });
    expect(decideFoundConfirmed(confirmed, found('7', 'confirmed'), NOW)).toEqual({ answer: 'known' });
    expect(decideFoundConfirmed({ ...drafted, open: open() }, found('7', 'confirmed'), NOW)).toEqual({ answer: 'in flight' });
  });
  it('a stuck order that was processed is confirmed once more for everybody to see', () => {
    const stuck = { ...confirmed, order: { ...order, stuck: true } };
    expect(decideUnstuck(stuck, order)).toEqual({ next: confirmed, fact: { type: 'order.confirmed.v1', actor: 'system' }, answer: 'written' });
    expect(decideUnstuck(confirmed, order)).toEqual({ answer: 'known' });
    expect(decideUnstuck(accepted, order)).toEqual({ answer: 'known' });
  });
});
