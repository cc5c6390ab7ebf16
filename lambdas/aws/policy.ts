import { readFileSync } from 'node:fs';
import { type Policy, policy } from '../../contracts/policy.ts';
import { hashOf } from '../domain/identity.ts';

/** The policy stands beside the bundled code: it is deployed, and rolled back, with the function. */
export function loadPolicy(url: URL): Policy & { readonly hash: string } {
  const data = policy.parse(JSON.parse(readFileSync(url, 'utf8')));
  return { ...data, hash: hashOf(data) };
}

export type LoadedPolicy = ReturnType<typeof loadPolicy>;
