import type { Milestone } from '../../../contracts/events.ts';
import type { QuoteContent, QuoteHeader } from '../../../contracts/quote.ts';

/** One record of which a vendor event says that it changed. The event is only a trigger: the record is fetched and decides. */
export interface CpqNotice {
  readonly recordId: string;
  /** The vendor's own change name, for logs: CREATE, UPDATE, GAP_UPDATE ... */
  readonly change: string;
}

/** A quote as the CPQ has it now. `status` other than accepted and withdrawn becomes a milestone; undefined is a status that nobody waits for. */
export interface CpqQuote {
  readonly header: QuoteHeader;
  readonly status: 'accepted' | 'withdrawn' | Milestone | undefined;
  /** ISO 8601, the CPQ's own stamp of the last change. */
  readonly at: string;
  readonly region: string | undefined;
  readonly businessUnit: string | undefined;
  /** Only read for an accepted quote. */
  readonly content: QuoteContent | undefined;
}

/** An order as the record of its quote shows it. Times are ISO 8601 in UTC. */
export interface OrderStatus {
  /** Of the quote: the order of a higher one takes the record over. */
  readonly revision: number;
  readonly sequence: number;
  readonly orderKey: string;
  readonly state: string;
  /** The ERP's order number. */
  readonly number: string | undefined;
  /** Why it does not go on: the code, one plain sentence, and when it is looked at again. */
  readonly waiting: { readonly code: string; readonly reason: string; readonly due: string | undefined } | undefined;
  /** When the ledger said so. */
  readonly at: string;
  /**
   * The newest that a record can show: what this ledger has said, or after a restore what it may have forgotten. Above it is what
   * somebody else wrote.
   */
  readonly newest: { readonly revision: number; readonly sequence: number };
}

/** A CPQ as Quotebridge sees it. Its functions throw `VendorError` and nothing else; every call has a deadline. */
export interface CpqPort {
  readonly vendor: string;
  /** Throws VendorError CPQ_RECORD_MISSING when the record does not exist (any more), QUOTE_INVALID when its content makes no quote. */
  fetchQuote(recordId: string): Promise<CpqQuote>;
  /**
   * Shows the order in the record of its quote, never backwards: by revision, then sequence. Not there: a CPQ that shows nothing.
   * @param read the status as the ledger has it; called after the record was read, so that what others have shown there is not above `newest`
   * @returns the status that was read, and `known` when the record shows it or something newer
   * @throws VendorError CPQ_RECORD_MISSING, CPQ_REFUSED when the record has no such fields or refuses them
   */
  writeStatus?(recordId: string, read: () => Promise<OrderStatus>): Promise<{ readonly answer: 'written' | 'known'; readonly status: OrderStatus }>;
}
