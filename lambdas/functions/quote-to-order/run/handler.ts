import type { SQSEvent } from 'aws-lambda';
import { consumer } from '../../../aws/batch.ts';
import { createExecutions } from '../../../aws/executions.ts';
import { measured } from '../../../aws/metrics.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { sender } from '../../../aws/queue.ts';
import { createAdmission } from '../../../ledger/admission.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { createSlots } from '../../../ledger/slots.ts';
import { documentClient } from '../../../ledger/table.ts';
import { dispatch } from './dispatch.ts';
import { env } from './env.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, STATE_MACHINE_ARN, RUN_QUEUE_URL } = env.parse(process.env);
const client = documentClient();
const policy = loadPolicy(new URL('policy.json', import.meta.url));
const ledger = createLedger({ client, table: LEDGER_TABLE });
const send = sender<{ orderKey: string }>(RUN_QUEUE_URL);
const admission = createAdmission({ ledger, slots: createSlots({ client, table: RUNTIME_TABLE }), policy, send });
const deps = { ledger, policy, admission, send, executions: createExecutions(STATE_MACHINE_ARN) };
const consume = consumer(RUNTIME_TABLE);

export const handler = measured((event: SQSEvent) => consume.eachMessage(event, (body) => dispatch(deps, body)));
