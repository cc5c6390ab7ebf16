import type { ErrorCode } from '../../../contracts/errors.ts';
import { awaitsAnswer, type Decision, due, earliest, type Head, later, latest } from '../head.ts';
import type { Task } from '../waiting.ts';

/** An effect was unknown once: look again after each of `probes` seconds, since the vendor's maximum is a promise and not a law. */
export const owing = (now: string, probes: readonly number[]): Pick<Head, 'everUnknown' | 'probes'> => ({
  everUnknown: true,
  probes: probes.map((seconds) => later(now, seconds)),
});

export const probeDue = (head: Head, now: string): boolean => head.open === undefined && head.probes.some((at) => at <= now);

/**
 * A look found nothing more: what was due when it began, at `began`, is done; later looks stay owed. While an effect is in flight HEAD takes nothing in that a look has
 * found: that look stays owed, too.
 */
export function decideProbed(head: Head, began: string): Decision<null> {
  if (head.open) return { answer: null };
  const probes = head.probes.filter((at) => at > began);
  return probes.length === head.probes.length ? { answer: null } : { next: { ...head, probes }, answer: null };
}

/** Next time at which a look is owed. */
export const nextProbe = (head: Head): string | undefined =>
  head.probes.length === 0 ? undefined : head.probes.reduce((a, b) => (latest(a, b) === a ? b : a));

/**
 * Questions that each run asks by itself, before it does anything: an order that waits with one of them may run though nobody has answered.
 * Any other run would try again what was refused, or owe its looks anew (RESTORE_DRAFT_CANCELLED).
 */
const ASKED_BY_EACH_RUN: readonly ErrorCode[] = [
  'CUSTOMER_UNKNOWN',
  'CUSTOMER_BLOCKED',
  'CUSTOMER_HIERARCHY_GAP',
  'PRODUCT_UNMAPPED',
  'PRODUCT_INACTIVE',
  'CHARGE_UNSUPPORTED',
  'CARRIER_UNMAPPED',
  'PRICE_OUT_OF_TOLERANCE',
  'CREDIT_BLOCKED',
  'CPQ_APPROVAL_MISSING',
  'APPROVAL_NEEDED',
  'PREDECESSOR_PAST_PIVOT',
  'CANCEL_AFTER_PIVOT',
  'WITHDRAWN_AFTER_PIVOT',
  'ERP_ORDER_UNEXPECTED',
];

/** Next time at which an order that waits for a person runs, and does not wait for the answer: for a look that is owed, or for what passes by itself. */
export function runMeanwhile(head: Head, now: string): string | undefined {
  const { wait } = head;
  if (wait?.kind !== 'person' || !ASKED_BY_EACH_RUN.includes(wait.code)) return undefined;
  const look = nextProbe({ ...head, probes: head.probes.filter((at) => at > now) });
  return wait.again === undefined ? look : earliest(later(now, wait.again), look);
}

/** When an order that waits for a person until `answerDue` is due: then for the answer, which is late or escalated, or before for a look. */
export function answerOrLook(head: Head, answerDue: string, now: string): string {
  return earliest(answerDue, runMeanwhile(head, now));
}

/** The open question goes on to another group or time. What made the order due for a run stays due: a stop or other news that no run has met yet, a look. */
export function askedOn(head: Head, task: Task, now: string): Head {
  return due({ ...head, task }, earliest(answerOrLook(head, task.dueAt, now), awaitsAnswer(head) ? undefined : head.dueAt));
}
