import { type Decision, type Head, hasStop, isMine, SYSTEM } from '../head.ts';

export type AmendAnswer = 'amends' | 'already amends' | 'too late';

/** HEAD as an order of its own that names the older one, which stays in the ERP with those below it. */
export const amending = (head: Head, amended: string): Head => ({ ...head, amends: amended });

/**
 * The policy says that a newer revision of an order that the ERP has is an amendment: this run may go on beside `amended`. Only while the
 * order has made nothing and is not asked to stop.
 */
export function decideAmend(head: Head, run: number, amended: string): Decision<AmendAnswer> {
  if (head.amends === amended) return { answer: 'already amends' };
  if (!isMine(head, run) || head.state !== 'accepted' || head.open || head.draft || hasStop(head)) return { answer: 'too late' };
  return { next: amending(head, amended), fact: { type: 'order.amendment-opened.v1', actor: SYSTEM }, answer: 'amends' };
}
