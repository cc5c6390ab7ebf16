import { CreateSecretCommand, PutSecretValueCommand, ResourceExistsException } from '@aws-sdk/client-secrets-manager';
import type { Policy } from '../../contracts/policy.ts';
import type { EnvironmentState } from '../state.ts';
import { secretsManager } from './clients.ts';

type Parts = EnvironmentState['parts'];
type Secrets = Map<string, Record<string, string>>;

/**
 * The secrets that a policy names, filled with where this environment's servers listen, so that no port of a laptop reaches a template.
 * A name whose server is not part of the environment is left out.
 * @param reach turns a server's URL into the one under which functions reach it
 */
export function secretsOf(policy: Policy, parts: Parts, reach: (url: string) => string = (url) => url): Secrets {
  const secrets: Secrets = new Map();
  const erps = { tryton: parts.erp, simulator: parts['erp-simulator'] };
  for (const { secretName, vendor } of Object.values(policy.erps)) {
    const erp = erps[vendor];
    if (erp) secrets.set(secretName, { ...erp.facts, url: reach(erp.url) });
  }
  for (const { vendor, secretName } of Object.values(policy.tenants).flatMap(({ cpqs }) => Object.values(cpqs))) {
    if (vendor === 'salesforce' && secretName && parts.salesforce) {
      secrets.set(secretName, { ...parts.salesforce.facts, url: reach(parts.salesforce.url) });
    }
  }
  for (const [name, { secretName }] of Object.entries(policy.subscribers)) {
    const signingSecret = parts.receivers?.facts?.[name];
    if (parts.receivers && signingSecret) secrets.set(secretName, { url: `${reach(parts.receivers.url)}/${name}`, signingSecret });
  }
  return secrets;
}

/** Creates or replaces secrets in a local cloud. */
export async function putSecrets(endpoint: string, secrets: Secrets): Promise<void> {
  const client = secretsManager(endpoint);
  for (const [Name, value] of secrets) {
    const SecretString = JSON.stringify(value);
    try {
      await client.send(new CreateSecretCommand({ Name, SecretString }));
    } catch (error) {
      if (!(error instanceof ResourceExistsException)) throw error;
      await client.send(new PutSecretValueCommand({ SecretId: Name, SecretString }));
    }
  }
}
