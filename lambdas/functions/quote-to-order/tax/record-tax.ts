import type { StepAction } from '../../../aws/step.ts';
import { Stop } from '../../../domain/errors.ts';
import { mustGoForward } from '../../../domain/forward.ts';
import { isConfirmed } from '../../../domain/head.ts';
import { nextTaxKey, taxBasis } from '../../../domain/tax.ts';
import { effect } from '../../../ledger/effect.ts';
import { preparedHash } from '../../../ledger/prepared.ts';
import { taxDocumentItem } from '../../../ledger/tax-document.ts';
import type { TaxDeps } from './deps.ts';

/** One uncommitted tax document, recorded before the pivot so that it can still be voided. */
export const recordTax =
  ({ ledger, documents, tax }: TaxDeps): StepAction =>
  async (call) => {
    const { head, run } = call;
    if (head.tax?.status === 'recorded') return;
    if (!isConfirmed(head)) mustGoForward(head);
    const basis = taxBasis(await documents.readQuote(head.document));
    if (!basis) throw new Stop('TAX_COUNTRY_UNKNOWN', 'no party of the quote has a country');
    const key = nextTaxKey(head);
    const hash = preparedHash(head, 'tax');
    const request = { action: 'record-tax' as const, target: key, payloadHash: hash, settleAt: call.settleAt(tax.vendorMaximumMs) };
    const perform = async () => {
      const document = await tax.record({ key, ...basis });
      return { action: 'record-tax' as const, tax: { id: document.id, key, hash, amount: document.tax, status: 'recorded' as const } };
    };
    await effect(ledger, head, run, request, perform, (after) => taxDocumentItem(ledger.table, after));
  };
