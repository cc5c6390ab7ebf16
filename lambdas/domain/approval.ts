import Big from 'big.js';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { QuoteDocument } from '../../contracts/quote.ts';
import type { ApprovalRule, OrderRules } from '../../contracts/rules.ts';
import { hashOf } from './identity.ts';
import { round } from './money.ts';
import type { Place } from './rules.ts';
import { type Bounds, outOfTolerance } from './tolerance.ts';
import type { Approval, ApprovalMeasure, Ask } from './waiting.ts';

/** A question that the order may not go past without an approval: what `Stop` says, and what an approval of it is bound to. */
export interface Question {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly ask: Ask;
}

/** What the matrix is applied to. `erpPrices`: the ERP's own list price of each line, in the order of the lines. */
export interface Terms {
  readonly place: Omit<Place, 'tenant'>;
  readonly quote: QuoteDocument;
  readonly erpPrices: readonly (string | undefined)[];
}

/** A measure of a quote, in words, and as the bound of an approval. */
interface Measure {
  readonly text: string;
  readonly measure: ApprovalMeasure;
  readonly value: string;
  readonly worse: 'larger' | 'smaller';
  readonly lines?: readonly number[];
}

const DIGITS = 6;
/** Lines that a text names. */
const NAMED = 3;
const percent = (share: Big): string => `${share.times(100).round(2, Big.roundHalfUp).toFixed()} %`;
const share = (of: Big): string => round(of, DIGITS);
const total = (quote: QuoteDocument, perUnit: (line: QuoteDocument['lines'][number]) => string): Big =>
  quote.lines.reduce((all, line) => all.plus(Big(line.quantity).times(perUnit(line))), Big(0));

/** Share of the list price that is given away, over all lines, without freight. */
export function discountOf(quote: QuoteDocument): Big {
  const list = total(quote, (line) => line.listPrice);
  return list.lte(0) ? Big(0) : Big(1).minus(total(quote, (line) => line.netPrice).div(list));
}

/** Share of the net price that is left after the cost, over all lines, without freight. Goods that are given away lose their whole cost. */
export function marginOf(quote: QuoteDocument): Big {
  const net = total(quote, (line) => line.netPrice);
  const left = net.minus(total(quote, (line) => line.cost ?? line.netPrice));
  if (net.gt(0)) return left.div(net);
  return left.lt(0) ? Big(-1) : Big(0);
}

/** What the list prices beyond the bounds differ from the ERP's over the whole order, and the lines; undefined: none is beyond. */
export function deviationOf({ quote, erpPrices }: Pick<Terms, 'quote' | 'erpPrices'>, bounds: Bounds): Measure | undefined {
  const off = quote.lines
    .map((line, n) => ({ ...line, position: n + 1, erp: erpPrices[n] }))
    .filter(({ listPrice, erp }) => outOfTolerance(listPrice, erp, bounds));
  if (off.length === 0) return undefined;
  const amount = (line: (typeof off)[number]): Big =>
    Big(line.listPrice)
      .minus(line.erp ?? '0')
      .abs()
      .times(line.quantity);
  const value = round(off.reduce((all, line) => all.plus(amount(line)), Big(0)));
  const named = off
    .slice(0, NAMED)
    .map(({ product, listPrice, erp }) => `product ${product}: list price ${listPrice} in the quote, ${erp ?? 'none'} in the ERP`);
  // The sum first: a detail is cut at its end.
  const all = off.length > 1 ? `${value} ${quote.currency} over ${off.length} lines: ` : '';
  const others = off.length > NAMED ? `; and ${off.length - NAMED} more` : '';
  const text = `${all}${named.join('; ')}${others} (${quote.currency})`;
  return { text, measure: 'price deviation', value, worse: 'larger', lines: off.map(({ position }) => position) };
}

type When = ApprovalRule['when'];
/** undefined: the condition does not hold. */
type Condition = (terms: Terms, when: When) => Measure | 'holds' | undefined;
const holds = (yes: boolean | undefined): 'holds' | undefined => (yes ? 'holds' : undefined);

/**
 * What a rule can ask for, the condition whose value can get worse under the same content first: the first measure that a rule has is the
 * bound of its approvals. The others are settled by the content of the quote, which an approval is bound to as well.
 */
