import {
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  type Message,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import type { Policy } from '../../contracts/policy.ts';
import { type DeadLetterDefinition, deadLettersOf, type QueueDefinition, queuesOf } from '../../contracts/queues.ts';

/** Messages of a queue, as SQS counts them: approximately. */
export interface Depth {
  readonly visible: number;
  readonly inFlight: number;
  readonly delayed: number;
}

/** A queue as it is now. */
export type QueueState = QueueDefinition & Depth & { readonly url: string };

/** A dead-letter queue as it is now. `oldestAt`: when the oldest of at most ten messages was first sent; ISO 8601. */
export type DeadLetterState = DeadLetterDefinition & Depth & { readonly url: string; readonly oldestAt?: string | undefined };

/** What SQS takes in one call. */
const BATCH = 10;
/** Seconds that messages stay hidden while they are looked at: they come back by themselves if whoever looks dies. */
const PEEK_SECONDS = 30;

/** A message to send; attributes as they were received. */
export interface Outgoing {
  readonly body: string;
  readonly attributes?: Message['MessageAttributes'];
}

/** Bytes of all messages of one call: the smallest limit of the clouds is 256 KiB. */
const BATCH_BYTES = 250_000;

/** Places of messages that fit into one call. */
function batchesOf(messages: readonly Outgoing[]): number[][] {
  const batches: number[][] = [];
  let bytes = 0;
  for (const [at, { body }] of messages.entries()) {
    const size = Buffer.byteLength(body);
    const last = batches.at(-1);
    if (last && last.length < BATCH && bytes + size <= BATCH_BYTES) last.push(at);
    else batches.push([at]);
    bytes = last === batches.at(-1) ? bytes + size : size;
  }
  return batches;
}

/** Calls for ten at a time, side by side. */
async function inBatches(handles: readonly string[], call: (batch: readonly string[]) => Promise<void>): Promise<void> {
  const batches = Array.from({ length: Math.ceil(handles.length / BATCH) }, (_, at) => handles.slice(at * BATCH, (at + 1) * BATCH));
  await Promise.all(batches.map(call));
}

/** When the message was sent for the first time; a dead-letter queue keeps that. */
export const sentAt = ({ Attributes }: Message): string => new Date(Number(Attributes?.SentTimestamp ?? 0)).toISOString();

/** A message as the ledger's side knows it: names and texts. */
export const rawMessage = (message: Message) => ({
  id: message.MessageId ?? '',
  body: message.Body ?? '',
  sentAt: sentAt(message),
  attributes: Object.fromEntries(Object.entries(message.MessageAttributes ?? {}).map(([name, { StringValue = '' }]) => [name, StringValue])),
});

export type Queues = ReturnType<typeof createQueues>;

/** The queues of one deployment by their short names. @param prefix `quotebridge-<stage>` */
export function createQueues(prefix: string, client = new SQSClient({})) {
  const urls = new Map<string, Promise<string>>();
  const lookUp = async (name: string): Promise<string> => {
    const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: `${prefix}-${name}` }));
    return QueueUrl;
  };

  /** By name: the local clouds' URLs cannot be worked out. @throws QueueDoesNotExist */
  function urlOf(name: string): Promise<string> {
    const known = urls.get(name);
    if (known) return known;
    const url = lookUp(name);
    urls.set(name, url);
    url.catch(() => urls.delete(name));
    return url;
  }

  async function depth(name: string): Promise<Depth & { url: string }> {
    const url = await urlOf(name);
    const AttributeNames = ['ApproximateNumberOfMessages', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateNumberOfMessagesDelayed'] as const;
    const { Attributes = {} } = await client.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: [...AttributeNames] }));
    const [visible, inFlight, delayed] = AttributeNames.map((attribute) => Number(Attributes[attribute] ?? 0));
    return { url, visible: visible ?? 0, inFlight: inFlight ?? 0, delayed: delayed ?? 0 };
  }

  async function receive(name: string, hiddenSeconds: number, most = BATCH): Promise<Message[]> {
    const { Messages = [] } = await client.send(
      new ReceiveMessageCommand({
        QueueUrl: await urlOf(name),
        MaxNumberOfMessages: Math.min(most, BATCH),
        VisibilityTimeout: hiddenSeconds,
        // A short poll asks only some of the servers and may find nothing though there is something.
        WaitTimeSeconds: 1,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['SentTimestamp', 'ApproximateReceiveCount'],
      }),
    );
    return Messages;
  }

  /** Hides messages that were received for so many seconds from now; 0 shows them again. */
  async function hide(name: string, handles: readonly string[], seconds: number): Promise<void> {
    const QueueUrl = await urlOf(name);
    await inBatches(handles, async (batch) => {
      const Entries = batch.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle, VisibilityTimeout: seconds }));
      await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
    });
  }

  /** Deletes messages that were received; one that could not be deleted comes back. */
  async function remove(name: string, handles: readonly string[]): Promise<void> {
    const QueueUrl = await urlOf(name);
    await inBatches(handles, async (batch) => {
      const Entries = batch.map((ReceiptHandle, at) => ({ Id: String(at), ReceiptHandle }));
      await client.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    });
  }

  /** @returns the places of those that SQS has taken */
  async function sendAll(name: string, messages: readonly Outgoing[]): Promise<Set<number>> {
    const QueueUrl = await urlOf(name);
    const sends = batchesOf(messages).map(async (batch) => {
      const Entries = batch.map((at) => ({ Id: String(at), MessageBody: messages[at]?.body, MessageAttributes: messages[at]?.attributes }));
      const { Successful = [] } = await client.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      return Successful.map(({ Id }) => Number(Id));
    });
    return new Set((await Promise.all(sends)).flat());
  }

  /**
   * Looks at messages and puts them back. Only for dead-letter queues: it counts as a receive, of which they have no limit, and a
   * consumer would miss what is being looked at.
   */
  async function peek(name: string, limit = BATCH): Promise<Message[]> {
    const found = new Map<string, Message>();
    try {
      while (found.size < limit) {
        const page = await receive(name, PEEK_SECONDS, limit - found.size);
        const before = found.size;
        for (const message of page) found.set(message.MessageId ?? '', message);
        if (found.size === before) break;
      }
    } finally {
      await hide(
        name,
        [...found.values()].map(({ ReceiptHandle = '' }) => ReceiptHandle),
        0,
      );
    }
    return [...found.values()].sort((a, b) => (sentAt(a) < sentAt(b) ? -1 : 1));
  }

  async function deadLetters(definition: DeadLetterDefinition): Promise<DeadLetterState> {
    const state = await depth(definition.name);
    const [oldest] = state.visible > 0 ? await peek(definition.name) : [];
    return { ...definition, ...state, ...(oldest && { oldestAt: sentAt(oldest) }) };
  }

  return {
    urlOf,
    depth,
    receive,
    hide,
    remove,
    sendAll,
    peek,
    /** Every queue and every dead-letter queue of the deployment. @throws QueueDoesNotExist where the stacks are of another version */
    async all(policy: Pick<Policy, 'subscribers'>): Promise<{ queues: QueueState[]; deadLetters: DeadLetterState[] }> {
      const [queues, dead] = await Promise.all([
        Promise.all(queuesOf(policy).map(async (queue) => ({ ...queue, ...(await depth(queue.name)) }))),
        Promise.all(deadLettersOf(policy).map(deadLetters)),
      ]);
      return { queues, deadLetters: dead };
    },
  };
}
