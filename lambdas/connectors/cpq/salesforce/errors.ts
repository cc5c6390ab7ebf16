import * as z from 'zod';
import { VendorError } from '../../../gateway/vendor-error.ts';

/** Salesforce answers errors with an array: https://developer.salesforce.com/docs/platform/api-rest/guide/errorcodes */
const errorArray = z.array(z.object({ message: z.string(), errorCode: z.string() })).min(1);

/** The token endpoint answers as OAuth 2.0 (RFC 6749, 5.2) asks. */
const oauthError = z.object({ error: z.string(), error_description: z.string().optional() });

/**
 * Refusals that pass by themselves: the organisation's daily or concurrent limit, maintenance, a query cursor that timed out, a record
 * that somebody else held for ten seconds.
 */
const PASSES = new Set([
  'REQUEST_LIMIT_EXCEEDED',
  'SERVER_UNAVAILABLE',
  'API_CURRENTLY_DISABLED',
  'INVALID_QUERY_LOCATOR',
  'QUERY_TIMEOUT',
  'UNABLE_TO_LOCK_ROW',
]);

/** Session refused: one new login may help. */
export const isSessionRefused = (status: number): boolean => status === 401;

/** Names the failure that an answer of the REST API is. Its text is Salesforce's code and message, without what we asked for. */
export function apiError(status: number, body: string): VendorError {
  const parsed = errorArray.safeParse(parse(body));
  if (!parsed.success) return new VendorError('CPQ_REFUSED', 'refused', `Salesforce answered ${status} without an error of its own`);
  const [{ errorCode, message }] = parsed.data as [{ errorCode: string; message: string }];
  const detail = `${errorCode}: ${message.replaceAll(/\s+/g, ' ').trim()}`;
  if (isSessionRefused(status)) return new VendorError('CPQ_AUTHENTICATION', 'refused', detail);
  if (PASSES.has(errorCode)) return new VendorError('CPQ_UNAVAILABLE', 'not-sent', detail);
  return new VendorError('CPQ_REFUSED', 'refused', detail);
}

/** The same for one record by its id, of which there is none (any more): in the recycle bin it is ENTITY_IS_DELETED. */
export function recordError(status: number, body: string): VendorError {
  const error = apiError(status, body);
  const missing = error.code === 'CPQ_REFUSED' && /^(NOT_FOUND|ENTITY_IS_DELETED):/.test(error.detail);
  return missing ? new VendorError('CPQ_RECORD_MISSING', 'refused', error.detail) : error;
}

export function loginError(status: number, body: string): VendorError {
  const parsed = oauthError.safeParse(parse(body));
  const detail = parsed.success ? `${parsed.data.error}: ${parsed.data.error_description ?? 'no description'}` : `login answered ${status}`;
  return new VendorError('CPQ_AUTHENTICATION', 'refused', detail);
}

/** An answer of another shape than this connector knows: the vendor changed, or something else answers in its place. */
export const unexpectedAnswer = (what: string, error: z.ZodError): VendorError =>
  new VendorError(
    'CPQ_REFUSED',
    'refused',
    `unexpected ${what}: ${error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ')}`,
  );

/** undefined: not JSON, such as the page of a proxy. */
export function parse(body: string): unknown {
  try {
    return JSON.parse(body, numbersAsText);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Money must not become a float: a number is kept as it is written (source text access of JSON.parse, ECMAScript 2025). */
function numbersAsText(_key: string, value: unknown, context?: { source?: string }): unknown {
  return typeof value === 'number' ? (context?.source ?? String(value)) : value;
}
