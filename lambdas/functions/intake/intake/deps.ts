import type { CpqMessage } from '../../../../contracts/intake.ts';
import type { Publish } from '../../../aws/bus.ts';
import type { LoadedPolicy } from '../../../aws/policy.ts';
import type { Documents } from '../../../ledger/documents.ts';
import type { Ledger } from '../../../ledger/ledger.ts';

/** Collaborators of this function's actions. */
export interface IntakeDeps {
  readonly ledger: Ledger;
  readonly documents: Documents;
  readonly policy: LoadedPolicy;
  /** The account that this deployment runs in. */
  readonly account: string;
  readonly publish: Publish;
  readonly sendToCpq: (message: CpqMessage) => Promise<void>;
}
