import type { Context, DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { consumer } from '../../../aws/batch.ts';
import { publisher } from '../../../aws/bus.ts';
import { measured } from '../../../aws/metrics.ts';
import { sender } from '../../../aws/queue.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { env } from './env.ts';
import { type FactPointer, forward } from './forward.ts';
import { republish } from './republish.ts';
import { streamed } from './streamed.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, BUSINESS_BUS, PUBLISH_RETRY_QUEUE_URL } = env.parse(process.env);
const publish = publisher(BUSINESS_BUS);
const retry = sender<FactPointer>(PUBLISH_RETRY_QUEUE_URL);
const ledger = createLedger({ client: documentClient(), table: LEDGER_TABLE });
const consume = consumer(RUNTIME_TABLE);

const isQueue = (event: SQSEvent | DynamoDBStreamEvent): event is SQSEvent => event.Records[0]?.eventSource === 'aws:sqs';

export const handler = measured(async (event: SQSEvent | DynamoDBStreamEvent, context: Context): Promise<SQSBatchResponse | undefined> => {
  if (isQueue(event)) return consume.eachMessage(event, (body) => republish({ ledger, publish }, body));
  await forward({ publish, retry, left: () => context.getRemainingTimeInMillis() }, streamed(event));
  return undefined;
});
