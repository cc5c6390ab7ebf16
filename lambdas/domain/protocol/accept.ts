import type { DocumentReference } from '../../../contracts/events.ts';
import type { QuoteHeader } from '../../../contracts/quote.ts';
import { ended, type FactDraft, type Head, isConfirmed, type QuoteItem, type StopKind, SYSTEM, withNews } from '../head.ts';
import { type Restore, raised } from './restore.ts';

export interface Acceptance {
  readonly orderKey: string;
  readonly tenant: string;
  readonly quote: QuoteHeader;
  readonly contentHash: string;
  readonly document: DocumentReference;
  readonly route: Head['route'];
  readonly correlationId: string;
  readonly acceptedAt: string;
  readonly deadline?: string | undefined;
  /** The newest restore of this ledger, if there was one. */
  readonly restore?: Restore | undefined;
  readonly now: string;
}

export type AcceptAnswer = 'accepted' | 'duplicate' | 'conflict' | 'too-late';

/** One transaction: my HEAD, the QUOTE, and the mark on the predecessor, each with its fact (rule 16). */
export interface AcceptDecision {
  readonly answer: AcceptAnswer;
  readonly head?: { readonly next: Head; readonly fact: FactDraft };
  readonly quote?: QuoteItem;
  readonly predecessor?: { readonly next: Head; readonly fact: FactDraft };
}

const open = (a: Acceptance): Head => ({
  orderKey: a.orderKey,
  tenant: a.tenant,
  quote: a.quote,
  contentHash: a.contentHash,
  document: a.document,
  route: a.route,
  correlationId: a.correlationId,
  acceptedAt: a.acceptedAt,
  createdAt: a.now,
  deadline: a.deadline,
  state: 'accepted',
  epoch: 0,
  seq: 0,
  lastHash: '',
  version: 0,
  generation: 0,
  run: { n: 0, active: false, limit: a.now, startedAt: a.now, deaths: 0, undos: 0, policyHash: '' },
  probes: [],
  everUnknown: false,
  prepared: {},
  approvals: {},
  stops: {},
});

const stopRequested: FactDraft = { type: 'order.stop-requested.v1', actor: SYSTEM };

const stopped = (head: Head, kind: StopKind, by: string, now: string): Head['stops'] => ({ ...head.stops, [kind]: { by, at: now } });

/**
 * A revision that comes too late is recorded as cancelled, for good, and makes nothing. In a restored ledger it may have made something
 * before the restore: it is opened with its stop, looks, and undoes what it finds. What the ERP has confirmed of it stays an order, so QUOTE
 * remembers it.
 */
function recordOnly(a: Acceptance, quote: QuoteItem, kind: StopKind, by: string): AcceptDecision {
  const head = open(a);
  if (a.restore) {
    const next = raised(withNews({ ...head, stops: stopped(head, kind, by, a.now) }, a.now), a.restore);
    const beside = [...(quote.beside ?? []), a.orderKey];
    return { answer: 'too-late', head: { next, fact: { type: 'order.accepted.v1', actor: SYSTEM } }, quote: { ...quote, beside } };
  }
  return {
    answer: 'too-late',
    head: { next: { ...head, state: 'cancelled', stops: stopped(head, kind, by, a.now) }, fact: { type: 'order.cancelled.v1', actor: SYSTEM } },
  };
}

/**
 * The mark is news where the predecessor is not past its end yet, also while its confirm is in flight; after that nobody is asked
 * here: the successor finds it past the pivot and asks there.
 */
function markSuperseded(predecessor: Head | undefined, by: string, now: string): AcceptDecision['predecessor'] {
  if (!predecessor || (predecessor.state !== 'accepted' && predecessor.state !== 'drafted') || predecessor.stops.superseded) return undefined;
  const marked = { ...predecessor, supersededBy: by, stops: stopped(predecessor, 'superseded', by, now) };
  return { next: withNews(marked, now), fact: stopRequested };
}

/** What a look at QUOTE after a restore comes to: this order, QUOTE, and lower revisions, each with its fact. */
export interface RecallDecision extends Pick<AcceptDecision, 'head' | 'quote'> {
  readonly lower: readonly { readonly before: Head; readonly next: Head; readonly fact: FactDraft }[];
}

/** Orders of lower revisions that are marked in one transaction; each that is left marks itself at its own look. */
const MARKED_AT_ONCE = 20;

/**
 * What QUOTE and the orders of a backup say of each other where they are of different moments: an order has not seen that a newer revision
 * came or that the quote was withdrawn, or QUOTE has not seen the order or its withdrawal. In a ledger that was never restored this finds nothing.
 * @param lower the HEADs of lower revisions that are there
 */
