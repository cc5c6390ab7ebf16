import { atRest, due, type Head } from '../../../lambdas/domain/head.ts';
import { intentOn, lying, type Mutant } from './mutant.ts';
import { real } from './rules.ts';

const allBut = (lower: readonly Head[], amended?: string): readonly Head[] =>
  lower.filter(({ orderKey }) => orderKey !== amended).map((head) => ({ ...head, amends: undefined }));

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
  'tax forgotten': {
    says: 'an order is cancelled though its tax document stands',
    scope: { revisions: 1, budget: { correction: 1, cancel: 1 }, tax: 'own' },
    shows: /^I3 .*tax/,
    rules: { settle: (head, end) => lying(head, { tax: undefined }, (other) => real.settle(other, end)) },
  },
  'tax twice': {
    says: 'a tax document whose answer was lost is taken for one that was never recorded, and never looked for again',
    scope: { revisions: 1, budget: { crash: 1, cancel: 1 }, tax: 'own' },
    shows: /^I3 .*tax/,
    rules: {
      settleTax: (head, attempt, _document, ...rest) => real.settleTax(head, attempt, undefined, ...rest),
      foundTax: () => ({ answer: 'known' }),
    },
  },
  'tax stale': {
    says: 'a tax document is voided only under a stop, also when the data that it was made from was corrected',
    scope: { revisions: 1, budget: { correction: 1 }, tax: 'same' },
    shows: /^I[34] /,
    rules: { intent: (head, request) => real.intent(head, request.action === 'void-tax' ? { ...request, stale: false } : request) },
  },
  'adopt blindly': {
    says: 'a draft that landed late is adopted as if it was made from what is mapped now',
    scope: { revisions: 1, budget: { crash: 1, early: 1, correction: 1 } },
    shows: /^I9 /,
    rules: {
      adoptDraft: (head, run, found) => {
        const decision = real.adoptDraft(head, run, found);
        const draft = decision.next?.draft;
        return decision.next && draft ? { ...decision, next: { ...decision.next, draft: { ...draft, inputs: 'm1' } } } : decision;
      },
    },
  },
  'tax late': {
    says: 'a look that is owed looks in the ERP alone: a tax document that was recorded late stands for ever',
    scope: { revisions: 1, budget: { crash: 1, early: 1, cancel: 1 }, tax: 'own' },
    shows: /^I3 .*tax/,
    rules: { foundTax: () => ({ answer: 'known' }) },
  },
  'tax under a stop': {
    says: 'a tax document is recorded although the order was asked to stop',
    scope: { revisions: 1, budget: { cancel: 1 }, tax: 'own' },
    shows: /^I2 /,
    rules: { intent: intentOn((_head, request) => (request.action === 'record-tax' ? { stops: {} } : {})) },
  },
  'slot kept': {
    says: 'nobody gives back the slot of a run that ended without giving it back',
    scope: { revisions: 1, budget: { crash: 1 }, messages: true, slots: 1 },
    shows: /^I4 /,
    rules: { abandoned: () => false },
  },
  'slot of a run at work': {
    says: 'the sweeper gives back old slots, also those of runs that are at work',
    scope: { revisions: 1, budget: {}, messages: true, slots: 1 },
    shows: /^I11 /,
    rules: { abandoned: () => true },
  },
  'any lease frees': {
    says: 'a slot is given back by whoever had it once',
    scope: { revisions: 1, budget: { twin: 1, cancel: 1 }, messages: true, slots: 1 },
    shows: /^I11 /,
    rules: { mayFree: (held) => held.rev >= 0 },
  },
  'line forgotten': {
    says: 'who stands in line is not due: it waits for a message that may be lost',
    scope: { revisions: 2, budget: {}, messages: true, slots: 1 },
    shows: /^I4 /,
    rules: {
      queueUp: (...args) => {
        const decision = real.queueUp(...args);
        return decision.next ? { ...decision, next: due(decision.next, undefined) } : decision;
      },
    },
  },
  'no task': {
    says: 'an order waits for a person and nobody is asked',
    scope: { revisions: 1, budget: { error: 1 } },
    shows: /^I12 /,
    rules: {
      settle: (head, end) => {
        const decision = real.settle(head, end);
        return decision.next ? { ...decision, next: { ...decision.next, task: undefined } } : decision;
      },
    },
  },
  'answer unheard': {
    says: 'a decision closes the question and brings no news',
    scope: { revisions: 1, budget: { error: 1, decide: 1 } },
    shows: /^I4 /,
    rules: {
      decide: (head, answer, now, around) => {
        const decision = real.decide(head, answer, now, around);
        return decision.next ? { ...decision, next: due(decision.next, undefined) } : decision;
      },
    },
  },
  'withdrawal forgotten': {
    says: 'a revision that was withdrawn before it came is made into an order',
    scope: { revisions: 1, budget: { withdraw: 1 } },
    shows: /^I2 /,
    rules: { accept: (acceptance, quote, ...rest) => real.accept(acceptance, { ...quote, withdrawnUpTo: 0 }, ...rest) },
  },
  'no look after a restore': {
    says: 'a restored order goes on from what the backup knew',
    scope: { revisions: 1, budget: { restore: 1 } },
    shows: /^I1 /,
    rules: { raised: (head, restore) => ({ ...real.raised(head, restore), lookFrom: undefined }) },
  },
  'over before the look': {
    says: 'a restored order that is asked to stop is cancelled before the vendors were asked',
    scope: { revisions: 1, budget: { restore: 1, cancel: 1 } },
    shows: /^I3 /,
    rules: { settle: (head, end) => lying(head, { lookFrom: undefined }, (other) => real.settle(other, end)) },
  },
  'amends in turn': {
    says: 'only the one order that is named stays beside an amendment, and not those below it: amending the one asks about the other',
    scope: { revisions: 3, budget: {}, amend: 'policy' },
    shows: /^I4 /,
    rules: {
      blocking: (lower, amends) => real.blocking(allBut(lower, amends)),
      predecessors: (lower, amends) => real.predecessors(allBut(lower, amends)),
    },
  },
  'amended by nobody': {
    says: 'a newer revision becomes an order beside the one that the ERP has, and names none',
    scope: { revisions: 2, budget: {}, amend: 'policy' },
    shows: /^I6 /,
    rules: { predecessors: (lower, amends) => (real.predecessors(lower, amends) === 'PREDECESSOR_OPEN' ? 'PREDECESSOR_OPEN' : 'clear') },
  },
  'error before the stop': {
    says: 'Settle parks a confirmed order with the error of its run before it asks about the cancellation',
    scope: { revisions: 1, budget: { cancel: 1, stuck: 2 } },
    shows: /^I7 .*asked of nobody/,
    rules: {
      settle: (head, end) => (head.state === 'confirmed' ? lying(head, { stops: {} }, (other) => real.settle(other, end)) : real.settle(head, end)),
    },
  },
};
