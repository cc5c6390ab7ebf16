import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { causeOf, type Reference, type ReferenceKind, reference } from '../../contracts/reference.ts';
import { mappingOf } from '../domain/cause-task.ts';
import { cureCauseTask } from './cause-tasks.ts';
import { referenceKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** A mapping as a step reads it: `target` undefined means unmapped; `version` 0 means never mapped. */
export interface Mapping {
  readonly target: string | undefined;
  readonly version: number;
  readonly cause: string;
}

/** Two people corrected a mapping at once. */
export class ReferenceContended extends Error {
  override readonly name = 'ReferenceContended';
}

export async function readReference(ledger: Ledger, tenant: string, erp: string, kind: ReferenceKind, code: string): Promise<Mapping> {
  const { Item } = await ledger.client.send(
    new GetCommand({ TableName: ledger.table, Key: referenceKey(tenant, erp, kind, code), ConsistentRead: true }),
  );
  return { target: Item?.target as string | undefined, version: (Item?.version as number | undefined) ?? 0, cause: causeOf(tenant, erp, kind, code) };
}

/** Version of the mapping that `cause` names, now. */
export async function causeVersion(ledger: Ledger, cause: string): Promise<number> {
  const { tenant, erp, kind, code } = mappingOf(cause);
  return (await readReference(ledger, tenant, erp, kind, code)).version;
}

/**
 * Writes the next version of a mapping, which answers the question that was open about it. Two people at once: the later one is told to
 * read again. In this order: whoever parks for the old version reads the mapping again after asking.
 * @param expected version that is corrected, and no other
 * @throws {ReferenceContended}
 */
export async function setReference(
  ledger: Ledger,
  mapping: Omit<Reference, 'version' | 'at'>,
  { reason, expected }: { readonly reason?: string; readonly expected?: number } = {},
): Promise<Reference> {
  const { tenant, erp, kind, code } = mapping;
  const { version } = await readReference(ledger, tenant, erp, kind, code);
  const contended = () => new ReferenceContended(`${kind} ${code} was changed by somebody else just now: read it again`);
  if (expected !== undefined && version !== expected) throw contended();
  const next = reference.parse({ ...mapping, version: version + 1, at: ledger.stamp() });
  try {
    await ledger.client.send(
      new PutCommand({
        TableName: ledger.table,
        Item: { ...referenceKey(tenant, erp, kind, code), ...next },
        ConditionExpression: version === 0 ? 'attribute_not_exists(pk)' : '#version = :version',
        ...(version > 0 && { ExpressionAttributeNames: { '#version': 'version' }, ExpressionAttributeValues: { ':version': version } }),
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) throw contended();
    throw error;
  }
  await cureCauseTask(ledger, causeOf(tenant, erp, kind, code), next.version, next.by, reason);
  return next;
}

export async function listReferences(ledger: Ledger, tenant: string, erp: string, kind: ReferenceKind): Promise<Reference[]> {
  const found: Reference[] = [];
  let start: Record<string, unknown> | undefined;
  do {
    const page = await ledger.client.send(
      new QueryCommand({
        TableName: ledger.table,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': referenceKey(tenant, erp, kind, '').pk },
        ...(start && { ExclusiveStartKey: start }),
      }),
    );
    found.push(...((page.Items ?? []) as unknown as Reference[]));
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
}
