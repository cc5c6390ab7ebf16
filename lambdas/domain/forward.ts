import { Stop } from './errors.ts';
import { ended, type Head, hasStop, pastPivot } from './head.ts';
import { predecessorVerdict } from './protocol/index.ts';

/** The ERP has the order: nothing is left to prepare. */
export const isConfirmed = (head: Head): boolean => head.state === 'confirmed' || head.state === 'completed';

/** May this run still work towards an order? Throws Stop when the order has ended or is asked to stop; Settle then decides. */
export function mustGoForward(head: Head): void {
  if (ended(head)) throw new Stop('NEWS_ARRIVED', `the order is ${head.state}`);
  if (hasStop(head) && !pastPivot(head)) throw new Stop('NEWS_ARRIVED', 'the order is asked to stop');
}

/** Rule 16: no forward effect while a lower revision lives. Throws Stop PREDECESSOR_OPEN, PREDECESSOR_PAST_PIVOT. */
export function mustBeAlone(head: Head, lower: readonly Head[]): void {
  const verdict = predecessorVerdict(lower);
  if (verdict === 'clear') return;
  const nearest = lower.find((order) => order.state !== 'cancelled' && order.state !== 'reversed');
  throw new Stop(verdict, `revision ${nearest?.quote.revision ?? '?'} of quote ${head.quote.number ?? head.quote.id} is ${nearest?.state ?? 'open'}`);
}
