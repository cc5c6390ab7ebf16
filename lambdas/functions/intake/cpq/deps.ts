import type { Publish } from '../../../aws/bus.ts';
import type { CpqPort } from '../../../connectors/cpq/port.ts';
import type { Ledger } from '../../../ledger/ledger.ts';

/** Collaborators of this function's actions. */
export interface CpqDeps {
  readonly ledger: Ledger;
  readonly cpqOf: (tenant: string, cpq: string) => Promise<CpqPort>;
  readonly publish: Publish;
  /** Largest event that the intake takes. */
  readonly eventBytes: number;
}
