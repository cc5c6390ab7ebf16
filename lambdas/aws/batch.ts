import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { logger } from './logger.ts';

/** One message of a queue; `failed` messages come back by themselves and end in the dead-letter queue. */
export type MessageAction = (body: unknown, record: SQSRecord) => Promise<void>;

function parse(record: SQSRecord): unknown {
  try {
    return JSON.parse(record.body);
  } catch (cause) {
    throw new Error(`message ${record.messageId} is not JSON`, { cause });
  }
}

/** A batch of a queue, message by message: one that fails does not hold back the others. */
export async function eachMessage(event: SQSEvent, action: MessageAction): Promise<SQSBatchResponse> {
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const record of event.Records) {
    try {
      await action(parse(record), record);
    } catch (error) {
      logger.error('message failed', { messageId: record.messageId, error: error as Error });
      batchItemFailures.push({ itemIdentifier: record.messageId });
    }
  }
  return { batchItemFailures };
}
