import { DescribeSecretCommand, GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Context } from '../context.ts';
import { count } from '../print.ts';
import { bad, type Check, type Finding, look, ok, unknown } from './finding.ts';

const DEADLINE_MS = 5000;

interface Vendor {
  /** As the check is called: `ERP main`. */
  readonly name: string;
  readonly secretName: string;
}

/** Everything outside that the configuration names. A secret that several use is looked at once. */
function vendorsOf({ policy }: Context['config']): Vendor[] {
  const cpqs = Object.entries(policy.tenants).flatMap(([tenant, { cpqs }]) =>
    Object.entries(cpqs).flatMap(([cpq, { secretName }]) => (secretName ? [{ name: `CPQ ${tenant}/${cpq}`, secretName }] : [])),
  );
  const all = [
    ...Object.entries(policy.erps).map(([erp, { secretName }]) => ({ name: `ERP ${erp}`, secretName })),
    ...cpqs,
    ...Object.entries(policy.subscribers).map(([subscriber, { secretName }]) => ({ name: `subscriber ${subscriber}`, secretName })),
  ];
  return all.filter(({ secretName }, at) => all.findIndex((other) => other.secretName === secretName) === at);
}

const isMissing = (error: unknown): boolean => (error as Error).name === 'ResourceNotFoundException';
const isRefused = (error: unknown): boolean => /^AccessDenied/.test((error as Error).name);

export const secrets =
  (context: Context): Check =>
  async () => {
    const client = new SecretsManagerClient(context.client);
    const vendors = vendorsOf(context.config);
    const missing: string[] = [];
    for (const { secretName } of vendors) {
      const found = await client.send(new DescribeSecretCommand({ SecretId: secretName })).catch((error: unknown) => {
        if (isMissing(error)) return undefined;
        throw error;
      });
      if (!found || found.DeletedDate) missing.push(secretName);
    }
    if (missing.length === 0) return ok('secrets', `${count(vendors.length, 'secret')} there`);
    return bad(
      'secrets',
      `missing: ${missing.join(', ')}`,
      `aws secretsmanager create-secret --name ${missing[0]} --secret-string file://secret.json    (docs/deploying.md has the fields)`,
    );
  };

/** The URL in a vendor's secret; undefined: these credentials may not read it. */
async function urlOf(client: SecretsManagerClient, SecretId: string): Promise<string | undefined> {
  try {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId }));
    const { url } = JSON.parse(SecretString ?? '{}') as { url?: unknown };
    return typeof url === 'string' ? url : '';
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw error;
  }
}

/** Any answer but 5xx means reachable: who we are is for the functions to prove. @returns what went wrong */
async function tryIt(url: string): Promise<string | undefined> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) });
    await answer.body?.cancel();
    return answer.status >= 500 ? `it answers ${answer.status}` : undefined;
  } catch (error) {
    return (error as { cause?: { code?: string } }).cause?.code ?? (error as Error).name;
  }
}

/** What orders say of an ERP: the functions call it from where they run, which this machine may not. */
function witnesses(heads: readonly Head[], name: string): string | undefined {
  const codes: readonly ErrorCode[] = ['ERP_UNAVAILABLE', 'ERP_AUTHENTICATION'];
  const waiting = heads.filter(({ wait, route }) => `ERP ${route.erp}` === name && wait && codes.includes(wait.code));
  return waiting.length === 0
    ? undefined
    : `${count(waiting.length, 'order')} wait for it: ${[...new Set(waiting.map(({ wait }) => wait?.code))].join(', ')}`;
}

/** Whether every vendor answers, as seen from this machine and from the orders that wait. */
export const vendors =
  (context: Context, heads: readonly Head[]): Check =>
  async () => {
    const client = new SecretsManagerClient(context.client);
    const local = context.config.cloud !== 'aws';
    const one = async ({ name, secretName }: Vendor): Promise<Finding> => {
      const waiting = witnesses(heads, name);
      if (waiting)
        return bad(name, waiting, 'Correct what the code says (docs/errors.md): the orders go on by themselves, or with `quotebridge orders run`.');
      let url: string | undefined;
      try {
        url = await urlOf(client, secretName);
      } catch (error) {
        if (isMissing(error)) return bad(name, `its secret ${secretName} is missing`, 'See the line "secrets".');
        throw error;
      }
      if (url === undefined)
        return unknown(
          name,
          'no order waits for it; these credentials may not read its address',
          `secretsmanager:GetSecretValue on ${secretName} would let doctor try it`,
        );
      const failure = url === '' ? 'its secret holds no url' : await tryIt(url);
      if (failure === undefined) return ok(name, 'answers');
      const cure = `Check the field "url" of the secret ${secretName}, and the vendor's own status.`;
      return local || url === ''
        ? bad(name, `does not serve: ${failure}`, cure)
        : look(name, `does not serve this machine: ${failure}; no order waits for it`, cure);
    };
    const { sellerCountry, ossCountries } = context.config.policy.tax;
    const tax = ok('tax', `VAT table of a seller in ${sellerCountry}, ${ossCountries.length} other rates by one-stop shop; nothing to reach`);
    return [...(await Promise.all(vendorsOf(context.config).map(one))), tax];
  };
