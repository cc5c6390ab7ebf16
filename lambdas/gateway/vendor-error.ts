import type { ErrorCode } from '../../contracts/errors.ts';
import type { CauseSubject } from '../../contracts/reference.ts';

/**
 * What a connector throws. `effect` is the connector's verdict on the call, and the one thing that the protocol needs to know:
 * - `not-sent`: nothing was done at the vendor, certainly (not connected, refused before work began, rolled back);
 * - `refused`: the vendor answered and said no;
 * - `unknown`: the request went out and no answer that can be trusted came back: it may have been done, or may still be done.
 */
export class VendorError extends Error {
  override readonly name = 'VendorError';
  readonly code: ErrorCode;
  readonly effect: 'not-sent' | 'refused' | 'unknown';
  /** The vendor's own words, cut to 300 characters; must hold no personal data and no secret. */
  readonly detail: string;
  /** Seconds after which the vendor asked to be called again (`Retry-After`). */
  readonly retryAfter: number | undefined;
  /** What every order of a tenant meets that comes to it, so that they wait for it together; undefined: it is about this call alone. */
  readonly shared: CauseSubject | undefined;

  constructor(
    code: ErrorCode,
    effect: 'not-sent' | 'refused' | 'unknown',
    detail: string,
    { retryAfter, shared, ...options }: ErrorOptions & Partial<Pick<VendorError, 'retryAfter' | 'shared'>> = {},
  ) {
    super(`${code}: ${detail}`, options);
    this.retryAfter = retryAfter;
    this.shared = shared;
    this.code = code;
    this.effect = effect;
    this.detail = detail.slice(0, 300).toWellFormed();
  }
}
