import type { Context, SQSEvent } from 'aws-lambda';
import { consumer } from '../../../aws/batch.ts';
import { publisher } from '../../../aws/bus.ts';
import { measured } from '../../../aws/metrics.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { sender } from '../../../aws/queue.ts';
import { createAdmission } from '../../../ledger/admission.ts';
import { createDigests } from '../../../ledger/digests.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { createSlots } from '../../../ledger/slots.ts';
import { documentClient } from '../../../ledger/table.ts';
import { env } from './env.ts';
import { keepSweeping } from './keep-sweeping.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, RUN_QUEUE_URL, BUSINESS_BUS } = env.parse(process.env);
const client = documentClient();
const policy = loadPolicy(new URL('policy.json', import.meta.url));
const ledger = createLedger({ client, table: LEDGER_TABLE });
const send = sender<{ orderKey: string }>(RUN_QUEUE_URL);
const runtime = { client, table: RUNTIME_TABLE };
const admission = createAdmission({ ledger, slots: createSlots(runtime), policy, send });
const deps = { ledger, policy, send, admission, digests: createDigests(runtime), publish: publisher(BUSINESS_BUS) };
const consume = consumer(RUNTIME_TABLE);

export const handler = measured((event: SQSEvent, context: Context) =>
  consume.eachText(event, () => keepSweeping(deps, () => context.getRemainingTimeInMillis())),
);
