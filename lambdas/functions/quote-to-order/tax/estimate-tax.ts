import type { StepAction } from '../../../aws/step.ts';
import { Stop } from '../../../domain/errors.ts';
import { mustGoForward } from '../../../domain/forward.ts';
import { isConfirmed } from '../../../domain/head.ts';
import { hashOf } from '../../../domain/identity.ts';
import { taxBasis } from '../../../domain/tax.ts';
import type { TaxWorking } from '../../../domain/workings.ts';
import { prepare } from '../../../ledger/prepared.ts';
import type { TaxDeps } from './deps.ts';
import { voidDocumentOf } from './void-tax.ts';

/**
 * The tax of this order as it would be billed today. A recorded document that was made from other data is voided (rule 4).
 * Throws Stop TAX_COUNTRY_UNKNOWN.
 */
export const estimateTax =
  (deps: TaxDeps): StepAction =>
  async (call) => {
    const { head } = call;
    if (isConfirmed(head) && head.tax?.status === 'recorded') return;
    if (!isConfirmed(head)) mustGoForward(head);
    const basis = taxBasis(await deps.documents.readQuote(head.document));
    if (!basis) throw new Stop('TAX_COUNTRY_UNKNOWN', 'no party of the quote has a country');
    const working: TaxWorking = await deps.tax.estimate({ key: head.orderKey, ...basis });
    await prepare(deps.ledger, deps.documents, head, 'tax', working);
    if (head.tax?.status === 'recorded' && head.tax.hash !== hashOf(working)) await voidDocumentOf(deps, call, true);
  };
