import { CreateSecretCommand, PutSecretValueCommand, ResourceExistsException } from '@aws-sdk/client-secrets-manager';
import type { Policy } from '../../contracts/policy.ts';
import type { EnvironmentState } from '../state.ts';
import { secretsManager } from './clients.ts';

/**
 * The secrets that a policy names, filled with where this environment's servers listen, so that no port of a laptop reaches a template.
 * A name whose server is not part of the environment is left out.
 */
export function secretsOf(policy: Policy, parts: EnvironmentState['parts']): Map<string, Record<string, string>> {
  const secrets = new Map<string, Record<string, string>>();
  const add = (name: string | undefined, part: EnvironmentState['parts'][string] | undefined, ...facts: string[]) => {
    if (!name || !part) return;
    secrets.set(name, { url: part.url, ...Object.fromEntries(facts.map((fact) => [fact, part.facts?.[fact] ?? ''])) });
  };
  const erps = { tryton: parts.erp, simulator: parts['erp-simulator'] };
  for (const erp of Object.values(policy.erps)) add(erp.secretName, erps[erp.vendor], 'database', 'username', 'password');
  for (const { cpqs } of Object.values(policy.tenants)) {
    for (const cpq of Object.values(cpqs)) if (cpq.vendor === 'salesforce') add(cpq.secretName, parts.salesforce, 'clientId', 'clientSecret');
  }
  for (const [name, { secretName }] of Object.entries(policy.subscribers)) add(secretName, parts[`receiver-${name}`], 'signingSecret');
  return secrets;
}

/** Creates or replaces secrets in a local cloud. */
export async function putSecrets(endpoint: string, secrets: Map<string, Record<string, string>>): Promise<void> {
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
