import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QuoteDocument } from '../../contracts/quote.ts';
import { isZero, percentOf, plus, round, sum, times, within } from '../../lambdas/domain/money.ts';
import { mustAddUp } from '../../lambdas/domain/quote-check.ts';
import { Rejected } from '../../lambdas/domain/rejected.ts';
import { routeOf } from '../../lambdas/domain/route.ts';
import { nextTaxKey, taxBasis } from '../../lambdas/domain/tax.ts';
import { outOfTolerance } from '../../lambdas/domain/tolerance.ts';
import { accepted, KEY, recorded } from './domain-fixtures.ts';

/** Cents as text: `123` is `1.23`. */
const decimal = fc
  .integer({ min: -1_000_000_000, max: 1_000_000_000 })
  .map((cents) => `${cents < 0 ? '-' : ''}${Math.floor(Math.abs(cents) / 100)}.${String(Math.abs(cents) % 100).padStart(2, '0')}`);

describe('money', () => {
  it.each([
    ['1.005', '1.01'],
    ['1.004', '1.00'],
    ['-1.005', '-1.01'],
    ['2.675', '2.68'],
    ['0.1', '0.10'],
    ['999999999999999.995', '1000000000000000.00'],
  ])('%s rounds half up to %s', (value, rounded) => {
    expect(round(value)).toBe(rounded);
  });

  it('rounds prices to the digits that are asked for', () => {
    expect(round('2.34565', 4)).toBe('2.3457');
    expect(times('3', '2.3456', 2)).toBe('7.04');
    expect(percentOf('99.99', '19')).toBe('19.00');
  });

  it('a sum does not depend on the order, nor on how it is split', () => {
    fc.assert(
      fc.property(fc.array(decimal), fc.nat(), (values, n) => {
        const at = values.length === 0 ? 0 : n % values.length;
        expect(sum([...values].reverse())).toBe(sum(values));
        expect(plus(sum(values.slice(0, at)), sum(values.slice(at)))).toBe(sum(values));
      }),
    );
  });

  it('adds cents exactly, where floats do not', () => {
    expect(sum(['0.1', '0.2'])).toBe('0.3');
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 10 ** 9 }), { minLength: 1 }), (cents) => {
        const total = cents.reduce((a, b) => a + b, 0);
        expect(round(sum(cents.map((each) => `${Math.floor(each / 100)}.${String(each % 100).padStart(2, '0')}`)))).toBe(
          `${Math.floor(total / 100)}.${String(total % 100).padStart(2, '0')}`,
        );
      }),
    );
  });

  it('within holds at the bound, on both sides, and not beyond', () => {
    expect(within('10.00', '10.02', '0.02')).toBe(true);
    expect(within('10.02', '10.00', '0.02')).toBe(true);
    expect(within('10.00', '10.03', '0.02')).toBe(false);
    fc.assert(fc.property(decimal, decimal, (a, b) => within(a, b, '0.05') === within(b, a, '0.05')));
  });

  it('zero is zero however it is written', () => {
    expect(['0', '0.00', '-0', '0.000001'].map(isZero)).toEqual([true, true, true, false]);
  });
});

describe('price tolerance', () => {
  const tolerance = { absolute: '0.05', relative: '0.01' };
  it.each<[string, string | undefined, boolean, string]>([
    ['10.05', '10.00', false, 'at the absolute bound'],
    ['10.06', '10.00', false, 'within the relative bound'],
    ['10.10', '10.00', false, 'at the relative bound'],
    ['10.11', '10.00', true, 'past both'],
    ['9.89', '10.00', true, 'past both, below'],
    ['0.14', '0.10', false, 'small prices: the absolute bound decides'],
    ['0.01', '0.00', false, 'the ERP gives it away, and so nearly do we'],
    ['0.06', '0.00', true, 'the ERP gives it away, we do not'],
    ['10.00', undefined, true, 'the ERP has no price'],
  ])('%s in the quote, %s in the ERP: %s (%s)', (quoted, erp, out) => {
    expect(outOfTolerance(quoted, erp, tolerance)).toBe(out);
  });
});

const line = {
  id: '1',
  product: 'P',
  quantity: '3',
  unit: 'unit',
  charge: 'one-time' as const,
  listPrice: '4.00',
  netPrice: '3.3333',
  amount: '10.00',
};
const party = (role: 'sold-to' | 'ship-to' | 'bill-to' | 'payer', country?: string) => ({
  role,
  customer: 'ACC',
  ...(country && { address: { country } }),
});
const quote: QuoteDocument = {
  cpq: 'c',
  id: 'q',
  revision: 1,
  currency: 'EUR',
  total: '15.00',
  channel: 'direct',
  parties: [party('sold-to', 'DE')],
  shipping: { freight: '5.00' },
  lines: [line],
};

