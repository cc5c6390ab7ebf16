import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mustBeAlone } from '../../lambdas/domain/forward.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import {
  blocking,
  decide,
  decideAdoptDraft,
  decideAmend,
  decideComplete,
  decideFoundTax,
  decideInForce,
  decideIntent,
  decideReversed,
  decideSettle,
  decideWithdraw,
  type Found,
  predecessorVerdict,
  unexpected,
} from '../../lambdas/domain/protocol/index.ts';
import {
  accepted,
  active,
  cancel,
  cancelled,
  completed,
  confirmed,
  drafted,
  end,
  failed,
  KEY,
  NOW,
  news,
  open,
  parking,
  quote,
  recorded,
  superseded,
  total,
} from './domain-fixtures.ts';
import { answer, around, asking } from './task-fixtures.ts';

const revision = (head: Head, n: number, patch: Partial<Head> = {}): Head => ({
  ...head,
  orderKey: `R${n}`,
  quote: { ...head.quote, revision: n },
  ...patch,
});
const withdrawn = { withdrawn: { by: 'CPQ salesforce', at: NOW } };
const reversed: Head = { ...completed, state: 'reversed', tax: { ...recorded, status: 'voided' } };
const atRest = (head: Head): Head => ({ ...head, run: { ...head.run, active: false }, dueAt: undefined, sweepAt: undefined });

describe('withdrawing a quote', () => {
  const withdraw = (upTo: number, orders: Head[], known = quote, atOnce?: number) =>
    decideWithdraw({ revision: upTo, by: 'CPQ salesforce', now: NOW }, known, orders, atOnce);

  it('counts when there is no order yet', () => {
    expect(withdraw(2, [])).toEqual({ answer: 'withdrawn', quote: { ...quote, withdrawnUpTo: 2 }, orders: [] });
  });

  it('again, or of an older revision, is no news', () => {
    const known = { ...quote, withdrawnUpTo: 2 };
    const stops = { withdrawn: { by: 'the CPQ', at: NOW } };
    expect(withdraw(2, [revision({ ...active, stops }, 2)], known)).toEqual({ answer: 'already withdrawn', orders: [] });
    expect(withdraw(1, [revision(active, 2), revision({ ...active, stops }, 1)], known)).toEqual({ answer: 'already withdrawn', orders: [] });
    expect(withdraw(2, [revision(cancelled, 2)], known)).toEqual({ answer: 'already withdrawn', orders: [] });
  });

  it('again reaches an order of a backup that has not seen it, though QUOTE has', () => {
    const { answer, quote: told, orders } = withdraw(2, [revision(completed, 2)], { ...quote, withdrawnUpTo: 2 });
    expect([answer, told, orders.map(({ next }) => Object.keys(next.stops))]).toEqual(['withdrawn', undefined, [['withdrawn']]]);
  });

  it.each<[string, Head, boolean]>([
    ['accepted', accepted, true],
    ['drafted', drafted, true],
    ['confirming', { ...drafted, open: open({ action: 'confirm-order' }) }, true],
    ['confirmed', confirmed, true],
    ['completed and at rest', atRest(completed), true],
    ['superseded and not undone yet', { ...drafted, stops: superseded }, true],
    ['cancelled', cancelled, false],
    ['reversed', reversed, false],
    ['withdrawn before, and kept', { ...completed, stops: { withdrawn: { by: 'x', at: NOW, decided: 'keep' } } }, false],
  ])('an order that is %s is asked to stop, as news with a fact: %s', (_name, head, asked) => {
    const { orders } = withdraw(1, [head]);
    if (!asked) return expect(orders).toEqual([]);
    const next = { ...head, stops: { ...head.stops, ...withdrawn }, dueAt: NOW, sweepAt: NOW };
    expect(orders).toEqual([{ before: head, next, fact: { type: 'order.stop-requested.v1', actor: 'system' } }]);
  });

  it('leaves newer revisions alone', () => {
    const { orders, quote: after } = withdraw(2, [revision(active, 3), revision(drafted, 2), revision(completed, 1)]);
    expect(orders.map(({ next }) => next.orderKey)).toEqual(['R2', 'R1']);
    expect(after?.withdrawnUpTo).toBe(2);
  });

  it('of more orders than fit into a transaction takes the lowest first and QUOTE last', () => {
    const open = [5, 4, 3, 2, 1].map((n) => revision(active, n));
    const first = withdraw(5, open, quote, 2);
    expect([first.answer, first.quote, first.orders.map(({ next }) => next.orderKey)]).toEqual(['more', undefined, ['R2', 'R1']]);
    const marked = open.map((head) => first.orders.find(({ next }) => next.orderKey === head.orderKey)?.next ?? head);
    const second = withdraw(5, marked, quote, 2);
    expect(second.orders.map(({ next }) => next.orderKey)).toEqual(['R4', 'R3']);
    const last = withdraw(5, [open[0] as Head, ...marked.slice(1).map((head) => ({ ...head, stops: withdrawn }))], quote, 2);
    expect([last.answer, last.quote?.withdrawnUpTo, last.orders.length]).toEqual(['withdrawn', 5, 1]);
  });

  it('before the pivot undoes, after it asks a person once', () => {
    const stops = withdrawn;
    expect(decideSettle({ ...drafted, stops }, end()).answer).toBe('undo');
    expect(decideSettle({ ...active, stops }, end()).next?.state).toBe('cancelled');
    expect(decideComplete({ ...confirmed, stops }, end()).next).toMatchObject({ wait: { code: 'WITHDRAWN_AFTER_PIVOT', kind: 'person' } });
    const kept = { withdrawn: { ...withdrawn.withdrawn, decided: 'keep' } };
    const { next } = decideComplete({ ...confirmed, stops: kept }, end());
    expect([next?.state, next?.wait, next?.dueAt]).toEqual(['completed', undefined, undefined]);
  });
});

