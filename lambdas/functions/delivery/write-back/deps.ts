import type { Policy } from '../../../../contracts/policy.ts';
import type { CpqPort } from '../../../connectors/cpq/port.ts';
import type { Ledger } from '../../../ledger/ledger.ts';

/** Collaborators of this function's action. */
export interface WriteBackDeps {
  readonly ledger: Ledger;
  readonly tenants: Policy['tenants'];
  readonly cpqOf: (tenant: string, cpq: string) => Promise<CpqPort>;
}
