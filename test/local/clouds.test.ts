import { expect, test } from 'vitest';
import { type Capability, capabilities, cloud, has } from '../support/capabilities.ts';
import { probes } from './probes.ts';

const all = Object.keys(capabilities) as Capability[];
test.each(all.map((name) => ({ name, what: has(name) ? 'has' : 'still lacks' })))(`${cloud} $what: $name`, async ({ name }) => {
  expect(await probes[name](), 'correct the table in test/support/capabilities.ts and in docs/local-clouds.md').toBe(has(name));
});
