import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../contracts/errors.ts';
import { awaitsAnswer, type Head } from '../../lambdas/domain/head.ts';
import { decide, decideEscalate, decideProbed, decideRaise, decideSettle, routedTo, waitFor } from '../../lambdas/domain/protocol/index.ts';
import type { Task } from '../../lambdas/domain/waiting.ts';
import { ANSWER_DUE, active, completed, end, failed, inSeconds, NOW, parking, times } from './domain-fixtures.ts';
import { answer, around } from './task-fixtures.ts';

const FIRST = 3600;
/** After the answer is due. */
const SECOND = ANSWER_DUE + 3600;
const owing: Head = { ...active, everUnknown: true, probes: [inSeconds(SECOND), inSeconds(FIRST)] };

const parked = (code: ErrorCode, head = owing, seconds = 0): Head => {
  const { next } = decideSettle({ ...head, ...failed(code), lastError: { ...failed(code).lastError, run: head.run.n } } as Head, {
    ...end(),
    run: head.run.n,
    now: inSeconds(seconds),
  });
  if (!next) throw new Error('not parked');
  return next;
};

/** A run of the order at this time, in which the look that is owed finds nothing more. */
function runAt(seconds: number, head: Head): Head {
  const raised = decideRaise(head, 0, 'p', inSeconds(seconds), times);
  expect(raised.answer).toBe('raised');
  const run = raised.next as Head;
  return decideProbed(run, inSeconds(seconds)).next ?? run;
}

