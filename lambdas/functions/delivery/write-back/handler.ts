import type { SQSEvent } from 'aws-lambda';
import { consumer } from '../../../aws/batch.ts';
import { measured } from '../../../aws/metrics.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { createSecrets } from '../../../aws/secrets.ts';
import { cpqDirectory } from '../../../connectors/cpq/index.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import type { WriteBackDeps } from './deps.ts';
import { env } from './env.ts';
import { writeBack } from './write-back.ts';

const { LEDGER_TABLE, RUNTIME_TABLE } = env.parse(process.env);
const { tenants } = loadPolicy(new URL('policy.json', import.meta.url));
const deps: WriteBackDeps = {
  ledger: createLedger({ client: documentClient(), table: LEDGER_TABLE }),
  tenants,
  cpqOf: cpqDirectory(tenants, createSecrets()),
};
const consume = consumer(RUNTIME_TABLE);

export const handler = measured((event: SQSEvent) => consume.eachMessage(event, (body) => writeBack(deps, body)));