describe('a confirmed order that the ERP has reversed', () => {
  it.each<[string, Head]>([
    ['confirmed', confirmed],
    ['completed', completed],
  ])('and that was %s is reversed for good, with a fact, and is due', (_name, head) => {
    expect(decideReversed(head, '7', NOW)).toEqual({
      next: { ...news(head), state: 'reversed' },
      fact: { type: 'order.reversed.v1', actor: 'system' },
      answer: 'reversed',
    });
  });

  it('closes the question in the same write, and names who said so', () => {
    const stops = { cancel: { by: 'alice', at: NOW } };
    const asked = decideSettle({ ...completed, stops }, end({ error: 'Stop' })).next as Head;
    expect(asked.task?.code).toBe('CANCEL_AFTER_PIVOT');
    const decided = { task: 't', code: 'CANCEL_AFTER_PIVOT', option: 'reversed', by: 'cli:bob', at: NOW, reason: 'r' } as const;
    const { next, fact } = decideReversed({ ...asked, decided }, '7', NOW);
    expect([next?.task, next?.wait, next?.stops.cancel?.decided, fact?.actor]).toEqual([undefined, undefined, 'reversed', 'cli:bob']);
  });

  it('leaves what a person decided of an earlier stop as it was', () => {
    const kept = { by: 'CPQ salesforce', at: NOW, decided: 'keep' };
    const { next } = decideReversed({ ...completed, stops: { withdrawn: kept, cancel: { by: 'alice', at: NOW } } }, '7', NOW);
    expect(next?.stops).toEqual({ withdrawn: kept, cancel: { by: 'alice', at: NOW, decided: 'reversed' } });
  });

  it.each<[string, Head, string]>([
    ['another order than HEAD names', { ...completed, order: { ref: '8', total, stuck: false } }, 'another order'],
    ['not confirmed', drafted, 'another order'],
    ['with an effect in flight', { ...confirmed, open: open({ action: 'record-tax' }) }, 'effect open'],
    ['reversed already', reversed, 'already reversed'],
  ])('%s: nothing is written', (_name, head, answer) => {
    expect(decideReversed(head, '7', NOW)).toEqual({ answer });
  });

  it('has its tax document voided before it is at rest', () => {
    const standing: Head = { ...reversed, tax: recorded };
    expect(decideSettle(standing, end())).toMatchObject({ answer: 'undo', next: { run: { undos: 1 } } });
    const request = { ...open({ action: 'void-tax', target: 'T' }), run: 3 };
    expect(decideIntent(standing, request).answer).toBe('written');
    expect(decideSettle({ ...standing, ...failed('ERP_REFUSED', 'void-tax') }, end()).next?.wait).toMatchObject({
      code: 'ERP_REFUSED',
      kind: 'person',
    });
    expect(decideSettle({ ...standing, run: { ...standing.run, undos: 3 } }, end()).next?.wait?.code).toBe('PLATFORM_UNDO_STUCK');
    expect(decideSettle(reversed, end({ error: undefined }))).toMatchObject({ answer: 'ended', next: { state: 'reversed', dueAt: undefined } });
  });

  it('so has an order that was cancelled, where its document was recorded late', () => {
    expect(decideSettle({ ...cancelled, tax: recorded }, end()).answer).toBe('undo');
    const request = { ...open({ action: 'void-tax', target: 'T' }), run: 3 };
    expect(decideIntent({ ...cancelled, tax: recorded }, request).answer).toBe('written');
    expect(decideIntent({ ...completed, stops: cancel }, request).answer).toBe('not allowed');
  });
});

