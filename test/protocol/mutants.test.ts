import { afterAll, describe, expect, it } from 'vitest';
import { explore } from './explorer/explore.ts';
import { mutants as table, unrepresented } from './explorer/mutants.ts';
import { beyond } from './explorer/mutants-beyond.ts';
import { real } from './explorer/rules.ts';

const mutants = { ...table, ...beyond };

/**
 * The exploration is worth what it can find: each mutant breaks one clause of the protocol, and some state of its scope shows it.
 * The same scope with the real decisions is clean.
 */
describe('a protocol with one clause broken is found out', () => {
  const traces: string[] = [];
  afterAll(() => {
    const left = Object.entries(unrepresented).map(([name, why]) => `  ${name.padEnd(16)} not represented: ${why}`);
    console.log(`shortest traces:\n${[...traces, ...left].join('\n')}`);
  });

  it.each(Object.entries(mutants))('%s', (name, { scope, rules, shows }) => {
    const { violation, states } = explore(scope, { ...real, ...rules });
    traces.push(`  ${name.padEnd(16)} ${violation?.steps} steps, ${states} states: ${violation?.what}\n${violation?.trace}`);
    expect(violation?.what).toMatch(shows);
    expect(violation?.trace.split('\n')).toHaveLength(violation?.steps ?? 0);
  });

  const scopes = new Map(Object.values(mutants).map(({ scope }) => [JSON.stringify(scope), scope]));
  it.each([...scopes])('clean with the real decisions: %s', (_name, scope) => {
    const { violation } = explore(scope);
    expect(violation, violation?.trace).toBeUndefined();
  });
});
