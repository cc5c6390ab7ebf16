import { BatchGetCommand, DeleteCommand, type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { ErrorCode } from '../../contracts/errors.ts';
import { hashOf } from '../domain/identity.ts';
import { jsonOf } from '../domain/labels.ts';

/** What is known of a message that a consumer could not handle. An index for people and tools, kept in the runtime table; the message itself stays in its queue. */
export interface Failure {
  /** Name of the queue, without the prefix of the stage. */
  readonly queue: string;
  /** The message as SQS named it at the last try; a redriven one has another. */
  readonly messageId: string;
  readonly code: ErrorCode;
  /** What the error says, at most 300 characters: our own words, or those of a vendor as its connector lets them through. */
  readonly detail: string;
  /** All tries that were noted, over every redrive. */
  readonly attempts: number;
  /** Tries in a row under this `messageId` and for this `code`. */
  readonly tries: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly tenant?: string | undefined;
  readonly orderKey?: string | undefined;
  readonly correlationId?: string | undefined;
}

export interface FailuresOptions {
  readonly client: DynamoDBDocumentClient;
  /** The runtime table. */
  readonly table: string;
  readonly now?: () => Date;
}

/** A dead-letter queue keeps a message for 14 days, the queue before it for 4. */
const KEPT_SECONDS = 18 * 24 * 3600;

/** A message is known by its queue and by what it says, which stay the same over redrives. LocalStack hands JSON over in other words than it was sent. */
export const failureId = (queue: string, body: string): string => `FAILURE#${queue}#${hashOf(jsonOf(body) ?? body)}`;

export type Failures = ReturnType<typeof createFailures>;

/** The index of failures, by the text of the message. */
export function createFailures({ client, table, now = () => new Date() }: FailuresOptions) {
  const read = async (queue: string, body: string): Promise<Failure | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: table, Key: { id: failureId(queue, body) }, ConsistentRead: true }));
    return Item as unknown as Failure | undefined;
  };
  /** Of many messages at once, by `failureId`; at most 100. */
  async function readAll(ids: readonly string[]): Promise<Map<string, Failure>> {
    const found = new Map<string, Failure>();
    let keys: Record<string, unknown>[] = [...new Set(ids)].map((id) => ({ id }));
    while (keys.length > 0) {
      const page = await client.send(new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }));
      for (const item of page.Responses?.[table] ?? []) found.set(String(item.id), item as unknown as Failure);
      keys = (page.UnprocessedKeys?.[table]?.Keys ?? []) as Record<string, unknown>[];
    }
    return found;
  }
  return {
    read,
    readAll,

    /** Notes one more try. @returns how many there were in a row under this id and for this reason */
    async note(body: string, failure: Omit<Failure, 'attempts' | 'tries' | 'firstAt' | 'lastAt'>): Promise<number> {
      const before = await read(failure.queue, body);
      const at = now().toISOString();
      const tries = before?.messageId === failure.messageId && before.code === failure.code ? before.tries + 1 : 1;
      const values: Record<string, unknown> = {
        ...failure,
        detail: failure.detail.slice(0, 300).toWellFormed(),
        tries,
        lastAt: at,
        expiration: Math.floor(now().getTime() / 1000) + KEPT_SECONDS,
      };
      const names = Object.keys(values).filter((name) => values[name] !== undefined);
      await client.send(
        new UpdateCommand({
          TableName: table,
          Key: { id: failureId(failure.queue, body) },
          UpdateExpression: `SET firstAt = if_not_exists(firstAt, :at), ${names.map((name) => `#${name} = :${name}`).join(', ')} ADD attempts :one`,
          ExpressionAttributeNames: Object.fromEntries(names.map((name) => [`#${name}`, name])),
          ExpressionAttributeValues: { ':at': at, ':one': 1, ...Object.fromEntries(names.map((name) => [`:${name}`, values[name]])) },
        }),
      );
      return tries;
    },

    /** It was handled after all. */
    async forget(queue: string, body: string): Promise<void> {
      await client.send(new DeleteCommand({ TableName: table, Key: { id: failureId(queue, body) } }));
    },
  };
}
