import type { Head } from '../domain/head.ts';
import { hashOf } from '../domain/identity.ts';
import { epochOfNumber, numbersFrom } from '../domain/protocol/index.ts';
import { type Fact, hashOfFact } from './append.ts';
import { type Item, orderKeyOf, partition, scan } from './items.ts';
import { headKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** An order that the ledger knows of, and has no HEAD of. */
export interface Headless {
  readonly orderKey: string;
  readonly what: string;
}

/** An order, and what names it. */
type Named = readonly [orderKey: string, how: string];

/** Orders that a HEAD names besides its own. */
function* besides(key: string, { predecessor, amends, supersededBy }: Item): Generator<Named> {
  for (const earlier of [predecessor, amends]) if (earlier) yield [String(earlier), `order ${key} names it as an earlier revision`];
  if (supersededBy) yield [String(supersededBy), `order ${key} names it as a later revision`];
}

/** Orders that an item speaks of, and how; itself is a HEAD, or belongs to an order, to a quote, to the number of one, to a task or to a rejected event. */
function* ordersIn(item: Item): Generator<Named> {
  const { sk, highest, beside = [], orderKey } = item;
  const [kind, key = ''] = String(item.pk).split('#');
  if (kind === 'O' && sk === 'HEAD') yield* besides(key, item);
  // What a subscriber has of an order tells nothing of whether the ledger ever had it.
  if (kind === 'O' && sk !== 'HEAD' && !String(sk).startsWith('S#'))
    yield [key, String(sk).startsWith('F#') ? 'facts of it are left' : 'something of it is left'];
  if (kind === 'N') yield [String(sk), 'it is found by its number'];
  if (kind === 'Q' && highest) yield [(highest as { orderKey: string }).orderKey, 'its quote names it'];
  if (kind === 'Q') for (const other of beside as string[]) yield [other, 'its quote names it'];
  if (kind === 'T' && orderKey) yield [String(orderKey), `task ${key} is about it`];
  if (kind === 'X' && orderKey) yield [String(orderKey), `the rejected event ${sk} is about it`];
}

const tenantOf = ({ pk, tenant, event }: Item): string | undefined => {
  const [kind, owner] = String(pk).split('#');
  return (tenant as string | undefined) ?? (event as { tenant?: string } | undefined)?.tenant ?? (kind === 'N' || kind === 'Q' ? owner : undefined);
};

/** The order of this key has no HEAD, though something of it is left. undefined: it has one, or nothing is known of it. */
export async function headless(ledger: Ledger, orderKey: string): Promise<Headless | undefined> {
  if (await ledger.read(orderKey)) return undefined;
  const left = await partition(ledger, headKey(orderKey).pk);
  const how = left.flatMap((item) => [...ordersIn(item)]).find(([key]) => key === orderKey)?.[1];
  return how === undefined ? undefined : lost(orderKey, how);
}

const lost = (orderKey: string, how: string): Headless => ({
  orderKey,
  what: `it has no HEAD, though ${how}: it was deleted, or is missing in the backup`,
});

/**
 * What a ledger has, of all or of what is known to be of one tenant (where a task is has none): the keys of its orders, and those of which
 * the HEAD is missing. Reads the whole ledger once. An order of which nothing is left, and that nothing names, is not found.
 */
export async function survey(ledger: Ledger, tenant?: string): Promise<{ readonly keys: readonly string[]; readonly lost: readonly Headless[] }> {
  const heads = new Set<string>();
  const keys: string[] = [];
  const named = new Map<string, string>();
  for await (const item of scan(ledger)) {
    const isMeant = tenant === undefined || tenantOf(item) === tenant;
    if (item.sk === 'HEAD' && String(item.pk).startsWith('O#')) {
      const orderKey = orderKeyOf(item);
      heads.add(orderKey);
      if (isMeant) keys.push(orderKey);
    }
    if (isMeant) for (const [orderKey, how] of ordersIn(item)) if (!named.has(orderKey)) named.set(orderKey, how);
  }
  const missing = [...named].filter(([orderKey]) => !heads.has(orderKey));
  // One that was accepted meanwhile has its HEAD by now.
  const still = await Promise.all(missing.map(async ([orderKey, how]) => ((await ledger.read(orderKey)) ? [] : [lost(orderKey, how)])));
  return { keys, lost: still.flat() };
}

/** The first fact of an order that is not as it was written, and what is wrong with it. */
export interface Broken {
  readonly seq: number;
  readonly what: string;
}

/** Numbers go on one by one; they leap at a restore alone, to the first of a later epoch. */
const follows = (seq: number, before: number): boolean =>
  seq === before + 1 || (epochOfNumber(seq) > epochOfNumber(before) && seq === numbersFrom(epochOfNumber(seq)) + 1);

/** The hash of facts that were written before it was over `seq` and `run`, too; of those the run can be changed unseen. */
const oldHashOf = ({ previousHash, event, actor }: Fact): string => hashOf({ previousHash, event, actor });

function wrongWith(fact: Fact, before: Pick<Fact, 'seq' | 'hash'>, orderKey: string): string | undefined {
  const { seq, previousHash, event, hash } = fact;
  if (!follows(seq, before.seq)) return `it follows fact ${before.seq}: what stood between them is gone`;
  if (previousHash !== before.hash) return before.seq === 0 ? 'it is not the first' : `it does not continue fact ${before.seq}`;
  if (hash !== hashOfFact(fact) && hash !== oldHashOf(fact)) return 'it was changed after it was written';
  if (event.id !== `${orderKey}:${seq}` || event.data.sequence !== seq)
    return `its event has the id ${event.id} and the sequence ${event.data.sequence}`;
  return undefined;
}

/** Walks the chain of one order's facts, oldest first: hashes, numbers, and that HEAD ends where they end. */
export function firstBroken(orderKey: string, facts: readonly Fact[], head?: Pick<Head, 'seq' | 'lastHash'>): Broken | undefined {
  let before = { seq: 0, hash: '' };
  for (const fact of facts) {
    const what = wrongWith(fact, before, orderKey);
    if (what) return { seq: fact.seq, what };
    before = fact;
  }
  if (!head) return undefined;
  if (head.lastHash !== before.hash || head.seq !== before.seq)
    return { seq: before.seq, what: `HEAD ends with fact ${head.seq} and another hash: facts after this one are gone, or HEAD was changed` };
  return undefined;
}
