import { describe, expect, it } from 'vitest';
import { vat } from '../../../config/policies/vat.ts';
import { createVatTable } from '../../../lambdas/connectors/tax/vat-table/index.ts';
import { quotes } from '../../../local/northwind/quotes.ts';

const tax = createVatTable(vat);
const request = (shipTo: string, ...amounts: string[]) => ({ key: 'KEY', currency: 'EUR', shipTo, amounts });

describe('VAT table', () => {
  it.each([
    ['DE', '19', '19.00'],
    ['FR', '20', '20.00'],
    ['FI', '25.5', '25.50'],
    ['SE', '25', '25.00'],
  ])("taxes a sale to %s at the destination's own rate", async (country, rate, expected) => {
    expect(await tax.estimate(request(country, '100.00'))).toEqual({ net: '100.00', tax: expected, rate, country });
  });

  it.each(['US', 'CH', 'GB', 'NO', 'BR'])('taxes an export to %s at 0', async (country) => {
    expect(await tax.estimate(request(country, '100.00', '7.50'))).toEqual({ net: '107.50', tax: '0.00', rate: '0', country });
  });

  it('rounds once per document and half up', async () => {
    // 3 x 0.13 x 0.19: 0.0247 a line would make 0.06; the document has 0.0741.
    expect((await tax.estimate(request('DE', '0.13', '0.13', '0.13'))).tax).toBe('0.07');
    // 0.50 x 0.19 = 0.095
    expect((await tax.estimate(request('DE', '0.50'))).tax).toBe('0.10');
  });

  it.each(['XX', 'ZZ', 'Germany', ''])('refuses "%s", which is no country', async (country) => {
    await expect(tax.estimate(request(country, '1.00'))).rejects.toMatchObject({ code: 'TAX_COUNTRY_UNKNOWN', effect: 'refused' });
  });

  it('refuses a country of the one-stop shop without a rate instead of taking it for an export', async () => {
    const { FR: _, ...rates } = vat.rates;
    await expect(createVatTable({ ...vat, rates }).record(request('FR', '1.00'))).rejects.toMatchObject({
      code: 'TAX_COUNTRY_UNKNOWN',
      shared: { erp: 'tax', kind: 'country', code: 'FR' },
    });
  });

  it('records the estimated tax under an id of the key, the same when it is asked again', async () => {
    const first = await tax.record(request('AT', '10.00'));
    expect(first).toEqual({ id: 'VAT-KEY', tax: '2.00', status: 'recorded', committed: false });
    expect(await tax.record(request('AT', '10.00'))).toEqual(first);
  });

  it('keeps nothing: no document is found and voiding is always possible', async () => {
    await tax.record(request('AT', '10.00'));
    expect(await tax.find('KEY')).toBeUndefined();
    expect(await tax.voidDocument('KEY')).toMatchObject({ id: 'VAT-KEY', status: 'voided' });
  });

  it('knows a rate for every Northwind quote', async () => {
    for (const { header, content } of quotes) {
      const shipTo = content.parties.find((party) => party.role === 'ship-to')?.address?.country ?? '';
      const amounts = [...content.lines.map((line) => line.amount), content.shipping.freight];
      expect((await tax.estimate({ key: header.id, currency: header.currency, shipTo, amounts })).net).toBe(header.total);
    }
  });
});
