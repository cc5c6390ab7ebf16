import type { QuoteDocument } from '../../../../contracts/quote.ts';
import type { StepAction, StepCall } from '../../../aws/step.ts';
import type { DraftOrder, ErpOrder, ErpPort } from '../../../connectors/erp/port.ts';
import { Stop } from '../../../domain/errors.ts';
import { mustBeAlone, mustGoForward } from '../../../domain/forward.ts';
import { type Draft, type Head, isConfirmed } from '../../../domain/head.ts';
import { hashOf } from '../../../domain/identity.ts';
import { isZero, plus, within } from '../../../domain/money.ts';
import { decideFoundConfirmed, isSold } from '../../../domain/protocol/index.ts';
import type { CustomerWorking, PriceWorking, TaxWorking } from '../../../domain/workings.ts';
import { effect } from '../../../ledger/effect.ts';
import { preparedBy, preparedHash } from '../../../ledger/prepared.ts';
import { cancelDraftOf } from './cancel-draft.ts';
import type { ErpDeps } from './deps.ts';
import { asFound, lookUp } from './found.ts';
import { tidyUp } from './tidy-up.ts';

/** Our total with tax and the ERP's may differ by this much: each rounds in its own way. */
const TAX_TOLERANCE = '0.02';

/** Of an order that differs: a person can only change or cancel it there. */
const SOLD = ', of an order that somebody has confirmed there';

/** What a draft is made from; another hash makes the draft stale (rule 4). */
const inputsOf = (head: Head): string =>
  hashOf([
    ...[head.contentHash, head.route.erp, preparedHash(head, 'customer'), preparedHash(head, 'products'), preparedHash(head, 'price')],
    ...(head.amends === undefined ? [] : [head.amends]),
  ]);

/** What people read on the order in the ERP. An amendment names the order that it amends, by the number that the ERP gave to it. */
function descriptionOf(quote: QuoteDocument, amended: Head | undefined): string {
  const name = `Quote ${quote.number ?? quote.id} revision ${quote.revision}`;
  return amended ? `${name}, amends order ${amended.order?.number ?? amended.order?.ref} (revision ${amended.quote.revision})` : name;
}

function draftOf(erp: ErpPort, head: Head, quote: QuoteDocument, description: string, customer: CustomerWorking, price: PriceWorking): DraftOrder {
  const lines = quote.lines.map((line, n) => ({
    product: price.lines[n]?.ref ?? {},
    description: line.description ?? line.product,
    quantity: line.quantity,
    unitPrice: line.netPrice,
  }));
  const freight = { product: price.freight ?? {}, description: 'Freight', quantity: '1', unitPrice: quote.shipping.freight };
  return {
    key: erp.vendorKey(head.orderKey, head.generation),
    customer: customer.ref,
    currency: quote.currency,
    description,
    shipTo: quote.parties.find((party) => party.role === 'ship-to')?.address,
    carrier: price.carrier,
    requestedDate: quote.shipping.requestedDate,
    lines,
    freight: isZero(quote.shipping.freight) ? undefined : freight,
  };
}

async function create(deps: ErpDeps, call: StepCall, erp: ErpPort, head: Head, quote: QuoteDocument, inputs: string): Promise<Head> {
  const { ledger, documents } = deps;
  const customer = await preparedBy<CustomerWorking>(documents, head, 'customer');
  const price = await preparedBy<PriceWorking>(documents, head, 'price');
  const description = descriptionOf(quote, head.amends === undefined ? undefined : await ledger.read(head.amends));
  const request = { action: 'create-draft' as const, payloadHash: inputs, settleAt: call.settleAt(erp.vendorMaximumMs) };
  return effect(ledger, head, call.run, request, async () => {
    const order = await erp.createDraft(draftOf(erp, head, quote, description, customer, price));
    const draft: Draft = { ref: order.ref, key: order.key, inputs, total: order.total };
    return { action: 'create-draft', draft };
  });
}

/** Somebody confirmed our draft in the ERP, whatever it was made from: past the pivot, and an order. @returns whether it is one */
async function adoptSold({ ledger, documents }: ErpDeps, erp: ErpPort, head: Head, quote: QuoteDocument, order: ErpOrder | undefined) {
  if (!order || !isSold(order)) return false;
  await ledger.change(head.orderKey, (current, now) => decideFoundConfirmed(current, asFound(erp, head, order), now));
  await mustBill(documents, head, quote, order, SOLD);
  return true;
}

/** @param what the ERP has of the order, where that is more than our draft */
async function mustBill(
  documents: ErpDeps['documents'],
  head: Head,
  quote: QuoteDocument,
  { total }: Pick<ErpOrder, 'total'>,
  what = '',
): Promise<void> {
  const { tax } = await preparedBy<TaxWorking>(documents, head, 'tax');
  const ours = plus(quote.total, tax);
  if (total.currency !== quote.currency || !within(ours, total.amount, TAX_TOLERANCE))
    throw new Stop('TAX_MISMATCH', `ours ${ours} ${quote.currency}, the ERP's ${total.amount} ${total.currency}${what}`);
}

/**
 * An order whose tax was never recorded has not been compared when it was confirmed: somebody did that in the ERP. It is the order; a person
 * has to know of one that will not be billed as it was quoted. Read anew each run, since the cure may be in the ERP.
 */
async function mustHaveBeenSeen({ documents, erpOf }: ErpDeps, head: Head): Promise<undefined> {
  const { order, tax, route } = head;
  if (!order || tax?.status === 'recorded' || order.differenceKnown) return;
  const now = await (await erpOf(route.erp)).readOrder(order.ref);
  await mustBill(documents, head, await documents.readQuote(head.document), now ?? order, SOLD);
}

/** What the ERP will bill must be what was quoted. Read anew each run, since the cure may be in the ERP. */
async function mustAgree(deps: ErpDeps, erp: ErpPort, head: Head, quote: QuoteDocument): Promise<void> {
  const order = head.draft && (await erp.readOrder(head.draft.ref));
  if (await adoptSold(deps, erp, head, quote, order)) return;
  if (order?.status !== 'draft') throw new Stop('ERP_DRAFT_LOST', `draft ${head.draft?.ref} is ${order?.status ?? 'gone'}`);
  await mustBill(deps.documents, head, quote, order);
}

/**
 * One draft in the ERP, made from what this run has prepared: a stale one is cancelled and made anew, extra ones are cancelled.
 * Throws Stop ERP_*, TAX_MISMATCH, PREDECESSOR_*.
 */
export const createDraft =
  (deps: ErpDeps): StepAction =>
  async (call) => {
    let { head } = call;
    if (isConfirmed(head)) return mustHaveBeenSeen(deps, head);
    mustGoForward(head);
    mustBeAlone(head, await deps.ledger.lower(head));
    const erp = await deps.erpOf(head.route.erp);
    const quote = await deps.documents.readQuote(head.document);
    const inputs = inputsOf(head);
    if (head.everUnknown) head = await tidyUp(deps, call, erp, head, await lookUp(erp, head));
    if (head.draft && head.draft.inputs !== inputs) {
      const { ref } = head.draft;
      if (await adoptSold(deps, erp, head, quote, await erp.readOrder(ref))) return;
      head = await cancelDraftOf(deps, call, erp, head, ref, true);
    }
    if (!head.draft) head = await create(deps, call, erp, head, quote, inputs);
    await mustAgree(deps, erp, head, quote);
  };
