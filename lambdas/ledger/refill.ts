import { setTimeout } from 'node:timers/promises';
import { TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { others } from './backup.ts';
import { isLoading, RestoreContended } from './epoch.ts';
import { type Item, orderKeys, partition, type Table } from './items.ts';
import type { TransactItems } from './table.ts';

/** Items of one transaction, beside its condition. */
const AT_ONCE = 25;
/** Of one batch that meets other writers. */
const ATTEMPTS = 12;
const PAUSE_MS = 50;

/** A restore that is under way, of one tenant or of all. */
export interface Loading {
  readonly tenant: string | undefined;
  readonly epoch: number;
}

/** In one batch no item may come twice: the later one counts. */
async function* batches(items: AsyncIterable<Item>): AsyncGenerator<Item[]> {
  let batch = new Map<string, Item>();
  for await (const item of items) {
    batch.set(`${item.pk} ${item.sk}`, item);
    if (batch.size < AT_ONCE) continue;
    yield [...batch.values()];
    batch = new Map();
  }
  if (batch.size > 0) yield [...batch.values()];
}

/**
 * Writes while the restore still is the one that loads, and not otherwise: a process that was stopped for an hour finds the table in the
 * hands of others. Throws RestoreContended. One after the other: all have the item of the epoch in common.
 */
async function writeWhile(table: Table, loading: Loading, writes: TransactItems): Promise<void> {
  const TransactItems = [{ ConditionCheck: isLoading(table.table, loading.tenant, loading.epoch) }, ...writes];
  for (let attempt = 1; ; attempt++) {
    try {
      await table.client.send(new TransactWriteCommand({ TransactItems }));
      return;
    } catch (error) {
      const codes = error instanceof TransactionCanceledException ? (error.CancellationReasons ?? []).map(({ Code }) => Code) : [];
      // the only condition of the transaction
      if (codes.includes('ConditionalCheckFailed')) throw new RestoreContended(`epoch ${loading.epoch} is not being loaded any more`);
      const met = error instanceof TransactionConflictException || codes.includes('TransactionConflict');
      if (!met || attempt === ATTEMPTS) throw error;
      await setTimeout(PAUSE_MS * attempt);
    }
  }
}

async function each(table: Table, loading: Loading, items: AsyncIterable<Item>, write: (item: Item) => TransactItems[number]): Promise<number> {
  let done = 0;
  for await (const batch of batches(items)) {
    await writeWhile(table, loading, batch.map(write));
    done += batch.length;
  }
  return done;
}

async function* held(table: Table, tenant: string | undefined): AsyncGenerator<Item> {
  yield* others(table, tenant);
  for await (const orderKey of orderKeys(table, tenant)) {
    // HEAD last: a call that is cut finds the order again
    const items = await partition(table, `O#${orderKey}`);
    yield* items.filter(({ sk }) => sk !== 'HEAD');
    yield* items.filter(({ sk }) => sk === 'HEAD');
  }
}

/** Takes everything out that a backup of the ledger, or of one tenant, brings back. Local clouds only: on AWS nobody may delete from a ledger. */
export const empty = (table: Table, loading: Loading): Promise<number> =>
  each(table, loading, held(table, loading.tenant), ({ pk, sk }) => ({ Delete: { TableName: table.table, Key: { pk, sk } } }));

export const load = (into: Table, loading: Loading, items: AsyncIterable<Item>): Promise<number> =>
  each(into, loading, items, (Item) => ({ Put: { TableName: into.table, Item } }));
