import { type ConfirmedOrder, type Decision, type Draft, type Head, hasStop, isMine, SYSTEM, type TaxRecord, withNews } from '../head.ts';
import { apply, further } from './effect.ts';
import { owing } from './looks.ts';

/** An order as it was found in the ERP under our key; `generation` is read back from the key. */
export interface Found {
  readonly ref: string;
  readonly key: string;
  readonly generation: number;
  /** reversed: confirmed once, and the ERP has nothing in force of it any more. */
  readonly status: 'draft' | 'confirmed' | 'stuck' | 'cancelled' | 'reversed';
  readonly total: Draft['total'];
  readonly number?: string | undefined;
}

/** The ERP has it as an order that counts, whether or not it could process it. */
export const isSold = ({ status }: Pick<Found, 'status'>): boolean => status === 'confirmed' || status === 'stuck';

/** May the open slot be settled by lookup, or may its call still land? */
export const canSettle = (head: Head, now: string): boolean => head.open !== undefined && head.open.settleAt <= now;

export const asOrder = (found: Found): ConfirmedOrder => ({
  ref: found.ref,
  number: found.number,
  total: found.total,
  stuck: found.status === 'stuck',
});

const adopted = (head: Head, found: Found, payloadHash: string): Draft => ({
  ref: found.ref,
  key: found.key,
  // made by an earlier create, of data that nobody remembers: stale, so it will be cancelled and made anew
  inputs: found.generation === head.generation ? payloadHash : 'unknown',
  total: found.total,
});

/**
 * Settles the open slot of an ERP effect from what stands in the ERP under our key, all generations (rule 2): found -> done,
 * absent -> not sent, found unconfirmed -> still drafted. After a create that came to nothing the generation grows: if that create
 * lands after all, its key tells it from the next one.
 */
export function decideSettleErp(
  head: Head,
  attempt: string,
  orders: readonly Found[],
  now: string,
  probes: readonly number[],
): Decision<'settled' | 'moved on'> {
  const slot = head.open;
  if (slot?.attempt !== attempt) return { answer: 'moved on' };
  const { open: _open, ...free } = head;
  const owed = owing(now, probes);
  const nothing = (next: Head): Decision<'settled'> => ({ next: { ...next, ...owed }, answer: 'settled' });
  const done = (decision: ReturnType<typeof apply>): Decision<'settled'> => ({
    next: { ...decision.next, ...owed },
    fact: decision.fact,
    answer: 'settled',
  });
  const target = orders.find((order) => order.ref === slot.target);
  switch (slot.action) {
    case 'create-draft': {
      const living = orders.filter((order) => order.status === 'draft' || isSold(order));
      const found = living.find((order) => order.generation === head.generation) ?? living[0];
      if (!found) return nothing({ ...free, generation: free.generation + 1, lost: { generation: free.generation, inputs: slot.payloadHash } });
      return done(apply(head, { action: 'create-draft', draft: adopted(head, found, slot.payloadHash) }));
    }
    case 'confirm-order':
      if (target && isSold(target)) return done(apply(head, { action: 'confirm-order', order: asOrder(target) }));
      return nothing(free);
    case 'cancel-draft':
      if (target?.status === 'cancelled' && slot.target) return done(apply(head, { action: 'cancel-draft', ref: slot.target }));
      return nothing(free);
    default:
      return { answer: 'moved on' };
  }
}

/** A document as the tax provider has it. */
interface TaxDocumentFound {
  readonly id: string;
  readonly tax: string;
  readonly status: TaxRecord['status'];
}

/** Settles the open slot of a tax effect from the provider's document under our key. */
export function decideSettleTax(
  head: Head,
  attempt: string,
  document: TaxDocumentFound | undefined,
  now: string,
  probes: readonly number[],
): Decision<'settled' | 'moved on'> {
  const slot = head.open;
  if (slot?.attempt !== attempt) return { answer: 'moved on' };
  const { open: _open, ...free } = head;
  const owed = owing(now, probes);
  if (slot.action === 'record-tax' && document?.status === 'recorded') {
    const tax: TaxRecord = { id: document.id, key: slot.target ?? '', hash: slot.payloadHash, amount: document.tax, status: 'recorded' };
    const decision = apply(head, { action: 'record-tax', tax });
    return { next: { ...decision.next, ...owed }, fact: decision.fact, answer: 'settled' };
  }
  if (slot.action === 'void-tax' && document?.status === 'voided' && slot.target) {
    const decision = apply(head, { action: 'void-tax', id: slot.target });
    return { next: { ...decision.next, ...owed }, fact: decision.fact, answer: 'settled' };
  }
  return { next: { ...free, ...owed }, answer: 'settled' };
}

