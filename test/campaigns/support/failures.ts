import type { ErrorCode } from '../../../contracts/errors.ts';
import type { Step } from '../../../contracts/workflow.ts';
import { type NorthwindQuote, quotes, renumbered } from '../../../local/northwind/quotes.ts';
import type { FaultRule } from '../../../local/vendors/faults.ts';
import type { LedgerFaults } from '../../support/intercept.ts';
import { shippedTo, withContent } from '../../support/quotes.ts';
import { factOf, heldDraft, intentOf, outcomeOf, preparedOf, untilHit } from './points.ts';
import type { SentOrder } from './verdict.ts';

/** An order that a campaign lets meet a failure. */
export interface Failing extends SentOrder {
  readonly quote: NorthwindQuote;
}

export interface Places {
  readonly ledger: LedgerFaults;
  /** For the line before the ERP. */
  readonly seconds: number;
}

/** How a step fails. */
export interface Failure {
  readonly step: Step;
  readonly how: string;
  /** Under which the order is parked. */
  readonly code: ErrorCode;
  /** Where it ends when nobody does anything. */
  readonly ends: 'completed' | 'waiting';
  /** Tryton refuses with answers of its own, and our simulator of a failing network does not speak them. */
  readonly simulatorOnly?: true;
  /** Sends the quote. Answers when the step has failed, or is failing at this moment. */
  readonly meet: (order: Failing, places: Places) => Promise<void>;
}

/** The SDK tries a call to DynamoDB so often before it gives up. */
const TRIES = 4;
const REFUSED = { action: 'status', status: 422 } as const satisfies Omit<FaultRule, 'match'>;
/** A limit is looked at before the work. After 503 an effect is unknown, as after a lost answer. */
const BUSY = { action: 'status', status: 429 } as const satisfies Omit<FaultRule, 'match'>;
const LOST = { action: 'drop-answer' } as const satisfies Omit<FaultRule, 'match'>;

/** What this quote says leads nowhere: the order waits for a person. */
const data = (code: ErrorCode, change: (quote: NorthwindQuote) => NorthwindQuote): Omit<Failure, 'step' | 'how'> => ({
  code,
  ends: 'waiting',
  meet: async ({ tenant, orderKey, quote }, { seconds }) => {
    await tenant.accept(change(quote));
    await tenant.untilWaiting(orderKey, code, seconds);
  },
});

/** The ledger cannot be written until the order is parked for it. */
const ledgerBreaks = (code: ErrorCode, match: (orderKey: string) => FaultRule['match']): Omit<Failure, 'step' | 'how'> => ({
  code,
  ends: 'completed',
  meet: async ({ tenant, orderKey, quote }, { ledger, seconds }) => {
    const id = await ledger.faults.plan({ match: match(orderKey), action: 'reset', times: 'every' });
    await tenant.accept(quote);
    await tenant.untilWaiting(orderKey, code, seconds).finally(() => ledger.faults.remove(id));
  },
});

const draftFails = (code: ErrorCode, ends: Failure['ends'], fault: Omit<FaultRule, 'match'>): Omit<Failure, 'step' | 'how'> => ({
  code,
  ends,
  meet: async ({ tenant, orderKey, quote }, { seconds }) => {
    const faults = tenant.erp.faults();
    const id = await faults.plan({ match: tenant.erp.draftOf(orderKey), ...fault });
    await tenant.accept(quote);
    await untilHit(faults, id, seconds);
  },
});

/** A confirm is found by its sale, which is known once the draft is written down: that write is held meanwhile. */
const confirmFails = (code: ErrorCode, ends: Failure['ends'], fault: Omit<FaultRule, 'match'>): Omit<Failure, 'step' | 'how'> => ({
  code,
  ends,
  meet: async ({ tenant, orderKey, quote }, { ledger, seconds }) => {
    const drafted = await ledger.faults.plan({ match: outcomeOf(orderKey, 'create-draft'), action: 'hold-answer', ms: 10_000 });
    await tenant.accept(quote);
    await untilHit(ledger.faults, drafted, seconds);
    const faults = tenant.erp.faults();
    const id = await faults.plan({ match: tenant.erp.confirmOf(await heldDraft(tenant, orderKey)), ...fault });
    await ledger.faults.remove(drafted);
    await untilHit(faults, id, seconds);
  },
});

