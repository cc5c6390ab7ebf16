import { loadPolicy } from '../../../aws/policy.ts';
import { stepHandler } from '../../../aws/step-handler.ts';
import { createVatTable } from '../../../connectors/tax/vat-table/index.ts';
import { createDocuments } from '../../../ledger/documents.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { env } from './env.ts';
import { estimateTax } from './estimate-tax.ts';
import { recordTax } from './record-tax.ts';
import { voidTax } from './void-tax.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, DOCUMENT_BUCKET } = env.parse(process.env);
const policy = loadPolicy(new URL('policy.json', import.meta.url));
const ledger = createLedger({ client: documentClient(), table: LEDGER_TABLE });
const deps = { ledger, documents: createDocuments({ bucket: DOCUMENT_BUCKET }), tax: createVatTable(policy.tax) };

const actions = { 'estimate-tax': estimateTax(deps), 'record-tax': recordTax(deps), 'void-tax': voidTax(deps) };
export const handler = stepHandler(ledger, actions, { table: RUNTIME_TABLE, expires: policy.times.runTimeout + 60 });
