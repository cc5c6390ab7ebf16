import { setTimeout } from 'node:timers/promises';
import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { Restore } from '../domain/protocol/index.ts';
import { EPOCH_KEY } from './keys.ts';

/** A restore with who made it and why, as people are shown it. */
export interface RestoreRecord extends Restore {
  readonly by: string;
  readonly reason: string;
  /** loading: the orders come back, nobody may read one; raising: they are made due, and are raised by whoever reads them before; done. */
  readonly status: 'loading' | 'raising' | 'done';
  /** What is loaded: the SHA-256 of the items of a backup. */
  readonly backup?: string | undefined;
}

/** Restores of a ledger: the newest of all orders, and the newest of one tenant's. No item: it was never restored. */
export interface Restores {
  readonly version: number;
  readonly all?: RestoreRecord | undefined;
  readonly tenants: Readonly<Record<string, RestoreRecord>>;
}

/** The orders of a ledger are being brought back: half of them would be worse than none. Who asks, asks again later. */
export class LedgerRestoring extends Error {
  override readonly name = 'LedgerRestoring';
}

/** Another restore has the ledger, or has taken it over. */
export class RestoreContended extends Error {
  override readonly name = 'RestoreContended';
}

/**
 * Milliseconds for which a process may go by what it knows of the epoch. A restore writes the epoch, waits longer than this, and only
 * then brings back the first order: by then everybody who can read that order knows that it is old. One read per process and 5 s, where
 * a check in each transaction would have all orders contend for one item.
 */
const EPOCH_KNOWN_MS = 5000;

export const untilKnown = (): Promise<void> => setTimeout(EPOCH_KNOWN_MS + 1000);

export async function readRestores(client: DynamoDBDocumentClient, table: string): Promise<Restores> {
  const { Item } = await client.send(new GetCommand({ TableName: table, Key: EPOCH_KEY, ConsistentRead: true }));
  return Item ? { version: Item.version, all: Item.all, tenants: Item.tenants ?? {} } : { version: 0, tenants: {} };
}

/** The restore that counts for the orders of one tenant. */
export const restoreFor = ({ all, tenants }: Restores, tenant: string): RestoreRecord | undefined => {
  const own = tenants[tenant];
  return own && own.epoch > (all?.epoch ?? 0) ? own : all;
};

/** The highest epoch of any order. */
export const epochOf = ({ all, tenants }: Restores): number => Math.max(0, ...[all, ...Object.values(tenants)].map((one) => one?.epoch ?? 0));

const every = ({ all, tenants }: Restores): [tenant: string | undefined, record: RestoreRecord | undefined][] => [
  [undefined, all],
  ...Object.entries(tenants),
];

/** The restores whose orders are not back. */
export const loadings = (restores: Restores): { readonly tenant: string | undefined; readonly record: RestoreRecord }[] =>
  every(restores).flatMap(([tenant, record]) => (record?.status === 'loading' ? [{ tenant, record }] : []));

const underWay = (restores: Restores): RestoreRecord | undefined => loadings(restores)[0]?.record;

/** An attribute of its own for each restore that loads, with its epoch: what a condition can be about. */
const loadingMark = (tenant: string | undefined): string => `loading#${tenant ?? ''}`;
const loadingMarks = (restores: Restores): Record<string, number> =>
  Object.fromEntries(loadings(restores).map(({ tenant, record }) => [loadingMark(tenant), record.epoch]));

/** Holds as long as the restore with this epoch is the one that loads these orders. */
export const isLoading = (table: string, tenant: string | undefined, epoch: number) => ({
  TableName: table,
  Key: EPOCH_KEY,
  ConditionExpression: '#loading = :epoch',
  ExpressionAttributeNames: { '#loading': loadingMark(tenant) },
  ExpressionAttributeValues: { ':epoch': epoch },
});

/**
 * What a process knows of the restores, read again when it is too old. A read that fails is a failure of whoever asks: nobody guesses an
 * epoch. Throws LedgerRestoring while orders of this tenant are brought back.
 */
export function restoresOf(client: DynamoDBDocumentClient, table: string) {
  let known: { readonly restores: Promise<Restores>; readonly at: number } | undefined;
  /** @param tenant undefined: nobody knows whose order it is that is not there */
  return async (tenant: string | undefined): Promise<RestoreRecord | undefined> => {
    // the age counts from before the read
    if (!known || performance.now() - known.at > EPOCH_KNOWN_MS) known = { restores: readRestores(client, table), at: performance.now() };
    const mine = known;
    try {
      const restores = await mine.restores;
      const restore = tenant === undefined ? underWay(restores) : restoreFor(restores, tenant);
      if (restore?.status === 'loading') throw new LedgerRestoring(`the ledger is being restored since ${restore.at}, by ${restore.by}`);
      return restore;
    } catch (error) {
      // also while it is being restored: the end of that shall be seen at once
      if (known === mine) known = undefined;
      throw error;
    }
  };
}

/**
 * For whoever shows many orders: throws LedgerRestoring while all are brought back, or those of the tenant that is asked for. Of another
 * tenant's it says that they are missing.
 */
export async function mustBeBack(
  { client, table }: { readonly client: DynamoDBDocumentClient; readonly table: string },
  asked: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  for (const { tenant, record } of loadings(await readRestores(client, table))) {
    if (tenant === undefined || tenant === asked) throw new LedgerRestoring(`the ledger is being restored since ${record.at}, by ${record.by}`);
    if (asked === undefined) say(`The orders of tenant ${tenant} are being restored since ${record.at}, by ${record.by}: they are not all there.`);
  }
}

/**
 * Writes a restore of all orders, or of one tenant's, under compare-and-set. One of all orders takes the place of the older ones of tenants.
 * @returns false: somebody else restores at the same time
 */
export async function writeRestore(
  client: DynamoDBDocumentClient,
  table: string,
  before: Restores,
  record: RestoreRecord,
  tenant?: string,
): Promise<boolean> {
  const next: Restores = {
    version: before.version + 1,
    all: tenant === undefined ? record : before.all,
    tenants:
      tenant === undefined
        ? Object.fromEntries(Object.entries(before.tenants).filter(([, { epoch }]) => epoch > record.epoch))
        : { ...before.tenants, [tenant]: record },
  };
  const put = new PutCommand({
    TableName: table,
    Item: { ...EPOCH_KEY, ...next, ...loadingMarks(next) },
    ...(before.version === 0
      ? { ConditionExpression: 'attribute_not_exists(pk)' }
      : {
          ConditionExpression: '#version = :version',
          ExpressionAttributeNames: { '#version': 'version' },
          ExpressionAttributeValues: { ':version': before.version },
        }),
  });
  try {
    await client.send(put);
    return true;
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
}
