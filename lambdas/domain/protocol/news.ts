import type { OrderEventType } from '../../../contracts/events.ts';
import { awaitsAnswer, type Decision, type Head, pastPivot, withNews } from '../head.ts';

export type CancelAnswer = 'undoing' | 'asks a person' | 'already requested' | 'already ended';

/** A cancellation is stored with who, when and why, and is news. After the pivot it is a question to a person. */
export function decideCancel(head: Head, by: string, now: string, reason?: string): Decision<CancelAnswer> {
  if (head.state === 'cancelled' || head.state === 'reversed') return { answer: 'already ended' };
  if (head.stops.cancel && !head.stops.cancel.decided) return { answer: 'already requested' };
  const next = withNews({ ...head, stops: { ...head.stops, cancel: { by, at: now, reason } } }, now);
  const type: OrderEventType = 'order.stop-requested.v1';
  return { next, fact: { type, actor: by, ...(reason && { note: reason }) }, answer: pastPivot(head) ? 'asks a person' : 'undoing' };
}

/** An operator, a recovered vendor or a corrected mapping: the order is due now. */
export function decideWake(head: Head, now: string): Decision<'due' | 'already due'> {
  const forAnswer = awaitsAnswer(head) || (head.dueAt !== undefined && head.dueAt === head.wait?.answerDue);
  if (head.dueAt !== undefined && head.dueAt <= now && !head.run.active && !forAnswer) return { answer: 'already due' };
  return { next: withNews(head, now), answer: 'due' };
}

/**
 * A lower revision has ended: due now, unless the order waits for a person and not because of that one. What was refused is not
 * tried again for it.
 */
export function decideFree(head: Head, now: string): Decision<'due' | 'already due' | 'not waiting'> {
  const { kind, code } = head.wait ?? {};
  return kind === 'person' && code !== 'PREDECESSOR_OPEN' && code !== 'PREDECESSOR_PAST_PIVOT' ? { answer: 'not waiting' } : decideWake(head, now);
}

/**
 * The CPQ has approved this revision, or rejected it: due now, if the order waits for that, to go on or to ask what is true now. So is one
 * whose run is under way: it may have looked before.
 */
export function decideCpqVerdict(head: Head, now: string): Decision<'due' | 'not waiting'> {
  const waits = head.wait?.code === 'CPQ_APPROVAL_MISSING' || (head.run.active && !pastPivot(head));
  return waits ? { next: withNews(head, now), answer: 'due' } : { answer: 'not waiting' };
}