/** Drafts and orders that stand in the ERP under our key although HEAD does not name them. */
export const extras = (head: Head, orders: readonly Found[]): Found[] =>
  orders.filter((order) => order.status === 'draft' && order.ref !== head.draft?.ref && order.ref !== head.order?.ref);

/**
 * What came of telling HEAD what a look has found. in flight: another call's effect is, HEAD took nothing in; the look stays owed even when
 * that effect has ended a moment later.
 */
export type TakenIn = 'adopted' | 'known' | 'in flight';

/**
 * The ERP confirmed the draft that HEAD names, although HEAD does not know of it: past the pivot, whatever else was wanted. While no run is
 * at work that is news: what a person is asked about the draft is not the question any more.
 */
export function decideFoundConfirmed(head: Head, found: Found, now: string): Decision<TakenIn> {
  if (head.open) return { answer: 'in flight' };
  if (head.state !== 'drafted' || head.draft?.ref !== found.ref) return { answer: 'known' };
  const { next, fact } = apply(head, { action: 'confirm-order', order: asOrder(found) });
  return { next: head.run.active ? next : withNews(next, now), fact, answer: 'adopted' };
}

/**
 * A draft of the create that came to nothing stands in the ERP after all, and the order still wants one: HEAD names it, with what it was
 * made from. Is that stale by now, then it is cancelled and made anew like any other.
 */
export function decideAdoptDraft(head: Head, run: number, found: Found): Decision<'adopted' | 'not wanted'> {
  const { lost, ...rest } = head;
  const wanted = isMine(head, run) && head.state === 'accepted' && !head.open && !head.draft && !hasStop(head);
  if (!wanted || found.status !== 'draft' || found.generation !== lost?.generation) return { answer: 'not wanted' };
  const draft: Draft = { ref: found.ref, key: found.key, inputs: lost.inputs, total: found.total };
  return { ...apply(rest, { action: 'create-draft', draft }), answer: 'adopted' };
}

/**
 * The tax provider's document under the newest key, as a look that is owed finds it. One that HEAD does not know to stand is adopted: an
 * order that goes on voids it as stale, one that has ended or is asked to stop undoes it. One that was voided late is recorded anew.
 */
export function decideFoundTax(head: Head, key: string, document: TaxDocumentFound): Decision<TakenIn> {
  const { id, tax: amount, status } = document;
  if (head.open) return { answer: 'in flight' };
  if ((head.tax?.key === key ? head.tax.status : 'voided') === status) return { answer: 'known' };
  const tax: TaxRecord = { id, key, hash: head.tax?.key === key ? head.tax.hash : 'unknown', amount, status };
  const type = status === 'recorded' ? 'order.tax-recorded.v1' : 'order.tax-voided.v1';
  return { next: { ...further(head, 'record-tax'), tax }, fact: { type, actor: SYSTEM }, answer: 'adopted' };
}

/** A confirmed order under our key that HEAD does not name: nobody may make or undo anything beside it until it is reversed. */
export const unexpected = (head: Head, orders: readonly Found[]): Found | undefined =>
  orders.find((order) => isSold(order) && order.ref !== head.draft?.ref && order.ref !== head.order?.ref);

/** ... and HEAD knows it until a look finds it no more: later revisions wait for that. */
export const decideUnexpected = (head: Head, found: Found | undefined): Decision<null> =>
  head.unexpected === found?.ref ? { answer: null } : { next: { ...head, unexpected: found?.ref }, answer: null };

/** The ERP has processed an order that was stuck. */
export function decideUnstuck(head: Head, order: ConfirmedOrder): Decision<'written' | 'known'> {
  if (head.state !== 'confirmed' || head.order?.ref !== order.ref || !head.order.stuck) return { answer: 'known' };
  return { next: { ...head, order }, fact: { type: 'order.confirmed.v1', actor: 'system' }, answer: 'written' };
}
