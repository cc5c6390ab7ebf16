import { QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import type { Outcome } from '../domain/replay.ts';
import { outcomeKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** Of a transaction; DynamoDB takes 100 items. */
const TOGETHER = 100;

/** What came of messages; of the same message again it is written over. */
export async function writeOutcomes({ client, table }: Ledger, replay: string, outcomes: readonly Outcome[]): Promise<void> {
  for (let from = 0; from < outcomes.length; from += TOGETHER) {
    const puts = outcomes
      .slice(from, from + TOGETHER)
      .map((outcome) => ({ Put: { TableName: table, Item: { ...outcomeKey(replay, outcome.id), ...outcome } } }));
    await client.send(new TransactWriteCommand({ TransactItems: puts }));
  }
}

/** One page of outcomes, by message. */
export async function readOutcomes({ client, table }: Ledger, replay: string, limit: number, after?: string) {
  const page = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': outcomeKey(replay, '').pk },
      ConsistentRead: true,
      Limit: limit,
      ...(after !== undefined && { ExclusiveStartKey: outcomeKey(replay, after) }),
    }),
  );
  const outcomes = (page.Items ?? []).map(({ pk: _pk, sk: _sk, ...outcome }) => outcome as unknown as Outcome);
  return { outcomes, next: page.LastEvaluatedKey === undefined ? undefined : String(page.LastEvaluatedKey.sk) };
}

/** All outcomes, page by page. */
export async function* allOutcomes(ledger: Ledger, replay: string): AsyncGenerator<Outcome[]> {
  let after: string | undefined;
  do {
    const { outcomes, next } = await readOutcomes(ledger, replay, 1000, after);
    yield outcomes;
    after = next;
  } while (after !== undefined);
}

/** Of how many messages the replay has the handle, which are those that it hides. */
export async function heldBack(ledger: Ledger, replay: string): Promise<number> {
  let held = 0;
  for await (const outcomes of allOutcomes(ledger, replay)) held += outcomes.filter(({ handle }) => handle !== undefined).length;
  return held;
}
