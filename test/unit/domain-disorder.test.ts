import { describe, expect, it } from 'vitest';
import type { Head, QuoteItem } from '../../lambdas/domain/head.ts';
import {
  decideAccept,
  decideComplete,
  decideReversed,
  decideSettle,
  decideWithdraw,
  predecessorVerdict,
} from '../../lambdas/domain/protocol/index.ts';
import { acceptance, accepted, active, cancel, cancelled, completed, confirmed, drafted, end, NOW, open, quote } from './domain-fixtures.ts';

/** The order of a revision, under the key that its acceptance gives to it. */
const of = (revision: number, head: Head, patch: Partial<Head> = {}): Head => ({
  ...head,
  orderKey: acceptance(revision).orderKey,
  quote: { ...head.quote, revision },
  predecessor: revision > 1 ? acceptance(revision - 1).orderKey : undefined,
  ...patch,
});
const highest = (revision: number, patch: Partial<QuoteItem> = {}): QuoteItem => ({
  ...quote,
  highest: { revision, orderKey: acceptance(revision).orderKey },
  ...patch,
});
const reversed: Head = { ...completed, state: 'reversed' };
const wait = { kind: 'person' as const, code: 'CUSTOMER_UNKNOWN' as const, since: NOW, times: 1 };

describe('revision 2 comes while revision 1 is', () => {
  it.each<[string, Head, 'clear' | 'PREDECESSOR_OPEN' | 'PREDECESSOR_PAST_PIVOT', 'marked' | 'not marked']>([
    ['accepted', accepted, 'PREDECESSOR_OPEN', 'marked'],
    ['waiting', { ...accepted, wait }, 'PREDECESSOR_OPEN', 'marked'],
    ['with an effect unknown', { ...active, open: open() }, 'PREDECESSOR_OPEN', 'marked'],
    ['drafted', drafted, 'PREDECESSOR_OPEN', 'marked'],
    ['confirming', { ...drafted, open: open({ action: 'confirm-order', target: '7' }) }, 'PREDECESSOR_OPEN', 'marked'],
    ['confirmed', confirmed, 'PREDECESSOR_PAST_PIVOT', 'not marked'],
    ['completed', completed, 'PREDECESSOR_PAST_PIVOT', 'not marked'],
    ['cancelling', { ...drafted, stops: cancel }, 'PREDECESSOR_OPEN', 'marked'],
    ['cancelled', cancelled, 'clear', 'not marked'],
    ['reversed', reversed, 'clear', 'not marked'],
  ])('%s: revision 2 is accepted and may go on when that is %s; revision 1 is %3$s', (_name, head, verdict, marked) => {
    const before = of(1, head);
    const decision = decideAccept(acceptance(2), highest(1), undefined, before);
    expect([decision.answer, decision.head?.next.predecessor, decision.quote?.highest?.revision]).toEqual(['accepted', before.orderKey, 2]);
    expect(predecessorVerdict([before])).toBe(verdict);
    expect(decision.predecessor !== undefined).toBe(marked === 'marked');
    // what is marked before its pivot is undone, whatever it waits for
    const after = decision.predecessor?.next;
    if (after && !after.open) expect(['undo', 'ended']).toContain(decideSettle({ ...after, run: active.run, wait: undefined }, end()).answer);
  });

  it('not yet seen: nothing comes before it, and revision 1 is recorded as cancelled when it comes', () => {
    expect(decideAccept(acceptance(2), quote, undefined, undefined).head?.next.predecessor).toBeUndefined();
    const late = decideAccept(acceptance(1), highest(2), undefined, of(2, accepted));
    expect([late.answer, late.head?.next.state, late.predecessor, late.quote]).toEqual(['too-late', 'cancelled', undefined, undefined]);
  });

  it('rejected before acceptance: a milestone is no order, and holds nothing back', () => {
    const rejected = { ...quote, milestones: { rejected: { at: NOW, revision: 1 } } };
    const decision = decideAccept(acceptance(2), rejected, undefined, undefined);
    expect([decision.answer, decision.head?.next.predecessor, decision.quote?.milestones]).toEqual(['accepted', undefined, rejected.milestones]);
  });

  it('marked while its confirm is in flight: the order stays, asks nobody, and revision 2 does', () => {
    const confirming = of(1, { ...drafted, open: open({ action: 'confirm-order', target: '7' }) });
    const { predecessor } = decideAccept(acceptance(2), highest(1), undefined, confirming);
    const landed = { ...predecessor?.next, open: undefined } as Head;
    const done = decideComplete({ ...landed, state: 'confirmed', order: confirmed.order, tax: confirmed.tax }, end({ error: undefined }));
    expect([done.next?.state, done.next?.wait, done.fact?.type]).toEqual(['completed', undefined, 'order.completed.v1']);
    expect(predecessorVerdict([done.next as Head])).toBe('PREDECESSOR_PAST_PIVOT');
  });
});

