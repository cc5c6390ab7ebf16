import { GetCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { ERRORS } from '../../contracts/errors.ts';
import { type Cause, type CauseTask, opened } from '../domain/cause-task.ts';
import type { Head } from '../domain/head.ts';
import { parkingOf } from '../domain/rules.ts';
import { waitsForCauseSince } from '../domain/waiting.ts';
import { causeTaskKey, taskPlaceKey } from './keys.ts';
import { type Ledger, lost } from './ledger.ts';
import { indexed } from './task-items.ts';

export async function readCauseTask(ledger: Ledger, cause: string): Promise<CauseTask | undefined> {
  const { Item } = await ledger.client.send(new GetCommand({ TableName: ledger.table, Key: causeTaskKey(cause), ConsistentRead: true }));
  if (!Item) return undefined;
  const { pk: _pk, sk: _sk, taskOwner: _owner, taskDue: _due, ...task } = Item;
  return task as unknown as CauseTask;
}

/** The open question that an order shares with others; undefined: it waits for none. */
export async function sharedQuestion(ledger: Ledger, { wait }: Pick<Head, 'wait'>): Promise<CauseTask | undefined> {
  const task = wait?.kind === 'person' && wait.cause ? await readCauseTask(ledger, wait.cause) : undefined;
  return task?.state === 'open' ? task : undefined;
}

/** The same of many orders: each question is read once. */
export async function sharedQuestions(ledger: Ledger, heads: readonly Head[]): Promise<(head: Head) => CauseTask | undefined> {
  const first = [...Map.groupBy(heads, ({ wait }) => wait?.cause).values()].flatMap(([head]) => head ?? []);
  const tasks = new Map(await Promise.all(first.map(async (head) => [head.wait?.cause, await sharedQuestion(ledger, head)] as const)));
  return ({ wait }) => (wait?.kind === 'person' ? tasks.get(wait.cause) : undefined);
}

const conditional = (ledger: Ledger, task: CauseTask) => ({
  TableName: ledger.table,
  Item: { ...causeTaskKey(task.cause), ...task, ...indexed(task) },
  ...(task.version === 1
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': task.version - 1 },
      }),
});

/** Writes the next version of the question, with its place: of a backup of before that may be missing. false: somebody else did. */
export async function writeCauseTask(ledger: Ledger, task: CauseTask): Promise<boolean> {
  const place = { Put: { TableName: ledger.table, Item: { ...taskPlaceKey(task.id), cause: task.cause } } };
  return ledger.client.send(new TransactWriteCommand({ TransactItems: [{ Put: conditional(ledger, task) }, place] })).then(
    () => true,
    (error: unknown) => {
      if (lost(error)) return false;
      throw error;
    },
  );
}

/** Whoever parks for a cause asks its question: a read when it is open already, so a thousand orders do not meet at one item. */
export async function openCauseTask(ledger: Ledger, cause: Cause, answerDue: string): Promise<void> {
  for (;;) {
    const task = opened(await readCauseTask(ledger, cause.cause), cause, ledger.stamp(), answerDue);
    if (!task || (await writeCauseTask(ledger, task))) return;
  }
}

/** Asks the question about the cause that an order waits for; one that waits for none asks nothing. */
export async function askAboutCause(ledger: Ledger, policy: Parameters<typeof parkingOf>[0], { wait, ...head }: Head): Promise<void> {
  const { cause, causeVersion = 0, code } = wait ?? {};
  if (!wait || !cause || !code) return;
  const { region, businessUnit } = head.route;
  const order = { cause, causeVersion, code, deadline: head.deadline, place: { region, businessUnit }, since: waitsForCauseSince(wait) };
  await openCauseTask(ledger, order, parkingOf(policy, head).answerDue(code, ERRORS[code].owner, ledger.stamp()));
}
