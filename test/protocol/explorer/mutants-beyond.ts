import { atRest } from '../../../lambdas/domain/head.ts';
import type { Mutant } from './mutant.ts';
import { real } from './rules.ts';

/** Mutants that the model's table does not have. */
export const beyond: Readonly<Record<string, Mutant>> = {
  'settle early': {
    says: 'an open slot is settled although its call may still land',
    scope: { revisions: 1, budget: { death: 1, cancel: 1 } },
    shows: /^I2 /,
    rules: { canSettle: (head) => head.open !== undefined },
  },
  'no owner': {
    says: 'a dead run is not taken over',
    scope: { revisions: 1, budget: { death: 1 } },
    shows: /^I4 /,
    rules: { takeOver: () => ({ answer: 'not dead' }) },
  },
  'silent sweep': {
    says: 'dueAt is set without sweepAt',
    scope: { revisions: 1, budget: { cancel: 1 } },
    shows: /^I4 /,
    rules: {
      cancel: (head, by, now) => {
        const d = real.cancel(head, by, now);
        return d.next ? { ...d, next: { ...d.next, sweepAt: undefined } } : d;
      },
    },
  },
  'at rest at once': {
    says: 'an order at rest that owes a look is due at once when the look fails',
    scope: { revisions: 1, budget: { crash: 1, down: 1 } },
    shows: /^I4 /,
    rules: {
      settle: (head, end) => {
        const decision = real.settle(head, end);
        const [owed] = head.probes;
        return decision.next && atRest(head) && owed ? { ...decision, next: { ...decision.next, dueAt: owed, sweepAt: owed } } : decision;
      },
    },
  },
};
