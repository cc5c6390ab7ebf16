import { setTimeout } from 'node:timers/promises';
import type { Context } from 'aws-lambda';
import { replayMessage } from '../../../../contracts/replay.ts';
import { consumer } from '../../../aws/batch.ts';
import { publisher } from '../../../aws/bus.ts';
import { measured } from '../../../aws/metrics.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { createQueues } from '../../../aws/queues.ts';
import { parsed } from '../../../domain/rejected.ts';
import { createFailures } from '../../../ledger/failures.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { begin, isWork } from './begin.ts';
import { env } from './env.ts';
import { work } from './work.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, BUSINESS_BUS, QUEUE_PREFIX } = env.parse(process.env);
const client = documentClient();
const tools = { prefix: QUEUE_PREFIX, queues: createQueues(QUEUE_PREFIX), publish: publisher(BUSINESS_BUS), pause: setTimeout };
const stores = { ledger: createLedger({ client, table: LEDGER_TABLE }), failures: createFailures({ client, table: RUNTIME_TABLE }) };
const policy = loadPolicy(new URL('policy.json', import.meta.url));
const consume = consumer(RUNTIME_TABLE);

export const handler = measured(async (event: unknown, context: Context) => {
  const [, , , region = '', account = ''] = context.invokedFunctionArn.split(':');
  const deps = { ...tools, ...stores, policy, place: { account, region }, left: () => context.getRemainingTimeInMillis() };
  if (!isWork(event)) return begin(deps, event);
  return consume.eachMessage(event, (body, { messageId }) => work(deps, parsed(replayMessage, body).replay, messageId));
});
