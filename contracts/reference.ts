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

/**
 * What orders of a tenant may wait for together: a mapping; an ERP instance that lets nobody in, that does not answer (`outage`), or that the
 * configuration does not have, of which the code is its own name; the product that carries freight there; a country of which the tax
 * provider, in place of the ERP, does not know the tax.
 */
export const CAUSE_KINDS = [...referenceKind.options, 'instance', 'outage', 'configuration', 'freight', 'country'] as const;
export type CauseKind = (typeof CAUSE_KINDS)[number];

/** May it be cured by saying what a code is called in the ERP? */
export const isMapping = (kind: CauseKind): kind is ReferenceKind => (referenceKind.options as readonly CauseKind[]).includes(kind);

/** What a cause names beside the tenant; `erp` is the system that fails. */
export interface CauseSubject {
  readonly erp: string;
  readonly kind: CauseKind;
  readonly code: string;
}

/** The cause that orders share which wait for it. */
export const causeOf = (tenant: string, erp: string, kind: CauseKind, code: string): string => `${tenant}#${erp}#${kind}#${code}`;
