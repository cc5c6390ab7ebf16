import { describe, expect, it } from 'vitest';
import { ERRORS } from '../../contracts/errors.ts';
import { type Head, hasNews, later } from '../../lambdas/domain/head.ts';
import {
  decideAccept,
  decideCancel,
  decideCauseWake,
  decideComplete,
  decideEscalate,
  decideQueueUp,
  decideRaise,
  decideSettle,
  decideStart,
  decideSweep,
  decideTakeOver,
  decideWake,
  predecessorVerdict,
} from '../../lambdas/domain/protocol/index.ts';
import { waitFor, waitOver } from '../../lambdas/domain/protocol/wait.ts';
import type { Task } from '../../lambdas/domain/waiting.ts';
import {
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
  failed,
  inSeconds,
  LIMIT,
  NOW,
  news,
  open,
  order,
  parking,
  quote,
  recorded,
  superseded,
  times,
} from './domain-fixtures.ts';
import { around } from './task-fixtures.ts';

const stopped = (head: Head): Head => ({ ...head, stops: cancel });
const idle = (head: Head | undefined) => ({ active: head?.run.active, slot: head?.run.slot, due: head?.dueAt, sweep: head?.sweepAt });
const until = (at: string | undefined) => ({ active: false, slot: undefined, due: at, sweep: at });

