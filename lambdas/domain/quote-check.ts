import type { QuoteDocument } from '../../contracts/quote.ts';
import { plus, sum, times, within } from './money.ts';
import { Rejected } from './rejected.ts';

/** What an ERP can hold as a price: at most 4 decimals, not negative. */
const PRICE = /^\d+(\.\d{1,4})?$/;
/** A cent: producers round line by line. */
const CENT = '0.01';

/** What a schema cannot say: the amounts add up, the unit prices are ones an ERP can hold. Throws Rejected QUOTE_INVALID. */
export function mustAddUp(quote: QuoteDocument): void {
  const ids = new Set(quote.lines.map((line) => line.id));
  if (ids.size < quote.lines.length) throw new Rejected('QUOTE_INVALID', 'lines: two lines have the same id');
  const roles = new Set(quote.parties.map((party) => party.role));
  if (roles.size < quote.parties.length) throw new Rejected('QUOTE_INVALID', 'parties: two parties have the same role');
  if (!PRICE.test(quote.shipping.freight)) throw new Rejected('QUOTE_INVALID', 'shipping.freight has more than 4 decimals or is negative');
  for (const line of quote.lines) {
    if (Number(line.quantity) <= 0) throw new Rejected('QUOTE_INVALID', `line ${line.id}: quantity is not above zero`);
    if (!PRICE.test(line.netPrice)) throw new Rejected('QUOTE_INVALID', `line ${line.id}: netPrice has more than 4 decimals or is negative`);
    if (!within(times(line.quantity, line.netPrice), line.amount, CENT)) {
      throw new Rejected('QUOTE_INVALID', `line ${line.id}: amount is not quantity x netPrice`);
    }
  }
  const lines = sum(quote.lines.map((line) => line.amount));
  if (!within(plus(lines, quote.shipping.freight), quote.total, CENT))
    throw new Rejected('QUOTE_INVALID', 'total is not the sum of lines and freight');
}
