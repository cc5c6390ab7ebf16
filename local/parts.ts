import { join } from 'node:path';
import { startMinistack } from './cloud/ministack.ts';
import { freshCopy, prepareErp } from './erp/prepare.ts';
import { startTryton } from './erp/serve.ts';
import { cacheDir, home } from './paths.ts';
import type { Server } from './server.ts';
import type { CloudName } from './state.ts';

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
  add('cloud', await startMinistack({ python: join(cacheDir, 'venv-ministack', 'bin', 'python'), port: options.port }));
  if (options.only === 'cloud') return;
  detail('the ERP');
  add('erp', await startErp());
}

/** The ERP begins with a fresh copy of the prepared database; the last run's stays until the next one begins. */
async function startErp(): Promise<Server> {
  const prepared = await prepareErp();
  const database = join(home, 'erp', 'run.sqlite');
  freshCopy(prepared, database);
  const server = await startTryton({ venv: prepared.venv, database });
  return { ...server, facts: { database: server.database, ...prepared.logins.integration } };
}