describe('Settle looks at these in order', () => {
  it('1. a run that is over: nothing', () => {
    expect(decideSettle({ ...active, open: open(), stops: cancel, run: { ...active.run, n: 4 } }, end())).toEqual({ answer: 'run over' });
    expect(decideSettle({ ...active, run: { ...active.run, active: false } }, end())).toEqual({ answer: 'run over' });
  });

  it('2. an unknown effect before a stop: due at its settle time', () => {
    const { next, answer } = decideSettle({ ...stopped(drafted), open: open() }, end());
    expect(answer).toBe('ended');
    expect(next).toMatchObject({ wait: { kind: 'settle', code: 'EFFECT_UNKNOWN' }, open: open() });
    expect(idle(next)).toEqual(until(inSeconds(60)));
  });

  it('2. an unknown effect whose lookup failed: due at the later of settle time and retry time, held by the vendor', () => {
    const head = { ...drafted, ...failed('ERP_UNAVAILABLE') };
    expect(decideSettle({ ...head, open: open({ settleAt: inSeconds(-60) }) }, end()).next).toMatchObject({
      wait: { kind: 'vendor' },
      dueAt: inSeconds(300),
    });
    expect(decideSettle({ ...head, open: open({ settleAt: inSeconds(900) }) }, end()).next).toMatchObject({
      wait: { kind: 'vendor' },
      dueAt: inSeconds(900),
    });
  });

  it('3. at rest: due only for what is owed', () => {
    expect(idle(decideSettle(cancelled, end()).next)).toEqual(until(undefined));
    const { next, fact } = decideSettle({ ...cancelled, ...failed('NEWS_ARRIVED'), probes: [inSeconds(7200), inSeconds(3600)] }, end());
    expect(idle(next)).toEqual(until(inSeconds(3600)));
    expect([next?.wait, fact]).toEqual([undefined, undefined]);
  });

  it('3. at rest: a look that failed is not due again at once, though it is owed since long', () => {
    const head = { ...completed, probes: [inSeconds(-3600)] };
    expect(idle(decideSettle({ ...head, ...failed('ERP_UNAVAILABLE') }, end()).next)).toEqual(until(inSeconds(300)));
    expect(idle(decideSettle(head, end({ error: 'Sandbox.Timedout' })).next)).toEqual(until(inSeconds(20)));
  });

  it('3. at rest: what only a person can cure is asked', () => {
    expect(decideSettle({ ...cancelled, ...failed('KEY_COLLISION') }, end()).next).toMatchObject({
      state: 'cancelled',
      wait: { kind: 'person', code: 'KEY_COLLISION' },
    });
  });

  it('3. completed: an undecided cancel is a question, a decided one and a newer revision are not', () => {
    expect(decideSettle(stopped(completed), end()).next?.wait).toMatchObject({
      kind: 'person',
      code: 'CANCEL_AFTER_PIVOT',
      detail: 'asked for by alice',
    });
    expect(decideSettle({ ...completed, stops: { withdrawn: { by: 'cpq', at: NOW } } }, end()).next?.wait?.code).toBe('WITHDRAWN_AFTER_PIVOT');
    expect(decideSettle({ ...completed, stops: { cancel: { by: 'alice', at: NOW, decided: 'keep' } } }, end()).next?.wait).toBeUndefined();
    expect(decideSettle({ ...completed, stops: superseded }, end()).next?.wait).toBeUndefined();
  });

  it('4. a stop before the pivot: undo while a draft or a tax document lives', () => {
    const { next, answer, fact } = decideSettle({ ...stopped(drafted), ...failed('NEWS_ARRIVED') }, end());
    expect([answer, fact, next?.run.undos, next?.run.active, next?.lastError]).toEqual(['undo', undefined, 1, true, undefined]);
    expect(decideSettle({ ...stopped(active), tax: recorded }, end()).answer).toBe('undo');
  });

  it('4. a stop before the pivot with nothing alive: cancelled', () => {
    const { next, fact, answer } = decideSettle({ ...stopped(active), tax: { ...recorded, status: 'voided' } }, end({ error: undefined }));
    expect([answer, next?.state, fact?.type]).toEqual(['ended', 'cancelled', 'order.cancelled.v1']);
    expect(idle(next)).toEqual(until(undefined));
  });

  it.each(['cancel-draft', 'void-tax'] as const)('4. an undo step of this run that failed (%s): parked by its error', (step) => {
    const head = { ...stopped(drafted), ...failed('ERP_REFUSED', step) };
    expect(decideSettle(head, end()).next).toMatchObject({ state: 'drafted', wait: { kind: 'person', code: 'ERP_REFUSED' } });
    expect(decideSettle({ ...head, ...failed('ERP_REFUSED', step, 2) }, end()).answer).toBe('undo');
  });

  it.each(['cancel-draft', 'void-tax'] as const)(
    '4. an undo step that failed on what HEAD does not name (%s): parked by its error, not cancelled',
    (step) => {
      const head = { ...stopped(active), ...failed('ERP_REFUSED', step) };
      const { next, fact } = decideSettle(head, end());
      expect([next?.state, next?.wait?.code, fact?.type]).toEqual(['accepted', 'ERP_REFUSED', 'order.parked.v1']);
      expect(decideSettle({ ...head, ...failed('ERP_REFUSED', step, 2) }, end()).next?.state).toBe('cancelled');
    },
  );

  it('4. undoing that comes to no end is given up after three passes', () => {
    const head = stopped(drafted);
    expect(decideSettle({ ...head, run: { ...head.run, undos: 2 } }, end()).answer).toBe('undo');
    expect(decideSettle({ ...head, run: { ...head.run, undos: 3 } }, end()).next?.wait).toMatchObject({
      kind: 'person',
      code: 'PLATFORM_UNDO_STUCK',
    });
  });

  it.each([
    ['ERP_ORDER_STUCK', 'confirm-order'],
    ['TAX_REFUSED', 'record-tax'],
  ] as const)('5. an undecided stop after the pivot goes before %s of this run, until it is decided', (code, step) => {
    const head: Head = { ...confirmed, order: { ...order, stuck: true }, ...failed(code, step) };
    const asked = decideSettle(stopped(head), end()).next;
    expect(asked).toMatchObject({ state: 'confirmed', wait: { kind: 'person', code: 'CANCEL_AFTER_PIVOT', detail: 'asked for by alice' } });
    expect(asked?.task?.code).toBe('CANCEL_AFTER_PIVOT');
    expect(decideSettle({ ...head, stops: { cancel: { by: 'alice', at: NOW, decided: 'keep' } } }, end()).next?.wait?.code).toBe(code);
    expect(decideSettle({ ...head, stops: superseded }, end()).next?.wait?.code).toBe(code);
  });

  it('5. ... and an error of a later step that passes by itself is tried again meanwhile, as often as the policy says', () => {
    const away = { ...stopped(confirmed), ...failed('ERP_UNAVAILABLE', 'confirm-order') };
    const asked = decideSettle(away, end()).next;
    expect([asked?.wait?.code, asked?.task?.dueAt, asked?.dueAt]).toEqual(['CANCEL_AFTER_PIVOT', inSeconds(86_400), inSeconds(300)]);
    const often = { ...parking, triesAgain: (code: string, times: number) => (code === 'ERP_UNAVAILABLE' && times === 1 ? 60 : undefined) };
    const once = decideSettle(away, end({ parking: often })).next as Head;
    expect([once.task?.code, once.dueAt]).toEqual(['CANCEL_AFTER_PIVOT', inSeconds(60)]);
    const { wait: _wait, ...running } = waitOver({ ...once, run: away.run });
    const twice = decideSettle({ ...running, dueAt: away.dueAt, ...failed('ERP_UNAVAILABLE', 'confirm-order') }, end({ parking: often })).next;
    expect([twice?.wait?.times, twice?.task?.id, twice?.dueAt]).toEqual([2, once.task?.id, once.task?.dueAt]);
    // ... also when the answer is late: the next group is asked, or nobody is left.
    const late = { ...once, task: { ...(once.task as Task), dueAt: LIMIT }, dueAt: LIMIT };
    expect(decideEscalate(late, LIMIT, { escalate: ['finance'] }, around).next?.dueAt).toBe(later(LIMIT, 60));
    expect(decideEscalate(late, LIMIT, { escalate: [] }, around).next?.dueAt).toBe(later(LIMIT, 60));
    expect(decideSettle({ ...away, ...failed('TAX_REFUSED', 'record-tax') }, end()).next?.dueAt).toBe(inSeconds(86_400));
  });

  it('5. ... and comes when what is in force could be read', () => {
    expect(decideSettle({ ...stopped(confirmed), ...failed('ERP_UNAVAILABLE') }, end()).next?.wait?.code).toBe('ERP_UNAVAILABLE');
  });

  it('5. a mere error undoes nothing', () => {
    expect(decideSettle({ ...drafted, ...failed('ERP_REFUSED') }, end()).next).toMatchObject({ state: 'drafted', draft, wait: { kind: 'person' } });
    expect(decideSettle({ ...confirmed, ...failed('ERP_ORDER_STUCK') }, end()).next).toMatchObject({
      state: 'confirmed',
      wait: { code: 'ERP_ORDER_STUCK' },
    });
  });

  it.each([
    ['CUSTOMER_UNKNOWN', 'person', 86_400],
    ['ERP_UNAVAILABLE', 'vendor', 300],
    ['ERP_BUSY', 'later', 20],
    ['NEWS_ARRIVED', 'later', 20],
    ['ERP_ANSWER_UNKNOWN', 'settle', 20],
    ['PREDECESSOR_OPEN', 'predecessor', 30],
    ['PREDECESSOR_PAST_PIVOT', 'person', 86_400],
    ['QUOTE_INVALID', 'person', 86_400],
  ] as const)('5. %s waits for: %s, due in %i s', (code, kind, seconds) => {
    const { next, fact } = decideSettle({ ...active, ...failed(code) }, end());
    expect(next?.wait).toEqual({ kind, code, detail: 'detail', since: NOW, times: 1, cause: undefined, causeVersion: undefined, ask: undefined });
    expect(idle(next)).toEqual(until(inSeconds(seconds)));
    expect(fact?.type).toBe('order.parked.v1');
  });

  it('5. every error that a step may record has a wait', () => {
    for (const code of Object.keys(ERRORS) as (keyof typeof ERRORS)[])
      expect(decideSettle({ ...active, ...failed(code) }, end()).next?.wait).toMatchObject({ code });
  });

  it('5. the cause of an error and the version that was read stand in the wait', () => {
    const head = { ...active, lastError: { ...failed('PRODUCT_UNMAPPED').lastError, cause: 'acme#erp#product#P', causeVersion: 4 } };
    expect(decideSettle(head, end()).next?.wait).toMatchObject({ cause: 'acme#erp#product#P', causeVersion: 4 });
  });

  it.each([
    ['the error of an earlier run', failed('ERP_REFUSED', 'create-draft', 2), 'Stop'],
    ['a step that died after another had recorded its error', failed('ERP_REFUSED'), 'Runtime.ExitError'],
    ['nothing was recorded', {}, 'Sandbox.Timedout'],
  ])('5. never reports what is not of this run: %s', (_name, error, name) => {
    expect(decideSettle({ ...active, ...error }, end({ error: name })).next?.wait).toMatchObject({ kind: 'later', code: 'PLATFORM_STEP_DIED' });
  });
});