export function decideRecall(head: Head, quote: QuoteItem, lower: readonly Head[], now: string): RecallDecision {
  const { revision } = head.quote;
  const unsold = head.state === 'accepted' || head.state === 'drafted';
  if (quote.withdrawnUpTo >= revision && !head.stops.withdrawn && !ended(head)) {
    const next = { ...head, stops: stopped(head, 'withdrawn', `withdrawn up to revision ${quote.withdrawnUpTo}`, now) };
    return { head: { next: withNews(next, now), fact: stopRequested }, lower: [] };
  }
  if (quote.highest && quote.highest.revision > revision && unsold && !head.stops.superseded && !head.stops.withdrawn) {
    const { orderKey } = quote.highest;
    const next = { ...head, supersededBy: orderKey, stops: stopped(head, 'superseded', orderKey, now) };
    return { head: { next: withNews(next, now), fact: stopRequested }, lower: [] };
  }
  const withdrawn = head.stops.withdrawn && quote.withdrawnUpTo < revision ? { ...quote, withdrawnUpTo: revision } : undefined;
  // One that was recorded only, since it came too late, supersedes nobody: nobody has marked it. Nor does one that was withdrawn as the first.
  const recorded = (head.stops.superseded && !head.supersededBy) || head.stops.withdrawn;
  if (recorded && head.predecessor === undefined) return { ...(withdrawn && { quote: withdrawn }), lower: [] };
  const marks = lower.flatMap((before) => {
    const marked = before.stops.withdrawn ? undefined : markSuperseded(before, head.orderKey, now);
    return marked ? [{ before, ...marked }] : [];
  });
  const known = (quote.highest?.revision ?? 0) >= revision;
  const told = known ? withdrawn : { ...(withdrawn ?? quote), highest: { revision, orderKey: head.orderKey } };
  return { lower: marks.slice(0, MARKED_AT_ONCE), ...(told && { quote: told }) };
}

/**
 * Rule 16 for one accepted revision. `existing` is the HEAD under this key, `predecessor` the HEAD of the highest revision so far; where
 * QUOTE names this very one, whose HEAD a backup has lost, of the highest below it. A repeated event is no news.
 */
export function decideAccept(a: Acceptance, quote: QuoteItem, existing: Head | undefined, predecessor: Head | undefined): AcceptDecision {
  if (existing) return { answer: existing.contentHash === a.contentHash ? 'duplicate' : 'conflict' };
  if (quote.withdrawnUpTo >= a.quote.revision) return recordOnly(a, quote, 'withdrawn', `withdrawn up to revision ${quote.withdrawnUpTo}`);
  if (quote.highest && quote.highest.revision > a.quote.revision) return recordOnly(a, quote, 'superseded', quote.highest.orderKey);
  return {
    answer: 'accepted',
    head: {
      next: raised(withNews({ ...open(a), predecessor: predecessor?.orderKey }, a.now), a.restore),
      fact: { type: 'order.accepted.v1', actor: SYSTEM },
    },
    quote: { ...quote, highest: { revision: a.quote.revision, orderKey: a.orderKey } },
    predecessor: markSuperseded(predecessor, a.orderKey, a.now),
  };
}

/**
 * The lowest of the lower revisions that keeps an order from making forward effects; undefined: none. `lower` are the HEADs of lower
 * revisions, highest first. Each has to be cancelled or reversed, both of which are for good, or to be an order of the ERP that stays
 * beside this one. To amend a revision is to leave it and everything below it as it is: what this order amends, and what one of them
 * amends that is an order itself, says up to where. So whoever amends what blocks is asked about higher ones only, and that ends. One
 * under whose key somebody has confirmed another order in the ERP blocks until that is reversed, though it is cancelled itself.
 */
export function blocking(lower: readonly Head[], amends?: string): Head | undefined {
  const amended = new Set([amends, ...lower.filter(isConfirmed).map((head) => head.amends)]);
  const kept = lower.find(({ orderKey }) => amended.has(orderKey))?.quote.revision ?? 0;
  const lives = (head: Head): boolean => !ended(head) || head.unexpected !== undefined;
  return lower.findLast((head) => lives(head) && !(isConfirmed(head) && head.quote.revision <= kept));
}

/** May an order make forward effects? What blocks it is decided by `blocking`. */
export function predecessorVerdict(lower: readonly Head[], amends?: string): 'clear' | 'PREDECESSOR_OPEN' | 'PREDECESSOR_PAST_PIVOT' {
  const lowest = blocking(lower, amends);
  if (!lowest) return 'clear';
  return isConfirmed(lowest) ? 'PREDECESSOR_PAST_PIVOT' : 'PREDECESSOR_OPEN';
}
