import type { StepAction, StepCall } from '../../../aws/step.ts';
import type { ErpOrder, ErpPort } from '../../../connectors/erp/port.ts';
import { Stop } from '../../../domain/errors.ts';
import { mustBeAlone, mustGoForward } from '../../../domain/forward.ts';
import type { ConfirmedOrder, Head } from '../../../domain/head.ts';
import { decideUnstuck } from '../../../domain/protocol/index.ts';
import { effect } from '../../../ledger/effect.ts';
import type { ErpDeps } from './deps.ts';
import { lookUp } from './found.ts';
import { tidyUp } from './tidy-up.ts';

const confirmed = (order: ErpOrder): ConfirmedOrder => ({
  ref: order.ref,
  number: order.number,
  total: order.total,
  stuck: order.status === 'stuck',
});

/** Past the pivot and stuck: the ERP is asked to process the order again, which tells its reason or cures it (rule 17). */
async function unstick({ ledger }: ErpDeps, erp: ErpPort, head: Head, ref: string): Promise<void> {
  const order = await erp.confirm(ref);
  if (order.status === 'stuck') throw new Stop('ERP_ORDER_STUCK', `order ${order.number ?? ref}`);
  await ledger.change(head.orderKey, (current) => decideUnstuck(current, confirmed(order)));
}

async function confirm({ ledger }: ErpDeps, call: StepCall, erp: ErpPort, head: Head, ref: string): Promise<void> {
  const request = {
    action: 'confirm-order' as const,
    target: ref,
    payloadHash: head.draft?.inputs ?? '',
    settleAt: call.settleAt(erp.vendorMaximumMs),
  };
  const after = await effect(ledger, head, call.run, request, async () => ({ action: 'confirm-order', order: confirmed(await erp.confirm(ref)) }));
  if (after.order?.stuck) throw new Stop('ERP_ORDER_STUCK', `order ${after.order.number ?? ref}`);
}

/**
 * The pivot: from the intent on, nothing is undone without a person. An order that ever had an unknown effect is looked up first, so
 * exactly one draft is left. Throws Stop ERP_*, NEWS_ARRIVED, PREDECESSOR_*.
 */
export const confirmOrder =
  (deps: ErpDeps): StepAction =>
  async (call) => {
    let { head } = call;
    if (head.state === 'completed') return;
    const erp = await deps.erpOf(head.route.erp);
    if (head.state === 'confirmed' && head.order) {
      if (head.order.stuck) await unstick(deps, erp, head, head.order.ref);
      return;
    }
    mustGoForward(head);
    mustBeAlone(head, await deps.ledger.lower(head));
    if (head.everUnknown) head = await tidyUp(deps, call, erp, head, await lookUp(erp, head));
    if (!head.draft) throw new Stop('ERP_DRAFT_LOST', 'there is no draft to confirm');
    await confirm(deps, call, erp, head, head.draft.ref);
  };