describe('what the ERP still has in force', () => {
  const asked: Head = { ...completed, stops: cancel };
  it('stands in the question to the person', () => {
    const { next, answer } = decideInForce(asked, 3, ['shipment 4 is waiting', 'invoice 9 is draft']);
    expect(answer).toBe('noted');
    const { next: parked } = decideComplete(next as Head, end({ error: undefined }));
    expect(parked?.wait).toMatchObject({
      code: 'CANCEL_AFTER_PIVOT',
      detail: 'asked for by alice; in force in the ERP: shipment 4 is waiting, invoice 9 is draft',
    });
  });

  it('asked again about the same is the same question', () => {
    const once = decideComplete(decideInForce(asked, 3, ['shipment 4 is waiting']).next as Head, end()).next as Head;
    const again = decideComplete({ ...(decideInForce(asked, 3, ['invoice 9 is draft']).next as Head) }, end()).next as Head;
    expect(once.task?.id).toBe(again.task?.id);
    expect(again.wait?.detail).toContain('invoice 9');
  });

  it.each<[string, Head]>([
    ['nobody asks for it', completed],
    ['it was decided to keep it', { ...completed, stops: { cancel: { ...cancel.cancel, decided: 'keep' } } }],
    ['the run is over', { ...asked, run: { ...asked.run, n: 4 } }],
  ])('is not noted when %s', (_name, head) => {
    expect(decideInForce(head, 3, ['x'])).toEqual({ answer: 'not asked' });
  });

  it('that could not be read is read again when the ERP is back; a person is asked then', () => {
    const down = { ...asked, ...failed('ERP_UNAVAILABLE') };
    expect(decideSettle(down, end()).next?.wait).toMatchObject({ kind: 'vendor', code: 'ERP_UNAVAILABLE' });
    const never = { ...parking, triesAgain: () => undefined };
    expect(decideSettle(down, end({ parking: never })).next?.wait?.kind).toBe('person');
    expect(decideSettle({ ...asked, ...failed('TAX_MISMATCH') }, end()).next?.wait?.code).toBe('CANCEL_AFTER_PIVOT');
  });

  it('is asked for a rejection too: what was rejected and yet confirmed is nobody’s to complete', () => {
    const rejected = { ...confirmed, stops: { policy: { by: 'board:eve', at: NOW } } };
    expect(decideComplete(rejected, end()).next?.wait).toMatchObject({ code: 'CANCEL_AFTER_PIVOT', detail: 'asked for by board:eve' });
  });
});

