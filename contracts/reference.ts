import * as z from 'zod';
import { identifier } from './quote.ts';

/** Kinds of mappings from a CPQ's code to an ERP's code. */
export const referenceKind = z.enum(['customer', 'product', 'carrier']);
export type ReferenceKind = z.infer<typeof referenceKind>;

/** One mapping: what `code` of the CPQ is called in the ERP. `version` grows with each correction and wakes the orders that wait for it. */
export const reference = z.object({
  tenant: identifier,
  erp: identifier,
  kind: referenceKind,
  code: identifier,
  target: identifier,
  version: z.int().min(1),
  by: z.string().max(200),
  at: z.iso.datetime(),
});
export type Reference = z.infer<typeof reference>;

/** The cause that an unmapped code is: shared by all orders that wait for it. */
export const causeOf = (tenant: string, erp: string, kind: ReferenceKind, code: string): string => `${tenant}#${erp}#${kind}#${code}`;
