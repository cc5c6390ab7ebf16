import { type Decision, due, type FactDraft, type Head, hasStop, latest, SYSTEM, type TaxRecord } from '../head.ts';
import { apply, further } from './effect.ts';
import { owing } from './looks.ts';
import { routedTo } from './options.ts';
import { decideReversed } from './reversed.ts';
import { asOrder, type Found, isSold } from './unknown.ts';

/** One restore of the ledger from a backup, as the item of the epoch holds it. Times are ISO 8601 in UTC. */
export interface Restore {
  /** Grows with each restore and is never used twice, not even by a ledger that was lost. */
  readonly epoch: number;
  readonly at: string;
  /** From here on no call that was under way at the restore can land: only then a look at the vendors tells the truth. */
  readonly runsFrom: string;
}

const SPACE = 1_000_000;

/** Below the first number of an epoch: sequences, runs and versions of its orders are above, so none of a lost ledger is repeated. */
export const numbersFrom = (epoch: number): number => epoch * SPACE;
/** The epoch that a sequence or a run was numbered in. */
export const epochOfNumber = (number: number): number => Math.floor(number / SPACE);

/**
 * HEAD as a restored ledger reads it: what was written under an older epoch is the state of a moment in the past. Runs of before are
 * over, an open effect may have been settled by nobody, and an order that was on its way looks at the vendors before it goes on. It is
 * a view, the same at each reading, which the next write of the order makes lasting.
 */
export function raised(head: Head, restore: Restore | undefined): Head {
  if (restore === undefined || head.epoch >= restore.epoch) return head;
  const { epoch, runsFrom } = restore;
  const { slot: _lost, ...run } = head.run;
  const { admissionSince: _line, open, ...rest } = head;
  const numbered: Head = {
    ...rest,
    epoch,
    run: { ...run, n: Math.max(run.n, numbersFrom(epoch)), active: false, deaths: 0, undos: 0 },
    everUnknown: true,
    ...(open && { open: { ...open, settleAt: latest(open.settleAt, runsFrom) } }),
    // An order with a question is due for a run, which asks it again, before the question can be late.
    ...(head.task && { task: { ...head.task, ofBackup: true } }),
    ...(head.unanswered && { unanswered: head.unanswered.map((task) => ({ ...task, ofBackup: true })) }),
  };
  // What had come to its end before the backup makes nothing any more; what it still owes stays owed. That the ERP has reversed a completed
  // one since is found as without a restore: when somebody asks for it to stop, or a newer revision comes.
  if (head.state === 'completed' || head.state === 'cancelled' || head.state === 'reversed') {
    return head.dueAt === undefined ? numbered : due(numbered, runsFrom);
  }
  return { ...due(numbered, runsFrom), lookFrom: runsFrom };
}

/** The eager half of a restore: the view is written, so that the order is due. Once: a version above the epoch's first was written under it. */
export const decideKeep = (head: Head): Decision<'raised' | 'known'> =>
  head.version > numbersFrom(head.epoch) ? { answer: 'known' } : { next: head, answer: 'raised' };

export type LookAnswer = 'nothing to look for' | 'agrees' | 'confirmed' | 'reversed' | 'drafted' | 'cancelled';

const isReversed = (found: Found): boolean => found.status === 'reversed';
const isDraft = (found: Found): boolean => found.status === 'draft';
const newestOf = (orders: readonly Found[]): Found | undefined => orders.toSorted((a, b) => b.generation - a.generation)[0];

/** Somebody has said since this restore that the order is to be made: another run alone is no answer, any news brings one about. */
const sentOn = ({ decided, lookFrom = '' }: Head): boolean => decided?.code === 'RESTORE_DRAFT_CANCELLED' && decided.at >= lookFrom;

/** Nothing living stands in the ERP: somebody may have cancelled the order. The look stays owed until that was answered, so no crash forgets the question. */
function askAgain(head: Head, looked: Head, used: number): Decision<LookAnswer> {
  const { draft, ...without } = looked;
  const fact: FactDraft = { type: 'order.draft-cancelled.v1', actor: SYSTEM };
  const next: Head = { ...without, state: 'accepted', generation: Math.max(head.generation, used + 1) };
  if (hasStop(head) || sentOn(head)) return { next, ...(draft && { fact }), answer: 'agrees' };
  return { next: { ...next, lookFrom: head.lookFrom }, ...(draft && { fact }), answer: 'cancelled' };
}

