import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { awaitsAnswer, type Head } from '../../lambdas/domain/head.ts';
import { executionName } from '../../lambdas/domain/identity.ts';
import {
  decide,
  decideAccept,
  decideIntent,
  decideKeep,
  decideLook,
  decideLookRoute,
  decideLookTax,
  decideOutcome,
  decideRaise,
  decideSettle,
  decideStart,
  type Found,
  numbersFrom,
  type Restore,
  raised,
  waitFor,
} from '../../lambdas/domain/protocol/index.ts';
import type { Task } from '../../lambdas/domain/waiting.ts';
import { finish } from '../../lambdas/ledger/append.ts';
import {
  ANSWER_DUE,
  acceptance,
  accepted,
  active,
  cancel,
  cancelled,
  completed,
  confirmed,
  draft,
  drafted,
  end,
  inSeconds,
  KEY,
  LIMIT,
  NOW,
  open,
  parking,
  quote,
  recorded,
  times,
  total,
} from './domain-fixtures.ts';
import { around, asking } from './task-fixtures.ts';

const RUNS_FROM = inSeconds(120);
const restore = (epoch = 1): Restore => ({ epoch, at: NOW, runsFrom: RUNS_FROM });
const found = (patch: Partial<Found> = {}): Found => ({ ref: '7', key: `${KEY}.0`, generation: 0, status: 'draft', total, ...patch });

/** Orders as a backup may hold them. */
const someHead: fc.Arbitrary<Head> = fc
  .record({
    head: fc.constantFrom(accepted, active, drafted, confirmed, completed, cancelled),
    seq: fc.integer({ min: 1, max: 900 }),
    n: fc.integer({ min: 0, max: 900 }),
    version: fc.integer({ min: 1, max: 9000 }),
    open: fc.option(fc.constantFrom(open(), open({ action: 'confirm-order', target: '7' }), open({ settleAt: inSeconds(999) })), { nil: undefined }),
    stops: fc.constantFrom({}, cancel),
    dueAt: fc.constantFrom(NOW, LIMIT, inSeconds(86_400)),
  })
  .map(({ head, seq, n, open: slot, ...patch }) => ({
    ...head,
    ...patch,
    seq,
    run: { ...head.run, n },
    ...(slot && { open: slot }),
    ...((head.state === 'completed' || head.state === 'cancelled') && !slot && !head.run.active ? { dueAt: undefined } : {}),
  }));

