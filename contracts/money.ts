import * as z from 'zod';

/** A decimal number as text, at most 15 digits before and 6 after the point: `"12.60"`. Never a float (rule 15 of the architecture). */
export const decimal = z.string().regex(/^-?\d{1,15}(\.\d{1,6})?$/, 'a decimal number as text, such as "12.60"');

/** ISO 4217 alphabetic code. */
export const currency = z.string().regex(/^[A-Z]{3}$/, 'an ISO 4217 currency code, such as "EUR"');

export const money = z.object({ amount: decimal, currency });
export type Money = z.infer<typeof money>;
