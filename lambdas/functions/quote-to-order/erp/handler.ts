import { loadPolicy } from '../../../aws/policy.ts';
import { createSecrets } from '../../../aws/secrets.ts';
import { stepHandler } from '../../../aws/step-handler.ts';
import { erpDirectory } from '../../../connectors/erp/index.ts';
import { createVatTable } from '../../../connectors/tax/vat-table/index.ts';
import { createDocuments } from '../../../ledger/documents.ts';
import { createLedger } from '../../../ledger/ledger.ts';
import { documentClient } from '../../../ledger/table.ts';
import { cancelDraft } from './cancel-draft.ts';
import { checkCustomer } from './check-customer.ts';
import { confirmOrder } from './confirm-order.ts';
import { createDraft } from './create-draft.ts';
import { env } from './env.ts';
import { priceAndShipping } from './price-and-shipping.ts';

const { LEDGER_TABLE, RUNTIME_TABLE, DOCUMENT_BUCKET } = env.parse(process.env);
const policy = loadPolicy(new URL('policy.json', import.meta.url));
const ledger = createLedger({ client: documentClient(), table: LEDGER_TABLE });
const erpOf = erpDirectory(policy.erps, createSecrets());
const deps = { ledger, documents: createDocuments({ bucket: DOCUMENT_BUCKET }), policy, erpOf, tax: createVatTable(policy.tax) };

const actions = {
  'check-customer': checkCustomer(deps),
  'price-and-shipping': priceAndShipping(deps),
  'create-draft': createDraft(deps),
  'confirm-order': confirmOrder(deps),
  'cancel-draft': cancelDraft(deps),
};
export const handler = stepHandler(ledger, actions, { table: RUNTIME_TABLE, expires: policy.times.runTimeout + 60 });
