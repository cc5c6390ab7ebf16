import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand } from '@aws-sdk/lib-dynamodb';
import { type CauseKind, causeOf, type Reference, type ReferenceKind, reference } from '../../contracts/reference.ts';
import { subjectOf } from '../domain/cause-task.ts';
import { type Cure, SYSTEM } from '../domain/head.ts';
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

type Item = Partial<Reference & Pick<Cure, 'option' | 'reason'>>;

async function readItem(ledger: Ledger, tenant: string, erp: string, kind: CauseKind, code: string): Promise<Item> {
  const Key = referenceKey(tenant, erp, kind, code);
  return (await ledger.client.send(new GetCommand({ TableName: ledger.table, Key, ConsistentRead: true }))).Item ?? {};
}

export async function readReference(ledger: Ledger, tenant: string, erp: string, kind: ReferenceKind, code: string): Promise<Mapping> {
  const { target, version = 0 } = await readItem(ledger, tenant, erp, kind, code);
  return { target, version, cause: causeOf(tenant, erp, kind, code) };
}

/** How a cause stands now. */
export interface CauseState {
  /** 0: nothing was ever said about it. */
  readonly version: number;
  /** The answer that made this version; undefined: nobody is known to have given one. */
  readonly cure?: Cure | undefined;
}

export async function readCause(ledger: Ledger, cause: string): Promise<CauseState> {
  const { tenant, erp, kind, code } = subjectOf(cause);
  const { version = 0, option, by, at, reason } = await readItem(ledger, tenant, erp, kind, code);
  return { version, cure: option && by && at ? { option, by, at, reason: reason ?? '' } : undefined };
}

/** The question about a cause is answered where it is about an older version than there is now. */
export const cureCause = (ledger: Ledger, cause: string, { version, cure }: CauseState): Promise<void> =>
  cureCauseTask(ledger, cause, version, cure ?? { option: 'correct', by: SYSTEM, at: ledger.stamp(), reason: 'the mapping was corrected' });

/** Writes the version of a cause that follows `version`, and closes the question about the older one. false: somebody else has written it. */
async function writeNext(ledger: Ledger, cause: string, item: Item, version: number, cure: Cure): Promise<boolean> {
  const { tenant, erp, kind, code } = subjectOf(cause);
  try {
    await ledger.client.send(
      new PutCommand({
        TableName: ledger.table,
        Item: { ...referenceKey(tenant, erp, kind, code), ...item, ...cure, version: version + 1 },
        ConditionExpression: version === 0 ? 'attribute_not_exists(pk)' : '#version = :version',
        ...(version > 0 && { ExpressionAttributeNames: { '#version': 'version' }, ExpressionAttributeValues: { ':version': version } }),
      }),
    );
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return false;
    throw error;
  }
  await cureCause(ledger, cause, { version: version + 1, cure });
  return true;
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
  { reason = 'the mapping was corrected', expected }: { readonly reason?: string; readonly expected?: number } = {},
): Promise<Reference> {
  const { tenant, erp, kind, code, by } = mapping;
  const { version, cause } = await readReference(ledger, tenant, erp, kind, code);
  const next = reference.parse({ ...mapping, version: version + 1, at: ledger.stamp() });
  const isExpected = expected === undefined || version === expected;
  if (!isExpected || !(await writeNext(ledger, cause, next, version, { option: 'correct', by, at: next.at, reason })))
    throw new ReferenceContended(`${kind} ${code} was changed by somebody else just now: read it again`);
  return next;
}

/**
 * Answers the question about a cause without another mapping: all orders that wait for it run again, or are cancelled. That too is a new
 * version, with what was mapped before: those that wait for an older one are the orders that it is about, whoever asks, however often.
 * @param expected version that is answered, and no other
 * @returns false: somebody else has answered it
 */
export async function answerCause(ledger: Ledger, cause: string, answer: Omit<Cure, 'at'>, expected: number): Promise<boolean> {
  const { tenant, erp, kind, code } = subjectOf(cause);
  const item = await readItem(ledger, tenant, erp, kind, code);
  return (item.version ?? 0) === expected && (await writeNext(ledger, cause, item, expected, { ...answer, at: ledger.stamp() }));
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
    // Without a target: only answered, never mapped.
    found.push(...((page.Items ?? []) as Item[]).filter((item): item is Reference => item.target !== undefined));
    start = page.LastEvaluatedKey;
  } while (start);
  return found;
}
