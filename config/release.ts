import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { StageConfig } from './schema.ts';

/** What a deployment is made of: the version of the code, and the first 12 digits of the hash of its policy. Stacks publish it, `doctor` compares it. */
export function releaseOf({ policy }: Pick<StageConfig, 'policy'>): { version: string; policyHash: string } {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return { version, policyHash: createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 12) };
}
