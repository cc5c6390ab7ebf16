import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';

export interface SlotsOptions {
  readonly client: DynamoDBDocumentClient;
  readonly table: string;
  readonly now?: () => Date;
}

export type Slots = ReturnType<typeof createSlots>;

/** A slot that is held: by which run of which order, and for how long. */
export interface Lease {
  readonly slot: number;
  readonly lease: string;
  readonly orderKey: string;
  readonly run: number;
  readonly ageSeconds: number;
}

/** Token of the run that would hold a slot: two starters of the same run get the same slot. */
export const leaseOf = (orderKey: string, run: number): string => `${orderKey}#${run}`;

const id = (erp: string, slot: number): string => `SLOT#${erp}#${slot}`;

const refused = (error: unknown): false => {
  if (error instanceof ConditionalCheckFailedException) return false;
  throw error;
};

/** Leased slots that bound the live runs per ERP instance (rule 6). A lease outlives any run, so a slot of a dead run comes back by itself. */
export function createSlots({ client, table, now = () => new Date() }: SlotsOptions) {
  const seconds = () => Math.floor(now().getTime() / 1000);

  async function take(erp: string, slot: number, lease: string, leaseSeconds: number): Promise<boolean> {
    const expires = seconds() + leaseSeconds;
    const put = new PutCommand({
      TableName: table,
      Item: { id: id(erp, slot), lease, takenAt: seconds(), expires, expiration: expires + 3600 },
      ConditionExpression: 'attribute_not_exists(id) OR lease = :lease OR expires < :now',
      ExpressionAttributeValues: { ':lease': lease, ':now': seconds() },
    });
    return client.send(put).then(() => true, refused);
  }

  return {
    /** The number of the slot that was taken; undefined: all are held. */
    async acquire(erp: string, lease: string, maxInFlight: number, leaseSeconds: number): Promise<number | undefined> {
      for (let slot = 0; slot < maxInFlight; slot++) if (await take(erp, slot, lease, leaseSeconds)) return slot;
      return undefined;
    },

    /** Gives the slot back; false: it was not ours (any more). */
    async free(erp: string, slot: number, lease: string): Promise<boolean> {
      const remove = new DeleteCommand({
        TableName: table,
        Key: { id: id(erp, slot) },
        ConditionExpression: 'lease = :lease',
        ExpressionAttributeValues: { ':lease': lease },
      });
      return client.send(remove).then(() => true, refused);
    },

    /** Leases in force. */
    async held(erp: string, maxInFlight: number): Promise<Lease[]> {
      const items = await Promise.all(
        Array.from({ length: maxInFlight }, (_, slot) =>
          client.send(new GetCommand({ TableName: table, Key: { id: id(erp, slot) }, ConsistentRead: true })),
        ),
      );
      return items.flatMap(({ Item }, slot) => {
        if (!Item || (Item.expires as number) < seconds()) return [];
        const [orderKey = '', run] = String(Item.lease).split('#');
        return [{ slot, lease: String(Item.lease), orderKey, run: Number(run), ageSeconds: seconds() - (Item.takenAt as number) }];
      });
    },
  };
}