describe('a HEAD of before a restore', () => {
  it('is as it is in a ledger that was never restored, or when it was written after the restore', () => {
    expect(raised(active, undefined)).toBe(active);
    expect(raised({ ...active, epoch: 1 }, restore(1)).epoch).toBe(1);
    expect(raised(active, restore(0))).toBe(active);
  });

  it('has its questions asked again with their whole time: they may be answered since, and nobody could while the ledger was gone', () => {
    const ask = { subject: 'discount', approvers: ['sales-operations', 'finance'] } as const;
    const asked = asking('APPROVAL_NEEDED', ask);
    const half = { ...asked, task: { ...asked.task, approved: [{ group: 'sales-operations', by: 'anna', at: NOW }], owner: 'finance' } } as Head;
    const later = raised({ ...half, unanswered: [asking('ERP_REFUSED').task as Task] }, restore());
    expect([later.task?.ofBackup, later.unanswered?.[0]?.ofBackup, later.dueAt]).toEqual([true, true, RUNS_FROM]);
    // An approval of the next group puts the look off by nothing, and its question has its own time.
    const partly = decide(later, { task: later.task?.id ?? '', option: 'approve', by: 'fred', reason: 'r' }, NOW, around);
    expect(partly.answer.answer).toBe('decided');
    const first = raised(asked, restore());
    const { next: one } = decide(first, { task: first.task?.id ?? '', option: 'approve', by: 'anna', reason: 'r' }, NOW, around);
    expect([one?.task?.ofBackup, one?.dueAt]).toEqual([undefined, RUNS_FROM]);
    // Whenever it is due, it is for a run: nobody's time is over, and nothing is decided.
    expect(awaitsAnswer({ ...later, dueAt: later.task?.dueAt })).toBe(false);
    // It would be over long since.
    const now = inSeconds(10 * ANSWER_DUE);
    const run = decideRaise(later, 1, 'p', now, times).next as Head;
    const { head } = waitFor(run, { code: 'APPROVAL_NEEDED', detail: '', ask }, now, parking);
    expect(head.task).toEqual({ ...half.task, ask, dueAt: inSeconds(11 * ANSWER_DUE), askedAt: now });
  });

  it('any: the same view at each reading, and nothing more to raise once it was written', () => {
    fc.assert(
      fc.property(someHead, fc.integer({ min: 1, max: 9 }), (head, epoch) => {
        const once = raised(head, restore(epoch));
        expect(raised(head, restore(epoch))).toEqual(once);
        expect(raised(once, restore(epoch))).toBe(once);
        expect(decideKeep(once).answer).toBe('raised');
        const { head: written } = finish({ from: head, to: once, fact: undefined }, NOW);
        expect(decideKeep(written)).toEqual({ answer: 'known' });
      }),
    );
  });

  it('any: repeats no event id, no execution name and no version, however far the lost ledger went on', () => {
    const lost = fc.integer({ min: 0, max: 90_000 });
    fc.assert(
      fc.property(someHead, fc.integer({ min: 1, max: 9 }), lost, (head, epoch, more) => {
        const next = finish({ from: head, to: raised(head, restore(epoch)), fact: { type: 'order.resumed.v1', actor: 'system' } }, NOW);
        expect(next.fact?.seq).toBeGreaterThan(head.seq + more);
        expect(next.fact?.previousHash).toBe(head.lastHash);
        expect(next.head.version).toBeGreaterThan(head.version + more);
        const run = next.head.run.n + 1;
        expect(run).toBeGreaterThan(head.run.n + more);
        expect(executionName(KEY, next.head.epoch, run)).not.toBe(executionName(KEY, head.epoch, head.run.n + more));
      }),
    );
  });

  it('any: no run of before goes on, and what is not at rest is due once calls of before have ended', () => {
    fc.assert(
      fc.property(someHead, (head) => {
        const next = raised(head, restore());
        expect(decideIntent(next, { ...open({ attempt: 'zombie' }), run: head.run.n }).answer).toBe('run over');
        expect(decideSettle(next, end({ run: head.run.n })).answer).toBe('run over');
        expect(next.run.slot).toBeUndefined();
        const settled = next.state === 'completed' || next.state === 'cancelled';
        expect(next.dueAt).toBe(settled && head.dueAt === undefined ? undefined : RUNS_FROM);
        expect(next.sweepAt).toBe(settled && head.dueAt === undefined ? head.sweepAt : RUNS_FROM);
        expect(decideStart(next, NOW)).toBe('drop');
        if (!settled) expect([decideStart(next, RUNS_FROM), next.lookFrom]).toEqual(['admit', RUNS_FROM]);
        if (head.open) expect((next.open?.settleAt ?? '') >= RUNS_FROM && (next.open?.settleAt ?? '') >= head.open.settleAt).toBe(true);
      }),
    );
  });

  it.each(['create-draft', 'confirm-order', 'record-tax'] as const)('makes nothing before it has looked: %s', (action) => {
    const start = action === 'create-draft' ? accepted : action === 'confirm-order' ? { ...drafted, tax: recorded } : drafted;
    const { next } = decideRaise(raised(start, restore()), 1, 'p', RUNS_FROM, times);
    const intent = { ...open({ action, attempt: 'new', target: action === 'confirm-order' ? '7' : undefined }), run: numbersFrom(1) + 1 };
    const head = next as Head;
    expect(decideIntent(head, intent).answer).toBe('not allowed');
    const looked = { ...head, lookFrom: undefined, ...(action === 'confirm-order' ? {} : { tax: undefined }) };
    expect(decideIntent(looked, intent).answer).toBe('written');
  });

  it('what a call of before did is still written down', () => {
    const slot = open({ attempt: 'zombie' });
    const { next, answer } = decideOutcome(
      raised({ ...active, open: slot }, restore()),
      'zombie',
      { kind: 'done', done: { action: 'create-draft', draft } },
      NOW,
    );
    expect([answer, next?.draft, next?.lookFrom]).toEqual(['written', draft, RUNS_FROM]);
  });
});

