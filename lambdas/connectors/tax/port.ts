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
}

/**
 * A tax provider as Quotebridge sees it. Throws `VendorError` and nothing else. `record` makes an uncommitted document (AvaTax:
 * create without commit), `voidDocument` takes it back; commit comes with the invoice.
 */
export interface TaxPort {
  readonly vendor: string;
  /** Milliseconds after which a call that was sent can no longer take effect. */
  readonly vendorMaximumMs: number;
  estimate(request: TaxRequest): Promise<TaxEstimate>;
  record(request: TaxRequest): Promise<TaxDocument>;
  voidDocument(key: string): Promise<TaxDocument>;
  /** undefined: the provider has no document under this key. */
  find(key: string): Promise<TaxDocument | undefined>;
}
