import type { TaxPolicy } from '../../contracts/policy.ts';

/**
 * Standard VAT rates of the European Union in percent, as of 2026 (European Commission, "VAT rates applied in the Member States";
 * the youngest changes: Finland 25.5 since September 2024, Slovakia 23 since January 2025, Estonia 24 since July 2025, Romania 21
 * since August 2025). The rules of the ERP's customers are prepared from the same table, so that both sides compute one total.
 */
const rates: Record<string, string> = {
  AT: '20',
  BE: '21',
  BG: '20',
  CY: '19',
  CZ: '21',
  DE: '19',
  DK: '25',
  EE: '24',
  ES: '21',
  FI: '25.5',
  FR: '20',
  GR: '24',
  HR: '25',
  HU: '27',
  IE: '23',
  IT: '22',
  LT: '21',
  LU: '17',
  LV: '21',
  MT: '18',
  NL: '21',
  PL: '23',
  PT: '23',
  RO: '21',
  SE: '25',
  SI: '22',
  SK: '23',
};

const sellerCountry = 'DE';

/** A German seller: its own rate at home, the buyer's rate in the rest of the EU (one-stop shop), exports at 0. */
export const vat: TaxPolicy = {
  sellerCountry,
  ossCountries: Object.keys(rates).filter((code) => code !== sellerCountry),
  rates,
};