type Content = NorthwindQuote['content'];
const content =
  (change: (content: Content) => Content) =>
  (quote: NorthwindQuote): NorthwindQuote =>
    withContent(quote, change);
const parties = (change: (party: Content['parties'][number]) => Content['parties'][number]) =>
  content((all) => ({ ...all, parties: all.parties.map(change) }));
const firstLine = (change: Partial<Content['lines'][number]>) =>
  content((all) => ({ ...all, lines: all.lines.map((line, n) => (n === 0 ? { ...line, ...change } : line)) }));

const simulatorOnly = true;
export const unmappedAccount = parties((party) => ({ ...party, customer: 'ACC-NOBODY' }));
const unmappedCarrier = content((all) => ({ ...all, shipping: { ...all.shipping, carrier: 'NO-CARRIER' } }));
const withoutCountry = parties(({ address: _address, ...party }) => party);
export const toAmerica = (quote: NorthwindQuote): NorthwindQuote => shippedTo(quote, 'US');

/** Every step of the state machine's branch in the ways in which it can fail. Check policy writes nothing, so no write of it can fail. */
export const FAILURES: readonly Failure[] = [
  { step: 'check-customer', how: 'the account is not mapped', ...data('CUSTOMER_UNKNOWN', unmappedAccount) },
  { step: 'check-customer', how: 'the ledger breaks', ...ledgerBreaks('PLATFORM_STEP_DIED', (key) => preparedOf(key, 'customer')) },
  { step: 'map-products', how: 'a product is not mapped', ...data('PRODUCT_UNMAPPED', firstLine({ product: 'NO-PRODUCT' })) },
  { step: 'map-products', how: 'the ledger breaks', ...ledgerBreaks('PLATFORM_STEP_DIED', (key) => preparedOf(key, 'products')) },
  { step: 'price-and-shipping', how: 'the carrier is not mapped', ...data('CARRIER_UNMAPPED', unmappedCarrier) },
  { step: 'price-and-shipping', how: 'the ledger breaks', ...ledgerBreaks('PLATFORM_STEP_DIED', (key) => preparedOf(key, 'price')) },
  { step: 'estimate-tax', how: 'no party has a country', ...data('TAX_COUNTRY_UNKNOWN', withoutCountry) },
  { step: 'estimate-tax', how: 'the ledger breaks', ...ledgerBreaks('PLATFORM_STEP_DIED', (key) => preparedOf(key, 'tax')) },
  { step: 'check-policy', how: 'a list price differs', ...data('PRICE_OUT_OF_TOLERANCE', firstLine({ listPrice: '999.0000' })) },
  { step: 'create-draft', how: 'the ERP computes another tax', ...data('TAX_MISMATCH', toAmerica) },
  { step: 'create-draft', how: 'the ERP refuses', simulatorOnly, ...draftFails('ERP_REFUSED', 'waiting', REFUSED) },
  { step: 'create-draft', how: 'the ERP takes no calls', ...draftFails('ERP_UNAVAILABLE', 'completed', BUSY) },
  { step: 'create-draft', how: 'the answer is lost', ...draftFails('ERP_ANSWER_UNKNOWN', 'completed', LOST) },
  { step: 'create-draft', how: 'the ledger breaks before it', ...ledgerBreaks('PLATFORM_STEP_DIED', (key) => intentOf(key, 'create-draft')) },
  { step: 'create-draft', how: 'the ledger breaks after it', ...ledgerBreaks('EFFECT_UNKNOWN', (key) => outcomeOf(key, 'create-draft')) },
  { step: 'record-tax', how: 'the ledger breaks before it', ...ledgerBreaks('PLATFORM_STEP_DIED', (key) => intentOf(key, 'record-tax')) },
  { step: 'record-tax', how: 'the ledger breaks after it', ...ledgerBreaks('EFFECT_UNKNOWN', (key) => outcomeOf(key, 'record-tax')) },
  { step: 'confirm-order', how: 'the ERP refuses', simulatorOnly, ...confirmFails('ERP_REFUSED', 'waiting', REFUSED) },
  { step: 'confirm-order', how: 'the ERP takes no calls', ...confirmFails('ERP_UNAVAILABLE', 'completed', BUSY) },
  { step: 'confirm-order', how: 'the answer is lost', ...confirmFails('ERP_ANSWER_UNKNOWN', 'completed', LOST) },
  { step: 'confirm-order', how: 'the ledger breaks after it', ...ledgerBreaks('EFFECT_UNKNOWN', (key) => outcomeOf(key, 'confirm-order')) },
  { step: 'complete', how: 'the ledger breaks', ...ledgerBreaks('PLATFORM_STEP_DIED', (key) => factOf(key, 'order.completed.v1')) },
];

