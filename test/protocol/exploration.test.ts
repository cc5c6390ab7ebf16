import { afterAll, describe, expect, it } from 'vitest';
import { type Exploration, explore } from './explorer/explore.ts';
import { SMALL } from './scopes.ts';

/**
 * Every state that the order's protocol reaches in small scopes, with the real decisions of lambdas/domain/protocol. The budget of a
 * scope is what the outside world may do; the invariants are looked at in every state (explorer/invariants.ts, liveness.ts).
 */
describe('the protocol holds its invariants in every state', () => {
  const done: [string, Exploration, number][] = [];
  afterAll(() => {
    const lines = done.map(
      ([name, { states, transitions, heads }, ms]) => `  ${name.padEnd(64)} ${states} states, ${transitions} steps, ${heads} heads, ${ms} ms`,
    );
    const sum = done.reduce((total, [, { states }]) => total + states, 0);
    console.log(`explored ${sum} states:\n${lines.join('\n')}`);
  });

  it.each(Object.entries(SMALL))('%s', (name, scope) => {
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
