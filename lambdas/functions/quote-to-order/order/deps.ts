import type { RunMessage } from '../../../../contracts/workflow.ts';
import type { LoadedPolicy } from '../../../aws/policy.ts';
import type { Admission } from '../../../ledger/admission.ts';
import type { Documents } from '../../../ledger/documents.ts';
import type { Ledger } from '../../../ledger/ledger.ts';

/** Collaborators of this function's actions. */
export interface OrderDeps {
  readonly ledger: Ledger;
  readonly documents: Documents;
  readonly policy: LoadedPolicy;
  readonly admission: Admission;
  readonly send: (message: RunMessage) => Promise<void>;
}
