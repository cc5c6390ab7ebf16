import { QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { Head, QuoteItem } from '../domain/head.ts';
import { orderKeyOf as keyOfRevision } from '../domain/identity.ts';
import { epochOf, LedgerRestoring, readRestores, restoresOf } from './epoch.ts';
import { type Item, itemAt, orderKeyOf, orderKeys, scan, type Table, wholeOrder } from './items.ts';
import { dayPartitions, EPOCH_KEY, headKey, numberKey, quoteKey, taskPlaceKey } from './keys.ts';
import { NEAR } from './revisions.ts';

/** An order is stamped before it is written, by as much as a function may take. */
const STAMPED_BEFORE_MS = 120_000;

/** What is not part of an order: quotes, numbers, references, quarantine, replays. Of one tenant: what has its name in the key. */
export async function* others(from: Table, tenant?: string): AsyncGenerator<Item> {
  for await (const item of scan(from, { FilterExpression: 'NOT begins_with(pk, :orders)', ExpressionAttributeValues: { ':orders': 'O#' } })) {
    if (item.pk === EPOCH_KEY.pk) continue;
    const [kind = '', owner] = String(item.pk).split('#');
    if (tenant === undefined || (owner === tenant && ['Q', 'N', 'R', 'X', 'C'].includes(kind))) yield item;
  }
}

/** Where the question is that this item holds; undefined: it holds none. */
function placeOf({ pk, sk, id, orderKey, entry, cause }: Item): Item | undefined {
  if (String(pk).startsWith('C#') && sk === 'TASK') return { ...taskPlaceKey(String(id)), cause };
  if (!String(pk).startsWith('O#') || !String(sk).startsWith('T#')) return undefined;
  return { ...taskPlaceKey(String(id)), orderKey, ...(entry !== undefined && { entry }) };
}

/** ... with the places of its questions: they have no tenant in their keys, and the scan may have passed by before a question was asked. */
async function* withPlaces(items: AsyncIterable<Item> | Iterable<Item>): AsyncGenerator<Item> {
  for await (const item of items) {
    yield item;
    const place = placeOf(item);
    if (place) yield place;
  }
}

/** The next lower revision of a quote that is there: a restore may have lost the one that is named, and `audit verify` names it. */
async function keptBelow(from: Table, { tenant, cpq, id }: Item, below: number): Promise<string | undefined> {
  for (let revision = below - 1; revision > 0 && revision >= below - NEAR; revision--) {
    const key = keyOfRevision(String(tenant), String(cpq), String(id), revision);
    if (await itemAt(from, headKey(key))) return key;
  }
  return undefined;
}

/** The orders of a quote whole, from the highest along `predecessor`. */
async function* chainOf(from: Table, quote: Item): AsyncGenerator<{ readonly head: Head; readonly items: readonly Item[] }> {
  const seen = new Set<string>();
  const { orderKey, revision = 0 } = (quote.highest ?? {}) as Partial<NonNullable<QuoteItem['highest']>>;
  for (let key = orderKey, last = revision + 1; key !== undefined && !seen.has(key); ) {
    seen.add(key);
    const isThere = await itemAt(from, headKey(key));
    const order = isThere && (await wholeOrder(from, key));
    if (order) yield order;
    last = order ? order.head.quote.revision : last;
    key = order ? order.head.predecessor : await keptBelow(from, quote, last);
  }
}

/**
 * QUOTE as it stood at `until`, and the orders of its revisions after it: an order is never older than what QUOTE says of it, so no mark of
 * a newer revision or a withdrawal is lost. The highest revision that QUOTE names is there, unless it was lost before.
 */
async function* quoteUntil(from: Table, stored: Item, until: string): AsyncGenerator<Item> {
  const { highest: named, ...quote } = stored as Item & Partial<Pick<QuoteItem, 'highest'>>;
  let told = named !== undefined && !(await itemAt(from, headKey(named.orderKey)));
  if (told) yield stored;
  for await (const { head, items } of chainOf(from, stored)) {
    if (head.createdAt > until) continue;
    if (!told) yield { ...quote, highest: { orderKey: head.orderKey, revision: head.quote.revision } };
    told = true;
    yield* items;
  }
  if (!told) yield quote;
}

/**
 * Orders that were accepted while the others were read, with their quotes and these quotes' other orders: the scan met some and passed
 * others by. Those until the end of the scan are part of the export, so no order in it names a predecessor that is not.
 */
async function* acceptedMeanwhile(from: Table, since: string, until: string, tenant?: string): AsyncGenerator<Item> {
  for await (const orderKey of acceptedBetween(from, since, until)) {
    const { head, items } = await wholeOrder(from, orderKey);
    if (tenant !== undefined && head.tenant !== tenant) continue;
    yield* items;
    const { quote } = head;
    const numbered = quote.number === undefined ? undefined : await itemAt(from, numberKey(head.tenant, quote.number, orderKey));
    if (numbered) yield numbered;
    const stored = await itemAt(from, quoteKey(head.tenant, quote.cpq, quote.id));
    if (stored) yield* quoteUntil(from, stored, until);
  }
}

async function* acceptedBetween({ client, table }: Table, since: string, until: string): AsyncGenerator<string> {
  const days = new Set([since.slice(0, 10), until.slice(0, 10)]);
  for (const day of [...days].flatMap(dayPartitions)) {
    let start: Record<string, unknown> | undefined;
    do {
      const page = await client.send(
        new QueryCommand({
          TableName: table,
          IndexName: 'day',
          KeyConditionExpression: '#day = :day AND dayKey >= :since',
          ExpressionAttributeNames: { '#day': 'day' },
          ExpressionAttributeValues: { ':day': day, ':since': since },
          ...(start && { ExclusiveStartKey: start }),
        }),
      );
      for (const item of page.Items ?? []) if (String(item.dayKey) <= `${until}#~`) yield orderKeyOf(item);
      start = page.LastEvaluatedKey;
    } while (start);
  }
}

/**
 * Every item of the ledger, or of one tenant, each order whole and no order without those it names; an item that comes again replaces
 * the one before. What this cannot give is one moment for all orders: on AWS the export to S3 does.
 * Throws LedgerRestoring when they are being brought back, also when that begins meanwhile.
 * @param now the clock of the ledger
 */
export async function* backupOf(from: Table, now: () => Date, tenant?: string): AsyncGenerator<Item> {
  await restoresOf(from.client, from.table)(tenant);
  const epoch = epochOf(await readRestores(from.client, from.table));
  const since = new Date(now().getTime() - STAMPED_BEFORE_MS).toISOString();
  yield* withPlaces(others(from, tenant));
  for await (const orderKey of orderKeys(from, tenant)) yield* withPlaces((await wholeOrder(from, orderKey)).items);
  yield* withPlaces(acceptedMeanwhile(from, since, now().toISOString(), tenant));
  if (epochOf(await readRestores(from.client, from.table)) !== epoch) throw new LedgerRestoring('a restore has begun while the ledger was read');
}
