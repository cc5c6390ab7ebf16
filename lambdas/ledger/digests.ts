import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import type { OwnerGroup } from '../../contracts/errors.ts';
import type { Told } from '../domain/digest.ts';

const key = (owner: OwnerGroup) => ({ id: `DIGEST#${owner}` });

/** What each group was told last of what it is asked, in the runtime table: if it is lost, one digest is sent once more. */
export const createDigests = ({ client, table }: { readonly client: DynamoDBDocumentClient; readonly table: string }) => ({
  async last(owner: OwnerGroup): Promise<Told | undefined> {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: key(owner), ConsistentRead: true }));
    // Written before names were remembered: until when alone.
    return Item && { until: String(Item.toldUntil), newest: (Item.newest ?? []) as string[] };
  },
  async told(owner: OwnerGroup, { until, newest }: Told): Promise<void> {
    await client.send(new PutCommand({ TableName: table, Item: { ...key(owner), toldUntil: until, newest } }));
  },
});
export type Digests = ReturnType<typeof createDigests>;
