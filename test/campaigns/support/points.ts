import type { Action } from '../../../lambdas/domain/head.ts';
import type { createFaults, FaultRule, PlannedRule } from '../../../local/vendors/faults.ts';
import { slowness } from '../../support/poll.ts';
import type { Tenant } from '../../support/tenant.ts';

export type Effect = Extract<Action, 'create-draft' | 'confirm-order'>;

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

const FACT = {
  'create-draft': 'order.drafted.v1',
  'confirm-order': 'order.confirmed.v1',
  'cancel-draft': 'order.draft-cancelled.v1',
  'record-tax': 'order.tax-recorded.v1',
  'void-tax': 'order.tax-voided.v1',
} as const satisfies Record<Action, string>;

/** The write that puts the effect into the slot of HEAD. */
export const intentOf = (orderKey: string, effect: keyof typeof FACT): FaultRule['match'] => ({
  method: 'DynamoDB.PutItem',
  contains: [`"O#${orderKey}"`, `"action":{"S":"${effect}"}`],
});

/** The transaction that empties the slot and appends the fact. */
export const outcomeOf = (orderKey: string, effect: keyof typeof FACT): FaultRule['match'] => ({
  method: 'DynamoDB.TransactWriteItems',
  contains: [`"O#${orderKey}"`, `"${FACT[effect]}"`],
});

/** The write of a fact, whatever else is in its transaction. */
export const factOf = (orderKey: string, type: string): FaultRule['match'] => ({
  method: 'DynamoDB.TransactWriteItems',
  contains: [`"O#${orderKey}"`, `"${type}"`],
});

/** The write that keeps what a step has worked out. */
export const preparedOf = (orderKey: string, step: 'customer' | 'products' | 'price' | 'tax'): FaultRule['match'] => ({
  method: 'DynamoDB.PutItem',
  contains: [`"O#${orderKey}"`, `"${step}":{"M":{`],
});

/** Reference of the draft of an order, while the answer to its write is held. @throws Error when it is not in the ledger */
export async function heldDraft(tenant: Tenant, orderKey: string): Promise<string> {
  const { draft } = await tenant.order(orderKey);
  if (!draft) throw new Error(`${orderKey} has no draft in the ledger, though the answer to its write was held`);
  return draft.ref;
}

/** Waits until the rule was hit; the order may stand in line for long. */
export async function untilHit(faults: ReturnType<typeof createFaults>, id: string, seconds: number): Promise<PlannedRule> {
  const end = Date.now() + seconds * 1000 * slowness;
  for (;;) {
    const found = await faults.hit(id, 60_000).catch((error: Error) => error);
    if (!(found instanceof Error)) return found;
    if (Date.now() > end) throw found;
  }
}
