import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../config/index.ts';
import type { Policy } from '../contracts/policy.ts';
import { startCloud } from './cloud/index.ts';
import { freshCopy, prepareErp } from './erp/prepare.ts';
import { startTryton } from './erp/serve.ts';
import { quotes } from './northwind/quotes.ts';
import { home } from './paths.ts';
import type { Server } from './server.ts';
import { type CloudName, LOCAL_STAGE } from './state.ts';
import { start as startReceivers } from './vendors/receivers.ts';
import { records } from './vendors/salesforce/records.ts';
import { start as startSalesforce } from './vendors/salesforce/server.ts';

export interface PartsOptions {
  cloud: CloudName;
  /** First port of the cloud to try; 0 for any. The other servers take any. */
  port: number;
  /** 'cloud' starts nothing but the cloud. */
  only?: 'cloud' | undefined;
}

interface Hooks {
  add(name: string, server: Server): void;
  detail(text: string): void;
}

/** Starts the servers of an environment. What is prepared and installed already is found; see `bringUp`. */
export async function startParts(options: PartsOptions, { add, detail }: Hooks): Promise<void> {
  detail('the local cloud');
  const cloud = await startCloud(options);
  add('cloud', cloud);
  if (options.only === 'cloud') return;
  // Functions in containers reach this machine under another name, and servers that listen on 127.0.0.1 not at all.
  const host = cloud.vendorHost ? '0.0.0.0' : '127.0.0.1';
  const { policy } = await loadConfig(LOCAL_STAGE, options.cloud);
  detail('the ERP');
  add('erp', await startErp(host));
  detail('the CPQ');
  add('salesforce', await startCpq(policy, host));
  detail('the receivers');
  add('receivers', await startSubscribers(policy, host));
}

/** The ERP begins with a fresh copy of the prepared database; the last run's stays until the next one begins. */
async function startErp(host: string): Promise<Server> {
  const prepared = await prepareErp();
  const database = join(home, 'erp', 'run.sqlite');
  freshCopy(prepared, database);
  const server = await startTryton({ venv: prepared.venv, database, host });
  return { ...server, facts: { database: server.database, ...prepared.logins.integration } };
}

/** The CPQ that the tenant northwind uses, with all of its quotes; the tenants of the tests use it too. */
async function startCpq(policy: Policy, host: string): Promise<Server> {
  const org = policy.tenants.northwind?.cpqs.salesforce?.org ?? '';
  const login = { clientId: 'quotebridge', clientSecret: secret() };
  return { ...(await startSalesforce({ org, host, ...login, records: records(quotes) })), facts: login };
}

/** A receiver for each subscriber, at `<url>/<name>`; what earlier runs received is forgotten, as their ledger is. */
async function startSubscribers(policy: Policy, host: string): Promise<Server> {
  const secrets = Object.fromEntries(Object.keys(policy.subscribers).map((name) => [name, `whsec_${secret()}`]));
  const file = join(home, 'receivers.jsonl');
  rmSync(file, { force: true });
  return { ...(await startReceivers({ host, secrets, file })), facts: secrets };
}

const secret = (): string => randomBytes(24).toString('base64');
