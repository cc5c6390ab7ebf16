import type { StepAction, StepCall } from '../../../aws/step.ts';
import { ended, hasStop, pastPivot } from '../../../domain/head.ts';
import { effect } from '../../../ledger/effect.ts';
import { taxDocumentItem } from '../../../ledger/tax-document.ts';
import type { TaxDeps } from './deps.ts';

/** The recorded document voided at the provider, as an effect. `stale`: it was made from data that changed since. */
export async function voidDocumentOf({ ledger, tax }: TaxDeps, { head, run, settleAt }: StepCall, stale: boolean): Promise<void> {
  if (head.tax?.status !== 'recorded') return;
  const { id, key } = head.tax;
  const request = { action: 'void-tax' as const, target: id, payloadHash: '', stale, settleAt: settleAt(tax.vendorMaximumMs) };
  const perform = async () => {
    await tax.voidDocument(key);
    return { action: 'void-tax' as const, id };
  };
  await effect(ledger, head, run, request, perform, (after) => taxDocumentItem(ledger.table, after));
}

/** Undo, first part in reverse order: the tax document, also one that outlived its order. No document, no call. */
export const voidTax =
  (deps: TaxDeps): StepAction =>
  async (call) => {
    const { head } = call;
    if (!ended(head) && (!hasStop(head) || pastPivot(head))) return;
    await voidDocumentOf(deps, call, false);
  };
