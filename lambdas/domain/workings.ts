import type { Money } from '../../contracts/money.ts';

/**
 * What the steps of one run work out, each stored as a document and valid for its own run only. `ref`s are opaque: the ERP's
 * connector made them and gets them back.
 */
type Ref = Readonly<Record<string, unknown>>;

/** What the ERP says of the credit of a customer; in its own currency, which may be another than the quote's. */
export interface CreditWorking {
  readonly limit: Money | undefined;
  readonly used: Money;
  readonly blocked: boolean;
}

export interface CustomerWorking {
  readonly code: string;
  readonly active: boolean;
  readonly credit?: CreditWorking | undefined;
  readonly ref: Readonly<Record<string, string | number | null>>;
}

/** One per line of the quote, in its order. */
export interface ProductsWorking {
  readonly codes: readonly string[];
}

export interface PriceWorking {
  readonly lines: readonly { readonly code: string; readonly listPrice: string; readonly ref: Ref }[];
  readonly carrier: Readonly<Record<string, string | number | null>> | undefined;
  readonly freight: Ref | undefined;
}

export interface TaxWorking {
  readonly net: string;
  readonly tax: string;
  readonly rate: string;
  readonly country: string;
}
