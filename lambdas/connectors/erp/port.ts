import type { Money } from '../../../contracts/money.ts';
import type { Address } from '../../../contracts/quote.ts';

/** What the credit management of an ERP says of a customer: NetSuite's credit limit and hold, Business Central's credit limit and Blocked. */
export interface ErpCredit {
  /** undefined: no limit is set. */
  readonly limit: Money | undefined;
  /** Open orders and invoices. */
  readonly used: Money;
  /** The ERP holds back orders of this customer, whatever the amounts say. */
  readonly blocked: boolean;
}

/** What a draft needs of a customer, as the ERP names it. `ref` is opaque to everybody but the connector that made it. */
export interface ErpCustomer {
  readonly code: string;
  readonly active: boolean;
  /** undefined: `keeps.credit` is false. */
  readonly credit?: ErpCredit | undefined;
  /** Code of the customer at the top of its hierarchy, its own if it stands alone; undefined: `keeps.hierarchy` is false. */
  readonly top?: string | undefined;
  readonly ref: Readonly<Record<string, string | number | null>>;
}

/** A product as it would be sold to one customer in one currency. `listPrice` is per unit, before discount, without tax. */
export interface ErpProduct {
  readonly code: string;
  readonly active: boolean;
  readonly listPrice: Money | undefined;
  readonly ref: Readonly<Record<string, unknown>>;
}

export interface ErpCarrier {
  readonly code: string;
  readonly ref: Readonly<Record<string, string | number | null>>;
}

export interface DraftLine {
  readonly product: ErpProduct['ref'];
  readonly description: string;
  readonly quantity: string;
  readonly unitPrice: string;
}

/** Everything that `createDraft` writes; money is in `currency`. */
export interface DraftOrder {
  /** The ERP's external-id field: `vendorKey(orderKey, generation)`. */
  readonly key: string;
  readonly customer: ErpCustomer['ref'];
  readonly currency: string;
  readonly description: string;
  readonly shipTo: Address | undefined;
  readonly carrier: ErpCarrier['ref'] | undefined;
  readonly requestedDate: string | undefined;
  readonly lines: readonly DraftLine[];
  /** Freight stands on the order as a line of its own; undefined when it is zero. */
  readonly freight: DraftLine | undefined;
}

export interface ErpOrder {
  /** The ERP's id of the document. */
  readonly ref: string;
  /** What stands in its external-id field. */
  readonly key: string;
  readonly number: string | undefined;
  /** stuck: confirmed, but the ERP could not process it (Tryton's state `confirmed`). */
  readonly status: 'draft' | 'confirmed' | 'stuck' | 'cancelled';
  /** With tax, as the ERP computed it. */
  readonly total: Money;
}

/**
 * An ERP as Quotebridge sees it. Every method throws `VendorError` and nothing else; a vendor's strange success (HTTP 200 with an
 * error in it) is an exception before it leaves the connector. Every call has a deadline above the vendor's own maximum.
 */
export interface ErpPort {
  readonly vendor: string;
  /**
   * native: the ERP itself refuses a second document with the same key, and the connector answers with the first one, if that has the same
   * content, else with KEY_COLLISION. lookup: it takes as many as it gets, so we have to look first.
   */
  readonly uniqueness: 'native' | 'lookup';
  /** What this ERP, as it is set up, knows of its customers beside whether they are active; where it knows nothing, nothing is checked. */
  readonly keeps: { readonly credit: boolean; readonly hierarchy: boolean };
  /** Milliseconds after which a call that was sent can no longer take effect (rule 2: settle time). */
  readonly vendorMaximumMs: number;
  /** Code of the product that carries freight. */
  readonly freightProduct: string;
  vendorKey(orderKey: string, generation: number): string;
  /** undefined: the ERP has no such customer. */
  findCustomer(code: string): Promise<ErpCustomer | undefined>;
  /** In the order of `codes`; undefined where the ERP has no such product, inactive ones with `active: false`. */
  findProducts(codes: readonly string[], customer: ErpCustomer, currency: string): Promise<(ErpProduct | undefined)[]>;
  findCarrier(code: string): Promise<ErpCarrier | undefined>;
  /** All documents under the key of this order, of every generation, oldest first. */
  findOrders(orderKey: string): Promise<ErpOrder[]>;
  readOrder(ref: string): Promise<ErpOrder | undefined>;
  createDraft(draft: DraftOrder): Promise<ErpOrder>;
  /** Confirms and reads back: the answer's status is `confirmed`, or `stuck`. Already confirmed is success. Confirming a stuck order tries to process it again and throws ERP_ORDER_STUCK with the ERP's reason. */
  confirm(ref: string): Promise<ErpOrder>;
  /** Already cancelled is success; a confirmed order is `refused`. */
  cancelDraft(ref: string): Promise<ErpOrder>;
  /**
   * What the ERP still has in force of a confirmed order, each in a few words for a person: shipments that are not cancelled, invoices that
   * are neither cancelled nor credited. Empty: the ERP has reversed the order, in its own way, and nothing will come of it by itself.
   */
  inForce(ref: string): Promise<string[]>;
}
