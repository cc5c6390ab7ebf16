import type { StepAction } from '../../../aws/step.ts';
import { firstOpen } from '../../../domain/approval.ts';
import { Stop } from '../../../domain/errors.ts';
import { mustGoForward } from '../../../domain/forward.ts';
import { isConfirmed } from '../../../domain/head.ts';
import { approvalsNeeded } from '../../../domain/questions.ts';
import { placeOf, rulesOf } from '../../../domain/rules.ts';
import type { CustomerWorking, PriceWorking, TaxWorking } from '../../../domain/workings.ts';
import { preparedBy } from '../../../ledger/prepared.ts';
import type { OrderDeps } from './deps.ts';

/**
 * What the rules of the order ask somebody to approve, one question at a time. Throws Stop with the first that no approval covers:
 * CPQ_APPROVAL_MISSING, PRICE_OUT_OF_TOLERANCE, CREDIT_BLOCKED, APPROVAL_NEEDED.
 */
export const checkPolicy =
  ({ ledger, documents, policy }: OrderDeps): StepAction =>
  async ({ head }) => {
    if (isConfirmed(head)) return;
    mustGoForward(head);
    const rules = rulesOf(policy, placeOf(head));
    const [quote, customer, price, { tax }, { verdicts }] = await Promise.all([
      documents.readQuote(head.document),
      preparedBy<CustomerWorking>(documents, head, 'customer'),
      preparedBy<PriceWorking>(documents, head, 'price'),
      preparedBy<TaxWorking>(documents, head, 'tax'),
      ledger.readQuote(head.tenant, head.quote.cpq, head.quote.id),
    ]);
    const terms = { place: head.route, quote, erpPrices: price.lines.map(({ listPrice }) => listPrice) };
    const open = firstOpen(approvalsNeeded(rules, { terms, erp: head.route.erp, verdicts, customer, tax }), head);
    if (open) throw new Stop(open.code, open.detail, { ask: { ...open.ask, requestedBy: quote.requestedBy } });
  };