/** How a compensation fails. */
export interface Hindrance {
  readonly how: string;
  readonly simulatorOnly?: true;
  /** Under which the order is parked then; undefined where the same run tries again. */
  readonly code?: ErrorCode | undefined;
  /** Plans it; `ref` is the draft that stands in the ERP by now. @returns how often it was met so far; undefined where there is nothing to hinder */
  readonly plan: (order: Failing, ledger: LedgerFaults, ref: string | undefined) => Promise<(() => Promise<number>) | undefined>;
}

type Faults = LedgerFaults['faults'];

async function planned(faults: Faults, rule: FaultRule): Promise<() => Promise<number>> {
  const id = await faults.plan(rule);
  return async () => (await faults.report()).rules.find((one) => one.id === id)?.hits ?? 0;
}

const cancelFails = (how: string, code: ErrorCode, fault: Omit<FaultRule, 'match'>, only?: { simulatorOnly: true }): Hindrance => ({
  how: `cancelling the draft: ${how}`,
  code,
  ...only,
  plan: async ({ tenant }, _ledger, ref) =>
    ref === undefined ? undefined : planned(tenant.erp.faults(), { match: tenant.erp.cancelOf(ref), ...fault }),
});

const ledgerBreaksAt = (how: string, code: ErrorCode | undefined, match: (orderKey: string) => FaultRule['match']): Hindrance => ({
  how: `${how}: the ledger breaks`,
  code,
  plan: ({ orderKey }, { faults }) => planned(faults, { match: match(orderKey), action: 'reset', times: TRIES }),
});

export const HINDRANCES: readonly Hindrance[] = [
  { how: 'no compensation fails', plan: async () => undefined },
  cancelFails('the ERP refuses', 'ERP_REFUSED', { ...REFUSED, times: 'every' }, { simulatorOnly }),
  cancelFails('the ERP takes no calls twice', 'ERP_UNAVAILABLE', { ...BUSY, times: 2 }),
  cancelFails('the answer is lost', 'ERP_ANSWER_UNKNOWN', LOST),
  ledgerBreaksAt('before cancelling the draft', undefined, (key) => intentOf(key, 'cancel-draft')),
  ledgerBreaksAt('after cancelling the draft', 'EFFECT_UNKNOWN', (key) => outcomeOf(key, 'cancel-draft')),
  ledgerBreaksAt('before voiding the tax document', undefined, (key) => intentOf(key, 'void-tax')),
  ledgerBreaksAt('after voiding the tax document', 'EFFECT_UNKNOWN', (key) => outcomeOf(key, 'void-tax')),
];

/** Its customer is in the EU, so tax differs with the country; nothing is planted in it. */
const CLEAN = quotes[0] as NorthwindQuote;

/** Copies of one quote whose numbers the generator draws. */
export function cleanQuotes(count: number, next: () => number): NorthwindQuote[] {
  const first = 1_000_000 + Math.floor(next() * 8_000_000);
  return Array.from({ length: count }, (_, n) => renumbered(CLEAN, first + n));
}
