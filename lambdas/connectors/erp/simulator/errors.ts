import * as z from 'zod';
import type { VendorAnswer } from '../../../gateway/call.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { parseJson } from '../answers.ts';

/** Problem details (RFC 9457), as this vendor sends them with every refusal. */
const problem = z.object({ title: z.string(), detail: z.string().optional() });

/** What the vendor refused: its own words, and nothing was done. 423: the record is being changed by somebody else. */
export function refusal(status: number, body: string): VendorError {
  const parsed = problem.safeParse(parseJson(body));
  const words = parsed.success ? [parsed.data.title, parsed.data.detail].filter(Boolean).join(': ') : `the ERP answered ${status}`;
  if (status === 423) return new VendorError('ERP_BUSY', 'not-sent', words);
  return new VendorError('ERP_REFUSED', 'refused', words);
}

/** A 503 of the vendor itself says so: the request came after the time until which it might have been begun. */
export const didNothing = ({ body }: Pick<VendorAnswer, 'body'>): boolean => problem.safeParse(parseJson(body)).data?.detail === 'nothing was done';
