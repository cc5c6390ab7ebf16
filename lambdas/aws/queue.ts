import { ChangeMessageVisibilityCommand, GetQueueUrlCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSRecord } from 'aws-lambda';

export type Send<Message> = (message: Message) => Promise<void>;

export function sender<Message>(queueUrl: string, client = new SQSClient({})): Send<Message> {
  return async (message) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: JSON.stringify(message) }));
  };
}

/** Hides a message that was received for so many seconds from now; 0 shows it again at once. */
export type Hide = (message: Pick<SQSRecord, 'eventSourceARN' | 'receiptHandle'>, seconds: number) => Promise<void>;

/** The URL of a queue does not follow from its ARN in every partition and on every cloud: it is asked for, once. */
export function hider(client = new SQSClient({ useQueueUrlAsEndpoint: false })): Hide {
  const urls = new Map<string, Promise<string>>();
  const ask = async (arn: string): Promise<string> => {
    const [, , , , account, name] = arn.split(':');
    const { QueueUrl = '' } = await client.send(new GetQueueUrlCommand({ QueueName: name, QueueOwnerAWSAccountId: account }));
    return QueueUrl;
  };
  // The promise is kept, so that the messages of one batch ask once; a refusal is not.
  const urlOf = (arn: string): Promise<string> => {
    const asked = urls.get(arn) ?? ask(arn);
    urls.set(arn, asked);
    return asked.catch((error: unknown) => {
      urls.delete(arn);
      throw error;
    });
  };
  return async ({ eventSourceARN, receiptHandle }, seconds) => {
    const QueueUrl = await urlOf(eventSourceARN);
    await client.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: receiptHandle, VisibilityTimeout: seconds }));
  };
}
