import { type TestAPI, test } from 'vitest';
import type { CloudName } from '../../local/state.ts';

/**
 * What the two local clouds lack, found by running; docs/local-clouds.md says what follows. A test that needs one of these says so with
 * `needs(...)` and is skipped where it is missing; test/local/clouds.test.ts fails when a gap is gone.
 */
export const capabilities = {
  'rule target DLQ': { ministack: false, localstack: false },
  'PutEvents rejects a bad entry': { ministack: false, localstack: true },
  'task heartbeat': { ministack: false, localstack: false },
  'execution timeout': { ministack: false, localstack: true },
  'states inside a Parallel in the history': { ministack: false, localstack: true },
  'redrive of an execution': { ministack: false, localstack: false },
  'redrive of a queue': { ministack: false, localstack: true },
  'Express log of a state machine': { ministack: false, localstack: true },
  'named error of a managed Node function': { ministack: false, localstack: true },
  'custom resources': { ministack: true, localstack: false },
  'REST throttling and quota': { ministack: true, localstack: false },
  'REST request validation': { ministack: false, localstack: true },
  'EventBridge Scheduler': { ministack: true, localstack: false },
  'StartExecution is idempotent while running': { ministack: false, localstack: true },
} as const satisfies Record<string, Record<CloudName, boolean>>;

export type Capability = keyof typeof capabilities;

/** The cloud that this run tests against: the command that starts the tests says which. */
export const cloud = (process.env.QUOTEBRIDGE_CLOUD ?? 'ministack') as CloudName;

export const has = (capability: Capability): boolean => capabilities[capability][cloud];

/** `needs('custom resources')('a topic is ...', ...)`: a test that is skipped where the cloud lacks one of the capabilities. */
export const needs = (...wanted: Capability[]): ReturnType<TestAPI['skipIf']> => test.skipIf(!wanted.every(has));
