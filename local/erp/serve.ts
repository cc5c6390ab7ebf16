import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { logFile } from '../paths.ts';
import { freePort } from '../ports.ts';
import { Problem } from '../problem.ts';
import { alive, end, identify, startLogged, waitFor } from '../processes.ts';
import type { Venv } from '../python-venv.ts';
import type { Server } from '../server.ts';
import { environment } from './prepare.ts';
import { webClientFolder } from './web-client.ts';

export interface TrytonOptions {
  readonly venv: Venv;
  /** An SQLite file, `<name>.sqlite`; the name is the database's. Configuration and web client are written beside it. */
  readonly database: string;
  /** The first port that is tried; 0 takes any. */
  readonly port?: number;
  /** 127.0.0.1 unless functions have to reach the ERP from containers. */
  readonly host?: string;
  readonly log?: string;
}

export interface TrytonServer extends Server {
  readonly port: number;
  readonly database: string;
}

/** It listens within 1.5 s on an idle machine. */
const READY_MS = 60_000;

/**
 * Starts Tryton on a database, with its own web client at `<url>/#<database>`. It runs in a process group of its own, and the whole
 * group is ended on stop. @throws Problem with the log when it ends or is not ready within 60 s
 */
export async function startTryton(options: TrytonOptions): Promise<TrytonServer> {
  const host = options.host ?? '127.0.0.1';
  const port = await freePort(options.port ?? 0, host);
  const name = basename(options.database, '.sqlite');
  const log = options.log ?? logFile('tryton');
  rmSync(log, { force: true });
  const child = startLogged(join(options.venv.bin, 'trytond'), ['-c', configure(options.database, host, port), '-d', name], {
    log,
    env: environment(),
  });
  const exited = once(child, 'exit').then(() => undefined);
  if (child.pid === undefined) throw await once(child, 'error').then(([error]) => error as Error);
  const id = identify(child.pid);
  const url = `http://${host === '0.0.0.0' ? '127.0.0.1' : host}:${port}`;
  const ready = await waitFor(async () => !alive(id) || (await serves(url, name)), READY_MS);
  if (!ready || !alive(id)) {
    await end(id);
    throw new Problem('The ERP did not start.', 'Read the log; then run the same command again.', { log });
  }
  return { url, port, database: name, process: id, exited, stop: () => end(id) };
}

function configure(database: string, host: string, port: number): string {
  const folder = dirname(database);
  mkdirSync(folder, { recursive: true });
  const name = basename(database, '.sqlite');
  const file = join(folder, `${name}.conf`);
  const www = webClientFolder(join(folder, `${name}-web-client`));
  writeFileSync(file, `[database]\nuri = sqlite://\npath = ${folder}\n[web]\nlisten = ${host}:${port}\nroot = ${www}\n`);
  return file;
}

/** Whether the server answers and knows the database; that needs no login. It listens only after its modules are loaded. */
async function serves(url: string, database: string): Promise<boolean> {
  try {
    const body = JSON.stringify({ id: 1, method: 'common.db.list', params: [] });
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/rpc/`, { method: 'POST', headers, body, signal: AbortSignal.timeout(5000) });
    const { result } = (await response.json()) as { result?: string[] };
    return result?.includes(database) ?? false;
  } catch (error) {
    if (error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError')) return false; // not listening yet
    throw error;
  }
}
