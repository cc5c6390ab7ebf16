import type { RunMessage } from '../../../../contracts/workflow.ts';
import type { Executions } from '../../../aws/executions.ts';
import type { LoadedPolicy } from '../../../aws/policy.ts';
import type { Admission } from '../../../ledger/admission.ts';
import type { Ledger } from '../../../ledger/ledger.ts';

/** Collaborators of this function's actions. */
export interface RunDeps {
  readonly ledger: Ledger;
  readonly policy: LoadedPolicy;
  readonly admission: Admission;
  readonly executions: Executions;
  readonly send: (message: RunMessage) => Promise<void>;
}
