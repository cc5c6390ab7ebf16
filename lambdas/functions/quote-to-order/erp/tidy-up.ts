import type { StepCall } from '../../../aws/step.ts';
import type { ErpPort } from '../../../connectors/erp/port.ts';
import { Stop } from '../../../domain/errors.ts';
import type { Head } from '../../../domain/head.ts';
import { decideAdoptDraft, decideUnexpected, extras, type Found, unexpected } from '../../../domain/protocol/index.ts';
import { cancelDraftOf } from './cancel-draft.ts';
import type { ErpDeps } from './deps.ts';

/** A person confirmed in the ERP what this order does not name: another person has to look. Throws Stop ERP_ORDER_UNEXPECTED. */
export async function mustBeExpected({ ledger }: Pick<ErpDeps, 'ledger'>, head: Head, orders: readonly Found[]): Promise<void> {
  const other = unexpected(head, orders);
  if (other?.ref !== head.unexpected) await ledger.change(head.orderKey, (current) => decideUnexpected(current, other));
  if (other) throw new Stop('ERP_ORDER_UNEXPECTED', `order ${other.number ?? other.ref} stands in the ERP under ${other.key}`);
}

/**
 * Of what stands in the ERP under the key one draft is left at most: the one that HEAD names, or a late one that it still wants. Others
 * are cancelled, each with a fact. Throws Stop ERP_ORDER_UNEXPECTED.
 */
export async function tidyUp({ ledger }: Pick<ErpDeps, 'ledger'>, call: StepCall, erp: ErpPort, head: Head, orders: readonly Found[]): Promise<Head> {
  await mustBeExpected({ ledger }, head, orders);
  const late = head.lost && orders.find(({ status, generation }) => status === 'draft' && generation === head.lost?.generation);
  let current = late ? (await ledger.change(head.orderKey, (now) => decideAdoptDraft(now, call.run, late))).head : head;
  for (const extra of extras(current, orders)) current = await cancelDraftOf({ ledger }, call, erp, current, extra.ref, false);
  return current;
}
