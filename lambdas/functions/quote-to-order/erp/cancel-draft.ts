import { METRIC } from '../../../../contracts/metrics.ts';
import { count } from '../../../aws/metrics.ts';
import type { StepAction, StepCall } from '../../../aws/step.ts';
import type { ErpPort } from '../../../connectors/erp/port.ts';
import { type Head, hasStop, pastPivot } from '../../../domain/head.ts';
import { decideFoundConfirmed, isSold } from '../../../domain/protocol/index.ts';
import { effect } from '../../../ledger/effect.ts';
import type { ErpDeps } from './deps.ts';
import { asFound, lookUp } from './found.ts';
import { mustBeExpected } from './tidy-up.ts';

/** One draft cancelled at the ERP, as an effect. `stale`: it is HEAD's own draft, made from data that changed since; `gone`: somebody deleted it there. */
export async function cancelDraftOf(
  { ledger }: Pick<ErpDeps, 'ledger'>,
  call: StepCall,
  erp: ErpPort,
  head: Head,
  ref: string,
  stale: boolean,
  gone = false,
): Promise<Head> {
  const request = { action: 'cancel-draft' as const, target: ref, payloadHash: '', stale, settleAt: call.settleAt(erp.vendorMaximumMs) };
  const after = await effect(ledger, head, call.run, request, async () => {
    if (!gone) await erp.cancelDraft(ref);
    return { action: 'cancel-draft', ref };
  });
  if (ref !== head.draft?.ref) count(METRIC.extraDrafts);
  return after;
}

/**
 * Undo: every draft under the key is cancelled. An order that ever had an unknown effect is looked up first; one that turns out to be
 * confirmed is past the pivot, and Settle asks a person. Throws Stop ERP_ORDER_UNEXPECTED.
 */
export const cancelDraft =
  (deps: ErpDeps): StepAction =>
  async (call) => {
    const { head } = call;
    if (!hasStop(head) || pastPivot(head)) return;
    const erp = await deps.erpOf(head.route.erp);
    const known = head.draft && (await erp.readOrder(head.draft.ref));
    const found = known && !head.everUnknown ? [asFound(erp, head, known)] : await lookUp(erp, head);
    await mustBeExpected(deps, head, found);
    const confirmed = found.find(isSold);
    if (confirmed) {
      await deps.ledger.change(head.orderKey, (current, now) => decideFoundConfirmed(current, confirmed, now));
      return;
    }
    const refs = new Set([...found.filter((order) => order.status === 'draft').map((order) => order.ref), ...(head.draft ? [head.draft.ref] : [])]);
    for (const ref of refs) await cancelDraftOf(deps, call, erp, head, ref, false, ref === head.draft?.ref && !known);
  };
