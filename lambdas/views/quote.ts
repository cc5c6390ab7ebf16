import type { Party, QuoteDocument } from '../../contracts/quote.ts';
import type { CauseKind } from '../../contracts/reference.ts';

/** Who buys: the party that it is sold to, or the first that is named. */
export const buyerOf = ({ parties }: QuoteDocument): Party | undefined => parties.find(({ role }) => role === 'sold-to') ?? parties[0];

/** `ACC-1, Vins et alcools Chevalier, Reims, FR` */
export const partyText = ({ customer, name, address }: Party): string =>
  [customer, name, address?.city, address?.country].filter((part) => part !== undefined).join(', ');

/** What the quote says of a code that has to be mapped, for somebody who looks for the same thing in the ERP; undefined: no more than the code. */
export function meantBy(kind: CauseKind, code: string, quote: QuoteDocument): string | undefined {
  if (kind === 'customer') {
    const party = quote.parties.find(({ customer }) => customer === code);
    return party && partyText(party);
  }
  const line = kind === 'product' ? quote.lines.find(({ product }) => product === code) : undefined;
  if (!line) return undefined;
  const price = `${line.listPrice} ${quote.currency} per ${line.unit}`;
  return [line.product, line.description, line.family, price].filter((part) => part !== undefined).join(', ');
}
