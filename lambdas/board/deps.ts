import type { Policy } from '../../contracts/policy.ts';
import type { QuoteDocument } from '../../contracts/quote.ts';
import type { ExecutionTiming } from '../aws/history.ts';
import type { Queues } from '../aws/queues.ts';
import type { Head } from '../domain/head.ts';
import type { decideTask, Request } from '../ledger/decide.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Defaults } from '../views/defaults.ts';

/** A page of the ERP's own client, and what one has to know to see it. */
export interface ErpLink {
  readonly href: string;
  readonly note?: string | undefined;
}

/** What the board reads of one stage, and the one thing that it does: to hand on what a person has decided. */
export interface BoardDeps {
  readonly policy: Policy;
  readonly defaults: Defaults;
  readonly ledger: Ledger;
  readonly bucket: string;
  /** The quote that an order was accepted with. */
  readonly quoteOf: (head: Head) => Promise<QuoteDocument>;
  readonly decide: (request: Request) => ReturnType<typeof decideTask>;
  readonly stateMachineArn: string;
  readonly queues: () => ReturnType<Queues['all']>;
  /** When the steps of an execution ran; undefined: the cloud keeps no history of it. */
  readonly timings: (executionArn: string) => Promise<ExecutionTiming | undefined>;
  /** The order in the ERP's own client, where it is known how to get there. */
  readonly saleLink: (erp: string, reference: string) => ErpLink | undefined;
  /** The records of a kind with their codes in the ERP's own client, where it is known how to get there. */
  readonly codesLink: (erp: string, kind: string) => ErpLink | undefined;
  /** Where the folder `docs` can be read; undefined: its files are named. */
  readonly docsUrl?: string | undefined;
  /** Endpoint of a local cloud; undefined: AWS. */
  readonly endpoint?: string | undefined;
}

/** Nothing that the board could show is there yet; the reason is shown. */
export class NotReady extends Error {
  override readonly name = 'NotReady';
}
