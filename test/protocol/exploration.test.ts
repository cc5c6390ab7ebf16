import { afterAll, describe, expect, it } from 'vitest';
import { type Exploration, explore } from './explorer/explore.ts';
import type { Scope } from './explorer/machine.ts';

/**
 * Every state that the order's protocol reaches in small scopes, with the real decisions of lambdas/domain/protocol. The budget of a
 * scope is what the outside world may do; the invariants I1..I10 are looked at in every state (explorer/outside.ts, liveness.ts).
 */
const scopes: Readonly<Record<string, Scope>> = {
  'one revision, nothing goes wrong': { revisions: 1, budget: {} },
  'crash twice, cancel': { revisions: 1, budget: { crash: 2, cancel: 1 } },
  'crash, correction, an error': { revisions: 1, budget: { crash: 1, correction: 1, error: 1 } },
  'zombie, crash, correction': { revisions: 1, budget: { zombie: 1, crash: 1, correction: 1 } },
  'zombie, crash, cancel; tax documents are effects too': { revisions: 1, budget: { zombie: 1, crash: 1, cancel: 1 }, tax: 'own' },
  'tax documents are made from the same data as the draft: crash, correction, cancel': {
    revisions: 1,
    budget: { crash: 1, correction: 1, cancel: 1 },
    tax: 'same',
  },
  'zombie, death of the execution, cancel': { revisions: 1, budget: { zombie: 1, death: 1, cancel: 1 } },
  'something is down for good, crash, cancel': { revisions: 1, budget: { down: 1, crash: 1, cancel: 1 } },
  'something is down for good, crash, correction': { revisions: 1, budget: { down: 1, crash: 1, correction: 1 } },
  'a call lands after its time, crash, correction, cancel': { revisions: 1, budget: { early: 1, crash: 1, correction: 1, cancel: 1 } },
  'messages are lost, one slot, death, crash, cancel': { revisions: 1, budget: { death: 1, crash: 1, cancel: 1 }, messages: true, slots: 1 },
  'messages are lost, one slot for two revisions': { revisions: 2, budget: {}, messages: true, slots: 1 },
  'two revisions, cancel': { revisions: 2, budget: { cancel: 1 } },
  'two revisions, crash': { revisions: 2, budget: { crash: 1 } },
  'two revisions, an error': { revisions: 2, budget: { error: 1 } },
};

describe('the protocol holds its invariants in every state', () => {
  const done: [string, Exploration, number][] = [];
  afterAll(() => {
    const lines = done.map(
      ([name, { states, transitions, heads }, ms]) => `  ${name.padEnd(64)} ${states} states, ${transitions} steps, ${heads} heads, ${ms} ms`,
    );
    const sum = done.reduce((total, [, { states }]) => total + states, 0);
    console.log(`explored ${sum} states:\n${lines.join('\n')}`);
  });

  it.each(Object.entries(scopes))('%s', (name, scope) => {
    const start = performance.now();
    const explored = explore(scope);
    done.push([name, explored, Math.round(performance.now() - start)]);
    expect(explored.violation, `${explored.violation?.what}\n${explored.violation?.trace}`).toBeUndefined();
  });

  it('every state of an order and every kind of wait was met on the way', () => {
    const met = new Set(done.flatMap(([, explored]) => explored.met));
    for (const one of ['accepted', 'drafted', 'confirmed', 'completed', 'cancelled', 'vendor', 'person', 'predecessor', 'later', 'settle'])
      expect(met).toContain(one);
  });
});
