import type { Context } from 'aws-lambda';
import type { Step } from '../../../../contracts/workflow.ts';
import { once } from '../../../aws/once.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { createSecrets } from '../../../aws/secrets.ts';
import { parseStep, runStep, type StepAction } from '../../../aws/step.ts';
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
const options = { table: RUNTIME_TABLE, expires: policy.times.runTimeout + 60 };

const guard = (name: Step, action: StepAction) => once(name, (input, context) => runStep(ledger, input, context, action, undefined), options);
const actions = new Map([
  ['check-customer', guard('check-customer', checkCustomer(deps))],
  ['price-and-shipping', guard('price-and-shipping', priceAndShipping(deps))],
  ['create-draft', guard('create-draft', createDraft(deps))],
  ['confirm-order', guard('confirm-order', confirmOrder(deps))],
  ['cancel-draft', guard('cancel-draft', cancelDraft(deps))],
]);

export const handler = async (event: unknown, context: Context): Promise<object> => {
  const input = parseStep(event);
  const action = actions.get(input.action);
  if (!action) throw new Error(`this function has no action ${input.action}`);
  await action(input, context);
  return {};
};
