import { ended, type FactDraft, type Head, type QuoteItem, SYSTEM, withNews } from '../head.ts';

/** The CPQ takes a quote back up to and including `revision`. */
export interface Withdrawal {
  readonly revision: number;
  /** Who says so, as it is shown to people. */
  readonly by: string;
  readonly now: string;
}

/** more: so many orders are open that the rest, and QUOTE with them, is left to the next transaction. */
export type WithdrawAnswer = 'withdrawn' | 'already withdrawn' | 'more';

export interface Mark {
  readonly before: Head;
  readonly next: Head;
  readonly fact: FactDraft;
}

/** One transaction: QUOTE, and the mark on each open order up to that revision, with its fact (rule 16). */
export interface WithdrawDecision {
  readonly answer: WithdrawAnswer;
  readonly quote?: QuoteItem;
  readonly orders: readonly Mark[];
}

/** Orders in one transaction: DynamoDB takes 100 items, and each order is up to three (HEAD, fact, and the task that it closes). */
const ORDERS_AT_ONCE = 30;

function mark(before: Head, { by, now }: Withdrawal): Mark {
  const stops = { ...before.stops, withdrawn: { by, at: now } };
  return { before, next: withNews({ ...before, stops }, now), fact: { type: 'order.stop-requested.v1', actor: SYSTEM } };
}

/**
 * A withdrawal counts even when no order exists yet: a revision up to it that is accepted later is recorded as withdrawn. Each order that
 * has not ended is asked to stop, as news: before its pivot it is undone, after it a person is asked, once. `orders` are the HEADs of the
 * quote, from the highest revision along `predecessor`. Where they are too many for one transaction the lowest come first and QUOTE
 * last, so that a message whose handling broke off goes on where it stopped when it comes again.
 */
export function decideWithdraw(withdrawal: Withdrawal, quote: QuoteItem, orders: readonly Head[], atOnce = ORDERS_AT_ONCE): WithdrawDecision {
  const open = orders.filter((head) => head.quote.revision <= withdrawal.revision && !ended(head) && !head.stops.withdrawn);
  // In a restored ledger QUOTE may know of it and an order not.
  const known = quote.withdrawnUpTo >= withdrawal.revision;
  if (known && open.length === 0) return { answer: 'already withdrawn', orders: [] };
  const marks = open.slice(-atOnce).map((head) => mark(head, withdrawal));
  if (open.length > marks.length) return { answer: 'more', orders: marks };
  return { answer: 'withdrawn', ...(!known && { quote: { ...quote, withdrawnUpTo: withdrawal.revision } }), orders: marks };
}
