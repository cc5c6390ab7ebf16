import type { VendorAnswer } from '../../../gateway/call.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';

/**
 * Tryton answers a failed call with HTTP 200 and `error`: `["UserError", [message, description, domain]]`, the same with UserWarning
 * and ConcurrencyException, or two texts for what its code did not expect (unknown model or field). Its transaction is rolled back in
 * every case, so nothing was done.
 */
export function refusal(error: unknown): VendorError {
  const [kind, said] = Array.isArray(error) ? (error as unknown[]) : [error];
  const words = Array.isArray(said) ? (said as unknown[]).filter((word) => typeof word === 'string' && word !== '').join(' ') : '';
  if (kind === 'ConcurrencyException') return new VendorError('ERP_BUSY', 'not-sent', 'somebody else changed the record at the same time');
  if (kind === 'UserError' || kind === 'UserWarning') return new VendorError('ERP_REFUSED', 'refused', words);
  return new VendorError('ERP_REFUSED', 'refused', `Tryton failed on the request: ${String(kind)}`);
}

/**
 * An answer other than 200 and 401. 404: the database is unknown, or its server is away, which passes by itself; 400, 403, 422: the
 * call is malformed or not allowed, which does not.
 */
export function failedStatus(status: number): VendorError {
  if (status === 404) return new VendorError('ERP_UNAVAILABLE', 'not-sent', 'Tryton answered 404: it does not serve the database');
  return new VendorError('ERP_REFUSED', 'refused', `Tryton answered ${status}`);
}

/**
 * Tryton answers 503 with the text of its database's error (trytond/wsgi.py, DatabaseOperationalError). SQLite's lock is one that leaves
 * nothing behind; a connection to PostgreSQL that broke may have broken while it committed.
 */
export const didNothing = ({ body }: Pick<VendorAnswer, 'body'>): boolean => body.includes('database is locked');
