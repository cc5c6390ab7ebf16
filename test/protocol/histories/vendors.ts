import type { DraftOrder, ErpOrder, ErpPort } from '../../../lambdas/connectors/erp/port.ts';
import type { TaxDocument, TaxPort } from '../../../lambdas/connectors/tax/port.ts';
import { createVatTable } from '../../../lambdas/connectors/tax/vat-table/index.ts';
import { percentOf, plus, sum, times } from '../../../lambdas/domain/money.ts';
import { VendorError } from '../../../lambdas/gateway/vendor-error.ts';
import type { Process, Scheduler } from './scheduler.ts';

/** What a vendor still has to do wrong in this history. */
export interface Faults {
  /** It does what was asked and the answer is lost. */
  lost: number;
  /** As lost, but it does it late, while the call can still land. */
  late: number;
  /** It says no. */
  refused: number;
  /** It was not reached, or is too busy. */
  unsent: number;
}

/** Share of the calls that go wrong while something is left to go wrong. */
const SHARE = 0.12;
export const VENDOR_MAXIMUM_MS = 2000;

interface Outside {
  /** It says that a call was not sent although it was done: what a connector may never do. */
  readonly lies?: boolean;
  readonly scheduler: Scheduler;
  readonly faults: Faults;
}

/** One writing call of a process, which may go wrong. `until`: the function that calls is killed then. */
async function call<Answer>({ scheduler, faults, lies }: Outside, process: Process, until: number, perform: () => Answer): Promise<Answer> {
  await scheduler.gate(process);
  const kinds = (['lost', 'late', 'refused', 'unsent'] as const).filter((kind) => faults[kind] > 0);
  const kind = scheduler.chance(SHARE) ? kinds[scheduler.draw(kinds.length)] : undefined;
  if (kind) faults[kind] -= 1;
  if (kind === 'refused') throw new VendorError('ERP_REFUSED', 'refused', 'no');
  if (kind === 'unsent')
    throw scheduler.chance(0.5) ? new VendorError('ERP_BUSY', 'not-sent', 'busy') : new VendorError('ERP_UNAVAILABLE', 'not-sent', 'away');
  if (kind === 'late') {
    const now = scheduler.now().getTime();
    scheduler.at(now + scheduler.draw(Math.max(1, until + VENDOR_MAXIMUM_MS - now)), () => quietly(perform));
    throw new VendorError('ERP_ANSWER_UNKNOWN', 'unknown', 'no answer');
  }
  const answer = perform();
  if (kind === 'lost' && lies) throw new VendorError('ERP_BUSY', 'not-sent', 'busy');
  if (kind === 'lost') throw new VendorError('ERP_ANSWER_UNKNOWN', 'unknown', 'no answer');
  await scheduler.gate(process);
  return answer;
}

/** A call that lands late may be refused; nobody hears of it. */
function quietly(perform: () => unknown): void {
  try {
    perform();
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
  }
}

const RATE = '19';

export interface Document extends ErpOrder {
  readonly orderKey: string;
  /** The instance that holds it. */
  readonly erp: string;
}

/** What an ERP takes, or does not: orders of the customer, which is a question for all of them, or each order. */
export type Sells = 'all' | 'not to the customer' | 'nothing';