describe('an amendment', () => {
  const one = revision(completed, 1);
  it('may be made beside the order that it names, and beside nothing else', () => {
    expect(predecessorVerdict([one], 'R1')).toBe('clear');
    expect(predecessorVerdict([one], 'R0')).toBe('PREDECESSOR_PAST_PIVOT');
    expect(predecessorVerdict([revision(drafted, 1)], 'R1')).toBe('PREDECESSOR_OPEN');
    expect(predecessorVerdict([revision({ ...drafted, open: open({ action: 'confirm-order' }) }, 1)], 'R1')).toBe('PREDECESSOR_OPEN');
  });

  it('waits for one that was cancelled and of which somebody has confirmed another order in the ERP, until that is reversed', () => {
    const unexpected = revision(cancelled, 1, { unexpected: '9' });
    expect(predecessorVerdict([unexpected])).toBe('PREDECESSOR_OPEN');
    expect(() => mustBeAlone(accepted, [unexpected])).toThrow('is cancelled, and the ERP has another order under its key');
    expect(predecessorVerdict([revision(cancelled, 1)])).toBe('clear');
  });

  it('of an amendment stands beside both; one that was cancelled names nothing any more', () => {
    const two = revision(completed, 2, { amends: 'R1' });
    expect(predecessorVerdict([two, one], 'R2')).toBe('clear');
    expect(blocking([two, one])?.orderKey).toBe('R2');
    expect(blocking([revision(cancelled, 2, { amends: 'R1' }), one])?.orderKey).toBe('R1');
    expect(blocking([revision(drafted, 2, { amends: 'R1' }), one])?.orderKey).toBe('R1');
  });

  it('leaves everything below it as it is, also where what stood between was reversed, or is an order that names nothing', () => {
    const reversed = revision({ ...completed, state: 'reversed' }, 2, { amends: 'R1' });
    const three = revision(completed, 3, { amends: 'R2' });
    expect(blocking([three, reversed, one])?.orderKey).toBe('R3');
    expect(blocking([three, reversed, one], 'R3')).toBeUndefined();
    expect(blocking([reversed, one])?.orderKey).toBe('R1'); // nobody who is an order has agreed to it
    const forgot = revision(completed, 2);
    expect(blocking([forgot, one])?.orderKey).toBe('R1');
    expect(blocking([forgot, one], 'R1')?.orderKey).toBe('R2');
    expect(blocking([forgot, one], 'R2')).toBeUndefined();
  });

  it('asks about each lower revision once at most, from the lowest up, and ends', () => {
    const state = fc.constantFrom(confirmed, completed, cancelled, { ...completed, state: 'reversed' as const });
    const heads = fc.array(fc.tuple(state, fc.nat(8)), { maxLength: 8 });
    fc.assert(
      fc.property(heads, (all) => {
        const lower = all
          .map(([head, amends], n) => revision(head, n + 1, { amends: amends > 0 && amends <= n ? `R${amends}` : undefined }))
          .reverse();
        const asked: number[] = [];
        for (let next = blocking(lower); next && asked.length <= lower.length; next = blocking(lower, next.orderKey)) asked.push(next.quote.revision);
        expect(asked).toEqual([...new Set(asked)].sort((a, b) => a - b));
        expect(asked.length).toBeLessThanOrEqual(lower.length);
      }),
    );
  });

  it('is decided once, by the run of the newer order, before its pivot; a draft of it is stale then', () => {
    expect(decideAmend(active, 3, 'R1')).toEqual({
      next: { ...active, amends: 'R1' },
      fact: { type: 'order.amendment-opened.v1', actor: 'system' },
      answer: 'amends',
    });
    expect(decideAmend({ ...active, amends: 'R1' }, 3, 'R1')).toEqual({ answer: 'already amends' });
    expect(decideAmend({ ...active, ...drafted }, 3, 'R1').answer).toBe('amends');
    for (const head of [confirmed, { ...active, stops: superseded }, { ...active, run: { ...active.run, n: 4 } }, { ...active, open: open() }])
      expect(decideAmend(head, 3, 'R1')).toEqual({ answer: 'too late' });
  });
});

describe('the answer of a person', () => {
  const by = 'anna';
  const task = { subject: 'R1' };

  it('reversed: the ERP is read by the run that follows; the order stays what it is until then', () => {
    const head = asking('CANCEL_AFTER_PIVOT', undefined, { ...atRest(completed), stops: cancel });
    const { next, fact } = decide(head, answer(head, 'reversed', by), NOW, around);
    expect([next?.state, next?.task, next?.dueAt, fact?.type]).toEqual(['completed', undefined, NOW, 'order.decided.v1']);
    expect([next?.stops.cancel?.decided, next?.decided?.option]).toEqual([undefined, 'reversed']);
  });

  it('not reversed yet: the same question comes again, with what is left', () => {
    const head = asking('CANCEL_AFTER_PIVOT', undefined, { ...completed, stops: cancel });
    const said = decide(head, answer(head, 'reversed', by), NOW, around).next as Head;
    const read = decideInForce({ ...said, run: active.run }, 3, ['invoice 9 is posted']).next as Head;
    const again = decideComplete(read, end({ error: undefined })).next as Head;
    expect(again.wait?.detail).toContain('invoice 9 is posted');
    expect([again.task?.id, again.task?.code]).toEqual([head.task?.id, 'CANCEL_AFTER_PIVOT']);
  });

  it('amend: the newer order names the older one and goes on beside it', () => {
    const head = asking('PREDECESSOR_PAST_PIVOT', task, atRest(accepted));
    const { next } = decide(head, answer(head, 'amend', by), NOW, around);
    expect([next?.amends, next?.dueAt, next?.task]).toEqual(['R1', NOW, undefined]);
    expect(predecessorVerdict([revision(completed, 1)], next?.amends)).toBe('clear');
  });

  it('keep: also of what was rejected and yet confirmed, and it is not asked again', () => {
    const head = asking('CANCEL_AFTER_PIVOT', undefined, { ...atRest(completed), stops: { policy: { by: 'eve', at: NOW } } });
    const { next } = decide(head, answer(head, 'keep', by), NOW, around);
    expect(next?.stops.policy?.decided).toBe('keep');
    expect(decideComplete({ ...(next as Head), run: active.run, dueAt: active.dueAt }, end({ error: undefined })).next?.wait).toBeUndefined();
  });

  it('keep of another question than the one that is open is not possible', () => {
    const head = asking('WITHDRAWN_AFTER_PIVOT', undefined, { ...atRest(completed), stops: cancel });
    expect(decide(head, answer(head, 'keep', by), NOW, around).answer).toMatchObject({ answer: 'not possible' });
  });
});

