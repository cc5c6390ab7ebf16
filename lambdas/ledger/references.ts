import { QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { causeOf, type Reference, type ReferenceKind, reference } from '../../contracts/reference.ts';
import { subjectOf } from '../domain/cause-task.ts';
import type { Cure } from '../domain/waiting.ts';
import { readCauseTask } from './cause-tasks.ts';
import { cureCause, readCauseItem } from './causes.ts';
import { answerKey, referenceKey } from './keys.ts';
import { type Ledger, lost } from './ledger.ts';

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
  const cause = causeOf(tenant, erp, kind, code);
  const { target, version = 0 } = await readCauseItem(ledger, cause);
  return { target, version, cause };
}

/** Versions that one answer makes at most: more than one where the question is about a newer version than a mapping that a backup has read before it. */
const AT_ONCE = 20;

/** The version that follows is above that of the open question, too. */
async function nextVersion(ledger: Ledger, cause: string, version: number): Promise<number> {
  const task = await readCauseTask(ledger, cause);
  return Math.max(version, task?.state === 'open' ? task.causeVersion : 0) + 1;
}

/**
 * Writes the next version of a cause with the answer that made it, and closes the question about the older one. Each answer is kept: the
 * next one may come before all were reached that this one is about. false: somebody else has written it.
 * @param before version that was read
 */
async function writeNext(
  ledger: Ledger,
  cause: string,
  item: Partial<Reference> & { readonly version: number },
  before: number,
  cure: Cure,
): Promise<boolean> {
  const { tenant, erp, kind, code } = subjectOf(cause);
  const next = {
    TableName: ledger.table,
    Item: { ...referenceKey(tenant, erp, kind, code), ...item },
    ConditionExpression: before === 0 ? 'attribute_not_exists(pk)' : '#version = :version',
    ...(before > 0 && { ExpressionAttributeNames: { '#version': 'version' }, ExpressionAttributeValues: { ':version': before } }),
  };
  const made = Array.from({ length: Math.min(AT_ONCE, item.version - before) }, (_, n) => item.version - n);
  const answers = made.map((version) => ({ Put: { TableName: ledger.table, Item: { ...answerKey(cause, version), ...cure } } }));
  try {
    await ledger.client.send(new TransactWriteCommand({ TransactItems: [{ Put: next }, ...answers] }));
  } catch (error) {
    if (lost(error)) return false;
    throw error;
  }
  await cureCause(ledger, cause);
  return true;
}

/**
 * Writes the next version of a mapping, which answers the question that was open about it. Two people at once: the later one is told to
 * read again. In this order: whoever parks for the old version reads the mapping again after asking.
 * @param answered version that the question is about which is answered; a newer one is there: somebody else has answered it
 * @throws {ReferenceContended}
 */
export async function setReference(
  ledger: Ledger,
  mapping: Omit<Reference, 'version' | 'at'>,
  { reason = 'the mapping was corrected', answered }: { readonly reason?: string; readonly answered?: number } = {},
): Promise<Reference> {
  const { tenant, erp, kind, code, by } = mapping;
  const { version, cause } = await readReference(ledger, tenant, erp, kind, code);
  const next = reference.parse({ ...mapping, version: await nextVersion(ledger, cause, version), at: ledger.stamp() });
  const isExpected = answered === undefined || version <= answered;
  if (!isExpected || !(await writeNext(ledger, cause, next, version, { option: 'correct', by, at: next.at, reason })))
    throw new ReferenceContended(`${kind} ${code} was changed by somebody else just now: read it again`);
  return next;
}

/**
 * Answers the question about a cause without another mapping: all orders that wait for it run again, or are cancelled. That too is a new
 * version, with what was mapped before: those that wait for an older one are the orders that it is about, whoever asks, however often.
 * @param answered version that the question is about
 * @returns false: somebody else has answered it
 */
export async function answerCause(ledger: Ledger, cause: string, answer: Omit<Cure, 'at'>, answered: number): Promise<boolean> {
  const { version = 0, ...item } = await readCauseItem(ledger, cause);
  if (version > answered) return false;
  const next = { ...item, version: await nextVersion(ledger, cause, Math.max(version, answered)) };
  return writeNext(ledger, cause, next, version, { ...answer, at: ledger.stamp() });
}

export async function listReferences(ledger: Ledger, tenant: string, erp: string, kind: ReferenceKind): Promise<Reference[]> {
  const found: Partial<Reference>[] = [];
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
    found.push(...(page.Items ?? []));
    start = page.LastEvaluatedKey;
  } while (start);
  // Without a target: only answered, never mapped.
  return found.filter((item): item is Reference => item.target !== undefined);
}
