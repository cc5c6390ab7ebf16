import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import type { ErrorCode } from '../../contracts/errors.ts';
import { hashOf } from '../domain/identity.ts';
import { quarantineKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** A rejected event: why, and where its original is. Nothing is dropped. */
export interface Quarantined {
  readonly id: string;
  readonly tenant: string;
  readonly code: ErrorCode;
  readonly detail: string;
  /** EventBridge's source and detail-type, as far as they could be read. */
  readonly source: string;
  readonly type: string;
  /** What came in: its object in the document bucket, or the text itself where it is small. */
  readonly original: { readonly key: string } | { readonly text: string };
  readonly at: string;
  /** The order that goes on without it; a person is asked about the entry (entry-tasks.ts). */
  readonly orderKey?: string | undefined;
  readonly resubmittedAt?: string | undefined;
  readonly resubmittedBy?: string | undefined;
  /** Nothing more comes of it. */
  readonly dismissed?: { readonly by: string; readonly at: string; readonly reason: string } | undefined;
}

/** Neither submitted again nor dismissed. */
export const isOpen = ({ resubmittedAt, dismissed }: Quarantined): boolean => resubmittedAt === undefined && dismissed === undefined;

/** Events whose tenant cannot be told. */
export const NO_TENANT = '-';

/**
 * The same original rejected for the same reason is one entry, however often it comes; `known` says that it came before. Rejected
 * again after it was resubmitted, the entry is open again; one that was dismissed stays so.
 */
export async function quarantine(ledger: Ledger, entry: Omit<Quarantined, 'id' | 'at'>): Promise<{ id: string; known: boolean }> {
  const { id, put } = quarantinePut(ledger, entry);
  try {
    await ledger.client.send(new PutCommand(put));
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { id, known: true };
  }
  return { id, known: false };
}

/** The write of an entry, for a transaction with what goes with it; its condition fails where the entry is there and open. */
export function quarantinePut(ledger: Ledger, entry: Omit<Quarantined, 'id' | 'at'>) {
  const id = hashOf({ tenant: entry.tenant, code: entry.code, original: entry.original }).slice(0, 20);
  const Item = { ...quarantineKey(entry.tenant, id), ...entry, id, at: ledger.stamp() };
  const put = { TableName: ledger.table, Item, ConditionExpression: 'attribute_not_exists(pk) OR attribute_exists(resubmittedAt)' };
  return { id, put };
}

/** What stands in quarantine of a tenant, oldest first; at most about `limit` entries are read. */
export async function listQuarantine(ledger: Ledger, tenant: string, limit = Number.POSITIVE_INFINITY): Promise<Quarantined[]> {
  const found: Quarantined[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await ledger.client.send(
      new QueryCommand({
        TableName: ledger.table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': quarantineKey(tenant, '').pk },
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    found.push(...((page.Items ?? []) as unknown as Quarantined[]));
    start = page.LastEvaluatedKey;
  } while (start && found.length < limit);
  return found.sort((a, b) => (a.at < b.at ? -1 : 1));
}

/** Entries of a tenant that nobody has closed, of the first page (1 MB): what is to be done, not what ever was. */
export async function openEntries(ledger: Ledger, tenant: string): Promise<Quarantined[]> {
  const { Items = [] } = await ledger.client.send(
    new QueryCommand({
      TableName: ledger.table,
      KeyConditionExpression: 'pk = :pk',
      FilterExpression: 'attribute_not_exists(resubmittedAt) AND attribute_not_exists(dismissed)',
      ExpressionAttributeValues: { ':pk': quarantineKey(tenant, '').pk },
    }),
  );
  return Items as unknown as Quarantined[];
}

export async function readQuarantined(ledger: Ledger, tenant: string, id: string): Promise<Quarantined | undefined> {
  const { Item } = await ledger.client.send(new GetCommand({ TableName: ledger.table, Key: quarantineKey(tenant, id), ConsistentRead: true }));
  return Item as unknown as Quarantined | undefined;
}

/** Takes the mark back: the event could not be submitted after all. Its question is asked again by the sweeper. */
export async function markOpen(ledger: Ledger, entry: Quarantined): Promise<void> {
  const Item = { ...quarantineKey(entry.tenant, entry.id), ...entry, resubmittedAt: undefined, resubmittedBy: undefined };
  await ledger.client.send(new PutCommand({ TableName: ledger.table, Item }));
}