describe('three revisions at once', () => {
  const heads = { first: of(1, drafted), second: of(2, accepted), third: of(3, accepted) };

  it('each marks the one before it; the newest waits for both', () => {
    const { predecessor } = decideAccept(acceptance(3), highest(2), undefined, heads.second);
    expect([predecessor?.next.orderKey, predecessor?.next.supersededBy]).toEqual([heads.second.orderKey, heads.third.orderKey]);
    expect(predecessorVerdict([heads.second, heads.first])).toBe('PREDECESSOR_OPEN');
    expect(predecessorVerdict([of(2, cancelled), heads.first])).toBe('PREDECESSOR_OPEN');
    expect(predecessorVerdict([of(2, cancelled), of(1, cancelled)])).toBe('clear');
  });

  it('the one in the middle that comes last makes nothing', () => {
    const late = decideAccept(acceptance(2), highest(3), undefined, heads.third);
    expect([late.answer, late.head?.next.stops.superseded?.by, late.predecessor]).toEqual(['too-late', heads.third.orderKey, undefined]);
  });

  it('the first is an order in the ERP: when it is reversed the newest goes on', () => {
    const sold = of(1, completed);
    expect(predecessorVerdict([of(2, cancelled), sold])).toBe('PREDECESSOR_PAST_PIVOT');
    expect(predecessorVerdict([of(2, cancelled), decideReversed(sold, '7', NOW).next as Head])).toBe('clear');
  });
});

describe('a withdrawal', () => {
  const withdraw = (revision: number, item: QuoteItem, ...heads: Head[]) => decideWithdraw({ revision, by: 'CPQ', now: NOW }, item, heads);

  it('before: the revision is recorded as withdrawn, the next one is accepted without a predecessor', () => {
    const { quote: after } = withdraw(1, quote);
    expect(decideAccept(acceptance(1), after as QuoteItem, undefined, undefined).head?.next).toMatchObject({
      state: 'cancelled',
      stops: { withdrawn: {} },
    });
    expect(decideAccept(acceptance(2), after as QuoteItem, undefined, undefined).head?.next.predecessor).toBeUndefined();
  });

  it('during, of both revisions: neither becomes an order', () => {
    const [first, second] = [of(1, { ...drafted, stops: { superseded: { by: 'R2', at: NOW } } }), of(2, accepted)];
    const { orders } = withdraw(2, highest(2), second, first);
    expect(orders.map(({ next }) => [next.orderKey, Object.keys(next.stops)])).toEqual([
      [second.orderKey, ['withdrawn']],
      [first.orderKey, ['superseded', 'withdrawn']],
    ]);
    expect(orders.map(({ next }) => decideSettle({ ...next, run: active.run }, end()).answer)).toEqual(['ended', 'undo']);
  });

  it('after, of a revision that was superseded in between: the newer one goes on', () => {
    const { orders, quote: after } = withdraw(1, highest(2), of(2, accepted), of(1, cancelled));
    expect([orders, after?.withdrawnUpTo, after?.highest?.revision]).toEqual([[], 1, 2]);
  });

  it('after, of an order and its waiting successor: the successor ends, a person is asked about the order', () => {
    const { orders } = withdraw(2, highest(2), of(2, accepted), of(1, completed));
    const [second, first] = orders.map(({ next }) => ({ ...next, run: active.run }));
    expect(decideSettle(second as Head, end()).next?.state).toBe('cancelled');
    expect(decideSettle(first as Head, end()).next?.wait?.code).toBe('WITHDRAWN_AFTER_PIVOT');
  });

  it('and a cancellation of the same order ask one after the other, each once', () => {
    const both: Head = { ...completed, stops: { ...cancel, withdrawn: { by: 'CPQ', at: NOW } } };
    expect(decideSettle(both, end()).next?.task?.code).toBe('CANCEL_AFTER_PIVOT');
    const kept: Head = { ...both, stops: { ...both.stops, cancel: { by: 'alice', at: NOW, decided: 'keep' } } };
    expect(decideSettle(kept, end()).next?.task?.code).toBe('WITHDRAWN_AFTER_PIVOT');
  });
});
