import type { SQSEvent } from 'aws-lambda';
import { consumer } from '../../../aws/batch.ts';
import { publisher } from '../../../aws/bus.ts';
import { measured } from '../../../aws/metrics.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { createSecrets } from '../../../aws/secrets.ts';
import { cpqDirectory } from '../../../connectors/cpq/index.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { env } from './env.ts';
import { refetch } from './refetch.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, INBOUND_BUS } = env.parse(process.env);
const { tenants, limits } = loadPolicy(new URL('policy.json', import.meta.url));
const deps = {
  ledger: createLedger({ client: documentClient(), table: LEDGER_TABLE }),
  cpqOf: cpqDirectory(tenants, createSecrets()),
  publish: publisher(INBOUND_BUS),
  eventBytes: limits.eventBytes,
};

const consume = consumer(RUNTIME_TABLE);

export const handler = measured((event: SQSEvent) => consume.eachMessage(event, (body) => refetch(deps, body)));
