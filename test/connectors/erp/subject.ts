import type { ErpPort } from '../../../lambdas/connectors/erp/port.ts';
import type { ConnectorOptions } from '../../../lambdas/connectors/erp/session.ts';
import type { createFaults } from '../../../local/vendors/faults.ts';

/** An order as its ERP holds it, read past the connector. */
export interface HeldOrder {
  readonly carrier: string | null;
  readonly lines: readonly { readonly product: string; readonly quantity: string; readonly unitPrice: string }[];
  readonly shipTo: { readonly street: string; readonly city: string };
}

/** An ERP under the conformance suite: a connector that reaches it through a fault proxy, and what a person may do in it. */
export interface Subject {
  connect(options?: ConnectorOptions, password?: string): ErpPort;
  readonly faults: ReturnType<typeof createFaults>;
  /** The method that takes effect, as the fault proxy names it. */
  readonly methods: { readonly create: string; confirm(ref: string): string; cancel(ref: string): string };
  setCustomerActive(code: string, active: boolean): Promise<void>;
  setProductActive(code: string, active: boolean): Promise<void>;
  setListPrice(code: string, price: string): Promise<void>;
  /** Whether orders with this product can be processed after they are confirmed. */
  setProcessable(product: string, processable: boolean): Promise<void>;
  /** Left out where the ERP keeps none. */
  credit?(customer: string, limit: string | null, hold: 'auto' | 'on' | 'off'): Promise<void>;
  parent?(customer: string, parent: string | null): Promise<void>;
  expireSessions(): Promise<void>;
  held(ref: string): Promise<HeldOrder>;
  /** While the ERP cannot begin what is asked of it for longer than its maximum. @param key of the order that is made meanwhile */
  whileBusy<T>(key: string, what: () => Promise<T>): Promise<T>;
  /** What a person does who takes a confirmed order back, in the ERP's own way. */
  cancelShipments(ref: string): Promise<void>;
  cancelInvoices(ref: string): Promise<void>;
  /** The same for one that got stuck. */
  cancelStuck(ref: string): Promise<void>;
  stop(): Promise<void>;
}
