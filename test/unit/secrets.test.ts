import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { expect, test } from 'vitest';
import { shown } from '../../lambdas/aws/logger.ts';
import { createSecrets } from '../../lambdas/aws/secrets.ts';

const answering = (SecretString: string) => ({ send: async () => ({ SecretString }) }) as unknown as SecretsManagerClient;

test('a secret that is not JSON is named, and nothing of it is quoted', async () => {
  const failure = await createSecrets(answering('client_secret=hunter2'))
    .get('quotebridge/prod/cpq')
    .catch((error: Error) => error);
  expect(String(failure)).toBe('Error: secret quotebridge/prod/cpq is not JSON');
  expect(`${(failure as Error).stack} ${(failure as Error).cause}`).not.toContain('hunter2');
});

test('what a parser could not read does not reach a log, any other error does', () => {
  let failure: unknown;
  try {
    JSON.parse('client_secret=hunter2');
  } catch (error) {
    failure = error;
  }
  expect(String(failure)).toContain('client_sec');
  expect(`${shown(failure).message} ${shown(failure).stack}`).not.toContain('client_sec');
  const other = new Error('the bus is away');
  expect(shown(other)).toBe(other);
});
