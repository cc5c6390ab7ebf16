import { createHash } from 'node:crypto';

const MINUTE_MS = 60_000;

/** Which of 65,536 minutes is the one of this item: a hash, so that it stays the same whatever comes and goes beside it. */
const placeOf = (id: string): number => createHash('sha256').update(id).digest().readUInt16BE(1);

/**
 * Of more items than can be looked at once, those whose minute this is: about `atOnce` at most. `every`: each comes up once in so many
 * minutes, the smallest power of two that is enough. Of two powers of two one divides the other, so an item whose minute it is by the larger
 * is looked at by the smaller, too: however often the number of items changes, each is looked at within the largest `every` of that time.
 * @param now ISO 8601, the clock of the ledger
 */
export function inTurn<T>(all: readonly T[], atOnce: number, idOf: (one: T) => string, now: string): { readonly items: T[]; readonly every: number } {
  const every = 2 ** Math.ceil(Math.log2(Math.max(1, all.length / atOnce)));
  const minute = Math.floor(Date.parse(now) / MINUTE_MS);
  return { items: all.filter((one) => placeOf(idOf(one)) % every === minute % every), every };
}
