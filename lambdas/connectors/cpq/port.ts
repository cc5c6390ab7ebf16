import type { Milestone } from '../../../contracts/events.ts';
import type { QuoteContent, QuoteHeader } from '../../../contracts/quote.ts';

/** One record of which a vendor event says that it changed. The event is only a trigger: the record is fetched and decides. */
export interface CpqNotice {
  readonly recordId: string;
  /** The vendor's own change name, for logs: CREATE, UPDATE, GAP_UPDATE ... */
  readonly change: string;
}

/** A quote as the CPQ has it now. `status` other than accepted becomes a milestone; undefined is a status that nobody waits for. */
export interface CpqQuote {
  readonly header: QuoteHeader;
  readonly status: 'accepted' | Milestone | undefined;
  /** ISO 8601, the CPQ's own stamp of the last change. */
  readonly at: string;
  readonly region: string | undefined;
  readonly businessUnit: string | undefined;
  /** Only read for an accepted quote. */
  readonly content: QuoteContent | undefined;
}

/** A CPQ as Quotebridge sees it. `fetchQuote` throws `VendorError` and nothing else; every call has a deadline. */
export interface CpqPort {
  readonly vendor: string;
  /** Throws VendorError CPQ_RECORD_MISSING when the record does not exist (any more), QUOTE_INVALID when its content makes no quote. */
  fetchQuote(recordId: string): Promise<CpqQuote>;
}
