import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { OwnerGroup } from '../../contracts/errors.ts';

const key = (owner: OwnerGroup) => ({ id: `DIGEST#${owner}` });

/** Until when each group has been told what it is asked, in the runtime table: if it is lost, one digest is sent once more. */
export const createDigests = ({ client, table }: { readonly client: DynamoDBDocumentClient; readonly table: string }) => ({
  async toldUntil(owner: OwnerGroup): Promise<string | undefined> {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: key(owner), ConsistentRead: true }));
    return Item?.toldUntil as string | undefined;
  },
  async told(owner: OwnerGroup, toldUntil: string): Promise<void> {
    await client.send(new PutCommand({ TableName: table, Item: { ...key(owner), toldUntil } }));
  },
});
export type Digests = ReturnType<typeof createDigests>;
