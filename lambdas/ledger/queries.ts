import { BatchGetCommand, GetCommand, QueryCommand, type QueryCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Head } from '../domain/head.ts';
import type { Fact } from './append.ts';
import { dayPartitions, factKey, headOf, SWEEP_SHARDS } from './keys.ts';
import type { Ledger } from './ledger.ts';
import type { TaskItem } from './task-items.ts';

const orderKeyOf = (item: Record<string, unknown>): string => String(item.pk).slice(2);

/** All pages of a query, up to `limit` items. */
export async function all(
  ledger: Ledger,
  input: Omit<QueryCommandInput, 'TableName'>,
  limit = Number.POSITIVE_INFINITY,
): Promise<Record<string, unknown>[]> {
  const found: Record<string, unknown>[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await ledger.client.send(new QueryCommand({ TableName: ledger.table, ...input, ...(start && { ExclusiveStartKey: start }) }));
    found.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start && found.length < limit);
  return found.slice(0, limit);
}

/** Orders whose `sweepAt` has come, oldest first. The index is stale: the caller decides on HEAD. */
export async function dueForSweep(ledger: Ledger, now: string, perShard = 100): Promise<string[]> {
  const shards = SWEEP_SHARDS.map((shard) =>
    all(
      ledger,
      {
        IndexName: 'sweep',
        KeyConditionExpression: 'sweepShard = :shard AND sweepAt <= :now',
        ExpressionAttributeValues: { ':shard': shard, ':now': now },
        Limit: perShard,
      },
      perShard,
    ),
  );
  return (await Promise.all(shards)).flat().map(orderKeyOf);
}

/** Orders in line for a slot of this ERP, oldest first. */
export async function inLine(ledger: Ledger, erp: string, limit: number): Promise<string[]> {
  const found = await all(
    ledger,
    { IndexName: 'admission', KeyConditionExpression: 'admission = :erp', ExpressionAttributeValues: { ':erp': erp }, Limit: limit },
    limit,
  );
  return found.map(orderKeyOf);
}

/** The line before an ERP: how many stand in it, of the first page (some 8,000), and since when the oldest. */
export async function lineBefore(ledger: Ledger, erp: string): Promise<{ readonly length: number; readonly since: string | undefined }> {
  const { Items = [] } = await ledger.client.send(
    new QueryCommand({
      TableName: ledger.table,
      IndexName: 'admission',
      KeyConditionExpression: 'admission = :erp',
      ExpressionAttributeValues: { ':erp': erp },
    }),
  );
  return { length: Items.length, since: Items[0]?.admissionSince as string | undefined };
}

/** One page of the orders that wait for a cause, oldest first. */
export async function waitingFor(ledger: Ledger, cause: string, limit: number, after?: Record<string, unknown>) {
  const page = await ledger.client.send(
    new QueryCommand({
      TableName: ledger.table,
      IndexName: 'cause',
      KeyConditionExpression: 'cause = :cause',
      ExpressionAttributeValues: { ':cause': cause },
      Limit: limit,
      ...(after && { ExclusiveStartKey: after }),
    }),
  );
  return { orderKeys: (page.Items ?? []).map(orderKeyOf), next: page.LastEvaluatedKey };
}

/** HEADs by key, read consistently, in no order. */
export async function readHeads(ledger: Ledger, orderKeys: readonly string[]): Promise<Head[]> {
  const heads: Head[] = [];
  const unique = [...new Set(orderKeys)];
  for (let from = 0; from < unique.length; from += 100) {
    let keys: Record<string, unknown>[] = unique.slice(from, from + 100).map((orderKey) => ({ pk: `O#${orderKey}`, sk: 'HEAD' }));
    while (keys.length > 0) {
      const page = await ledger.client.send(new BatchGetCommand({ RequestItems: { [ledger.table]: { Keys: keys, ConsistentRead: true } } }));
      heads.push(...(page.Responses?.[ledger.table] ?? []).map(headOf));
      keys = (page.UnprocessedKeys?.[ledger.table]?.Keys ?? []) as Record<string, unknown>[];
    }
  }
  return heads;
}

/** Orders accepted on one day (UTC). */
export async function ordersOfDay(ledger: Ledger, day: string): Promise<Head[]> {
  const partitions = dayPartitions(day).map((partition) =>
    all(ledger, {
      IndexName: 'day',
      KeyConditionExpression: '#day = :day',
      ExpressionAttributeNames: { '#day': 'day' },
      ExpressionAttributeValues: { ':day': partition },
    }),
  );
  const heads = await readHeads(ledger, (await Promise.all(partitions)).flat().map(orderKeyOf));
  return heads.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
}