describe('the last write', () => {
  const ways: [string, (head: Head) => Head | undefined][] = [
    ['parks', (head) => decideSettle({ ...head, ...failed('CUSTOMER_UNKNOWN') }, end()).next],
    ['cancels', (head) => decideSettle(stopped(head), end()).next],
    ['rests', (head) => decideSettle({ ...head, state: 'cancelled' }, end()).next],
    ['completes', (head) => decideComplete({ ...head, state: 'confirmed', draft, order, tax: recorded }, end()).next],
    ['takes over', (head) => decideTakeOver(head, 3, NOW, times, parking).next],
  ];
  it.each(ways)('news that came during the run stays due: %s', (_name, write) => {
    const at = inSeconds(-5);
    const next = write({ ...active, dueAt: at });
    expect([next?.run.active, next?.dueAt]).toEqual([false, at]);
    expect(next?.sweepAt).toBe(NOW);
  });

  it('a condition that failed for news alone: no wait, no fact, due', () => {
    const { next, fact, answer } = decideSettle(news({ ...drafted, ...failed('NEWS_ARRIVED', 'confirm-order') }), end());
    expect([answer, fact, next?.wait, next?.dueAt]).toEqual(['ended', undefined, undefined, NOW]);
  });

  it('clears the count of deaths when a run ends by itself', () => {
    expect(decideSettle({ ...active, run: { ...active.run, deaths: 4 } }, end()).next?.run.deaths).toBe(0);
    expect(decideComplete({ ...confirmed, run: { ...active.run, deaths: 4 } }, end()).next?.run.deaths).toBe(0);
  });
});

