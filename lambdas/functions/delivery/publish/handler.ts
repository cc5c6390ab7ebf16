import type { AttributeValue } from '@aws-sdk/client-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { DynamoDBStreamEvent, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { eachMessage } from '../../../aws/batch.ts';
import { publisher } from '../../../aws/bus.ts';
import { sender } from '../../../aws/queue.ts';
import type { Fact } from '../../../ledger/append.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { env } from './env.ts';
import { type ForwardDeps, forward } from './forward.ts';
import { republish } from './republish.ts';

const { LEDGER_TABLE, BUSINESS_BUS, PUBLISH_RETRY_QUEUE_URL } = env.parse(process.env);
const publish = publisher(BUSINESS_BUS);
const deps: ForwardDeps = { publish, retry: sender(PUBLISH_RETRY_QUEUE_URL) };
const ledger = createLedger({ client: documentClient(), table: LEDGER_TABLE });

const isQueue = (event: SQSEvent | DynamoDBStreamEvent): event is SQSEvent => event.Records[0]?.eventSource === 'aws:sqs';

export const handler = async (event: SQSEvent | DynamoDBStreamEvent): Promise<SQSBatchResponse | undefined> => {
  if (isQueue(event)) return eachMessage(event, (body) => republish({ ledger, publish }, body));
  for (const record of event.Records) {
    const image = unmarshall((record.dynamodb?.NewImage ?? {}) as Record<string, AttributeValue>) as unknown as Fact & { pk: string };
    await forward(deps, { orderKey: image.pk.slice(2), seq: image.seq }, image.event);
  }
  return undefined;
};