/** ERP instances in memory that do not know unique keys: whoever creates twice has two. What they hold is what is counted in the end. */
export function createErp(outside: Outside) {
  const documents: Document[] = [];
  const sells = new Map<string, Sells>();
  /** Orders that a person took back in the ERP, in its own way. */
  const reversed = new Set<string>();
  const set = (erp: string, ref: string, status: ErpOrder['status']): ErpOrder => {
    const at = documents.findIndex((document) => document.ref === ref && document.erp === erp);
    const document = documents[at];
    if (!document) throw new VendorError('ERP_REFUSED', 'refused', `no order ${ref} in ${erp}`);
    documents[at] = { ...document, status, number: status === 'confirmed' ? `S${ref}` : undefined };
    return documents[at];
  };
  const of = (erp: string, ref: string) => documents.find((document) => document.ref === ref && document.erp === erp);
  const create = (erp: string, draft: DraftOrder): ErpOrder => {
    if (sells.get(erp) === 'nothing') throw new VendorError('ERP_REFUSED', 'refused', 'nothing is sold');
    const net = sum([...draft.lines, ...(draft.freight ? [draft.freight] : [])].map((line) => times(line.quantity, line.unitPrice)));
    const total = { amount: plus(net, percentOf(net, RATE)), currency: draft.currency };
    const ref = String(documents.length + 1);
    documents.push({ ref, key: draft.key, number: undefined, status: 'draft', total, orderKey: draft.key.split('.')[0] ?? '', erp });
    return documents.at(-1) as Document;
  };
  const confirm = (erp: string, ref: string): ErpOrder => {
    if (of(erp, ref)?.status === 'cancelled') throw new VendorError('ERP_REFUSED', 'refused', 'the order is cancelled');
    return set(erp, ref, 'confirmed');
  };
  const cancel = (erp: string, ref: string): ErpOrder => {
    if (of(erp, ref)?.status === 'confirmed') throw new VendorError('ERP_REFUSED', 'refused', 'the order is confirmed');
    return set(erp, ref, 'cancelled');
  };
  const read = async <Answer>(process: Process, answer: () => Answer): Promise<Answer> => {
    await outside.scheduler.gate(process);
    return answer();
  };
  /** As one invocation sees an instance, which is killed at `until`. */
  const portOf = (erp: string, process: Process, until: () => number): ErpPort => ({
    vendor: 'memory',
    uniqueness: 'lookup',
    keeps: { credit: false, hierarchy: false },
    vendorMaximumMs: VENDOR_MAXIMUM_MS,
    freightProduct: 'FREIGHT',
    vendorKey: (orderKey, generation) => `${orderKey}.${generation}`,
    findCustomer: (code) => read(process, () => ({ code, active: sells.get(erp) !== 'not to the customer', ref: { code } })),
    findProducts: (codes, _customer, currency) =>
      read(process, () => codes.map((code) => ({ code, active: true, listPrice: { amount: '10.00', currency }, ref: { code } }))),
    findCarrier: (code) => read(process, () => ({ code, ref: { code } })),
    findOrders: (orderKey) => read(process, () => documents.filter((document) => document.orderKey === orderKey && document.erp === erp)),
    readOrder: (ref) => read(process, () => of(erp, ref)),
    createDraft: (draft) => call(outside, process, until(), () => create(erp, draft)),
    confirm: (ref) => call(outside, process, until(), () => confirm(erp, ref)),
    inForce: (ref) => read(process, () => (of(erp, ref) && !reversed.has(ref) ? ['shipment 1'] : [])),
    cancelDraft: (ref) => call(outside, process, until(), () => cancel(erp, ref)),
  });
  return { documents, portOf, reversed, sell: (erp: string, to: Sells) => void sells.set(erp, to) };
}

/** A tax provider in memory that keeps its documents. */
export function createTax(outside: Outside) {
  const documents = new Map<string, TaxDocument>();
  const table = createVatTable({ sellerCountry: 'DE', ossCountries: [], rates: { DE: RATE } });
  const portOf = (process: Process, until: () => number): TaxPort => ({
    ...table,
    vendorMaximumMs: VENDOR_MAXIMUM_MS,
    record: async (request) => {
      const document = await table.record(request);
      return call(outside, process, until(), () => {
        documents.set(request.key, documents.get(request.key) ?? document);
        return documents.get(request.key) as TaxDocument;
      });
    },
    voidDocument: async (key) => {
      const document = await table.voidDocument(key);
      return call(outside, process, until(), () => {
        documents.set(key, document);
        return document;
      });
    },
    find: async (key) => {
      await outside.scheduler.gate(process);
      return documents.get(key);
    },
  });
  return { documents, portOf };
}
