import type { FaultRule } from '../../../local/vendors/faults.ts';

export type Effect = 'create-draft' | 'confirm-order';

/** Where a call of the function is held while its process is killed, and what has to be true then. */
interface Place {
  readonly at: 'intent' | 'vendor' | 'outcome';
  readonly action: FaultRule['action'];
  /** The ledger knows of an effect that is under way. */
  readonly open: boolean;
  /** The ERP has done it. */
  readonly done: boolean;
}

/** The six moments in the life of an effect at which a death could do harm. */
export const POINTS = {
  'before the intent': { at: 'intent', action: 'hold-request', open: false, done: false },
  'after the intent': { at: 'intent', action: 'hold-answer', open: true, done: false },
  'in the call': { at: 'vendor', action: 'delay', open: true, done: false },
  "after the vendor's commit": { at: 'vendor', action: 'hold-answer', open: true, done: true },
  'before `done`': { at: 'outcome', action: 'hold-request', open: true, done: true },
  'after `done`': { at: 'outcome', action: 'hold-answer', open: false, done: true },
} as const satisfies Record<string, Place>;
export type Point = keyof typeof POINTS;

const FACT = { 'create-draft': 'order.drafted.v1', 'confirm-order': 'order.confirmed.v1' } as const;

/** The write that puts the effect into the slot of HEAD. */
export const intentOf = (orderKey: string, effect: Effect): FaultRule['match'] => ({
  method: 'DynamoDB.PutItem',
  contains: [`"O#${orderKey}"`, `"action":{"S":"${effect}"}`],
});

/** The transaction that empties the slot and appends the fact. */
export const outcomeOf = (orderKey: string, effect: Effect): FaultRule['match'] => ({
  method: 'DynamoDB.TransactWriteItems',
  contains: [`"O#${orderKey}"`, `"${FACT[effect]}"`],
});
