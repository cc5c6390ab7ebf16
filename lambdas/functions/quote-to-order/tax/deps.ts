import type { TaxPort } from '../../../connectors/tax/port.ts';
import type { Documents } from '../../../ledger/documents.ts';
import type { Ledger } from '../../../ledger/ledger.ts';

/** Collaborators of this function's actions. */
export interface TaxDeps {
  readonly ledger: Ledger;
  readonly documents: Documents;
  readonly tax: TaxPort;
}
