import type { OrderEventType } from '../../../contracts/events.ts';
import { atRest, awaitsAnswer, type Cure, type Decision, type Head, pastPivot, withNews } from '../head.ts';

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
  if (head.dueAt !== undefined && head.dueAt <= now && !head.run.active && !awaitsAnswer(head)) return { answer: 'already due' };
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
 * The CPQ's own approval of this revision came: due now, if the order waits for it. So is one whose run is under way: it may have looked
 * for the approval before and park for it after.
 */
export function decideCpqApproved(head: Head, now: string): Decision<'due' | 'not waiting'> {
  const waits = head.wait?.code === 'CPQ_APPROVAL_MISSING' || (head.run.active && !pastPivot(head));
  return waits ? { next: withNews(head, now), answer: 'due' } : { answer: 'not waiting' };
}

/** The question about a cause was answered: the order knows by whom, unless the answer is older than its own waiting. */
export function withCure(head: Head, cure: Cure | undefined): Head {
  if (!head.wait || !cure || cure.at < head.wait.since) return head;
  const { by, at, option, reason } = cure;
  return { ...head, wait: { ...head.wait, cure: { by, at, option, reason } } };
}

/**
 * The version of a cause that an order waits for was answered: it runs again; was the answer to cancel, it is cancelled, unless it began to
 * wait since: then it asks anew. One that is being undone already, or has come to its end, goes on: its question is closed with that of the
 * others, and nobody else would wake it.
 * @param version of the cause that was answered @param cure the answer to it, if anybody gave one
 */
export function decideCauseWake(
  head: Head,
  cause: string,
  version: number,
  now: string,
  cure?: Cure,
): Decision<'due' | 'already due' | 'not waiting'> {
  const { wait } = head;
  if (wait?.cause !== cause || (wait.causeVersion ?? 0) !== version) return { answer: 'not waiting' };
  const again = withCure(head, cure);
  if (cure?.option !== 'cancel' || cure.at < wait.since) return { next: withNews(again, now), answer: 'due' };
  if (atRest(head)) return decideWake(again, now);
  const { answer: _asked, ...write } = decideCancel(head, cure.by, now, cure.reason);
  return write.next ? { ...write, answer: 'due' } : decideWake(again, now);
}