describe('tax basis', () => {
  it('is every line and the freight, in the currency of the quote', () => {
    expect(taxBasis(quote)).toEqual({ currency: 'EUR', shipTo: 'DE', amounts: ['10.00', '5.00'] });
  });

  it.each<[QuoteDocument['parties'], string | undefined, string]>([
    [[party('sold-to', 'DE'), party('ship-to', 'FR')], 'FR', 'where the goods go'],
    [[party('ship-to'), party('sold-to', 'DE'), party('bill-to', 'AT')], 'DE', 'else the buyer'],
    [[party('bill-to', 'AT')], 'AT', 'else who gets the bill'],
    [[party('payer', 'CH')], undefined, 'never who pays'],
    [[party('sold-to')], undefined, 'nobody tells'],
  ])('%#: country %s (%s)', (parties, country) => {
    expect(taxBasis({ ...quote, parties })?.shipTo).toBe(country);
  });

  it('a voided document keeps its key: the next one gets another', () => {
    expect(nextTaxKey(accepted)).toBe(`${KEY}.T0`);
    expect(nextTaxKey({ ...accepted, tax: recorded })).toBe(`${KEY}.T0`);
    expect(nextTaxKey({ ...accepted, tax: { ...recorded, status: 'voided' } })).toBe(`${KEY}.T1`);
    expect(nextTaxKey({ ...accepted, tax: { ...recorded, key: `${KEY}.T10`, status: 'voided' } })).toBe(`${KEY}.T11`);
  });
});

describe('routing', () => {
  const cpq = { vendor: 'canonical' as const, region: 'EU', businessUnit: 'main' };
  const routes = [
    { region: 'US', businessUnit: 'spare', erp: 'spare-us' },
    { region: 'US', businessUnit: '*', erp: 'us' },
    { region: '*', businessUnit: 'main', erp: 'main' },
  ];
  const tenant = { cpqs: { c: cpq }, routes, tolerance: { absolute: '0', relative: '0' } };
  it.each([
    ['US', 'spare', 'spare-us'],
    ['US', 'main', 'us'],
    ['AP', 'main', 'main'],
    [undefined, undefined, 'main'],
    ['AP', 'spare', undefined],
  ])('region %s, business unit %s: %s, the first that fits', (region, unit, erp) => {
    expect(routeOf(tenant, 'c', region, unit)?.erp).toBe(erp);
  });

  it('pins the defaults of the connection where the quote names none', () => {
    expect(routeOf(tenant, 'c', undefined, undefined)).toEqual({ region: 'EU', businessUnit: 'main', erp: 'main' });
  });

  it('an unknown tenant or connection has no route', () => {
    expect(routeOf(undefined, 'c', 'US', 'main')).toBeUndefined();
    expect(routeOf(tenant, 'another', 'US', 'main')).toBeUndefined();
  });
});

describe('a quote must add up', () => {
  it('within a cent for each line and for the total', () => {
    expect(() => mustAddUp(quote)).not.toThrow();
    expect(() => mustAddUp({ ...quote, total: '15.01' })).not.toThrow();
    expect(() => mustAddUp({ ...quote, lines: [{ ...line, amount: '10.01' }] })).not.toThrow();
  });

  it.each<[string, Partial<QuoteDocument>]>([
    ['total', { total: '15.02' }],
    ['total', { shipping: { freight: '5.02' } }],
    ['amount', { lines: [{ ...line, amount: '10.02' }], total: '15.02' }],
    ['netPrice', { lines: [{ ...line, netPrice: '3.33333' }] }],
    ['netPrice', { lines: [{ ...line, netPrice: '-3.3333', amount: '-10.00' }] }],
    ['same id', { lines: [line, line], total: '25.00' }],
    ['quantity', { lines: [{ ...line, quantity: '0', amount: '0.00' }], total: '5.00' }],
    ['quantity', { lines: [{ ...line, quantity: '-3', amount: '-10.00' }], total: '-5.00' }],
    ['freight', { shipping: { freight: '-5.00' }, total: '5.00' }],
    ['freight', { shipping: { freight: '5.00001' } }],
    ['same role', { parties: [...quote.parties, ...quote.parties] }],
  ])('else it is refused and says: %s', (says, patch) => {
    const check = () => mustAddUp({ ...quote, ...patch });
    expect(check).toThrow(Rejected);
    expect(check).toThrow(says);
  });
});
