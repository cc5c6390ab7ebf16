import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadConfig } from '../config/index.ts';
import type { Policy } from '../contracts/policy.ts';
import { OWNER_GROUPS } from '../contracts/tasks.ts';
import { startBoard } from './board/server.ts';
import { type CloudChoice, startCloud } from './cloud/index.ts';
import { freshCopy, prepareErp } from './erp/prepare.ts';
import { startTryton } from './erp/serve.ts';
import { quotes } from './northwind/quotes.ts';
import { home } from './paths.ts';
import type { Server } from './server.ts';
import { LOCAL_STAGE } from './state.ts';
import { start as startErpSimulator } from './vendors/erp-simulator/server.ts';
import { start as startFaultProxy } from './vendors/fault-proxy.ts';
import { start as startReceivers } from './vendors/receivers.ts';
import { records } from './vendors/salesforce/records.ts';
import { start as startSalesforce } from './vendors/salesforce/server.ts';

export interface PartsOptions {
  cloud: CloudChoice;
  /** First port of the cloud to try; 0 for any. The other servers take any. */
  port: number;
  /** 'cloud' starts nothing but the cloud. */
  only?: 'cloud' | undefined;
}

/** First port that the board tries where the cloud has one of its own too: an address that can be kept. */
const BOARD_PORT = 4600;

interface Hooks {
  add(name: string, server: Server): void;
  detail(text: string): void;
}

/** Starts the servers of an environment. What is prepared and installed already is found; see `bringUp`. */
export async function startParts(options: PartsOptions, { add, detail }: Hooks): Promise<void> {
  detail('the local cloud');
  const cloud = await startCloud(options.cloud, options.port);
  add('cloud', cloud);
  if (options.only === 'cloud') return;
  // Functions in containers reach this machine under another name, and servers that listen on 127.0.0.1 not at all.
  const host = cloud.vendorHost ? '0.0.0.0' : '127.0.0.1';
  const { policy } = await loadConfig(LOCAL_STAGE, options.cloud.name);
  detail('the ERP');
  const tryton = await startErp(host);
  add('tryton', tryton.server);
  add('erp', { ...(await startFaultProxy({ target: tryton.server.url, host })), facts: tryton.login });
  add('erp-simulator', await startSecondErp(host));
  detail('the CPQ');
  add('salesforce', await startCpq(policy, host));
  detail('the receivers');
  add('receivers', await startSubscribers(policy, host));
  add('board', await startBoard({ port: options.port === 0 ? 0 : BOARD_PORT, people: OWNER_GROUPS }));
}

/**
 * The ERP begins with a fresh copy of the prepared database; the last run's stays until the next one begins. The integration logs in
 * through a proxy that can fail as networks do; `tryton` is the ERP itself, with the login of a person.
 */
async function startErp(host: string): Promise<{ server: Server; login: Record<string, string> }> {
  const { venv, logins, ...prepared } = await prepareErp();
  const file = join(home, 'erp', 'run.sqlite');
  mkdirSync(dirname(file), { recursive: true });
  freshCopy({ venv, logins, ...prepared }, file);
  const { database, ...server } = await startTryton({ venv, database: file, host });
  return { server: { ...server, facts: { database, file, ...logins.clerk } }, login: { database, ...logins.integration } };
}

/** The second ERP instance of the policy, which keeps its keys unique itself; behind a proxy that can fail as networks do. */
async function startSecondErp(host: string): Promise<Server> {
  const login = { username: 'quotebridge', password: secret() };
  const erp = await startErpSimulator(login);
  const proxy = await startFaultProxy({ target: erp.url, host });
  return {
    ...proxy,
    facts: { database: 'simulator', ...login },
    stop: async () => {
      await proxy.stop();
      await erp.stop();
    },
  };
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
