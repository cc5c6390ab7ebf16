import type { TaxPolicy } from '../../../../contracts/policy.ts';
import { percentOf, round, sum } from '../../../domain/money.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import type { TaxDocument, TaxEstimate, TaxPort, TaxRequest } from '../port.ts';

/**
 * Value added tax from the table in the policy: no vendor, no network, no memory.
 *
 * What that means for the port: `estimate` and `record` compute the same tax from the same request every time, `record`'s id is made
 * of the key, and nothing is kept, so `find` always answers undefined, `voidDocument` undoes nothing and `commit` makes nothing final:
 * of what they do not know they say a tax of 0. The document lives in the ledger alone. Looking for a lost answer therefore says "not there", and recording again is right.
 */
export function createVatTable(policy: TaxPolicy): TaxPort {
  return {
    vendor: 'vat-table',
    vendorMaximumMs: 0,
    keepsDocuments: false,
    estimate: async (request) => estimate(policy, request),
    record: async (request) => ({ id: idOf(request.key), tax: estimate(policy, request).tax, status: 'recorded', committed: false }),
    voidDocument: async (key): Promise<TaxDocument> => ({ id: idOf(key), tax: '0.00', status: 'voided', committed: false }),
    commit: async (key): Promise<TaxDocument> => ({ id: idOf(key), tax: '0.00', status: 'recorded', committed: true }),
    find: async () => undefined,
  };
}

const idOf = (key: string): string => `VAT-${key}`;

function estimate(policy: TaxPolicy, { shipTo, amounts }: TaxRequest): TaxEstimate {
  const rate = rateFor(policy, shipTo);
  const net = sum(amounts);
  // Once per document, not per line: an ERP that rounds lines would differ by cents (Tryton rounds per document too).
  return { net: round(net), tax: percentOf(net, rate), rate, country: shipTo };
}

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** At home and in the one-stop shop the rate of the destination, elsewhere 0: an export. A code that is no country is not an export. */
function rateFor(policy: TaxPolicy, country: string): string {
  const taxed = country === policy.sellerCountry || policy.ossCountries.includes(country);
  const rate = taxed ? policy.rates[country] : regionExists(country) ? '0' : undefined;
  if (rate === undefined) {
    const shared = { erp: 'tax', kind: 'country', code: country } as const;
    throw new VendorError('TAX_COUNTRY_UNKNOWN', 'refused', `no tax rate is known for "${country}"`, { shared });
  }
  return rate;
}

/** ZZ is ICU's code for "unknown region". */
const regionExists = (code: string): boolean => /^[A-Z]{2}$/.test(code) && code !== 'ZZ' && regions.of(code) !== undefined;
