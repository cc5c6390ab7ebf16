import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** Milliseconds that a secret is kept in memory: a rotated one is seen soon without a call per invocation. */
const KEEP_MS = 300_000;

/** Reads JSON secrets, cached. `forget` after a vendor refused the credentials. */
export function createSecrets(client = new SecretsManagerClient({}), now = Date.now) {
  const cache = new Map<string, { value: Promise<unknown>; until: number }>();
  const fetch = async (name: string): Promise<unknown> => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
    try {
      return JSON.parse(SecretString ?? 'null');
    } catch {
      // The parser's own words quote the secret.
      throw new Error(`secret ${name} is not JSON`);
    }
  };
  return {
    get(name: string): Promise<unknown> {
      const known = cache.get(name);
      if (known && known.until > now()) return known.value;
      const value = fetch(name);
      cache.set(name, { value, until: now() + KEEP_MS });
      value.catch(() => cache.delete(name));
      return value;
    },
    forget(name: string): void {
      cache.delete(name);
    },
  };
}
