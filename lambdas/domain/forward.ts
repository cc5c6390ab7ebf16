import { Stop } from './errors.ts';
import { ended, type Head, hasStop, pastPivot } from './head.ts';
import { blocking, predecessorVerdict } from './protocol/index.ts';

/** May this run still work towards an order? Throws Stop when the order has ended or is asked to stop; Settle then decides. */
export function mustGoForward(head: Head): void {
  if (ended(head)) throw new Stop('NEWS_ARRIVED', `the order is ${head.state}`);
  if (hasStop(head) && !pastPivot(head)) throw new Stop('NEWS_ARRIVED', 'the order is asked to stop');
}

/**
 * Rule 16: no forward effect while a lower revision lives. The question to a person is about the order that the ERP has. `inForce` says
 * what the ERP still has of it. Throws Stop PREDECESSOR_OPEN, PREDECESSOR_PAST_PIVOT.
 */
export function mustBeAlone(head: Head, lower: readonly Head[], inForce: readonly string[] = []): void {
  const verdict = predecessorVerdict(lower, head.amends);
  const lowest = blocking(lower, head.amends);
  if (verdict === 'clear' || !lowest) return;
  const { quote, state, order, orderKey } = lowest;
  const name = `revision ${quote.revision} of quote ${head.quote.number ?? head.quote.id} is ${state}`;
  if (verdict === 'PREDECESSOR_OPEN') throw new Stop(verdict, ended(lowest) ? `${name}, and the ERP has another order under its key` : name);
  const has = [`order ${order?.number ?? order?.ref}`, ...inForce].join(', ');
  throw new Stop(verdict, `${name}; in force in the ERP: ${has}`, { ask: { subject: orderKey } });
}
