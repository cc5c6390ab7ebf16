import { GetCommand } from '@aws-sdk/lib-dynamodb';
import type { Reference } from '../../contracts/reference.ts';
import { cured, subjectOf } from '../domain/cause-task.ts';
import { type Head, SYSTEM } from '../domain/head.ts';
import { decideCauseWake } from '../domain/protocol/index.ts';
import type { Cure } from '../domain/waiting.ts';
import { askAboutCause, readCauseTask, writeCauseTask } from './cause-tasks.ts';
import { answerKey, referenceKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import type { TransactItems } from './table.ts';

/** The item of a cause: the mapping with its version. Without a target: only answered, never mapped. */
export async function readCauseItem(ledger: Ledger, cause: string): Promise<Partial<Reference>> {
  const { tenant, erp, kind, code } = subjectOf(cause);
  const Key = referenceKey(tenant, erp, kind, code);
  return (await ledger.client.send(new GetCommand({ TableName: ledger.table, Key, ConsistentRead: true }))).Item ?? {};
}

/** 0: nothing was ever said about it. */
export const versionOf = async (ledger: Ledger, cause: string): Promise<number> => (await readCauseItem(ledger, cause)).version ?? 0;

/** Holds as long as nobody has answered the question about this version of a cause. */
export function unanswered({ table }: Ledger, { wait }: Head): TransactItems[number] {
  const { tenant, erp, kind, code } = subjectOf(wait?.cause ?? '');
  return {
    ConditionCheck: {
      TableName: table,
      Key: referenceKey(tenant, erp, kind, code),
      ConditionExpression: 'attribute_not_exists(pk) OR #version <= :version',
      ExpressionAttributeNames: { '#version': 'version' },
      ExpressionAttributeValues: { ':version': wait?.causeVersion ?? 0 },
    },
  };
}

/**
 * The answer to those who wait for `version` of a cause: the one that made the next, whatever was answered later to others. undefined: nobody
 * is known to have given one.
 */
async function answerTo(ledger: Ledger, cause: string, version: number): Promise<Cure | undefined> {
  const Key = answerKey(cause, version + 1);
  const { Item } = await ledger.client.send(new GetCommand({ TableName: ledger.table, Key, ConsistentRead: true }));
  const { option, by, at, reason = '', to, code } = (Item ?? {}) as Partial<Cure>;
  return option && by && at ? { option, by, at, reason, to, code } : undefined;
}

/** The question about a cause is closed where it is about an older version than there is now, with the answer to it. */
export async function cureCause(ledger: Ledger, cause: string): Promise<void> {
  for (;;) {
    const task = await readCauseTask(ledger, cause);
    const version = await versionOf(ledger, cause);
    if (task?.state !== 'open' || task.causeVersion >= version) return;
    const nobody = { option: 'retry', by: SYSTEM, at: ledger.stamp(), reason: 'it was answered; nobody knows by whom' } as const;
    const next = cured(task, version, (await answerTo(ledger, cause, task.causeVersion)) ?? nobody);
    if (!next || (await writeCauseTask(ledger, next))) return;
  }
}

/**
 * Was the question answered that this order shares with others? Then it is due now, or cancelled, as the answer says. One that stops with
 * the cause meanwhile asks for itself (the end of its run), so what it waits for by then is not looked at here.
 */
export async function wakeForCause(ledger: Ledger, { orderKey, wait }: Head): Promise<boolean> {
  const { cause, causeVersion = 0 } = wait ?? {};
  if (!cause || (await versionOf(ledger, cause)) <= causeVersion) return false;
  const cure = await answerTo(ledger, cause, causeVersion);
  const { answer } = await ledger.change(orderKey, (head, now) => decideCauseWake(head, cause, causeVersion, now, cure));
  return answer === 'due';
}

/**
 * An order that was parked for a cause asks the one question about it. Then the cause is read again: if the mapping was corrected
 * meanwhile, or somebody answered, the question is closed and the order is due now (rule 8). @returns whether it is
 */
export async function askOrWake(ledger: Ledger, policy: Parameters<typeof askAboutCause>[1], head: Head): Promise<boolean> {
  const { cause } = head.wait ?? {};
  if (!cause) return false;
  await askAboutCause(ledger, policy, head);
  await cureCause(ledger, cause);
  return wakeForCause(ledger, head);
}
