import type { Message, SQSClient } from '@aws-sdk/client-sqs';

interface Held extends Message {
  handle: number;
  /** Milliseconds; until then it is hidden. */
  until: number;
  at: number;
}

interface Entry {
  readonly Id: string;
  readonly ReceiptHandle?: string;
  readonly VisibilityTimeout?: number;
  readonly MessageBody?: string;
  readonly MessageAttributes?: Message['MessageAttributes'];
}

interface Input {
  readonly QueueName: string;
  readonly QueueUrl: string;
  readonly MaxNumberOfMessages?: number;
  readonly VisibilityTimeout?: number;
  readonly MessageBody: string;
  readonly MessageAttributes?: Message['MessageAttributes'];
  readonly DelaySeconds?: number;
  readonly Entries: readonly Entry[];
}

/** Queues in memory behind the SQS client, by their short names: as much of SQS as the tools use. */
export function memoryQueues(...names: string[]) {
  const queues = new Map(names.map((name) => [name, [] as Held[]]));
  const calls: string[] = [];
  const failures = new Map<string, number>();
  let serial = 0;
  const clock = { now: Date.now };
  const hidden = ({ until }: Held): boolean => until > clock.now();
  const hide = (message: Held, seconds = 0): void => {
    message.until = clock.now() + seconds * 1000;
  };
  const held = (url: string): Held[] => queues.get(url) ?? [];
  const send = (
    name: string,
    body: string,
    { at = serial, attributes = {} }: { at?: number; attributes?: NonNullable<Message['MessageAttributes']> } = {},
  ) => {
    serial += 1;
    queues.get(name)?.push({ MessageId: `m${serial}`, Body: body, MessageAttributes: attributes, at, handle: 0, until: 0 });
  };
  const byHandle = (url: string, handle: string | undefined) => held(url).find((message) => `${message.MessageId}/${message.handle}` === handle);
  const each = (Entries: readonly Entry[], action: (entry: Entry) => boolean) => ({
    Successful: Entries.filter(action).map(({ Id }) => ({ Id })),
    Failed: [] as { Id: string; Code: string }[],
  });

  const commands: Record<string, (input: Input) => object> = {
    GetQueueUrlCommand: ({ QueueName }) => {
      const name = QueueName.replace('quotebridge-test-', '');
      if (!queues.has(name)) throw Object.assign(new Error(`no queue ${QueueName}`), { name: 'QueueDoesNotExist' });
      return { QueueUrl: name };
    },
    GetQueueAttributesCommand: ({ QueueUrl }) => ({
      Attributes: {
        ApproximateNumberOfMessages: String(held(QueueUrl).filter((message) => !hidden(message)).length),
        ApproximateNumberOfMessagesNotVisible: String(held(QueueUrl).filter(hidden).length),
      },
    }),
    ReceiveMessageCommand: ({ QueueUrl, MaxNumberOfMessages = 1, VisibilityTimeout = 30 }) => ({
      Messages: held(QueueUrl)
        .filter((message) => !hidden(message))
        .slice(0, MaxNumberOfMessages)
        .map((message) => {
          hide(message, VisibilityTimeout);
          message.handle += 1;
          const { at, handle, until: _until, ...rest } = message;
          return { ...rest, ReceiptHandle: `${message.MessageId}/${handle}`, Attributes: { SentTimestamp: String(at) } };
        }),
    }),
    ChangeMessageVisibilityBatchCommand: ({ QueueUrl, Entries }) =>
      each(Entries, ({ ReceiptHandle, VisibilityTimeout }) => {
        const message = byHandle(QueueUrl, ReceiptHandle);
        if (message) hide(message, VisibilityTimeout);
        return message !== undefined;
      }),
    SendMessageCommand: ({ QueueUrl, MessageBody, MessageAttributes }) => {
      send(QueueUrl, MessageBody, { attributes: MessageAttributes ?? {} });
      return {};
    },
    SendMessageBatchCommand: ({ QueueUrl, Entries }) =>
      each(Entries, ({ MessageBody = '', MessageAttributes = {} }) => {
        send(QueueUrl, MessageBody, { attributes: MessageAttributes });
        return true;
      }),
    DeleteMessageBatchCommand: ({ QueueUrl, Entries }) =>
      each(Entries, ({ ReceiptHandle }) => {
        const message = byHandle(QueueUrl, ReceiptHandle);
        const left = held(QueueUrl).filter((one) => one !== message);
        queues.set(QueueUrl, left);
        return message !== undefined;
      }),
  };

  const client = {
    send: async (command: { constructor: { name: string }; input: Input }) => {
      const { name } = command.constructor;
      calls.push(name);
      const left = failures.get(name);
      if (left !== undefined) failures.set(name, left - 1);
      if (left === 1) throw new Error(`${name} fails`);
      const answer = commands[name];
      if (!answer) throw new Error(`a command that these tests do not know: ${name}`);
      return answer(command.input);
    },
  } as unknown as SQSClient;

  return {
    client,
    calls,
    send,
    /** The n-th call of this command from now on fails. */
    failOn: (command: string, n = 1) => void failures.set(command, n),
    visible: (name: string): string[] => held(name).flatMap((message) => (hidden(message) ? [] : [message.Body ?? ''])),
    bodies: (name: string): string[] => held(name).map(({ Body = '' }) => Body),
    /** What visibility timeouts are measured by. */
    clock,
    /** How often each message that is still there was received. */
    receives: (name: string): number[] => held(name).map(({ handle }) => handle),
    take: (name: string): string[] => {
      const bodies = held(name).map(({ Body = '' }) => Body);
      queues.set(name, []);
      return bodies;
    },
  };
}
