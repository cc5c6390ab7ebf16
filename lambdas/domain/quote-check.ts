import type { QuoteDocument } from '../../contracts/quote.ts';
import { plus, sum, times, within } from './money.ts';
import { Rejected } from './rejected.ts';

/** A cent: producers round line by line. */
const CENT = '0.01';

/** What a schema cannot say: the amounts add up, the unit prices are ones an ERP can hold. Throws Rejected QUOTE_INVALID. */
export function mustAddUp(quote: QuoteDocument): void {
  const ids = new Set(quote.lines.map((line) => line.id));
  if (ids.size < quote.lines.length) throw new Rejected('QUOTE_INVALID', 'lines: two lines have the same id');
  for (const line of quote.lines) {
    if (!/^\d+(\.\d{1,4})?$/.test(line.netPrice))
      throw new Rejected('QUOTE_INVALID', `line ${line.id}: netPrice has more than 4 decimals or is negative`);
    if (!within(times(line.quantity, line.netPrice), line.amount, CENT)) {
      throw new Rejected('QUOTE_INVALID', `line ${line.id}: amount is not quantity x netPrice`);
    }
  }
  const lines = sum(quote.lines.map((line) => line.amount));
  if (!within(plus(lines, quote.shipping.freight), quote.total, CENT))
    throw new Rejected('QUOTE_INVALID', 'total is not the sum of lines and freight');
}
