import type { Scope } from './explorer/machine.ts';

/** In `npm test`: about a minute altogether. */
export const SMALL: Readonly<Record<string, Scope>> = {
  'one revision, nothing goes wrong': { revisions: 1, budget: {} },
  'crash twice, cancel': { revisions: 1, budget: { crash: 2, cancel: 1 } },
  'crash, correction, an error': { revisions: 1, budget: { crash: 1, correction: 1, error: 1 } },
  'zombie, crash, correction': { revisions: 1, budget: { zombie: 1, crash: 1, correction: 1 } },
  'zombie, crash, cancel; tax documents are effects too': { revisions: 1, budget: { zombie: 1, crash: 1, cancel: 1 }, tax: 'own' },
  'a tax document is recorded after its time: crash, zombie, cancel': {
    revisions: 1,
    budget: { early: 1, crash: 1, zombie: 1, cancel: 1 },
    tax: 'own',
  },
  'tax made from the same data as the draft: crash, correction, cancel': {
    revisions: 1,
    budget: { crash: 1, correction: 1, cancel: 1 },
    tax: 'same',
  },
  'zombie, death of the execution, cancel': { revisions: 1, budget: { zombie: 1, death: 1, cancel: 1 } },
  'something is down for good, crash, cancel': { revisions: 1, budget: { down: 1, crash: 1, cancel: 1 } },
  'something is down for good, crash, correction': { revisions: 1, budget: { down: 1, crash: 1, correction: 1 } },
  'a call lands after its time, crash, correction, cancel': { revisions: 1, budget: { early: 1, crash: 1, correction: 1, cancel: 1 } },
  'messages are lost, one slot, death, crash': { revisions: 1, budget: { death: 1, crash: 1 }, messages: true, slots: 1 },
  'messages are lost, one slot, two starters, crash': { revisions: 1, budget: { twin: 1, crash: 1 }, messages: true, slots: 1 },
  'messages are lost, one slot for two revisions': { revisions: 2, budget: {}, messages: true, slots: 1 },
  'a person decides twice, cancel, an error, crash': { revisions: 1, budget: { decide: 2, cancel: 1, error: 1, crash: 1 } },
  'the ledger is restored, crash': { revisions: 1, budget: { restore: 1, crash: 1 } },
  'the ledger is restored, zombie': { revisions: 1, budget: { restore: 1, zombie: 1 } },
  'the ledger is restored, cancel, a person decides, tax': { revisions: 1, budget: { restore: 1, cancel: 1, decide: 1 }, tax: 'own' },
  'two revisions, the ledger is restored': { revisions: 2, budget: { restore: 1 } },
  'an order is stuck in the ERP, crash, cancel, a person decides': { revisions: 1, budget: { stuck: 2, crash: 1, cancel: 1, decide: 1 } },
  'two revisions, a withdrawal, a decision': { revisions: 2, budget: { withdraw: 1, decide: 1 } },
  'two revisions, the policy amends, crash, cancel': { revisions: 2, budget: { crash: 1, cancel: 1 }, amend: 'policy' },
  'two revisions, a person amends, cancel': { revisions: 2, budget: { decide: 1, cancel: 1 }, amend: 'person' },
  'three revisions, the policy amends': { revisions: 3, budget: {}, amend: 'policy' },
  'two revisions, cancel': { revisions: 2, budget: { cancel: 1 } },
  'two revisions, cancel, correction': { revisions: 2, budget: { cancel: 1, correction: 1 } },
  'two revisions, crash': { revisions: 2, budget: { crash: 1 } },
  'two revisions, an error': { revisions: 2, budget: { error: 1 } },
};

