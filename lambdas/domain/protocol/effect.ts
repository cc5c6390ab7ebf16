import type { ErrorCode } from '../../../contracts/errors.ts';
import {
  type Action,
  type ConfirmedOrder,
  type Decision,
  type Draft,
  ended,
  type FactDraft,
  type Head,
  hasNews,
  hasStop,
  isMine,
  type Open,
  SYSTEM,
  type TaxRecord,
  withNews,
} from '../head.ts';
import { wentOn } from './wait.ts';

export interface IntentRequest extends Open {
  readonly run: number;
  /** cancel-draft and void-tax: what they address was made from data that changed since. */
  readonly stale?: boolean;
}

export type IntentAnswer = 'written' | 'run over' | 'slot open' | 'not allowed' | 'news';

/** The condition of each effect (rule 2): which state, which target, which stops. */
function allowed(head: Head, request: IntentRequest): boolean {
  const before = head.state === 'accepted' || head.state === 'drafted';
  // after a restore nothing is made before the vendors were asked what there is
  const looked = head.lookFrom === undefined;
  const rules: Record<Action, () => boolean> = {
    'create-draft': () => looked && head.state === 'accepted' && !head.draft && !hasStop(head),
    'confirm-order': () => looked && head.state === 'drafted' && head.draft?.ref === request.target && !hasStop(head),
    'cancel-draft': () =>
      head.order?.ref !== request.target && (head.draft?.ref !== request.target || (before && (hasStop(head) || !!request.stale))),
    // also past the pivot: an undo may have voided it before the order turned out to be confirmed
    'record-tax': () => looked && head.tax?.status !== 'recorded' && ((before && !hasStop(head)) || head.state === 'confirmed'),
    'void-tax': () =>
      head.tax?.status === 'recorded' && head.tax.id === request.target && ((before && (hasStop(head) || !!request.stale)) || ended(head)),
  };
  return rules[request.action]();
}

/** The intent: written down before the call is tried. My own attempt in the slot means that my first write won. */
export function decideIntent(head: Head, request: IntentRequest): Decision<IntentAnswer> {
  if (head.open?.attempt === request.attempt) return { answer: 'written' };
  if (!isMine(head, request.run)) return { answer: 'run over' };
  if (head.open) return { answer: 'slot open' };
  if (!allowed(head, request)) return { answer: hasNews(head) ? 'news' : 'not allowed' };
  if (request.action === 'confirm-order' && hasNews(head)) return { answer: 'news' };
  const { run: _run, stale: _stale, ...open } = request;
  return { next: { ...head, open }, answer: 'written' };
}

export type Done =
  | { readonly action: 'create-draft'; readonly draft: Draft }
  | { readonly action: 'confirm-order'; readonly order: ConfirmedOrder }
  | { readonly action: 'cancel-draft'; readonly ref: string }
  | { readonly action: 'record-tax'; readonly tax: TaxRecord }
  | { readonly action: 'void-tax'; readonly id: string };

export type Outcome = { readonly kind: 'done'; readonly done: Done } | { readonly kind: 'refused' | 'not-sent'; readonly code: ErrorCode };

/**
 * Does this effect bring the order further than it ever was? What is made anew since its data changed does not: an order that met something
 * in each run after that would go round for ever, and nobody would be asked.
 */
function isFurther(head: Head, action: Action): boolean {
  if (action === 'create-draft') return !head.hadDraft;
  if (action === 'record-tax') return head.tax === undefined;
  return action === 'confirm-order' || hasStop(head);
}

/** HEAD before it takes in what this effect has done: where that is a step further, what the order had met is over. */
export const further = (head: Head, action: Action): Head => (isFurther(head, action) ? wentOn(head) : head);

/** What HEAD looks like after an effect that is known to be done, with the slot emptied. */
export function apply(head: Head, done: Done, actor = SYSTEM): Required<Pick<Decision<null>, 'next' | 'fact'>> {
  const made = (type: FactDraft['type']): FactDraft => ({ type, actor });
  const { open: _done, ...free } = further(head, done.action);
  switch (done.action) {
    case 'create-draft':
      return {
        next: { ...free, state: free.state === 'accepted' ? 'drafted' : free.state, draft: done.draft, hadDraft: true },
        fact: made('order.drafted.v1'),
      };
    case 'confirm-order':
      return { next: { ...free, state: 'confirmed', order: done.order }, fact: made('order.confirmed.v1') };
    case 'cancel-draft': {
      if (free.draft?.ref !== done.ref)
        return { next: free, fact: { ...made('order.draft-cancelled.v1'), note: `a second draft in the ERP, ${done.ref}, was cancelled` } };
      const { draft: _gone, ...without } = free;
      return {
        next: { ...without, state: without.state === 'drafted' ? 'accepted' : without.state, generation: without.generation + 1 },
        fact: made('order.draft-cancelled.v1'),
      };
    }
    case 'record-tax':
      return { next: { ...free, tax: done.tax }, fact: made('order.tax-recorded.v1') };
    case 'void-tax':
      return { next: { ...free, tax: free.tax && { ...free.tax, status: 'voided' } }, fact: made('order.tax-voided.v1') };
  }
}

/** Does HEAD know of this effect already? Then a late answer tells nothing new. */
function known(head: Head, done: Done): boolean {
  switch (done.action) {
    case 'create-draft':
      return head.draft?.ref === done.draft.ref || head.order?.ref === done.draft.ref;
    case 'confirm-order':
      return head.order?.ref === done.order.ref;
    case 'cancel-draft':
      return head.draft?.ref !== done.ref;
    case 'record-tax':
      return head.tax?.id === done.tax.id;
    case 'void-tax':
      return head.tax?.id !== done.id || head.tax.status === 'voided';
  }
}

/**
 * The outcome is conditioned on the attempt alone: also a run that is over may tell what it did. A `done` whose attempt has left the
 * slot is never dropped: it is a fact and news, with a lookup owed (rule 2).
 */
export function decideOutcome(head: Head, attempt: string, outcome: Outcome, now: string): Decision<'written' | 'late' | 'left'> {
  if (head.open?.attempt === attempt) {
    if (outcome.kind === 'done') return { ...apply(head, outcome.done), answer: 'written' };
    const { open: _closed, ...next } = head;
    return { next, answer: 'written' };
  }
  if (outcome.kind !== 'done' || known(head, outcome.done)) return { answer: 'left' };
  const next = withNews({ ...head, everUnknown: true, probes: [now, ...head.probes] }, now);
  return { next, fact: { type: 'order.effect-found.v1', actor: SYSTEM }, answer: 'late' };
}