describe('what appears late in the ERP', () => {
  const found = (patch: Partial<Found> = {}): Found => ({ ref: '9', key: `${KEY}.0`, generation: 0, status: 'draft', total, ...patch });
  const waiting: Head = { ...active, generation: 1, lost: { generation: 0, inputs: 'inputs' } };

  it('a draft is adopted by an order that still wants one, with what it was made from', () => {
    const { lost: _known, ...rest } = waiting;
    expect(decideAdoptDraft(waiting, 3, found())).toEqual({
      next: { ...rest, state: 'drafted', hadDraft: true, draft: { ref: '9', key: `${KEY}.0`, inputs: 'inputs', total } },
      fact: { type: 'order.drafted.v1', actor: 'system' },
      answer: 'adopted',
    });
  });

  it.each<[string, Head, Partial<Found>]>([
    ['the order has a draft', { ...drafted, lost: { generation: 0, inputs: 'inputs' } }, {}],
    ['the order is asked to stop', { ...waiting, stops: cancel }, {}],
    ['an effect is in flight', { ...waiting, open: open() }, {}],
    ['the run is over', { ...waiting, run: { ...waiting.run, n: 4 } }, {}],
    ['it is of a create that nobody remembers', waiting, { generation: 1 }],
    ['it was cancelled', waiting, { status: 'cancelled' }],
  ])('it is not when %s', (_name, head, patch) => {
    expect(decideAdoptDraft(head, 3, found(patch))).toEqual({ answer: 'not wanted' });
  });

  it('a confirmed order that HEAD does not name is found, one that it names is not', () => {
    expect(unexpected(active, [found({ status: 'confirmed' })])?.ref).toBe('9');
    expect(unexpected(completed, [found({ ref: '7', status: 'confirmed' }), found({ status: 'stuck' })])?.ref).toBe('9');
    expect(unexpected(completed, [found({ ref: '7', status: 'confirmed' }), found(), found({ status: 'cancelled' })])).toBeUndefined();
    expect(unexpected(drafted, [found({ ref: '7', status: 'confirmed' })])).toBeUndefined();
  });

  it('a tax document that HEAD does not know to stand is adopted, one that was voided late is not in force', () => {
    const key = `${KEY}.T0`;
    const document = { id: 'T', tax: '19.00', status: 'recorded' as const };
    expect(decideFoundTax(cancelled, key, document).next?.tax).toEqual({ ...recorded, hash: 'unknown' });
    expect(decideFoundTax({ ...confirmed, tax: { ...recorded, status: 'voided' } }, key, document).next?.tax).toEqual(recorded);
    expect(decideFoundTax(drafted, key, { ...document, status: 'voided' })).toEqual({ answer: 'known' });
    expect(decideFoundTax(confirmed, key, { ...document, status: 'voided' })).toMatchObject({
      next: { tax: { status: 'voided' } },
      fact: { type: 'order.tax-voided.v1' },
    });
    expect(decideFoundTax(confirmed, key, document)).toEqual({ answer: 'known' });
    expect(decideFoundTax({ ...cancelled, open: open() }, key, document)).toEqual({ answer: 'in flight' });
  });
});