/** By `npm run campaigns -- exploration`. */
export const LARGE: Readonly<Record<string, Scope>> = {
  'two revisions, crash, zombie, cancel': { revisions: 2, budget: { crash: 1, zombie: 1, cancel: 1 } },
  'two revisions, crash twice, cancel': { revisions: 2, budget: { crash: 2, cancel: 1 } },
  'two revisions, crash, death, cancel': { revisions: 2, budget: { crash: 1, death: 1, cancel: 1 } },
  'two revisions, crash, correction, an error': { revisions: 2, budget: { crash: 1, correction: 1, error: 1 } },
  'two revisions, down for good, crash, cancel': { revisions: 2, budget: { down: 1, crash: 1, cancel: 1 } },
  'two revisions, a call lands after its time, crash, cancel': { revisions: 2, budget: { early: 1, crash: 1, cancel: 1 } },
  'two revisions, one slot, messages are lost, crash': { revisions: 2, budget: { crash: 1 }, messages: true, slots: 1 },
  'one revision, crash twice, zombie, cancel, death': { revisions: 1, budget: { crash: 2, zombie: 1, cancel: 1, death: 1 } },
  'one revision, tax, crash twice, zombie, correction, cancel': {
    revisions: 1,
    budget: { crash: 2, zombie: 1, correction: 1, cancel: 1 },
    tax: 'same',
  },
  // With more crashes a look could stand still until the next one is due, which the symbolic clock cannot tell: a unit test does.
  'one revision, a tax document is recorded after its time, crash, zombie, correction, cancel': {
    revisions: 1,
    budget: { early: 1, crash: 1, zombie: 1, correction: 1, cancel: 1 },
    tax: 'own',
  },
  'one revision, the ledger is restored, crash, zombie, cancel, a decision': {
    revisions: 1,
    budget: { restore: 1, crash: 1, zombie: 1, cancel: 1, decide: 1 },
  },
  'two revisions, crash, cancel, a withdrawal, a decision': { revisions: 2, budget: { crash: 1, cancel: 1, withdraw: 1, decide: 1 } },
  'two revisions, zombie, correction, an error': { revisions: 2, budget: { zombie: 1, correction: 1, error: 1 } },
  'two revisions, zombie, death of the execution': { revisions: 2, budget: { zombie: 1, death: 1 } },
  'two revisions, a call lands after its time, zombie, a decision': { revisions: 2, budget: { early: 1, zombie: 1, decide: 1 } },
  'two revisions, down for good, zombie': { revisions: 2, budget: { down: 1, zombie: 1 } },
  'two revisions, down for good, correction': { revisions: 2, budget: { down: 1, correction: 1 } },
  'two revisions, the ledger is restored, a withdrawal': { revisions: 2, budget: { restore: 1, withdraw: 1 } },
  'two revisions, the ledger is restored, cancel': { revisions: 2, budget: { restore: 1, cancel: 1 } },
  'three revisions, cancel, a withdrawal': { revisions: 3, budget: { cancel: 1, withdraw: 1 } },
  'three revisions, cancel, a decision': { revisions: 3, budget: { cancel: 1, decide: 1 } },
  'three revisions, a withdrawal, a decision, an error': { revisions: 3, budget: { withdraw: 1, decide: 1, error: 1 } },
  'three revisions, crash': { revisions: 3, budget: { crash: 1 } },
  'three revisions, an error, cancel': { revisions: 3, budget: { error: 1, cancel: 1 } },
};

/** The large budgets of the design's model. What of each is explored with the real decisions stands in docs/correctness.md. */
export const MODEL: readonly Scope[] = [
  { revisions: 2, budget: { crash: 2, zombie: 1, cancel: 1, death: 1 } },
  { revisions: 2, budget: { crash: 2, zombie: 1, cancel: 1, error: 1 } },
  { revisions: 2, budget: { crash: 1, zombie: 1, cancel: 1, correction: 1, error: 1 } },
  { revisions: 2, budget: { crash: 2, cancel: 1, withdraw: 1, decide: 1, error: 1 } },
  { revisions: 2, budget: { crash: 1, zombie: 1, early: 1, cancel: 1, decide: 1 } },
  { revisions: 2, budget: { down: 1, crash: 1, cancel: 1, zombie: 1, correction: 1 } },
  { revisions: 3, budget: { cancel: 1, withdraw: 1, decide: 1, error: 1 } },
  { revisions: 3, budget: { crash: 1, zombie: 1 } },
  { revisions: 3, budget: { crash: 2, cancel: 1 } },
];