const CONDITIONS: { readonly [Name in keyof Required<When>]: Condition } = {
  priceDeviationAbove: (terms, { priceDeviationAbove }) => deviationOf(terms, priceDeviationAbove ?? {}),
  discountAbove: ({ quote }, { discountAbove = '0' }) => {
    const discount = discountOf(quote);
    const text = `a discount of ${percent(discount)}`;
    return discount.gt(discountAbove) ? { text, measure: 'discount', value: share(discount), worse: 'larger' } : undefined;
  },
  marginBelow: ({ quote }, { marginBelow = '0' }) => {
    const margin = marginOf(quote);
    const unknown = quote.lines.filter((line) => line.cost === undefined).length;
    const text = `a margin of ${percent(margin)}${unknown > 0 ? ` (${unknown} of ${quote.lines.length} lines without a cost)` : ''}`;
    return margin.lt(marginBelow) ? { text, measure: 'margin', value: share(margin), worse: 'smaller' } : undefined;
  },
  amountAbove: ({ quote }, { amountAbove = {} }) => {
    const limit = amountAbove[quote.currency];
    const above = limit === undefined || Big(quote.total).gt(limit);
    const text = `an amount of ${quote.total} ${quote.currency}`;
    return above ? { text, measure: 'amount', value: quote.total, worse: 'larger' } : undefined;
  },
  regions: ({ place }, { regions }) => holds(regions?.includes(place.region)),
  businessUnits: ({ place }, { businessUnits }) => holds(businessUnits?.includes(place.businessUnit)),
  families: ({ quote }, { families }) => holds(quote.lines.some(({ family }) => family !== undefined && families?.includes(family))),
  paymentTerms: ({ quote }, { paymentTerms }) => holds(quote.paymentTerm !== undefined && paymentTerms?.includes(quote.paymentTerm)),
};

/** Conditions that hold or not, as a hash: the same rule with others is another question. undefined: there are none. */
function unmeasured({ regions, businessUnits, families, paymentTerms }: When): string | undefined {
  const conditions = Object.entries({ regions, businessUnits, families, paymentTerms }).filter(([, names]) => names !== undefined);
  return conditions.length > 0 ? hashOf(conditions.map(([name, names]) => [name, (names ?? []).toSorted()])).slice(0, 12) : undefined;
}

/** The question that one rule of the matrix asks of these terms; undefined: it does not apply. */
function questionOf(id: string, { title, when, approvers }: ApprovalRule, terms: Terms): Question | undefined {
  const given = (Object.keys(CONDITIONS) as (keyof When)[]).filter((name) => when[name] !== undefined);
  const found = given.map((name) => CONDITIONS[name](terms, when));
  if (found.includes(undefined)) return undefined;
  const measures = found.filter((one): one is Measure => typeof one === 'object');
  const [bound] = measures;
  const detail = measures.length > 0 ? `${title}: ${measures.map(({ text }) => text).join(', ')}` : title;
  const { text: _said, ...what } = bound ?? {};
  const rule = unmeasured(when);
  return { code: 'APPROVAL_NEEDED', detail, ask: { subject: id, ...(rule && { rule }), ...what, approvers } };
}

/** Every approval that these terms need, in the order of the ids: always the same order, whichever level says a rule. */
export const questionsOf = ({ approvals }: Pick<OrderRules, 'approvals'>, terms: Terms): Question[] =>
  Object.entries(approvals)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([id, rule]) => (rule ? (questionOf(id, rule, terms) ?? []) : []));

/**
 * An approval holds for the content that it was given for, and for values of the same measure up to the approved one: who is asked again is
 * asked because it got worse, is of another line as well, or because the rule is another one now: it measures something else, or is of other terms. One of before measures were kept
 * covers no value.
 */
export function covers(
  approval: Approval | undefined,
  contentHash: string,
  { rule, measure, value, worse, lines = [] }: Omit<Ask, 'subject'>,
): boolean {
  if (approval?.contentHash !== contentHash || approval.rule !== rule || approval.measure !== measure) return false;
  if (!lines.every((line) => approval.lines?.includes(line))) return false;
  if (value === undefined) return true;
  if (measure === undefined || approval.value === undefined) return false;
  return worse === 'smaller' ? Big(value).gte(approval.value) : Big(value).lte(approval.value);
}

/** The first question that no approval of this order covers. */
export const firstOpen = (
  questions: readonly Question[],
  { approvals, contentHash }: { readonly approvals: Readonly<Record<string, Approval>>; readonly contentHash: string },
): Question | undefined => questions.find(({ ask }) => !covers(approvals[ask.subject], contentHash, ask));