/**
 * After a restore, before anything else: HEAD is made to agree with what stands in the ERP under its key, all generations. A confirmed
 * order is adopted whatever HEAD named, and one that was reversed since as reversed; a draft that HEAD does not name is adopted as stale,
 * since nobody remembers what it was made from; a draft that was cancelled meanwhile is nobody's to make again without asking. The
 * generation is above all that were used.
 */
export function decideLook(head: Head, orders: readonly Found[], now: string, probes: readonly number[]): Decision<LookAnswer> {
  if (head.lookFrom === undefined || head.open) return { answer: 'nothing to look for' };
  const { lookFrom: _looked, ...rest } = head;
  const used = Math.max(-1, ...orders.map((order) => order.generation));
  const owed = owing(now, probes);
  const looked: Head = { ...rest, ...owed, probes: [now, ...owed.probes], generation: Math.max(head.generation, used) };
  const reversed = (next: Head, ref: string): Decision<LookAnswer> => ({ ...decideReversed(next, ref, now), answer: 'reversed' });
  if (head.state !== 'accepted' && head.state !== 'drafted') {
    const back = head.state === 'confirmed' && orders.some((order) => order.ref === head.order?.ref && isReversed(order));
    return back && head.order ? reversed(looked, head.order.ref) : { next: looked, answer: 'agrees' };
  }
  const named = orders.find((order) => order.ref === head.draft?.ref);
  const sold = named && isSold(named) ? named : newestOf(orders.filter(isSold));
  const draftOf = (found: Found) => ({
    ref: found.ref,
    key: found.key,
    inputs: found === named ? (head.draft?.inputs ?? '') : 'unknown',
    total: found.total,
  });
  const adopted = (found: Found) => apply({ ...looked, draft: draftOf(found) }, { action: 'confirm-order', order: asOrder(found) });
  if (sold) return { ...adopted(sold), answer: 'confirmed' };
  if (named?.status === 'draft') return { next: looked, answer: 'agrees' };
  // the newest tells what became of the order, unless it is HEAD's own
  const last = named && isReversed(named) ? named : newestOf(orders);
  if (last && isReversed(last)) return reversed(adopted(last).next, last.ref);
  const other = newestOf(orders.filter(isDraft));
  if (other) return { ...apply({ ...looked, state: 'accepted' }, { action: 'create-draft', draft: draftOf(other) }), answer: 'drafted' };
  return orders.length === 0 ? { next: looked, answer: 'agrees' } : askAgain(head, looked, used);
}

/**
 * A person may have sent the order to another ERP after the backup. What stands there counts for more than what HEAD says: a confirmed
 * order always, a draft where the ERP that HEAD names has neither, one that was reversed where it has nothing of that either.
 */
export function decideLookRoute(head: Head, own: readonly Found[], erp: string, there: readonly Found[]): Decision<'stays' | 'moved'> {
  const rank = (orders: readonly Found[]): number => [isReversed, isDraft, isSold].findLastIndex((kind) => orders.some(kind));
  if (head.lookFrom === undefined || head.open || head.state === 'confirmed' || rank(there) <= rank(own)) return { answer: 'stays' };
  return { next: routedTo(head, erp), answer: 'moved' };
}

/** The newest document that the tax provider has under a key of this order, or none; HEAD is made to agree. */
export function decideLookTax(
  head: Head,
  found: { readonly key: string; readonly id: string; readonly tax: string; readonly status: TaxRecord['status'] } | undefined,
): Decision<'agrees' | 'adopted'> {
  if (head.lookFrom === undefined || head.open || !found) return { answer: 'agrees' };
  const { key, id, tax: amount, status } = found;
  if (head.tax?.key === key && head.tax.status === status) return { answer: 'agrees' };
  // of a document that HEAD does not know nobody remembers what it was made from: before the pivot it is voided and recorded anew
  const hash = head.tax?.key === key ? head.tax.hash : 'unknown';
  const type = status === 'voided' ? 'order.tax-voided.v1' : 'order.tax-recorded.v1';
  return { next: { ...further(head, 'record-tax'), tax: { id, key, hash, amount, status } }, fact: { type, actor: SYSTEM }, answer: 'adopted' };
}