describe('Complete', () => {
  it('completes what is confirmed and taxed, and owes nothing', () => {
    const { next, fact, answer } = decideComplete(confirmed, end());
    expect([answer, next?.state, fact?.type]).toEqual(['ended', 'completed', 'order.completed.v1']);
    expect(idle(next)).toEqual(until(undefined));
  });

  it('is due for a look that is owed', () => {
    expect(idle(decideComplete({ ...confirmed, probes: [inSeconds(3600)] }, end()).next)).toEqual(until(inSeconds(3600)));
  });

  it('asks a person about an undecided cancel in the same write', () => {
    const { next, fact } = decideComplete(stopped(confirmed), end());
    expect(next).toMatchObject({ state: 'completed', wait: { kind: 'person', code: 'CANCEL_AFTER_PIVOT' }, dueAt: inSeconds(86_400) });
    expect(fact?.type).toBe('order.parked.v1');
  });

  it('says nothing twice: an order that is completed ends its run without a fact', () => {
    expect(decideComplete(completed, end())).toMatchObject({ answer: 'ended', next: { state: 'completed' } });
    expect(decideComplete(completed, end()).fact).toBeUndefined();
  });

  it.each<[string, Head]>([
    ['drafted', drafted],
    ['an effect in flight', { ...confirmed, open: open() }],
    ['no tax document', { ...confirmed, tax: undefined }],
    ['a voided tax document', { ...confirmed, tax: { ...recorded, status: 'voided' } }],
    ['stuck in the ERP', { ...confirmed, order: { ...order, stuck: true } }],
    ['not read back', { ...confirmed, order: undefined }],
  ])('is not ready: %s', (_name, head) => {
    expect(decideComplete(head, end())).toEqual({ answer: 'not ready' });
  });

  it('does nothing when the run is over', () => {
    expect(decideComplete(confirmed, end({ run: 2 }))).toEqual({ answer: 'run over' });
  });
});

