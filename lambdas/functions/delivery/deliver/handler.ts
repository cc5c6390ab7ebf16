import type { SQSEvent } from 'aws-lambda';
import { subscriberOf } from '../../../../contracts/queues.ts';
import { consumer, queueNameOf } from '../../../aws/batch.ts';
import { measured } from '../../../aws/metrics.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { createSecrets } from '../../../aws/secrets.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { type DeliverDeps, deliver } from './deliver.ts';
import { readEndpoint } from './endpoint.ts';
import { env } from './env.ts';

const { LEDGER_TABLE, RUNTIME_TABLE } = env.parse(process.env);
const { subscribers } = loadPolicy(new URL('policy.json', import.meta.url));
const secrets = createSecrets();
const deps: DeliverDeps = {
  ledger: createLedger({ client: documentClient(), table: LEDGER_TABLE }),
  endpointOf: (name) => readEndpoint(subscribers, name, secrets.get),
  forgetEndpoint: (name) => secrets.forget(subscribers[name]?.secretName ?? ''),
};
const consume = consumer(RUNTIME_TABLE);

export const handler = measured((event: SQSEvent) =>
  consume.eachMessage(event, (body, record) => deliver(deps, subscriberOf(queueNameOf(record)), body)),
);