describe('an order that waits for a person and owes a look', () => {
  const asked = parked('PRICE_OUT_OF_TOLERANCE');

  it('is due for the look, and its question for the answer', () => {
    expect([asked.dueAt, asked.sweepAt, asked.task?.dueAt]).toEqual([inSeconds(FIRST), inSeconds(FIRST), inSeconds(ANSWER_DUE)]);
    expect(awaitsAnswer(asked)).toBe(false);
  });

  it('stops with the same question after each look, until nothing more is owed', () => {
    const assigned = { ...asked, task: { ...asked.task, level: 1, assignee: 'anna' } } as Head;
    const once = parked('PRICE_OUT_OF_TOLERANCE', runAt(FIRST, assigned), FIRST);
    expect([once.task, once.dueAt, once.probes]).toEqual([assigned.task, inSeconds(ANSWER_DUE), [inSeconds(SECOND)]]);
    expect(awaitsAnswer(once)).toBe(true);
    const late = decideEscalate({ ...once, task: { ...assigned.task, level: 9 } } as Head, inSeconds(ANSWER_DUE), { escalate: [] }, around);
    expect([late.answer, late.fact, late.next?.dueAt, late.next?.task?.dueAt]).toEqual([
      'overdue',
      undefined,
      inSeconds(SECOND),
      inSeconds(ANSWER_DUE),
    ]);
    const twice = parked('PRICE_OUT_OF_TOLERANCE', runAt(SECOND, late.next as Head), SECOND);
    expect([twice.task?.openedAt, twice.dueAt, twice.probes]).toEqual([NOW, inSeconds(ANSWER_DUE), []]);
    expect(decideEscalate(twice, inSeconds(SECOND), { escalate: [] }, around)).toEqual({ answer: 'overdue' });
  });

  it('keeps its question over a vendor that is away at the look', () => {
    const away = parked('ERP_UNAVAILABLE', decideRaise(asked, 0, 'p', inSeconds(FIRST), times).next as Head, FIRST);
    expect([away.wait?.code, away.task, away.dueAt]).toEqual(['ERP_UNAVAILABLE', undefined, inSeconds(FIRST + 300)]);
    const again = parked('ERP_UNAVAILABLE', runAt(FIRST + 300, away), FIRST + 300);
    expect(again.wait?.times).toBe(2);
    expect(parked('PRICE_OUT_OF_TOLERANCE', runAt(FIRST + 600, again), FIRST + 600).task).toEqual(asked.task);
  });

  it.each([
    ['another question that is answered', (head: Head) => decide(head, answer(head, 'correct', 'fred'), inSeconds(FIRST + 60), around).next as Head],
    ['another question that is not', (head: Head) => head],
  ])('keeps it, and who has approved, over %s', (_what, then) => {
    const signed = { ...asked, task: { ...asked.task, level: 1, approved: [{ group: 'finance', by: 'anna', at: NOW }] } } as Head;
    const other = parked('CUSTOMER_UNKNOWN', runAt(FIRST, signed), FIRST);
    expect(other.task?.code).toBe('CUSTOMER_UNKNOWN');
    expect(other.unanswered).toEqual([signed.task]);
    const again = parked('PRICE_OUT_OF_TOLERANCE', runAt(FIRST + 3600, { ...then(other), dueAt: inSeconds(FIRST + 3600) }), FIRST + 3600);
    // Told again: the group was not asked for a while.
    expect(again.task).toEqual({ ...signed.task, askedAt: inSeconds(FIRST + 3600) });
  });

  it('keeps it over a question that it shares with others', () => {
    const shared = { ...owing, ...failed('PRODUCT_UNMAPPED'), task: asked.task, wait: asked.wait } as Head;
    const { head } = waitFor(shared, { code: 'PRODUCT_UNMAPPED', detail: '', cause: 'acme#erp#product#P', causeVersion: 0 }, inSeconds(60), parking);
    expect([head.task, head.unanswered]).toEqual([undefined, [asked.task]]);
  });

  it('has as long as at first for an answer that came due while something else was asked', () => {
    const other = parked('CUSTOMER_UNKNOWN', runAt(FIRST, asked), FIRST);
    const again = parked('PRICE_OUT_OF_TOLERANCE', runAt(SECOND, { ...other, dueAt: inSeconds(SECOND - 1) }), SECOND);
    expect(again.task).toEqual({ ...asked.task, askedAt: inSeconds(SECOND), dueAt: inSeconds(SECOND + ANSWER_DUE) });
  });

  it('has as long as at first also where the other question is one of the same code', () => {
    const rule = (head: Head, subject: string, seconds: number): Head => {
      const { head: waiting, dueAt } = waitFor(head, { code: 'APPROVAL_NEEDED', detail: '', ask: { subject } }, inSeconds(seconds), parking);
      return { ...waiting, run: { ...waiting.run, active: false }, dueAt, sweepAt: dueAt };
    };
    const b = rule(active, 'b', 0);
    const a = rule(runAt(FIRST, { ...b, dueAt: inSeconds(FIRST) }), 'a', FIRST);
    const again = rule(runAt(SECOND, { ...a, dueAt: inSeconds(SECOND - 1) }), 'b', SECOND);
    expect(again.task).toEqual({ ...b.task, askedAt: inSeconds(SECOND), dueAt: inSeconds(SECOND + ANSWER_DUE) });
  });

  it('gets no new time by news alone', () => {
    const late = { ...asked, task: { ...asked.task, dueAt: inSeconds(60) }, dueAt: NOW } as Head;
    const running = decideRaise(late, 0, 'p', NOW, times).next as Head;
    const news = parked('NEWS_ARRIVED', { ...running, dueAt: inSeconds(70) }, 70);
    expect([news.wait, news.dueAt]).toEqual([undefined, inSeconds(70)]);
    expect(parked('PRICE_OUT_OF_TOLERANCE', runAt(80, news), 80).task).toEqual(late.task);
  });

  it('forgets it when the order is at rest, and with another ERP what depends on that', () => {
    const other = parked('CUSTOMER_UNKNOWN', runAt(FIRST, asked), FIRST);
    const running = runAt(SECOND, { ...other, dueAt: inSeconds(SECOND - 1), state: 'completed' });
    expect(running.unanswered).toHaveLength(2);
    const { next } = decideSettle(running, { ...end(), run: running.run.n, error: undefined, now: inSeconds(SECOND) });
    expect([next?.wait, next?.unanswered]).toEqual([undefined, undefined]);
    const price = { ...asked.task, ask: { subject: 'price', measure: 'price deviation', value: '1' } } as Task;
    const amount = { ...asked.task, ask: { subject: 'amount', measure: 'amount', value: '1' } } as Task;
    expect(routedTo({ ...other, unanswered: [price, amount] }, 'b').unanswered).toEqual([amount]);
  });

  it('owes it also when the next group is asked', () => {
    const late = { ...asked, task: { ...asked.task, dueAt: inSeconds(60) }, dueAt: inSeconds(60) } as Head;
    const { next } = decideEscalate(late, inSeconds(60), { escalate: ['finance'] }, around);
    expect([next?.task?.owner, next?.dueAt, next?.task?.dueAt]).toEqual(['finance', inSeconds(FIRST), inSeconds(60 + ANSWER_DUE)]);
  });

  it('is due for an answer that came due while it ran, and for the look when nobody is left to ask', () => {
    const running = decideRaise({ ...asked, task: { ...asked.task, dueAt: inSeconds(60) }, dueAt: NOW } as Head, 0, 'p', NOW, times).next as Head;
    const late = parked('PRICE_OUT_OF_TOLERANCE', running, 70);
    expect([late.dueAt, awaitsAnswer(late)]).toEqual([inSeconds(60), true]);
    const { next } = decideEscalate(late, inSeconds(71), { escalate: ['finance'] }, around);
    expect([next?.task?.owner, next?.dueAt]).toEqual(['finance', inSeconds(FIRST)]);
    expect(decideEscalate(late, inSeconds(71), { escalate: [] }, around)).toMatchObject({ answer: 'overdue', next: { dueAt: inSeconds(FIRST) } });
  });

  it('is due at once when the person answers', () => {
    const { answer: told, next } = decide(asked, answer(asked, 'retry', 'anna'), inSeconds(60), { ...around, parking });
    expect([told.answer, next?.dueAt, next?.probes]).toEqual(['decided', inSeconds(60), asked.probes]);
  });

  it('does not wait again for a look that could not be done', () => {
    const before: Head = { ...owing, probes: [inSeconds(-60)] };
    expect(parked('ERP_ORDER_UNEXPECTED', before).dueAt).toBe(inSeconds(ANSWER_DUE));
  });

  it.each<ErrorCode>(['ERP_REFUSED', 'RESTORE_DRAFT_CANCELLED', 'PLATFORM_UNDO_STUCK'])(
    'of which a run would not ask again by itself (%s) waits for the answer',
    (code) => {
      expect(parked(code).dueAt).toBe(inSeconds(ANSWER_DUE));
    },
  );

  it('completed and asked to be cancelled is looked at as well', () => {
    const { next } = decideSettle({ ...completed, probes: owing.probes, stops: { cancel: { by: 'alice', at: NOW } } }, end());
    expect([next?.wait?.code, next?.dueAt]).toEqual(['CANCEL_AFTER_PIVOT', inSeconds(FIRST)]);
  });
});