describe('an order that is opened in a restored ledger', () => {
  it('has numbers of its epoch, looks first, and is due when the look tells the truth', () => {
    const { head } = decideAccept({ ...acceptance(1), restore: restore(2) }, quote, undefined, undefined);
    expect(head?.next).toMatchObject({ epoch: 2, seq: 0, everUnknown: true, lookFrom: RUNS_FROM, dueAt: RUNS_FROM, state: 'accepted' });
    expect(head?.next.run.n).toBe(2_000_000);
  });

  it('a revision that comes too late undoes what it had made before it ends', () => {
    const highest = { ...quote, highest: { revision: 2, orderKey: 'R2' } };
    const { answer, head, quote: known } = decideAccept({ ...acceptance(1), restore: restore() }, highest, undefined, undefined);
    expect([answer, known]).toEqual(['too-late', { ...highest, beside: ['KEY-OF-REVISION-1'] }]);
    expect(head?.next).toMatchObject({ state: 'accepted', lookFrom: RUNS_FROM, dueAt: RUNS_FROM, stops: { superseded: { by: 'R2' } } });
    expect(head?.fact.type).toBe('order.accepted.v1');
  });
});

describe('the look after a restore', () => {
  const looking = (head: Head): Head => ({ ...head, lookFrom: RUNS_FROM, epoch: 1 });
  const look = (head: Head, ...orders: Found[]) => decideLook(looking(head), orders, LIMIT, [60, 600]);
  const free = { ...accepted, draft: undefined };

  it('is taken once, and never over an effect that is not settled', () => {
    expect(decideLook(drafted, [], NOW, [])).toEqual({ answer: 'nothing to look for' });
    expect(decideLook(looking({ ...drafted, open: open() }), [], NOW, []).answer).toBe('nothing to look for');
    const { next } = look(drafted, found());
    expect(next?.lookFrom).toBeUndefined();
  });

  it('owes later looks too, the first at once', () => {
    expect(look(drafted, found()).next).toMatchObject({ everUnknown: true, probes: [LIMIT, inSeconds(660), inSeconds(1200)] });
  });

  it.each<[string, Head, Found[], string, object]>([
    ['nothing is there and nothing is named', free, [], 'agrees', { state: 'accepted', generation: 0 }],
    ['the draft that HEAD names is there', drafted, [found()], 'agrees', { state: 'drafted', draft }],
    ['the named draft beside a younger one', drafted, [found(), found({ ref: '8', generation: 3 })], 'agrees', { draft, generation: 3 }],
    [
      'a draft that HEAD forgot',
      free,
      [found({ generation: 2 })],
      'drafted',
      { state: 'drafted', generation: 2, draft: { ref: '7', inputs: 'unknown' } },
    ],
    ['of two forgotten drafts the younger', free, [found({ ref: '1' }), found({ ref: '2', generation: 1 })], 'drafted', { draft: { ref: '2' } }],
    [
      'the named draft was replaced',
      drafted,
      [found({ status: 'cancelled' }), found({ ref: '8', generation: 1 })],
      'drafted',
      { draft: { ref: '8' } },
    ],
    [
      'a confirmed order that HEAD forgot',
      free,
      [found({ status: 'confirmed', number: 'S7' })],
      'confirmed',
      { state: 'confirmed', order: { ref: '7', number: 'S7', stuck: false } },
    ],
    ['a stuck one', free, [found({ status: 'stuck' })], 'confirmed', { state: 'confirmed', order: { stuck: true } }],
    [
      'another draft than the named one was confirmed',
      drafted,
      [found(), found({ ref: '8', generation: 4, status: 'confirmed' })],
      'confirmed',
      { generation: 4, order: { ref: '8' }, draft: { ref: '8' } },
    ],
    ['it was cancelled meanwhile', drafted, [found({ status: 'cancelled', generation: 2 })], 'cancelled', { state: 'accepted', generation: 3 }],
    ['a forgotten draft was cancelled', free, [found({ status: 'cancelled' })], 'cancelled', { state: 'accepted', generation: 1 }],
    ['it was reversed meanwhile', drafted, [found({ status: 'reversed' })], 'reversed', { state: 'reversed', order: { ref: '7' } }],
    ['a confirmed order was', confirmed, [found({ status: 'reversed' })], 'reversed', { state: 'reversed', order: confirmed.order }],
    [
      'one was reversed, an older draft is beside it',
      free,
      [found({ status: 'reversed', ref: '8', generation: 1 }), found()],
      'reversed',
      { state: 'reversed', order: { ref: '8' }, generation: 1 },
    ],
    [
      'one was reversed and another made since',
      free,
      [found({ status: 'reversed' }), found({ ref: '8', generation: 1 })],
      'drafted',
      { state: 'drafted', draft: { ref: '8' } },
    ],
    [
      'one was reversed, another counts',
      drafted,
      [found({ status: 'reversed' }), found({ ref: '8', generation: 1, status: 'confirmed' })],
      'confirmed',
      { order: { ref: '8' } },
    ],
    ['HEAD knows the order', confirmed, [found({ status: 'confirmed' })], 'agrees', { state: 'confirmed', order: confirmed.order }],
    [
      'a confirmed order although a stop was set',
      { ...free, stops: cancel },
      [found({ status: 'confirmed' })],
      'confirmed',
      { state: 'confirmed', stops: cancel },
    ],
  ])('%s', (_name, head, orders, answer, next) => {
    const decision = look(head, ...orders);
    expect(decision.answer).toBe(answer);
    expect(decision.next).toMatchObject(next);
  });

  it("any: a sale that stands is adopted, a living draft is HEAD's or nobody's to confirm, and the next key is a new one", () => {
    const one = fc.record({
      ref: fc.constantFrom('7', '8', '9'),
      generation: fc.integer({ min: 0, max: 5 }),
      status: fc.constantFrom<Found['status']>('draft', 'confirmed', 'stuck', 'cancelled'),
    });
    fc.assert(
      fc.property(fc.constantFrom<Head>(free, drafted), fc.uniqueArray(one, { selector: ({ ref }) => ref, maxLength: 3 }), (head, patches) => {
        const orders = patches.map((patch) => found(patch));
        const next = look(head, ...orders).next as Head;
        const sold = orders.filter(({ status }) => status === 'confirmed' || status === 'stuck');
        expect(next.state === 'confirmed').toBe(sold.length > 0);
        if (sold.length > 0) expect(sold.map(({ ref }) => ref)).toContain(next.order?.ref);
        const living = orders.filter(({ status }) => status === 'draft');
        if (sold.length === 0 && living.length > 0) expect(living.map(({ ref }) => ref)).toContain(next.draft?.ref);
        const highest = Math.max(-1, ...orders.map(({ generation }) => generation));
        // a create comes with HEAD's generation, after a cancel with the next
        expect(next.generation + (next.draft ? 1 : 0)).toBeGreaterThan(highest);
      }),
    );
  });

  it.each<[string, Found[], Found[], string]>([
    ['nothing anywhere', [], [], 'stays'],
    ['a draft here and one there', [found()], [found()], 'stays'],
    ['an order here and one there', [found({ status: 'confirmed' })], [found({ status: 'confirmed' })], 'stays'],
    ['a draft here, an order there', [found()], [found({ status: 'confirmed' })], 'moved'],
    ['cancelled here, a draft there', [found({ status: 'cancelled' })], [found()], 'moved'],
    ['nothing here, cancelled there', [], [found({ status: 'cancelled' })], 'stays'],
    ['nothing here, reversed there', [], [found({ status: 'reversed' })], 'moved'],
    ['a draft here, reversed there', [found()], [found({ status: 'reversed' })], 'stays'],
    ['reversed here and there', [found({ status: 'reversed' })], [found({ status: 'reversed' })], 'stays'],
  ])('the ERP that made it: %s', (_name, own, there, answer) => {
    const decision = decideLookRoute(looking(drafted), own, 'other', there);
    expect([decision.answer, decision.next?.route.erp]).toEqual([answer, answer === 'moved' ? 'other' : undefined]);
    expect(decideLookRoute(drafted, own, 'other', there).answer).toBe('stays');
  });

  it('another ERP made it: what was approved of the prices and customers of the first does not count', () => {
    const by = [{ group: 'finance', by: 'cli:anna', at: NOW }] as const;
    const approved = { contentHash: accepted.contentHash, value: '100', by };
    const approvals = { price: { ...approved, measure: 'price deviation' }, discount: { ...approved, measure: 'discount' } } as const;
    const { next } = decideLookRoute({ ...looking(active), approvals, prepared: active.prepared }, [], 'other', [found()]);
    expect([next?.route.erp, next?.prepared, Object.keys(next?.approvals ?? {})]).toEqual(['other', {}, ['discount']]);
  });

  const waited = { kind: 'later', code: 'ERP_BUSY', since: NOW, times: 2 } as const;
  it.each<[string, Head['tax'], Parameters<typeof decideLookTax>[1], string, object | undefined]>([
    ['none there', undefined, undefined, 'agrees', undefined],
    ['the same', recorded, { key: recorded.key, id: 'T', tax: '19.00', status: 'recorded' }, 'agrees', undefined],
    [
      'one that HEAD forgot',
      undefined,
      { key: `${KEY}.T0`, id: 'T', tax: '19.00', status: 'recorded' },
      'adopted',
      { key: `${KEY}.T0`, hash: 'unknown', status: 'recorded' },
    ],
    ['voided meanwhile', recorded, { key: recorded.key, id: 'T', tax: '19.00', status: 'voided' }, 'adopted', { ...recorded, status: 'voided' }],
    [
      'recorded anew meanwhile',
      recorded,
      { key: `${KEY}.T1`, id: 'T1', tax: '21.00', status: 'recorded' },
      'adopted',
      { id: 'T1', hash: 'unknown', amount: '21.00' },
    ],
  ])('tax document: %s', (_name, tax, document, answer, expected) => {
    const decision = decideLookTax(looking({ ...drafted, tax }), document);
    expect(decision.answer).toBe(answer);
    if (expected) expect(decision.next?.tax).toMatchObject(expected);
    else expect(decision.next).toBeUndefined();
  });

  it.each([
    [undefined, undefined],
    [recorded, waited],
  ])('a first tax document that HEAD forgot is a step further: %j was there, and %j still counts', (tax, counts) => {
    const document = { key: `${KEY}.T1`, id: 'T1', tax: '21.00', status: 'recorded' } as const;
    expect(decideLookTax(looking({ ...drafted, tax, waited }), document).next?.waited).toEqual(counts);
  });
});

describe('a restored order that is asked to stop', () => {
  const asked = { ...raised({ ...accepted, stops: cancel }, restore()), run: { ...active.run }, dueAt: active.run.limit };

  it('is neither undone nor over before the vendors were asked', () => {
    const { next, answer } = decideSettle(asked, end({ error: 'Stop' }));
    expect(answer).toBe('ended');
    expect(next).toMatchObject({ state: 'accepted', lookFrom: RUNS_FROM, wait: { code: 'EFFECT_UNKNOWN' } });
    expect(next?.dueAt?.localeCompare(RUNS_FROM)).toBeGreaterThanOrEqual(0);
  });

  it('is cancelled once they were, and have nothing of it', () => {
    const { lookFrom: _looked, ...looked } = asked;
    expect(decideSettle(looked, end({ error: 'Stop' })).next?.state).toBe('cancelled');
  });
});
