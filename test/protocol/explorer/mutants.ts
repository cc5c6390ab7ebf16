import { atRest, type Head, hasStop } from '../../../lambdas/domain/head.ts';
import type { IntentRequest } from '../../../lambdas/domain/protocol/index.ts';
import { intentOn, lying, type Mutant } from './mutant.ts';
import { real } from './rules.ts';
import { LATER } from './time.ts';

const forward = (request: IntentRequest): boolean => request.action === 'create-draft' || request.action === 'confirm-order';

/** Decides as if no news had come; its `dueAt` is written. */
const deaf = (head: Head): Head => ({ ...head, dueAt: head.run.limit });

/** As the rows of the model's table; what they cannot express stands in `unrepresented`. */
export const mutants: Readonly<Record<string, Mutant>> = {
  sweepmove: {
    says: 'the sweeper moves dueAt itself before it sends, and the starter drops what is idle and not due',
    scope: { revisions: 1, budget: {}, messages: true },
    shows: /^I4 /,
    rules: {
      sweep: (head) =>
        head.dueAt !== undefined && !head.run.active && head.sweepAt !== undefined && head.sweepAt < LATER
          ? { next: { ...head, dueAt: LATER, sweepAt: LATER }, answer: 'send' }
          : { answer: 'not due' },
    },
  },
  dropfinal: {
    says: 'the starter drops every order at rest, also one that is due',
    scope: { revisions: 1, budget: { cancel: 1 } },
    shows: /^I4 /,
    rules: { start: (head, now) => (atRest(head) && !head.run.active ? 'drop' : real.start(head, now)) },
  },
  ownstep: {
    says: 'an unknown effect is looked up only by the step of the same action: nobody looks under a stop',
    scope: { revisions: 1, budget: { crash: 1, cancel: 1 } },
    shows: /^I4 /,
    rules: { canSettle: (head, now) => !hasStop(head) && real.canSettle(head, now) },
  },
  undoloop: {
    says: "Settle looks at the stop before this run's failed undo, and never has enough of undoing",
    scope: { revisions: 1, budget: { down: 1, cancel: 1 } },
    shows: /^I4 /,
    rules: {
      settle: (head, end) =>
        lying(
          head,
          { run: { ...head.run, undos: 0 }, ...(head.lastError && { lastError: { ...head.lastError, step: 'check-customer' as const } }) },
          (other) => real.settle(other, end),
        ),
    },
  },
  unkfirst: {
    says: 'an unknown effect is due at its settle time, also when the lookup itself failed',
    scope: { revisions: 1, budget: { down: 1, crash: 1 } },
    shows: /^I4 /,
    rules: {
      settle: (head, end) => {
        const decision = real.settle(head, end);
        if (!head.open || !decision.next || decision.answer !== 'ended' || decision.next.dueAt === head.dueAt) return decision;
        return { ...decision, next: { ...decision.next, dueAt: head.open.settleAt, sweepAt: head.open.settleAt } };
      },
    },
  },
  loosedir: {
    says: 'a forward intent is taken in accepted or drafted, whatever it addresses',
    scope: { revisions: 1, budget: { zombie: 1 } },
    shows: /^I3 /,
    rules: { intent: intentOn((_head, request) => (request.action === 'create-draft' ? { state: 'accepted', draft: undefined } : {})) },
  },
  noreplace: {
    says: 'a stale draft may be cancelled only under a stop',
    scope: { revisions: 1, budget: { correction: 1 } },
    shows: /^I4 /,
    rules: { intent: (head, request) => real.intent(head, { ...request, stale: false }) },
  },
  midrev: {
    says: 'a waiting middle revision is not marked as superseded',
    scope: { revisions: 3, budget: {} },
    shows: /^I7 /,
    rules: {
      accept: (acceptance, quote, existing, before) => {
        const { predecessor, ...decision } = real.accept(acceptance, quote, existing, before);
        return before?.predecessor || !predecessor ? decision : { ...decision, predecessor };
      },
    },
  },
  settlerun: {
    says: 'the last write is conditioned on the run alone: what it was decided on may have moved on',
    scope: { revisions: 1, budget: { zombie: 1 } },
    shows: /^I3 /,
    rules: { lastWriteIgnores: 'run' },
  },
  settleseq: {
    says: 'the last write is conditioned on the run and on the sequence of facts, which intents do not move',
    scope: { revisions: 1, budget: { zombie: 1 } },
    shows: /^I3 /,
    rules: { lastWriteIgnores: 'facts' },
  },
  nocancelcheck: {
    says: 'Complete does not look at a cancel request',
    scope: { revisions: 1, budget: { cancel: 1 } },
    shows: /^I7 /,
    rules: { complete: (head, end) => lying(head, { stops: {} }, (other) => real.complete(other, end)) },
  },
  runattempt: {
    says: 'the attempt is derived from run and action: a retry takes the open slot for its own',
    scope: { revisions: 1, budget: { crash: 1 } },
    shows: /^I3 /,
    rules: {
      intent: (head, request) =>
        head.run.active && head.open?.action === request.action && request.run === head.run.n ? { answer: 'written' } : real.intent(head, request),
    },
  },
  nonews: {
    says: 'the last write sets dueAt as it decided, whatever came during the run',
    scope: { revisions: 1, budget: { cancel: 1 } },
    shows: /^I8 /,
    rules: {
      settle: (head, end) => real.settle(deaf(head), end),
      complete: (head, end) => real.complete(deaf(head), end),
      takeOver: (head, n, now, times, parking) => real.takeOver(deaf(head), n, now, times, parking),
    },
  },
  noprobe: {
    says: 'an effect that was unknown is not looked for again',
    scope: { revisions: 1, budget: { crash: 1, early: 1 } },
    shows: /^I3 /,
    rules: { settleErp: (head, attempt, orders, now) => real.settleErp(head, attempt, orders, now, []) },
  },
  'outrun nolate': {
    says: 'the outcome is conditioned on the run too, and dropped if that is over',
    scope: { revisions: 1, budget: { death: 1 } },
    shows: /^I5 /,
    rules: {
      outcome: (head, attempt, outcome, now, { mine }) =>
        mine && head.run.active ? real.outcome(head, attempt, outcome, now, { mine }) : { answer: 'left' },
    },
  },
  nolate: {
    says: 'a done whose attempt has left the slot is dropped',
    scope: { revisions: 1, budget: { zombie: 1, early: 1 } },
    shows: /^I5 /,
    rules: { outcome: (head, attempt, ...rest) => (head.open?.attempt === attempt ? real.outcome(head, attempt, ...rest) : { answer: 'left' }) },
  },
  noslotcheck: {
    says: 'an intent is written although the slot is open',
    scope: { revisions: 1, budget: { crash: 1 } },
    shows: /^I3 /,
    rules: { intent: (head, request) => real.intent({ ...head, open: undefined }, request) },
  },
  anyreject: {
    says: 'intents do not look at stops: only the steps do, when they begin',
    scope: { revisions: 1, budget: { cancel: 1 } },
    shows: /^I2 /,
    rules: { intent: intentOn((_head, request) => (forward(request) ? { stops: {} } : {})) },
  },
  chkmap: {
    says: 'the intent of confirm does not look for news',
    scope: { revisions: 1, budget: { correction: 1 } },
    shows: /^I9 /,
    rules: { intent: intentOn((head, request) => (request.action === 'confirm-order' ? { dueAt: head.run.limit } : {})) },
  },
  nodeaths: {
    says: 'runs that die are not counted',
    scope: { revisions: 1, budget: { down: 1 } },
    shows: /^I4 /,
    rules: { takeOver: (head, n, now, times, parking) => real.takeOver({ ...head, run: { ...head.run, deaths: 0 } }, n, now, times, parking) },
  },
  nohold: {
    says: 'nobody looks at the lower revisions',
    scope: { revisions: 2, budget: {} },
    shows: /^I6 /,
    rules: { predecessors: () => 'clear' },
  },
  taskonce: {
    says: 'an order that stops with a question that was answered before does not ask it again',
    scope: { revisions: 1, budget: { error: 2, decide: 1 } },
    shows: /^I12 /,
    rules: {
      settle: (head, end) => {
        const decision = real.settle(head, end);
        const again = decision.next?.task !== undefined && decision.next.task.code === head.decided?.code;
        return again && decision.next ? { ...decision, next: { ...decision.next, task: undefined } } : decision;
      },
    },
  },
  cancelkept: {
    says: 'a cancel request that a person has answered stays unanswered',
    scope: { revisions: 1, budget: { cancel: 1, decide: 1 } },
    shows: /^I7 /,
    rules: {
      decide: (head, answer, now, around) => {
        const decision = real.decide(head, answer, now, around);
        return decision.next && answer.option === 'keep' ? { ...decision, next: { ...decision.next, stops: head.stops } } : decision;
      },
    },
  },
};

/** Rows of the model's table that these decisions cannot express. */
export const unrepresented: Readonly<Record<string, string>> = {
  confstay: 'there is no state "confirming": it is drafted with confirm open',
  'holderstays, passblind, noreverse': "there is no holder: a revision reads its predecessors' HEADs",
};
