import { vat } from '../../config/policies/vat.ts';
import type { TaxPolicy } from '../../contracts/policy.ts';
import { carriers, customers, type MasterCarrier, type MasterCustomer, type MasterProduct, products, rates } from '../northwind/master-data.ts';

/** A login of the ERP; `groups` are names of Tryton's own groups, and of the one that seed.py adds. */
export interface ErpUser {
  readonly login: string;
  readonly name: string;
  readonly groups: readonly string[];
}

/** What seed.py puts into a fresh database. Passwords are not part of it, so it can be hashed and logged. */
export interface SeedData {
  readonly company: { name: string; code: string; street: string; postalCode: string; city: string };
  readonly years: readonly number[];
  readonly currencies: readonly { code: string; name: string; symbol: string; numeric: string; rate: string }[];
  readonly countries: Readonly<Record<string, string>>;
  readonly vat: TaxPolicy;
  readonly products: readonly Pick<MasterProduct, 'code' | 'name' | 'listPrice' | 'active'>[];
  readonly carriers: readonly Pick<MasterCarrier, 'code' | 'name'>[];
  readonly customers: readonly Omit<MasterCustomer, 'account' | 'subdivision' | 'inErp' | 'mapped'>[];
  readonly users: readonly ErpUser[];
}

/**
 * The integration's own user may sell, process a sale that got stuck, and nothing else: confirming makes invoice and shipment, but
 * Tryton does that with its own rights. The clerk is the person who works in the web client and corrects master data; tests play this part.
 */
export const INTEGRATION_USER: ErpUser = { login: 'quotebridge', name: 'Quotebridge', groups: ['Sales', 'Order processing'] };
export const CLERK: ErpUser = {
  login: 'clerk',
  name: 'Sales clerk',
  groups: [
    'Sales',
    'Sales Administrator',
    'Accounting',
    'Stock',
    'Stock Force Assignment',
    'Party Administration',
    'Product Administration',
    'Account Product Administration',
  ],
};

const CURRENCIES = [
  { code: 'USD', name: 'US Dollar', symbol: '$', numeric: '840', rate: rates.USD },
  { code: 'EUR', name: 'Euro', symbol: '€', numeric: '978', rate: rates.EUR },
  { code: 'GBP', name: 'Pound Sterling', symbol: '£', numeric: '826', rate: rates.GBP },
];

const countryNames = new Intl.DisplayNames(['en'], { type: 'region' });

/** `year`: fiscal years are prepared from the year before it to the year after it. */
export function seedData(year: number): SeedData {
  const codes = [...new Set([vat.sellerCountry, ...vat.ossCountries, ...customers.map((customer) => customer.country)])].sort();
  return {
    company: { name: 'Northwind Traders', code: 'NORTHWIND', street: 'Speicherstadt 1', postalCode: '20457', city: 'Hamburg' },
    years: [year - 1, year, year + 1],
    currencies: CURRENCIES,
    countries: Object.fromEntries(codes.map((code) => [code, countryNames.of(code) ?? code])),
    vat,
    products: products
      .filter((product) => product.inErp)
      .map(({ code, name, erpListPrice, active }) => ({ code, name, listPrice: erpListPrice, active })),
    carriers: carriers.map(({ code, name }) => ({ code, name })),
    customers: customers
      .filter((customer) => customer.inErp)
      .map(({ code, name, street, city, postalCode, country, currency, active }) => ({
        code,
        name,
        street,
        city,
        postalCode,
        country,
        currency,
        active,
      })),
    users: [INTEGRATION_USER, CLERK],
  };
}
