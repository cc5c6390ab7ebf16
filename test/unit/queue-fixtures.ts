import type { Message, SQSClient } from '@aws-sdk/client-sqs';

interface Held extends Message {
  handle: number;
  hidden: boolean;
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
  readonly MessageBody: string;
  readonly MessageAttributes?: Message['MessageAttributes'];
  readonly DelaySeconds?: number;
  readonly Entries: readonly Entry[];
}

/** Queues in memory behind the SQS client, by their short names: as much of SQS as the tools use. Hidden messages come back by `comeBack`. */
export function memoryQueues(...names: string[]) {
  const queues = new Map(names.map((name) => [name, [] as Held[]]));
  const calls: string[] = [];
  const failures = new Map<string, number>();
  let serial = 0;
  const held = (url: string): Held[] => queues.get(url) ?? [];
  const send = (
    name: string,
    body: string,
    { at = serial, attributes = {} }: { at?: number; attributes?: NonNullable<Message['MessageAttributes']> } = {},
  ) => {
    serial += 1;
    queues.get(name)?.push({ MessageId: `m${serial}`, Body: body, MessageAttributes: attributes, at, handle: 0, hidden: false });
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
        ApproximateNumberOfMessages: String(held(QueueUrl).filter(({ hidden }) => !hidden).length),
        ApproximateNumberOfMessagesNotVisible: String(held(QueueUrl).filter(({ hidden }) => hidden).length),
      },
    }),
    ReceiveMessageCommand: ({ QueueUrl, MaxNumberOfMessages = 1 }) => ({
      Messages: held(QueueUrl)
        .filter(({ hidden }) => !hidden)
        .slice(0, MaxNumberOfMessages)
        .map((message) => {
          message.hidden = true;
          message.handle += 1;
          const { at, handle, hidden: _hidden, ...rest } = message;
          return { ...rest, ReceiptHandle: `${message.MessageId}/${handle}`, Attributes: { SentTimestamp: String(at) } };
        }),
    }),
    ChangeMessageVisibilityBatchCommand: ({ QueueUrl, Entries }) =>
      each(Entries, ({ ReceiptHandle, VisibilityTimeout }) => {
        const message = byHandle(QueueUrl, ReceiptHandle);
        if (message) message.hidden = VisibilityTimeout !== 0;
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
    visible: (name: string): string[] => held(name).flatMap(({ hidden, Body = '' }) => (hidden ? [] : [Body])),
    bodies: (name: string): string[] => held(name).map(({ Body = '' }) => Body),
    /** Whoever had received them is gone: the visibility timeout has passed. */
    comeBack: (name: string): void => {
      for (const message of held(name)) message.hidden = false;
    },
    take: (name: string): string[] => {
      const bodies = held(name).map(({ Body = '' }) => Body);
      queues.set(name, []);
      return bodies;
    },
  };
}
