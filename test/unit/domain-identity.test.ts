import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type QuoteDocument, quoteDocument } from '../../contracts/quote.ts';
import { orderKey } from '../../contracts/workflow.ts';
import { canonicalJson, contentHashOf, executionName, hashOf, orderKeyOf } from '../../lambdas/domain/identity.ts';
import { quotes } from '../../local/northwind/quotes.ts';

const parts = fc.tuple(fc.string(), fc.string(), fc.string(), fc.integer({ min: 1, max: 9999 }));

/** The same value with the keys of every object in another order. */
const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, item]) => [key, shuffled(item)]),
  );
};

describe('the key of an order', () => {
  it('is the one that ledgers hold: this may never change', () => {
    expect(orderKeyOf('acme', 'salesforce', 'q1', 1)).toBe('1W20J4CNYMP8MEYW9SJJ');
  });

  it('has 20 characters of an alphabet without I, L, O and U, as the contract says', () => {
    fc.assert(
      fc.property(parts, (quote) => {
        expect(orderKeyOf(...quote)).toMatch(/^[0-9A-HJKMNP-TV-Z]{20}$/);
        expect(orderKey.safeParse(orderKeyOf(...quote)).success).toBe(true);
      }),
    );
  });

  it('is the same for the same quote and another for any other', () => {
    fc.assert(
      fc.property(parts, parts, (a, b) => {
        expect(orderKeyOf(...a) === orderKeyOf(...b)).toBe(JSON.stringify(a) === JSON.stringify(b));
      }),
    );
  });

  it('does not take two quotes for one when their parts join to the same text', () => {
    expect(orderKeyOf('a', 'bc', 'q', 1)).not.toBe(orderKeyOf('ab', 'c', 'q', 1));
    expect(orderKeyOf('t', 'c', 'q1', 1)).not.toBe(orderKeyOf('t', 'c', 'q', 11));
    expect(orderKeyOf('t', '1:c', 'q', 1)).not.toBe(orderKeyOf('t1:', 'c', 'q', 1));
    fc.assert(
      fc.property(fc.string({ minLength: 2 }), fc.nat(), fc.nat(), (text, m, n) => {
        const [i, k] = [m % text.length, n % text.length];
        fc.pre(i !== k);
        expect(orderKeyOf(text.slice(0, i), text.slice(i), 'q', 1)).not.toBe(orderKeyOf(text.slice(0, k), text.slice(k), 'q', 1));
      }),
    );
  });

  it('names an execution together with epoch and run', () => {
    expect(executionName('KEY', 2, 7)).toBe('KEY-2-7');
  });
});

describe('content hashes', () => {
  it('are those that ledgers hold, whatever the contract has learned since', () => {
    const all = quotes.map(({ header, content }) => contentHashOf(quoteDocument.parse({ ...header, cpq: 'canonical', ...content })));
    // Over all of Northwind's quotes, as the first version of the contract had it: without family, cost and requestedBy.
    expect(createHash('sha256').update(all.join()).digest('hex')).toBe('948e20fb6c219226d4d03dbab723e0d476e60a8bb05e00e9b371c4336945678d');
  });

  const quote: QuoteDocument = {
    cpq: 'salesforce',
    id: 'q1',
    number: 'Q-0001',
    revision: 1,
    currency: 'EUR',
    total: '10.00',
    channel: 'direct',
    parties: [{ role: 'sold-to', customer: 'ACC-1', address: { country: 'DE', city: 'Berlin' } }],
    shipping: { freight: '0.00' },
    lines: [{ id: '1', product: 'P', quantity: '1', unit: 'unit', charge: 'one-time', listPrice: '10.00', netPrice: '10.00', amount: '10.00' }],
  };

  it('ignore what people call the quote', () => {
    expect(contentHashOf({ ...quote, number: 'Q-9999' })).toBe(contentHashOf(quote));
    expect(contentHashOf({ ...quote, number: undefined })).toBe(contentHashOf(quote));
  });

  it('see every change of business', () => {
    expect(contentHashOf({ ...quote, total: '10.01' })).not.toBe(contentHashOf(quote));
    expect(contentHashOf({ ...quote, parties: [] })).not.toBe(contentHashOf(quote));
    expect(contentHashOf({ ...quote, lines: [...quote.lines, ...quote.lines] })).not.toBe(contentHashOf(quote));
  });

  it('ignore the order of keys at any depth', () => {
    expect(contentHashOf(shuffled(quote) as QuoteDocument)).toBe(contentHashOf(quote));
    fc.assert(fc.property(fc.jsonValue(), (value) => hashOf(shuffled(value)) === hashOf(value)));
  });

  it('ignore fields that are undefined, but not the order of a list', () => {
    expect(hashOf({ a: 1, b: undefined })).toBe(hashOf({ a: 1 }));
    expect(hashOf([1, 2])).not.toBe(hashOf([2, 1]));
  });

  it('are over JSON that reads back as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});
