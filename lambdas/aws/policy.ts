import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Policy, policy } from '../../contracts/policy.ts';

/** The policy stands beside the bundled code: it is deployed, and rolled back, with the function. The hash is the one that the stacks publish (config/release.ts). */
export function loadPolicy(url: URL): Policy & { readonly hash: string } {
  const text = readFileSync(url, 'utf8');
  return { ...policy.parse(JSON.parse(text)), hash: createHash('sha256').update(text).digest('hex').slice(0, 12) };
}

export type LoadedPolicy = ReturnType<typeof loadPolicy>;
