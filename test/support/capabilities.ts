import { type TestAPI, test } from 'vitest';
import type { CloudName } from '../../local/state.ts';

/**
 * What one of the local clouds lacks, found by running; docs/local-clouds.md says what follows. A test that needs one of these says so
 * with `needs(...)` and is skipped where it is missing. test/local/clouds.test.ts probes each: it fails when a gap is gone.
 */
export const capabilities = {
  'archive by CloudFormation': { ministack: false, localstack: false },
  'custom resources': { ministack: true, localstack: false },
  'execution timeout': { ministack: false, localstack: true },
  'heartbeat of a task': { ministack: false, localstack: false },
  'IAM is enforced': { ministack: true, localstack: false },
  'named error of a managed Node function': { ministack: false, localstack: true },
  'output of a Parallel': { ministack: false, localstack: true },
  'PutEvents rejects a bad entry': { ministack: false, localstack: true },
  'redrive of a queue': { ministack: false, localstack: true },
  'redrive of an execution': { ministack: false, localstack: false },
  'rule target DLQ': { ministack: false, localstack: false },
  'StartExecution is idempotent while running': { ministack: false, localstack: true },
  'states of a Parallel in the history': { ministack: false, localstack: true },
  'uuid in JSONata': { ministack: true, localstack: false },
} as const satisfies Record<string, Record<CloudName, boolean>>;

export type Capability = keyof typeof capabilities;

/** The cloud that this run tests against: the command that starts the tests says which. */
export const cloud = (process.env.QUOTEBRIDGE_CLOUD ?? 'ministack') as CloudName;

export const has = (capability: Capability): boolean => capabilities[capability][cloud];

/** `needs('custom resources')('a topic is ...', ...)`: a test that is skipped where the cloud lacks one of the capabilities. @public */
export const needs = (...wanted: Capability[]): ReturnType<TestAPI['skipIf']> => test.skipIf(!wanted.every(has));
