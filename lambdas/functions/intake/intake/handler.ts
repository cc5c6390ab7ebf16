import type { Context, SQSEvent } from 'aws-lambda';
import type { CpqMessage } from '../../../../contracts/intake.ts';
import { consumer } from '../../../aws/batch.ts';
import { publisher } from '../../../aws/bus.ts';
import { measured } from '../../../aws/metrics.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { sender } from '../../../aws/queue.ts';
import { createDocuments } from '../../../ledger/documents.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { env } from './env.ts';
import { takeIn } from './take-in.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, DOCUMENT_BUCKET, BUSINESS_BUS, CPQ_QUEUE_URL } = env.parse(process.env);
const deps = {
  ledger: createLedger({ client: documentClient(), table: LEDGER_TABLE }),
  documents: createDocuments({ bucket: DOCUMENT_BUCKET }),
  policy: loadPolicy(new URL('policy.json', import.meta.url)),
  publish: publisher(BUSINESS_BUS),
  sendToCpq: sender<CpqMessage>(CPQ_QUEUE_URL),
};

/** `arn:aws:lambda:<region>:<account>:function:<name>` */
const accountOf = ({ invokedFunctionArn }: Context): string => invokedFunctionArn.split(':')[4] ?? '';
const consume = consumer(RUNTIME_TABLE);

export const handler = measured((event: SQSEvent, context: Context) =>
  consume.eachText(event, (text) => takeIn({ ...deps, account: accountOf(context) }, text)),
);
