import type { Context } from 'aws-lambda';
import type { Step } from '../../../../contracts/workflow.ts';
import { once } from '../../../aws/once.ts';
import { loadPolicy } from '../../../aws/policy.ts';
import { parseStep, runStep, type StepAction } from '../../../aws/step.ts';
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
const options = { table: RUNTIME_TABLE, expires: policy.times.runTimeout + 60 };

const guard = (name: Step, action: StepAction) => once(name, (input, context) => runStep(ledger, input, context, action, undefined), options);
const actions = new Map([
  ['estimate-tax', guard('estimate-tax', estimateTax(deps))],
  ['record-tax', guard('record-tax', recordTax(deps))],
  ['void-tax', guard('void-tax', voidTax(deps))],
]);

export const handler = async (event: unknown, context: Context): Promise<object> => {
  const input = parseStep(event);
  const action = actions.get(input.action);
  if (!action) throw new Error(`this function has no action ${input.action}`);
  await action(input, context);
  return {};
};
