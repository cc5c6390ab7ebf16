import type { LoadedPolicy } from '../../../aws/policy.ts';
import type { ErpPort } from '../../../connectors/erp/port.ts';
import type { TaxPort } from '../../../connectors/tax/port.ts';
import type { Documents } from '../../../ledger/documents.ts';
import type { Ledger } from '../../../ledger/ledger.ts';

/** Collaborators of this function's actions. The tax provider is here because the first step settles any open slot. */
export interface ErpDeps {
  readonly ledger: Ledger;
  readonly documents: Documents;
  readonly policy: LoadedPolicy;
  readonly erpOf: (instance: string) => Promise<ErpPort>;
  readonly tax: TaxPort;
}