describe('the starter', () => {
  it.each<[string, Head, string]>([
    ['active', active, 'ensure'],
    ['idle and due', accepted, 'admit'],
    ['idle and due later', { ...accepted, dueAt: inSeconds(1) }, 'drop'],
    ['at rest and due', { ...completed, run: { ...active.run, active: false }, dueAt: NOW }, 'admit'],
    ['at rest', { ...completed, run: { ...active.run, active: false }, dueAt: undefined }, 'drop'],
  ])('%s: %s', (_name, head, answer) => {
    expect(decideStart(head, NOW)).toBe(answer);
  });

  const waiting: Head = {
    ...accepted,
    run: { ...accepted.run, n: 3, deaths: 2 },
    wait: { kind: 'person', code: 'CUSTOMER_UNKNOWN', since: NOW, times: 1 },
    admissionSince: NOW,
    ...failed('CUSTOMER_UNKNOWN'),
  };
  it('raises the run: a new number, its limit, no wait, no error, and the deaths stay counted', () => {
    const { next, fact, answer } = decideRaise(waiting, 2, 'policy', NOW, times);
    expect(answer).toBe('raised');
    expect(next?.run).toEqual({ n: 4, active: true, limit: LIMIT, startedAt: NOW, deaths: 2, slot: 2, undos: 0, policyHash: 'policy' });
    expect([next?.dueAt, next?.sweepAt, next?.wait, next?.lastError, next?.admissionSince]).toEqual([LIMIT, LIMIT, undefined, undefined, undefined]);
    expect(next && hasNews(next)).toBe(false);
    expect(fact?.type).toBe('order.resumed.v1');
    expect(decideRaise(accepted, 2, 'policy', NOW, times).fact).toBeUndefined();
  });

  it('raises nothing that is active or not due', () => {
    expect(decideRaise(active, 0, '', NOW, times)).toEqual({ answer: 'active' });
    expect(decideRaise({ ...accepted, dueAt: LIMIT }, 0, '', NOW, times)).toEqual({ answer: 'drop' });
  });

  it('without a slot the order stays due, stands in line from when it came first, and is looked at later', () => {
    const { next } = decideQueueUp(waiting, NOW, times);
    expect(next).toEqual({ ...waiting, sweepAt: inSeconds(601) });
    expect(decideQueueUp({ ...waiting, admissionSince: undefined }, NOW, times).next?.admissionSince).toBe(NOW);
    expect(decideQueueUp(active, NOW, times)).toEqual({ answer: 'drop' });
  });

  it.each([
    [0, 1, 120],
    [1, 2, 240],
    [2, 3, 480],
    [3, 4, 960],
  ])('takes a dead run over: after %i deaths the %i. waits %i s', (before, deaths, seconds) => {
    const { next, fact } = decideTakeOver({ ...active, run: { ...active.run, deaths: before } }, 3, NOW, times, parking);
    expect(next).toMatchObject({ run: { n: 3, deaths }, wait: { kind: 'later', code: 'PLATFORM_STEP_DIED' } });
    expect(idle(next)).toEqual(until(inSeconds(seconds)));
    expect(fact?.type).toBe('order.parked.v1');
  });

  it('asks a person at the fifth death', () => {
    const { next } = decideTakeOver({ ...active, run: { ...active.run, deaths: 4 } }, 3, NOW, times, parking);
    expect(next).toMatchObject({ run: { deaths: 5 }, wait: { kind: 'person', code: 'PLATFORM_RUN_DIED' }, dueAt: inSeconds(86_400) });
  });

  it('takes over nothing but the active run that it saw dead', () => {
    expect(decideTakeOver(active, 2, NOW, times, parking)).toEqual({ answer: 'not dead' });
    expect(decideTakeOver({ ...active, run: { ...active.run, active: false } }, 3, NOW, times, parking)).toEqual({ answer: 'not dead' });
  });

  it('the sweeper moves sweepAt on, never dueAt', () => {
    expect(decideSweep(accepted, NOW, 120)).toEqual({ next: { ...accepted, sweepAt: inSeconds(120) }, answer: 'send' });
    expect(decideSweep({ ...accepted, sweepAt: inSeconds(1) }, NOW, 120)).toEqual({ answer: 'not due' });
    expect(decideSweep({ ...accepted, sweepAt: undefined }, NOW, 120)).toEqual({ answer: 'not due' });
  });
});

