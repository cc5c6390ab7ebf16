/** One taxed amount: what is sold (net, decimal string in the currency of the request) and to which country it goes. */
export interface TaxRequest {
  readonly key: string;
  readonly currency: string;
  readonly shipTo: string;
  /** Net amounts of lines and freight. */
  readonly amounts: readonly string[];
}

export interface TaxEstimate {
  readonly net: string;
  /** Rounded to the cent per document, half up. */
  readonly tax: string;
  /** Percent. */
  readonly rate: string;
  readonly country: string;
}

export interface TaxDocument {
  readonly id: string;
  readonly tax: string;
  readonly status: 'recorded' | 'voided';
  /** Final: it will be reported to the tax authority. */
  readonly committed: boolean;
}

/**
 * A tax provider as Quotebridge sees it. Throws `VendorError` and nothing else; what it refuses it has not done. `record` makes an
 * uncommitted document (AvaTax: create without commit), `voidDocument` takes it back. It is committed when the invoice is posted, not at
 * order time, for then it will change no more.
 *
 * To take back a committed document is another act, and none of this port: it belongs to the credit note. AvaTax voids a committed
 * transaction (`POST .../void`, code `DocVoided`) only until it was reported and so locked; after that it takes a refund transaction
 * (`POST .../refund`). Which of the two is right depends on what finance has done with the invoice, so `voidDocument` refuses.
 */
export interface TaxPort {
  readonly vendor: string;
  /** Milliseconds after which a call that was sent can no longer take effect. */
  readonly vendorMaximumMs: number;
  /** false: it computes and keeps nothing; the ledger alone has the document, and `find` never finds one. */
  readonly keepsDocuments: boolean;
  estimate(request: TaxRequest): Promise<TaxEstimate>;
  /** The same request again is the same document. */
  record(request: TaxRequest): Promise<TaxDocument>;
  /** Already voided is success; a committed document is `refused`, TAX_REFUSED. */
  voidDocument(key: string): Promise<TaxDocument>;
  /** Already committed is success; a voided document is `refused`, TAX_REFUSED. */
  commit(key: string): Promise<TaxDocument>;
  /** undefined: the provider has no document under this key. */
  find(key: string): Promise<TaxDocument | undefined>;
}
