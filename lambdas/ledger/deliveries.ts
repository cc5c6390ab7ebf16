import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { deliveryKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** Notes what a subscriber has acknowledged: the highest sequence, and how many deliveries it took. For people; it suppresses nothing. */
export async function acknowledged(ledger: Ledger, orderKey: string, subscriber: string, sequence: number): Promise<void> {
  const Key = deliveryKey(orderKey, subscriber);
  const { Attributes } = await ledger.client.send(
    new UpdateCommand({
      TableName: ledger.table,
      Key,
      UpdateExpression: 'SET subscriber = :subscriber, #at = :at, #sequence = if_not_exists(#sequence, :sequence) ADD attempts :one',
      ExpressionAttributeNames: { '#at': 'at', '#sequence': 'sequence' },
      ExpressionAttributeValues: { ':subscriber': subscriber, ':at': ledger.stamp(), ':sequence': sequence, ':one': 1 },
      ReturnValues: 'ALL_NEW',
    }),
  );
  if ((Attributes?.sequence as number) >= sequence) return;
  const raise = new UpdateCommand({
    TableName: ledger.table,
    Key,
    UpdateExpression: 'SET #sequence = :sequence',
    ConditionExpression: '#sequence < :sequence',
    ExpressionAttributeNames: { '#sequence': 'sequence' },
    ExpressionAttributeValues: { ':sequence': sequence },
  });
  await ledger.client.send(raise).catch((error: Error) => {
    // a newer one was noted meanwhile
    if (error.name !== 'ConditionalCheckFailedException') throw error;
  });
}
