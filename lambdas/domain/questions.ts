import type { QuoteDocument } from '../../contracts/quote.ts';
import type { OrderRules } from '../../contracts/rules.ts';
import { deviationOf, type Question, questionsOf, type Terms } from './approval.ts';
import type { QuoteItem } from './head.ts';
import { toleranceIn } from './tolerance.ts';

/** The CPQ itself approved this revision, and has not rejected it since. */
export function approvedInCpq({ milestones: { approved, rejected } }: Pick<QuoteItem, 'milestones'>, revision: number): boolean {
  if (approved?.revision !== revision) return false;
  return rejected?.revision !== revision || rejected.at < approved.at;
}

function cpqApproval({ cpqApproval }: OrderRules, { revision }: QuoteDocument, item: Pick<QuoteItem, 'milestones'>): Question[] {
  if (cpqApproval === 'ignored' || approvedInCpq(item, revision)) return [];
  const detail = `the CPQ has told of no approval of revision ${revision}`;
  return [{ code: 'CPQ_APPROVAL_MISSING', detail, ask: { subject: 'CPQ_APPROVAL_MISSING' } }];
}

function price({ tolerance }: OrderRules, terms: Terms): Question[] {
  const deviation = deviationOf(terms, toleranceIn(tolerance, terms.quote.currency));
  if (!deviation) return [];
  const { text: detail, value, worse } = deviation;
  return [{ code: 'PRICE_OUT_OF_TOLERANCE', detail, ask: { subject: 'PRICE_OUT_OF_TOLERANCE', value, worse } }];
}

/** Everything that somebody has to approve before this order may go on, in the order in which it is asked. */
export const approvalsNeeded = (rules: OrderRules, terms: Terms, item: Pick<QuoteItem, 'milestones'>): Question[] => [
  ...cpqApproval(rules, terms.quote, item),
  ...price(rules, terms),
  ...questionsOf(rules, terms),
];
