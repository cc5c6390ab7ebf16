import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { logger } from './logger.ts';

/**
 * A batch of a queue, all messages side by side, since no order is promised: one that fails does not hold back the others. It comes
 * back by itself and ends in the dead-letter queue.
 */
export async function eachText(event: SQSEvent, action: (text: string, record: SQSRecord) => Promise<void>): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  const one = async (record: SQSRecord) => {
    try {
      await action(record.body, record);
    } catch (error) {
      logger.error('message failed', { messageId: record.messageId, error: error as Error });
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  };
  await Promise.all(event.Records.map(one));
  return { batchItemFailures };
}

/** The same for messages in JSON; one that is not fails. */
export const eachMessage = (event: SQSEvent, action: (body: unknown, record: SQSRecord) => Promise<void>): Promise<SQSBatchResponse> =>
  eachText(event, (text, record) => action(JSON.parse(text), record));
