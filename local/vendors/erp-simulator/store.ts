import Big from 'big.js';
import { vat } from '../../../config/policies/vat.ts';
import { carriers, customers, products, type QuoteCurrency, rates } from '../../northwind/master-data.ts';

/** What an integration sends. The simulator keeps it as it is and gives it back. */
export interface OrderDocument {
  readonly externalId: string;
  readonly customer: string;
  readonly currency: string;
  readonly carrier: string | null;
  readonly lines: readonly { readonly product: string; readonly quantity: string; readonly unitPrice: string }[];
}

/** What a confirmed order brings about. */
interface Follower {
  readonly kind: 'shipment' | 'invoice';
  readonly number: string;
  state: 'open' | 'cancelled' | 'credited';
}

export interface Order {
  readonly id: string;
  readonly number: string;
  readonly document: OrderDocument;
  readonly total: { readonly amount: string; readonly currency: string };
  state: 'open' | 'confirmed' | 'blocked' | 'cancelled';
  reason?: string;
  followers: Follower[];
}

/** As NetSuite keeps them: a limit, an override of the hold that follows from it, and the customer above. */
interface Customer {
  readonly code: string;
  readonly country: string;
  readonly currency: string;
  active: boolean;
  /** In the customer's currency; null: none. */
  creditLimit: string | null;
  /** auto: on hold while the confirmed orders are above the limit. */
  creditHold: 'auto' | 'on' | 'off';
  parent: string | null;
}

interface Product {
  readonly code: string;
  /** USD per unit. */
  listPrice: string;
  active: boolean;
  /** false: orders with it are confirmed and then get stuck. */
  processable: boolean;
}

/** A refusal, sent as problem details (RFC 9457). */
export class Refused extends Error {
  readonly status: number;
  readonly title: string;

  constructor(status: number, title: string, detail: string) {
    super(detail);
    this.status = status;
    this.title = title;
  }
}

const HALF_UP = 1;
const FREIGHT = 'FREIGHT';

/** Northwind's master data and the orders of one ERP, in memory. Totals are its own computation: tax once per order, half up. */
export class Store {
  readonly orders: Order[] = [];
  readonly #uniqueKeys: boolean;
  readonly #byExternalId = new Map<string, Order>();
  readonly #customers = new Map(
    customers
      .filter(({ inErp }) => inErp)
      .map(({ code, country, currency, active }): [string, Customer] => [
        code,
        { code, country, currency, active, creditLimit: null, creditHold: 'auto', parent: null },
      ]),
  );
  readonly #products = new Map<string, Product>(
    [...products.filter(({ inErp }) => inErp), { code: FREIGHT, erpListPrice: '0', active: true }].map(
      ({ code, erpListPrice, active }) => [code, { code, listPrice: erpListPrice, active, processable: true }] as const,
    ),
  );

  constructor(uniqueKeys: boolean) {
    this.#uniqueKeys = uniqueKeys;
  }

  /** With what credit management works out: a hold is told, and is up to whoever sells, as with NetSuite's "Warn Only". */
  customer(code: string) {
    const { creditLimit, creditHold, currency, ...customer } = present(this.#customers.get(code), 'customer', code);
    const confirmed = this.orders.filter(({ state, document }) => document.customer === code && state === 'confirmed');
    const used = confirmed.filter(({ total }) => total.currency === currency).reduce((sum, { total }) => sum.plus(total.amount), Big(0));
    const over = creditLimit !== null && used.gt(creditLimit);
    const limit = creditLimit === null ? null : { amount: creditLimit, currency };
    const onHold = creditHold === 'on' || (creditHold === 'auto' && over);
    return { ...customer, topLevelParent: this.#topOf(code), credit: { limit, used: { amount: used.toFixed(2), currency }, onHold } };
  }

  #topOf(code: string): string {
    const parent = this.#customers.get(code)?.parent;
    return parent ? this.#topOf(parent) : code;
  }

  carrier(code: string): { code: string } {
    return {
      code: present(
        carriers.find((carrier) => carrier.code === code),
        'carrier',
        code,
      ).code,
    };
  }

  /** Unknown codes are left out. */
  prices(codes: readonly string[], currency: string) {
    return codes.flatMap((code) => {
      const { listPrice, active } = this.#products.get(code) ?? {};
      if (listPrice === undefined) return [];
      return [{ code, active, listPrice: { amount: Big(listPrice).times(rateOf(currency)).round(4, HALF_UP).toFixed(4), currency } }];
    });
  }

  /** Changes a customer, a product, an order, or a shipment or invoice by its number, as a person would in the ERP. */
  change(kind: string, code: string, fields: object): void {
    const records: Record<string, () => object | undefined> = {
      customers: () => this.#customers.get(code),
      products: () => this.#products.get(code),
      orders: () => this.order(code),
      followers: () => this.orders.flatMap(({ followers }) => followers).find(({ number }) => number === code),
    };
    Object.assign(present(records[kind]?.(), kind, code), fields);
  }

  order(id: string): Order {
    return present(
      this.orders.find((order) => order.id === id),
      'order',
      id,
    );
  }

  create(document: OrderDocument): Order {
    const taken = this.#byExternalId.get(document.externalId);
    if (taken && this.#uniqueKeys) throw new Refused(409, 'The external id is taken', `order ${taken.id}`);
    const net = document.lines.reduce((sum, line) => sum.plus(Big(line.quantity).times(line.unitPrice).round(2, HALF_UP)), Big(0));
    const tax = net
      .times(taxRate(this.customer(document.customer).country))
      .div(100)
      .round(2, HALF_UP);
    for (const { product } of document.lines) present(this.#products.get(product), 'product', product);
    rateOf(document.currency);
    if (document.carrier !== null) this.carrier(document.carrier);
    const id = String(this.orders.length + 1);
    const total = { amount: net.plus(tax).toFixed(2), currency: document.currency };
    const order: Order = { id, number: `SO-${id.padStart(5, '0')}`, document, total, state: 'open', followers: [] };
    this.orders.push(order);
    this.#byExternalId.set(document.externalId, order);
    return order;
  }

  /** Says yes, and leaves the order blocked when a product cannot be processed. A second time it tries again. */
  confirm(id: string): Order {
    const order = this.order(id);
    if (order.state === 'cancelled') throw new Refused(409, 'The order is cancelled', `order ${id}`);
    const bad = order.document.lines.find(({ product }) => !this.#products.get(product)?.processable);
    if (!bad && order.state !== 'confirmed') {
      order.followers = [
        { kind: 'shipment', number: `SH-${id.padStart(5, '0')}`, state: 'open' },
        { kind: 'invoice', number: `IN-${id.padStart(5, '0')}`, state: 'open' },
      ];
    }
    order.state = bad ? 'blocked' : 'confirmed';
    if (bad) order.reason = `product ${bad.product} has no account`;
    return order;
  }

  cancel(id: string): Order {
    const order = this.order(id);
    if (order.state === 'confirmed' || order.state === 'blocked') throw new Refused(409, 'The order is confirmed', `order ${id}`);
    order.state = 'cancelled';
    return order;
  }
}

function present<T>(record: T | undefined, kind: string, code: string): T {
  if (record === undefined) throw new Refused(404, `There is no such ${kind}`, code);
  return record;
}

function rateOf(currency: string): string {
  const rate = rates[currency as QuoteCurrency];
  if (rate === undefined) throw new Refused(422, 'The currency is not supported', currency);
  return rate;
}

const taxRate = (country: string): string =>
  country === vat.sellerCountry || vat.ossCountries.includes(country) ? (vat.rates[country] ?? '0') : '0';
