import { type Decision, due, type FactDraft, type Head, latest, SYSTEM, type TaxRecord } from '../head.ts';
import { apply } from './effect.ts';
import { asOrder, type Found, isSold, owing } from './unknown.ts';

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
  };
  // What had come to its end before the backup has no recent effect; what it still owes stays owed.
  if (head.state === 'completed' || head.state === 'cancelled' || head.state === 'reversed') {
    return head.dueAt === undefined ? numbered : due(numbered, runsFrom);
  }
  return { ...due(numbered, runsFrom), lookFrom: runsFrom };
}

/** The eager half of a restore: the view is written, so that the order is due. Once: a version above the epoch's first was written under it. */
export const decideKeep = (head: Head): Decision<'raised' | 'known'> =>
  head.version > numbersFrom(head.epoch) ? { answer: 'known' } : { next: head, answer: 'raised' };

export type LookAnswer = 'nothing to look for' | 'agrees' | 'confirmed' | 'drafted' | 'cancelled';

const isDraft = (found: Found): boolean => found.status === 'draft';
const newestOf = (orders: readonly Found[]): Found | undefined => orders.toSorted((a, b) => b.generation - a.generation)[0];

/**
 * After a restore, before anything else: HEAD is made to agree with what stands in the ERP under its key, all generations. A confirmed
 * order is adopted whatever HEAD named; a draft that HEAD does not name is adopted as stale, since nobody remembers what it was made
 * from; a draft that was cancelled meanwhile is nobody's to make again without asking. The generation is above all that were used.
 */
export function decideLook(head: Head, orders: readonly Found[], now: string, probes: readonly number[]): Decision<LookAnswer> {
  if (head.lookFrom === undefined || head.open) return { answer: 'nothing to look for' };
  const { lookFrom: _looked, ...rest } = head;
  const used = Math.max(head.generation, ...orders.map((order) => order.generation));
  const owed = owing(now, probes);
  const looked: Head = { ...rest, ...owed, probes: [now, ...owed.probes], generation: used };
  if (head.state !== 'accepted' && head.state !== 'drafted') return { next: looked, answer: 'agrees' };
  const named = orders.find((order) => order.ref === head.draft?.ref);
  const sold = named && isSold(named) ? named : newestOf(orders.filter(isSold));
  const draftOf = (found: Found) => ({
    ref: found.ref,
    key: found.key,
    inputs: found === named ? (head.draft?.inputs ?? '') : 'unknown',
    total: found.total,
  });
  if (sold) return { ...apply({ ...looked, draft: draftOf(sold) }, { action: 'confirm-order', order: asOrder(sold) }), answer: 'confirmed' };
  if (named?.status === 'draft') return { next: looked, answer: 'agrees' };
  const other = newestOf(orders.filter(isDraft));
  if (other) return { ...apply({ ...looked, state: 'accepted' }, { action: 'create-draft', draft: draftOf(other) }), answer: 'drafted' };
  if (orders.length === 0) return { next: looked, answer: 'agrees' };
  const { draft, ...without } = looked;
  const fact: FactDraft = { type: 'order.draft-cancelled.v1', actor: SYSTEM };
  return { next: { ...without, state: 'accepted', generation: used + 1 }, ...(draft && { fact }), answer: 'cancelled' };
}

/**
 * A person may have sent the order to another ERP after the backup. What stands there counts for more than what HEAD says: a confirmed
 * order always, a draft where the ERP that HEAD names has neither.
 */
export function decideLookRoute(head: Head, own: readonly Found[], erp: string, there: readonly Found[]): Decision<'stays' | 'moved'> {
  const moved = !own.some(isSold) && (there.some(isSold) || (there.some(isDraft) && !own.some(isDraft)));
  if (head.lookFrom === undefined || head.open || !moved) return { answer: 'stays' };
  return { next: { ...head, route: { ...head.route, erp } }, answer: 'moved' };
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
  return { next: { ...head, tax: { id, key, hash, amount, status } }, fact: { type, actor: SYSTEM }, answer: 'adopted' };
}