const DAY_MS = 86_400_000;

/** Orders as far as they were read; `more`: there are others. */
export interface Some {
  readonly heads: Head[];
  readonly more: boolean;
}

/** The newest orders accepted today or in the days before (UTC), newest first, at most `limit`. */
export async function newestOrders(ledger: Ledger, days: number, limit: number): Promise<Some> {
  const keys: string[] = [];
  const today = Date.parse(ledger.stamp());
  for (let back = 0; back < days && keys.length <= limit; back++) {
    const wanted = limit + 1 - keys.length;
    const partitions = dayPartitions(new Date(today - back * DAY_MS).toISOString().slice(0, 10)).map((partition) =>
      all(
        ledger,
        {
          IndexName: 'day',
          KeyConditionExpression: '#day = :day',
          ExpressionAttributeNames: { '#day': 'day' },
          ExpressionAttributeValues: { ':day': partition },
          ScanIndexForward: false,
          Limit: wanted,
        },
        wanted,
      ),
    );
    const ofDay = (await Promise.all(partitions)).flat().sort((a, b) => (String(a.dayKey) > String(b.dayKey) ? -1 : 1));
    keys.push(...ofDay.slice(0, wanted).map(orderKeyOf));
  }
  const heads = await readHeads(ledger, keys.slice(0, limit));
  return { heads: heads.sort((a, b) => (a.createdAt > b.createdAt ? -1 : 1)), more: keys.length > limit };
}

/** Keys of the orders that are not at rest, those that are looked at soonest first: each has a due time, so all stand in the sweep index. At most `limit` of each shard. */
export async function unfinishedKeys(ledger: Ledger, limit: number): Promise<string[]> {
  const shards = SWEEP_SHARDS.map((shard) =>
    all(ledger, { IndexName: 'sweep', KeyConditionExpression: 'sweepShard = :shard', ExpressionAttributeValues: { ':shard': shard } }, limit),
  );
  const found = (await Promise.all(shards)).flat().sort((a, b) => (String(a.sweepAt) < String(b.sweepAt) ? -1 : 1));
  return found.map(orderKeyOf);
}

async function someUnfinished(ledger: Ledger, limit: number): Promise<Some> {
  const keys = await unfinishedKeys(ledger, limit + 1);
  return { heads: await readHeads(ledger, keys.slice(0, limit)), more: keys.length > limit };
}

/** All orders that are not at rest. */
export const unfinished = async (ledger: Ledger): Promise<Head[]> => (await someUnfinished(ledger, Number.POSITIVE_INFINITY)).heads;

/** Orders that wait, whatever their age, longest first; of all that are not at rest at most `limit` are read. */
export async function waitingOrders(ledger: Ledger, limit = Number.POSITIVE_INFINITY): Promise<Some> {
  const { heads, more } = await someUnfinished(ledger, limit);
  const waiting = heads.filter((head) => head.wait);
  return { heads: waiting.sort((a, b) => ((a.wait?.since ?? '') < (b.wait?.since ?? '') ? -1 : 1)), more };
}

/** Everything under one order: facts, documents, questions, deliveries. */
export async function lineage(ledger: Ledger, orderKey: string) {
  const items = await all(ledger, {
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': `O#${orderKey}` },
    ConsistentRead: true,
  });
  const of = (prefix: string) => items.filter((item) => String(item.sk).startsWith(prefix));
  return {
    facts: of('F#') as unknown as Fact[],
    documents: of('D#'),
    tasks: of('T#') as unknown as TaskItem[],
    deliveries: of('S#') as unknown as Delivery[],
  };
}

/** What a subscriber has acknowledged of an order; for people to see, never to suppress a delivery. */
export interface Delivery {
  readonly subscriber: string;
  readonly sequence: number;
  readonly attempts: number;
  readonly at: string;
}

/** Order keys under the number that people call a quote by, lowest revision first. */
export async function ordersByNumber(ledger: Ledger, tenant: string, number: string): Promise<string[]> {
  const items = await all(ledger, { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': `N#${tenant}#${number}` } });
  return items.sort((a, b) => Number(a.revision) - Number(b.revision)).map((item) => String(item.sk));
}

export async function readFact(ledger: Ledger, orderKey: string, seq: number): Promise<Fact | undefined> {
  const { Item } = await ledger.client.send(new GetCommand({ TableName: ledger.table, Key: factKey(orderKey, seq), ConsistentRead: true }));
  return Item as unknown as Fact | undefined;
}