describe('news', () => {
  it('a cancel is stored with who and when, is a fact of theirs, and makes the order due', () => {
    const { next, fact, answer } = decideCancel(drafted, 'bob', NOW);
    expect(next).toEqual({ ...news(drafted), stops: { cancel: { by: 'bob', at: NOW } } });
    expect([fact, answer]).toEqual([{ type: 'order.stop-requested.v1', actor: 'bob' }, 'undoing']);
    expect(decideCancel(drafted, 'bob', NOW, 'no longer wanted').fact).toMatchObject({ actor: 'bob', note: 'no longer wanted' });
  });

  it.each<[string, Head, string]>([
    ['confirm in flight', { ...drafted, open: open({ action: 'confirm-order' }) }, 'asks a person'],
    ['confirmed', confirmed, 'asks a person'],
    ['completed', completed, 'asks a person'],
    ['create in flight', { ...active, open: open() }, 'undoing'],
    ['requested before', stopped(drafted), 'already requested'],
    ['answered before', { ...completed, stops: { cancel: { by: 'alice', at: NOW, decided: 'keep' } } }, 'asks a person'],
    ['cancelled', cancelled, 'already ended'],
  ])('a cancel when %s: %s', (_name, head, answer) => {
    const decision = decideCancel(head, 'bob', NOW);
    expect(decision.answer).toBe(answer);
    expect(decision.next === undefined).toBe(answer.startsWith('already'));
  });

  it('a wake is news to a run, and nothing to an order that is due', () => {
    expect(decideWake(active, NOW)).toEqual({ next: news(active), answer: 'due' });
    expect(decideWake(accepted, NOW)).toEqual({ answer: 'already due' });
    expect(decideWake({ ...accepted, dueAt: LIMIT }, NOW).next).toMatchObject({ dueAt: NOW, sweepAt: NOW });
    expect(decideWake({ ...accepted, dueAt: undefined }, NOW).next?.dueAt).toBe(NOW);
  });

  it('a cause wakes only those that wait for the version of it that was answered', () => {
    const wait = { kind: 'person' as const, code: 'PRODUCT_UNMAPPED' as const, since: NOW, times: 1, cause: 'c', causeVersion: 2 };
    const head = { ...accepted, dueAt: LIMIT, wait };
    expect(decideCauseWake(head, 'c', 2, NOW)).toMatchObject({ answer: 'due', next: { dueAt: NOW, wait } });
    for (const version of [1, 3]) expect(decideCauseWake(head, 'c', version, NOW)).toEqual({ answer: 'not waiting' });
    expect(decideCauseWake(head, 'other', 2, NOW)).toEqual({ answer: 'not waiting' });
    expect(decideCauseWake(accepted, 'c', 2, NOW)).toEqual({ answer: 'not waiting' });
  });

  describe('an answer to cancel all orders that wait for a cause', () => {
    const cure = { by: 'cli:eve', at: inSeconds(10), option: 'cancel', reason: 'why' } as const;
    const wait = { kind: 'person' as const, code: 'ERP_AUTHENTICATION' as const, since: NOW, times: 1, cause: 'c', causeVersion: 1 };
    const now = inSeconds(20);
    const wake = (head: Head, at = now) => decideCauseWake(head, 'c', 1, at, cure);

    it.each<[string, Head]>([
      ['is being undone already', { ...stopped(drafted), run: accepted.run, wait, dueAt: LIMIT }],
      ['is cancelled and still waits', { ...cancelled, run: accepted.run, wait, dueAt: LIMIT }],
      ['is completed and owes a look', { ...completed, run: accepted.run, wait, dueAt: LIMIT }],
    ])('has one that %s go on, once: its question is closed, and nobody else would wake it', (_name, head) => {
      const woken = wake(head);
      expect(woken).toMatchObject({ answer: 'due', next: { dueAt: now, wait: { cure } } });
      expect(woken.next?.stops).toEqual(head.stops);
      expect(wake(woken.next as Head, inSeconds(30)).next).toBeUndefined();
    });

    it('or to send them to another ERP: one of which nothing stands in this one; another runs again, and is asked about anew', () => {
      const reroute = { ...cure, option: 'reroute', to: 'other', code: 'ERP_AUTHENTICATION' } as const;
      const sent = (head: Head) => decideCauseWake({ ...head, run: accepted.run, wait, dueAt: LIMIT }, 'c', 1, now, reroute);
      expect(sent(accepted)).toMatchObject({ answer: 'due', next: { dueAt: now, route: { erp: 'other' }, wait: { cure: { option: 'reroute' } } } });
      expect(sent(drafted)).toMatchObject({ answer: 'due', next: { dueAt: now, route: accepted.route, draft: drafted.draft } });
      expect(sent({ ...accepted, everUnknown: true }).next?.route).toEqual(accepted.route);
      const other = decideCauseWake({ ...accepted, wait, dueAt: LIMIT }, 'c', 1, now, { ...reroute, code: 'ERP_NOT_CONFIGURED' });
      expect(other).toMatchObject({ answer: 'due', next: { route: accepted.route } });
      for (const stays of [other, sent(drafted)]) expect(stays.next?.wait?.cure).toBeUndefined();
      const once = sent(accepted).next as Head;
      expect(decideCauseWake(once, 'c', 1, inSeconds(30), reroute)).toEqual({ answer: 'already due' });
      const since = decideCauseWake({ ...accepted, wait: { ...wait, since: inSeconds(11) }, dueAt: LIMIT }, 'c', 1, now, reroute);
      expect(since).toMatchObject({ answer: 'due', next: { route: accepted.route } });
    });

    it('is not about one that waits anew since: for another cause before, or for an older version of this one', () => {
      for (const before of [{ cause: 'other' }, { causeVersion: 0 }]) {
        const ran = waitOver({ ...active, wait: { ...wait, ...before } });
        const reason = { code: wait.code, detail: '', cause: 'c', causeVersion: 1 };
        const { head } = waitFor({ ...ran, run: accepted.run }, reason, inSeconds(15), parking);
        expect(head.wait?.since).toBe(inSeconds(15));
        expect(wake({ ...head, dueAt: LIMIT })).toMatchObject({ answer: 'due', next: { stops: {} } });
      }
    });

    it('is about one that looked once more in between: its question was never answered', () => {
      const ran = waitOver({ ...active, wait });
      const { head } = waitFor({ ...ran, run: accepted.run }, { code: wait.code, detail: '', cause: 'c', causeVersion: 1 }, inSeconds(15), parking);
      expect(head.wait).toMatchObject({ since: NOW, times: 2 });
      expect(wake({ ...head, dueAt: LIMIT })).toMatchObject({ answer: 'due', next: { stops: { cancel: { by: 'cli:eve' } } } });
    });
  });

  it('who answered the question about a cause is told by the fact of each order that runs again for it', () => {
    const cure = { by: 'cli:eve', at: NOW, option: 'correct', reason: 'r'.repeat(300) } as const;
    const wait = { kind: 'person' as const, code: 'PRODUCT_UNMAPPED' as const, since: NOW, times: 1, cause: 'c', causeVersion: 2 };
    const woken = decideCauseWake({ ...accepted, dueAt: LIMIT, wait }, 'c', 2, NOW, cure).next as Head;
    const { fact } = decideRaise(woken, 0, 'policy', NOW, times);
    expect(fact).toMatchObject({ type: 'order.resumed.v1', actor: 'cli:eve', note: expect.stringMatching(/^correct at 2026-01-01T12:00Z: r+$/) });
    expect(fact?.note).toHaveLength(300);
    const older = decideCauseWake({ ...accepted, dueAt: LIMIT, wait: { ...wait, since: inSeconds(1) } }, 'c', 2, NOW, cure).next as Head;
    expect(decideRaise(older, 0, 'policy', NOW, times).fact).toEqual({ type: 'order.resumed.v1', actor: 'system' });
  });
});

