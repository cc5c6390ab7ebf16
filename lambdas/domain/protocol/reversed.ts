import { type Decision, type Head, isConfirmed, isMine, type StopKind, SYSTEM, undecidedStop, withNews } from '../head.ts';
import { waitOver } from './wait.ts';

/** What a person decided on by saying that the ERP has taken the order back. */
const decidedStops = (stops: Head['stops']): Head['stops'] =>
  Object.fromEntries(Object.entries(stops).map(([kind, stop]) => [kind as StopKind, { ...stop, decided: stop.decided ?? 'reversed' }]));

export type ReversedAnswer = 'reversed' | 'already reversed' | 'effect open' | 'another order';

/**
 * The ERP says that nothing of the confirmed order `ref` is in force any more. Reversed is for good: its question is closed, a tax
 * document that still stands is owed to be voided, and a newer revision goes on. Whoever's run has read it: this order's own, or that of
 * a newer revision which waits for it.
 */
export function decideReversed(head: Head, ref: string, now: string): Decision<ReversedAnswer> {
  if (head.state === 'reversed') return { answer: 'already reversed' };
  if (!isConfirmed(head) || head.order?.ref !== ref) return { answer: 'another order' };
  if (head.open) return { answer: 'effect open' };
  const said = head.decided?.option === 'reversed' ? head.decided.by : SYSTEM;
  const next = withNews({ ...waitOver(head), state: 'reversed', stops: decidedStops(head.stops) }, now);
  return { next, fact: { type: 'order.reversed.v1', actor: said }, answer: 'reversed' };
}

/** Of the question whether a confirmed order is kept: what the ERP still has in force of it, for the person who is asked. */
export function decideInForce(head: Head, run: number, inForce: readonly string[]): Decision<'noted' | 'not asked'> {
  const kind = undecidedStop(head);
  if (!isMine(head, run) || !kind) return { answer: 'not asked' };
  const detail = `asked for by ${head.stops[kind]?.by}; in force in the ERP: ${inForce.join(', ')}`.slice(0, 300).toWellFormed();
  return { next: { ...head, lastError: { run, step: 'check-customer', code: stopQuestion(kind), detail } }, answer: 'noted' };
}

/** The code with which a person is asked about a stop that came after the pivot. */
export const stopQuestion = (kind: NonNullable<ReturnType<typeof undecidedStop>>) =>
  kind === 'withdrawn' ? ('WITHDRAWN_AFTER_PIVOT' as const) : ('CANCEL_AFTER_PIVOT' as const);
