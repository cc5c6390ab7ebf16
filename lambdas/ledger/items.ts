import { type DynamoDBDocumentClient, GetCommand, QueryCommand, ScanCommand, type ScanCommandInput } from '@aws-sdk/lib-dynamodb';
import type { Head } from '../domain/head.ts';
import { headKey, headOf } from './keys.ts';

export type Item = Readonly<Record<string, unknown>>;
export interface Table {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
}

/** Reads of one order until one is whole: it is written a few times a second at most. */
const READS = 50;
const AT_ONCE = 16;

/** Every item that `where` lets through, page by page. */
export async function* scan({ client, table }: Table, where: Omit<ScanCommandInput, 'TableName'> = {}): AsyncGenerator<Item> {
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(new ScanCommand({ TableName: table, ConsistentRead: true, ...where, ...(start && { ExclusiveStartKey: start }) }));
    yield* page.Items ?? [];
    start = page.LastEvaluatedKey;
  } while (start);
}

/** One item, read consistently. */
export const itemAt = async ({ client, table }: Table, Key: Record<string, string>): Promise<Item | undefined> =>
  (await client.send(new GetCommand({ TableName: table, Key, ConsistentRead: true }))).Item;

/** Every item under one key. */
export async function partition({ client, table }: Table, pk: string): Promise<Item[]> {
  const items: Item[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await client.send(
      new QueryCommand({
        TableName: table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': pk },
        ConsistentRead: true,
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    items.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  return items;
}

/** One order as it stood at a moment: HEAD first, then what belongs to it. A query may see half of a transaction: then it is read again. */
export async function wholeOrder(from: Table, orderKey: string): Promise<{ readonly head: Head; readonly items: readonly Item[] }> {
  for (let read = 0; read < READS; read++) {
    const items = await partition(from, `O#${orderKey}`);
    const stored = items.find(({ sk }) => sk === 'HEAD');
    const now = await itemAt(from, headKey(orderKey));
    if (!stored || !now) throw new Error(`order ${orderKey} has no HEAD`);
    if (stored.version === now.version) return { head: headOf(stored), items: [stored, ...items.filter((item) => item !== stored)] };
  }
  throw new Error(`order ${orderKey} is written without pause: ${READS} reads met a write`);
}

/** Of which order this item is. */
export const orderKeyOf = ({ pk }: Item): string => String(pk).slice(2);

/** Keys of all orders, or of one tenant's, in no order. */
export async function* orderKeys(from: Table, tenant?: string): AsyncGenerator<string> {
  const heads = scan(from, {
    FilterExpression: `sk = :head AND begins_with(pk, :orders)${tenant === undefined ? '' : ' AND #tenant = :tenant'}`,
    ProjectionExpression: 'pk',
    ExpressionAttributeValues: { ':head': 'HEAD', ':orders': 'O#', ...(tenant !== undefined && { ':tenant': tenant }) },
    ...(tenant !== undefined && { ExpressionAttributeNames: { '#tenant': 'tenant' } }),
  });
  for await (const head of heads) yield orderKeyOf(head);
}

/** Runs `work` on each item, a few at once; what comes again waits for its first time. Throws the first failure. */
export async function eachOf<T>(
  items: AsyncIterable<T> | Iterable<T>,
  keyOf: (item: T) => string,
  work: (item: T) => Promise<unknown>,
): Promise<number> {
  const working = new Map<string, Promise<void>>();
  const failures: unknown[] = [];
  let done = 0;
  for await (const item of items) {
    const key = keyOf(item);
    await working.get(key);
    if (working.size >= AT_ONCE) await Promise.race(working.values());
    if (failures.length > 0) break;
    const one = work(item)
      .then(
        () => undefined,
        (error: unknown) => void failures.push(error),
      )
      .finally(() => working.delete(key));
    working.set(key, one);
    done += 1;
  }
  await Promise.all(working.values());
  if (failures.length > 0) throw failures[0];
  return done;
}
