import { loadPolicy } from '../../../aws/policy.ts';
import { sender } from '../../../aws/queue.ts';
import { stepHandler } from '../../../aws/step-handler.ts';
import { createAdmission } from '../../../ledger/admission.ts';
import { createDocuments } from '../../../ledger/documents.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { createSlots } from '../../../ledger/slots.ts';
import { documentClient } from '../../../ledger/table.ts';
import { checkPolicy } from './check-policy.ts';
import { complete } from './complete.ts';
import { env } from './env.ts';
import { mapProducts } from './map-products.ts';
import { settle } from './settle.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, DOCUMENT_BUCKET, RUN_QUEUE_URL } = env.parse(process.env);
const client = documentClient();
const policy = loadPolicy(new URL('policy.json', import.meta.url));
const ledger = createLedger({ client, table: LEDGER_TABLE });
const send = sender<{ orderKey: string }>(RUN_QUEUE_URL);
const admission = createAdmission({ ledger, slots: createSlots({ client, table: RUNTIME_TABLE }), policy, send });
const deps = { ledger, documents: createDocuments({ bucket: DOCUMENT_BUCKET }), policy, admission, send };

/** No wall here: these actions call nobody outside. */
export const handler = stepHandler(ledger, {
  'map-products': mapProducts(deps),
  'check-policy': checkPolicy(deps),
  complete: complete(deps),
  settle: settle(deps),
});
