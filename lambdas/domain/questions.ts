import Big from 'big.js';
import type { QuoteDocument } from '../../contracts/quote.ts';
import type { OrderRules } from '../../contracts/rules.ts';
import { deviationOf, type Question, questionsOf, type Terms } from './approval.ts';
import type { QuoteItem } from './head.ts';
import { plus } from './money.ts';
import { toleranceIn } from './tolerance.ts';
import type { CustomerWorking } from './workings.ts';

/**
 * Who approves what the CPQ has not judged yet is asked again when it says something of it: each word of the CPQ is a question of its own, so
 * that no earlier answer covers a rejection that was followed by another word.
 */
function cpqApproval({ cpqApproval }: OrderRules, { revision }: QuoteDocument, verdicts: QuoteItem['verdicts']): Question[] {
  const verdict = verdicts?.[revision];
  if (cpqApproval === 'ignored' || verdict?.milestone === 'approved') return [];
  const code = 'CPQ_APPROVAL_MISSING';
  const none = `the CPQ has told of no approval of revision ${revision}`;
  if (!verdict) return [{ code, detail: none, ask: { subject: code } }];
  const { milestone, at } = verdict;
  const detail = milestone === 'rejected' ? `the CPQ rejected revision ${revision} at ${at}` : `${none} since it was ${milestone} at ${at}`;
  return [{ code, detail, ask: { subject: `${code}:${milestone}:${at}` } }];
}

function price({ tolerance }: OrderRules, terms: Terms): Question[] {
  const deviation = deviationOf(terms, toleranceIn(tolerance, terms.quote.currency));
  if (!deviation) return [];
  const { text: detail, ...bound } = deviation;
  return [{ code: 'PRICE_OUT_OF_TOLERANCE', detail, ask: { subject: 'PRICE_OUT_OF_TOLERANCE', ...bound } }];
}

/**
 * The ERP holds back orders of the customer, or would with this one. What it is owed and this order together are the bound of an approval:
 * who approves 12,000 is asked again above, for another customer, and when the ERP puts the customer on hold after all. A limit in another
 * currency than the quote's cannot be compared; then only the hold counts.
 */
function credit({ code: customer, credit }: Evidence['customer'], erp: string, { currency }: QuoteDocument, order: string): Question[] {
  if (!credit) return [];
  const { limit, used, blocked } = credit;
  const exposure = used.currency === currency ? plus(used.amount, order) : undefined;
  const over = exposure !== undefined && limit?.currency === currency && Big(exposure).gt(limit.amount);
  if (!blocked && !over) return [];
  const owed = `${used.amount} ${used.currency} used${limit ? ` of ${limit.amount} ${limit.currency}` : ', no limit'}`;
  const detail = `customer ${customer}: ${owed}, this order ${order} ${currency} with tax${blocked ? '; the ERP has it on hold' : ''}`;
  const bound = exposure === undefined ? ({ measure: 'order', value: order } as const) : ({ measure: 'exposure', value: exposure } as const);
  const subject = `CREDIT_BLOCKED:${erp}:${customer}:${blocked ? 'hold' : 'limit'}`;
  return [{ code: 'CREDIT_BLOCKED', detail, ask: { subject, ...bound, worse: 'larger' } }];
}

/** What the steps of this run and the CPQ have told, for the rules to judge. */
export interface Evidence {
  readonly terms: Terms;
  /** The ERP instance that the customer and the prices are of. */
  readonly erp: string;
  readonly verdicts: QuoteItem['verdicts'];
  readonly customer: Pick<CustomerWorking, 'code' | 'credit'>;
  /** Amount in the currency of the quote. */
  readonly tax: string;
}

/** Everything that somebody has to approve before this order may go on, in the order in which it is asked. */
export const approvalsNeeded = (rules: OrderRules, { terms, erp, verdicts, customer, tax }: Evidence): Question[] => [
  ...cpqApproval(rules, terms.quote, verdicts),
  ...price(rules, terms),
  ...credit(customer, erp, terms.quote, plus(terms.quote.total, tax)),
  ...questionsOf(rules, terms),
];
