import { type Decision, ended, type Head, hasStop, isMine, pastPivot, SYSTEM } from '../head.ts';

export type AmendAnswer = 'amends' | 'already amends' | 'too late';

/** HEAD as an order of its own that names the older one, which stays in the ERP with those below it. */
export const amending = (head: Head, amended: string): Head => ({ ...head, amends: amended });

/**
 * The policy says that a newer revision of an order that the ERP has is an amendment: this run may go on beside `amended`. Only before the
 * pivot, and while it is not asked to stop: a draft that does not name the older one is stale (a restore may have lost the amendment).
 */
export function decideAmend(head: Head, run: number, amended: string): Decision<AmendAnswer> {
  if (head.amends === amended) return { answer: 'already amends' };
  if (!isMine(head, run) || pastPivot(head) || ended(head) || head.open || hasStop(head)) return { answer: 'too late' };
  return { next: amending(head, amended), fact: { type: 'order.amendment-opened.v1', actor: SYSTEM }, answer: 'amends' };
}
