import type { QuoteDocument } from '../../contracts/quote.ts';
import type { Head } from './head.ts';

/** The part of a quote that decides its tax. */
export interface TaxBasis {
  readonly currency: string;
  readonly shipTo: string;
  readonly amounts: readonly string[];
}

/** Goods are taxed where they go: ship-to, else sold-to. `undefined`: no party tells a country. */
export function taxBasis(quote: QuoteDocument): TaxBasis | undefined {
  const country = (['ship-to', 'sold-to', 'bill-to'] as const)
    .map((role) => quote.parties.find((party) => party.role === role)?.address?.country)
    .find((code) => code !== undefined);
  return country === undefined
    ? undefined
    : { currency: quote.currency, shipTo: country, amounts: [...quote.lines.map((line) => line.amount), quote.shipping.freight] };
}

/** Key of the next tax document: a voided one keeps its own. */
export function nextTaxKey(head: Head): string {
  if (!head.tax) return `${head.orderKey}.T0`;
  if (head.tax.status === 'recorded') return head.tax.key;
  return `${head.orderKey}.T${Number(head.tax.key.slice(head.orderKey.length + 2)) + 1}`;
}
