import { describe, expect, it } from 'vitest';
import { vat } from '../../config/policies/vat.ts';
import { quoteContent, quoteHeader } from '../../contracts/quote.ts';
import { round, sum, times } from '../../lambdas/domain/money.ts';
import { deliveries } from '../../local/northwind/deliveries.ts';
import { carriers, customers, products } from '../../local/northwind/master-data.ts';
import { planted } from '../../local/northwind/planted.ts';
import { quotes, renumbered } from '../../local/northwind/quotes.ts';

const KINDS = ['CUSTOMER_UNKNOWN', 'CUSTOMER_BLOCKED', 'PRODUCT_UNMAPPED', 'PRODUCT_INACTIVE', 'PRICE_OUT_OF_TOLERANCE'] as const;

describe('Northwind master data', () => {
  it('has 91 customers, 77 products and 3 carriers under distinct codes', () => {
    for (const [list, size] of [
      [customers.map((one) => one.code), 91],
      [customers.map((one) => one.account), 91],
      [products.map((one) => one.code), 77],
      [products.map((one) => one.sku), 77],
      [carriers.map((one) => one.code), 3],
    ] as const) {
      expect(new Set(list).size).toBe(size);
    }
  });

  it('differs between the two systems exactly where an exception is planted', () => {
    expect(customers.filter((one) => !one.mapped).map((one) => one.code)).toEqual([planted.unknownCustomer]);
    expect(customers.filter((one) => !one.active).map((one) => one.code)).toEqual([planted.blockedCustomer]);
    expect(products.filter((one) => !one.mapped).map((one) => one.number)).toEqual([planted.unmappedProduct]);
    expect(products.filter((one) => !one.active).map((one) => one.number)).toEqual([planted.inactiveProduct]);
    expect(products.filter((one) => one.listPrice !== one.erpListPrice).map((one) => one.number)).toEqual([planted.priceProduct]);
  });
});

describe('planted exceptions', () => {
  it.each(KINDS)('%s stands alone in one of the first 25 quotes', (kind) => {
    expect(quotes.slice(0, 25).some((quote) => quote.planted.length === 1 && quote.planted[0] === kind)).toBe(true);
  });

  it('leave at least 85 % of the first 60 quotes clean', () => {
    expect(quotes.slice(0, 60).filter((quote) => quote.planted.length > 0).length / 60).toBeLessThanOrEqual(0.15);
  });

  it('leave the first quotes clean, so that even a short run shows orders', () => {
    expect(quotes.slice(0, 6).flatMap((quote) => quote.planted)).toEqual([]);
  });
});

describe('Northwind quotes', () => {
  it('are 830 with 2155 lines, in order of their numbers, and satisfy the contract', () => {
    expect(quotes.length).toBe(830);
    expect(quotes.reduce((lines, quote) => lines + quote.content.lines.length, 0)).toBe(2155);
    expect(quotes.map((quote) => quote.orderId)).toEqual(quotes.map((quote) => quote.orderId).toSorted());
    for (const quote of quotes) {
      expect(quoteHeader.parse({ cpq: 'salesforce', ...quote.header })).toEqual({ cpq: 'salesforce', ...quote.header });
      expect(quoteContent.parse(quote.content)).toEqual(quote.content);
    }
  });

  it('have distinct record ids of 18 characters', () => {
    const ids = quotes.flatMap((quote) => [quote.header.id, ...quote.content.lines.map((line) => line.id)]);
    expect(new Set(ids).size).toBe(830 + 2155);
    expect(ids.every((id) => /^[0-9A-Za-z]{18}$/.test(id))).toBe(true);
  });

  it('can be copied under ids that no other quote or line has', () => {
    const copies = quotes.slice(0, 60).map((quote, at) => renumbered(quote, 20_000 + at));
    const ids = [...quotes, ...copies].flatMap((quote) => [quote.header.id, ...quote.content.lines.map((line) => line.id)]);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('add up: amount = quantity x net price, total = lines + freight', () => {
    for (const { header, content } of quotes) {
      for (const line of content.lines) expect(line.amount).toBe(times(line.quantity, line.netPrice));
      expect(header.total).toBe(round(sum([...content.lines.map((line) => line.amount), content.shipping.freight])));
    }
  });

  it('carry the list price of the product and the discounted price of the order in the currency of the customer', () => {
    // Order 10258 to Austria: 50 x Chang at 15.20 of 19.00 USD, 20 % discount; 0.90 EUR for one USD.
    const quote = quotes.find((one) => one.orderId === 10258);
    expect(quote?.header.currency).toBe('EUR');
    expect(quote?.content.lines[0]).toMatchObject({ listPrice: '17.1000', netPrice: '10.9440', quantity: '50', amount: '547.20' });
  });

  it("go to the country of their customer, so that a tax by ship-to and the ERP's tax by customer agree", () => {
    for (const quote of quotes) {
      const shipTo = quote.content.parties.find((party) => party.role === 'ship-to');
      expect(shipTo?.address?.country).toBe(customers.find((one) => one.code === quote.customer)?.country);
    }
  });

  it('ask for a date that is in the future until 2028', () => {
    expect(quotes.map((quote) => quote.content.shipping.requestedDate as string).toSorted()[0]).toBe('2028-07-24');
  });
});

describe('deliveries', () => {
  const ids = quotes.slice(0, 60).map((quote) => quote.header.id);

  it('name every record, a tenth of them twice', () => {
    const named = deliveries(ids).flatMap((delivery) => delivery.recordIds);
    expect(new Set(named)).toEqual(new Set(ids));
    expect(named.length).toBe(66);
  });

  it('are out of order, merge some records and hold gap events', () => {
    const plan = deliveries(ids);
    const order = plan.filter((delivery) => !delivery.repeated).map((delivery) => ids.indexOf(delivery.recordIds[0] as string));
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    expect(plan.some((delivery) => delivery.recordIds.length > 1)).toBe(true);
    expect(plan.some((delivery) => delivery.change === 'GAP_UPDATE')).toBe(true);
  });

  it('are the same for the same seed and differ for another', () => {
    expect(deliveries(ids, 7)).toEqual(deliveries(ids, 7));
    expect(deliveries(ids, 7)).not.toEqual(deliveries(ids, 8));
  });
});

describe('VAT table', () => {
  it('knows a rate for the seller and for every country of the one-stop shop', () => {
    for (const country of [vat.sellerCountry, ...vat.ossCountries]) expect(vat.rates[country]).toMatch(/^\d+(\.\d+)?$/);
    expect(vat.ossCountries.length).toBe(26);
  });
});
