import { isAbandoned } from '../../../lambdas/domain/admission.ts';
import type { Decision, Head } from '../../../lambdas/domain/head.ts';
import * as protocol from '../../../lambdas/domain/protocol/index.ts';
import type { Lease } from './world.ts';

/** Whether the caller's run is the current one: only mutants look at it where the rule does not. */
interface Caller {
  readonly mine: boolean;
}

type Outcome = (...args: [...Parameters<typeof protocol.decideOutcome>, Caller]) => ReturnType<typeof protocol.decideOutcome>;

/** The decisions that the exploration executes: the project's own, of which a mutant replaces one. */
export interface Rules {
  readonly accept: typeof protocol.decideAccept;
  readonly predecessors: typeof protocol.predecessorVerdict;
  readonly blocking: typeof protocol.blocking;
  readonly amend: typeof protocol.decideAmend;
  readonly intent: typeof protocol.decideIntent;
  readonly outcome: Outcome;
  readonly settle: typeof protocol.decideSettle;
  readonly complete: typeof protocol.decideComplete;
  readonly cancel: typeof protocol.decideCancel;
  readonly wake: typeof protocol.decideWake;
  readonly free: typeof protocol.decideFree;
  readonly decide: typeof protocol.decide;
  readonly withdraw: typeof protocol.decideWithdraw;
  readonly raised: typeof protocol.raised;
  readonly lookAfter: typeof protocol.decideLook;
  readonly lookAfterTax: typeof protocol.decideLookTax;
  readonly start: typeof protocol.decideStart;
  readonly raise: typeof protocol.decideRaise;
  readonly queueUp: typeof protocol.decideQueueUp;
  readonly takeOver: typeof protocol.decideTakeOver;
  readonly sweep: (head: Head, now: string, againAfter: number) => Decision<'send' | 'not due'>;
  readonly canSettle: typeof protocol.canSettle;
  readonly settleErp: typeof protocol.decideSettleErp;
  readonly settleTax: typeof protocol.decideSettleTax;
  readonly probed: typeof protocol.decideProbed;
  readonly foundConfirmed: typeof protocol.decideFoundConfirmed;
  readonly unstuck: typeof protocol.decideUnstuck;
  readonly foundTax: typeof protocol.decideFoundTax;
  readonly adoptDraft: typeof protocol.decideAdoptDraft;
  /** May this lease of the run be given back? */
  readonly abandoned: typeof isAbandoned;
  /** A lease frees its own slot. */
  readonly mayFree: (held: Lease, lease: Lease) => boolean;
  /**
   * Mutants of the ledger's compare-and-set, for the last write alone: what it was decided on may have moved on. `run`: it is written
   * as long as the run is active; `facts`: as long as no fact was written since.
   */
  readonly lastWriteIgnores?: 'run' | 'facts';
}

export const real: Rules = {
  accept: protocol.decideAccept,
  predecessors: protocol.predecessorVerdict,
  blocking: protocol.blocking,
  amend: protocol.decideAmend,
  intent: protocol.decideIntent,
  outcome: (head, attempt, outcome, now) => protocol.decideOutcome(head, attempt, outcome, now),
  settle: protocol.decideSettle,
  complete: protocol.decideComplete,
  cancel: protocol.decideCancel,
  wake: protocol.decideWake,
  free: protocol.decideFree,
  decide: protocol.decide,
  withdraw: protocol.decideWithdraw,
  raised: protocol.raised,
  lookAfter: protocol.decideLook,
  lookAfterTax: protocol.decideLookTax,
  start: protocol.decideStart,
  raise: protocol.decideRaise,
  queueUp: protocol.decideQueueUp,
  takeOver: protocol.decideTakeOver,
  sweep: protocol.decideSweep,
  canSettle: protocol.canSettle,
  settleErp: protocol.decideSettleErp,
  settleTax: protocol.decideSettleTax,
  probed: protocol.decideProbed,
  foundConfirmed: protocol.decideFoundConfirmed,
  unstuck: protocol.decideUnstuck,
  foundTax: protocol.decideFoundTax,
  adoptDraft: protocol.decideAdoptDraft,
  abandoned: isAbandoned,
  mayFree: (held, lease) => held.rev === lease.rev && held.run === lease.run,
};
