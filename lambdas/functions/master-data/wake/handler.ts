import type { SQSEvent } from 'aws-lambda';
import { consumer } from '../../../aws/batch.ts';
import { sender } from '../../../aws/queue.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { env } from './env.ts';
import { type WakeDeps, wake } from './wake.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, RUN_QUEUE_URL, CAUSE_QUEUE_URL } = env.parse(process.env);
const deps: WakeDeps = {
  ledger: createLedger({ client: documentClient(), table: LEDGER_TABLE }),
  send: sender(RUN_QUEUE_URL),
  sendCause: sender(CAUSE_QUEUE_URL),
};

const consume = consumer(RUNTIME_TABLE);

export const handler = (event: SQSEvent) => consume.eachMessage(event, (body) => wake(deps, body));
