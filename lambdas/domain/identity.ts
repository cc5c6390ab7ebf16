import { createHash } from 'node:crypto';
import type { QuoteDocument } from '../../contracts/quote.ts';

const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The first 100 bits of `bytes` as 20 characters of Crockford's base32 (no I, L, O, U: readable over the phone). */
function base32of100bits(bytes: Uint8Array): string {
  let bits = 0n;
  for (const byte of bytes.subarray(0, 13)) bits = (bits << 8n) | BigInt(byte);
  bits >>= 4n;
  let text = '';
  for (let i = 0; i < 20; i++, bits >>= 5n) text = CROCKFORD[Number(bits & 31n)] + text;
  return text;
}

/**
 * The one key of an order (rule 1): derived, never random, so every duplicate, retry, redrive and replay of a quote meets the same
 * order. The parts are length-prefixed: no two different quotes can spell the same input.
 */
export function orderKeyOf(tenant: string, cpq: string, quoteId: string, revision: number): string {
  const parts = [tenant, cpq, quoteId, String(revision)].map((part) => `${part.length}:${part}`).join('');
  return base32of100bits(createHash('sha256').update(`quotebridge/order/1|${parts}`).digest());
}

/** JSON with sorted keys and without undefined, so equal content has equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).filter(([, item]) => item !== undefined);
    entries.sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
  }
  return JSON.stringify(value) ?? 'null';
}

export const hashOf = (value: unknown): string => createHash('sha256').update(canonicalJson(value)).digest('hex');

/** Hash over the business fields of a quote: a refetch that changes nothing changes no hash. The number is a label, not business. */
export function contentHashOf({ number: _label, ...business }: QuoteDocument): string {
  return hashOf(business);
}

/** Execution names stay taken for 90 days on AWS: the epoch keeps those of a restored ledger apart. */
export const executionName = (orderKey: string, epoch: number, run: number): string => `${orderKey}-${epoch}-${run}`;
