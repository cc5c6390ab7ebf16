import type * as z from 'zod';
import type { VendorProfile } from '../../gateway/call.ts';
import { VendorError } from '../../gateway/vendor-error.ts';

/** How failures of any ERP are named (contracts/errors.ts), for the gateway; `didNothing` knows the ERP's own 503. */
export const erpProfile = (name: string, didNothing: VendorProfile['didNothing']) =>
  ({ name, unavailable: 'ERP_UNAVAILABLE', unknown: 'ERP_ANSWER_UNKNOWN', didNothing }) as const;

/** Reads a part of an answer. @throws VendorError ERP_REFUSED when it has another shape than this connector knows; the text names fields, never values */
export function understood<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const fields = result.error.issues.map((issue) => `${issue.path.join('.') || 'answer'} (${issue.code})`).join(', ');
  throw new VendorError('ERP_REFUSED', 'refused', `the answer is not understood: ${fields}`);
}

/**
 * For what follows a write that took effect: if it cannot be read back, the effect is done but unproven, so it must be looked up.
 * Without this an order that exists could be reported as not made.
 */
export async function afterEffect<T>(what: () => Promise<T>): Promise<T> {
  try {
    return await what();
  } catch (error) {
    if (error instanceof VendorError && error.effect !== 'unknown') {
      throw new VendorError('ERP_ANSWER_UNKNOWN', 'unknown', `done, but not read back: ${error.detail}`, { cause: error });
    }
    throw error;
  }
}

/** JSON, or undefined for what is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