describe('accepting a revision', () => {
  const highest = (revision: number) => ({ ...quote, highest: { revision, orderKey: `R${revision}` } });

  it('the first opens an order that is due, and raises QUOTE', () => {
    const { answer, head, quote: raised, predecessor } = decideAccept(acceptance(1), quote, undefined, undefined);
    expect([answer, head?.fact.type, predecessor]).toEqual(['accepted', 'order.accepted.v1', undefined]);
    expect(head?.next).toMatchObject({ state: 'accepted', predecessor: undefined, dueAt: NOW, sweepAt: NOW, stops: {}, seq: 0 });
    expect(raised?.highest).toEqual({ revision: 1, orderKey: 'KEY-OF-REVISION-1' });
  });

  it.each<[string, Head, boolean]>([
    ['accepted', accepted, true],
    ['drafted', drafted, true],
    ['confirm in flight', { ...drafted, open: open({ action: 'confirm-order' }) }, true],
    ['superseded already', { ...drafted, stops: superseded }, false],
    ['confirmed', confirmed, false],
    ['completed', completed, false],
    ['cancelled', cancelled, false],
  ])('a predecessor that is %s is marked, as news with a fact: %s', (_name, before, marked) => {
    const { predecessor, head } = decideAccept(acceptance(2), highest(1), undefined, before);
    expect(head?.next.predecessor).toBe(before.orderKey);
    expect(predecessor).toEqual(
      marked
        ? {
            next: { ...news(before), supersededBy: 'KEY-OF-REVISION-2', stops: { superseded: { by: 'KEY-OF-REVISION-2', at: NOW } } },
            fact: { type: 'order.stop-requested.v1', actor: 'system' },
          }
        : undefined,
    );
  });

  it('a lower revision that comes late is recorded as cancelled and makes nothing', () => {
    const { answer, head, quote: raised, predecessor } = decideAccept(acceptance(1), highest(2), undefined, accepted);
    expect([answer, raised, predecessor]).toEqual(['too-late', undefined, undefined]);
    expect(head).toMatchObject({ next: { state: 'cancelled', stops: { superseded: { by: 'R2' } } }, fact: { type: 'order.cancelled.v1' } });
    expect([head?.next.dueAt, head?.next.predecessor]).toEqual([undefined, undefined]);
  });

  it('so is one that was withdrawn before it came', () => {
    expect(decideAccept(acceptance(2), { ...quote, withdrawnUpTo: 2 }, undefined, undefined)).toMatchObject({
      answer: 'too-late',
      head: { next: { state: 'cancelled', stops: { withdrawn: {} } } },
    });
    expect(decideAccept(acceptance(3), { ...quote, withdrawnUpTo: 2 }, undefined, undefined).answer).toBe('accepted');
  });

  it('the same revision again is no news, and a conflict when its content differs', () => {
    expect(decideAccept(acceptance(1), highest(1), accepted, undefined)).toEqual({ answer: 'duplicate' });
    expect(decideAccept({ ...acceptance(1), contentHash: 'other' }, highest(1), accepted, undefined)).toEqual({ answer: 'conflict' });
  });

  it.each<[string, Head[], string]>([
    ['none', [], 'clear'],
    ['cancelled', [cancelled], 'clear'],
    ['reversed', [{ ...completed, state: 'reversed' }, cancelled], 'clear'],
    ['drafted, confirm in flight', [{ ...drafted, open: open({ action: 'confirm-order' }) }], 'PREDECESSOR_OPEN'],
    ['completed', [completed], 'PREDECESSOR_PAST_PIVOT'],
    ['cancelled above completed', [cancelled, completed], 'PREDECESSOR_PAST_PIVOT'],
    ['accepted above confirmed: the lowest decides', [accepted, confirmed], 'PREDECESSOR_PAST_PIVOT'],
    ['completed above accepted: the lowest decides', [completed, accepted], 'PREDECESSOR_OPEN'],
  ])('lower revisions %s: %s', (_name, lower, verdict) => {
    expect(predecessorVerdict(lower)).toBe(verdict);
  });
});
