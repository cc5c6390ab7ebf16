import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';

export type Send<Message> = (message: Message) => Promise<void>;

export function sender<Message>(queueUrl: string, client = new SQSClient({})): Send<Message> {
  return async (message) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  };
}
