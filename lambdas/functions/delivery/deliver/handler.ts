import { ChangeMessageVisibilityCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSEvent } from 'aws-lambda';
import { eachMessage } from '../../../aws/batch.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { createSecrets } from '../../../aws/secrets.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { type DeliverDeps, endpoint } from './deliver.ts';
import { env } from './env.ts';
import { keepTrying, subscriberQueues } from './keep-trying.ts';

const { LEDGER_TABLE, SUBSCRIBER_QUEUES } = env.parse(process.env);
const { subscribers } = loadPolicy(new URL('policy.json', import.meta.url));
const queues = subscriberQueues.parse(JSON.parse(SUBSCRIBER_QUEUES));
const secrets = createSecrets();
const sqs = new SQSClient({});
const deps: DeliverDeps = {
  ledger: createLedger({ client: documentClient(), table: LEDGER_TABLE }),
  endpointOf: async (name) => endpoint.parse(await secrets.get(subscribers[name]?.secretName ?? '')),
};

export const handler = (event: SQSEvent) =>
  eachMessage(event, (body, record) =>
    keepTrying(deps, queues, body, record, async (QueueUrl, VisibilityTimeout) => {
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: record.receiptHandle, VisibilityTimeout }));
    }),
  );
