import { delimiter, dirname, join } from 'node:path';
import { files, logFile } from '../paths.ts';
import { freePort } from '../ports.ts';
import { Problem } from '../problem.ts';
import { end, identify, startLogged, waitFor } from '../processes.ts';
import { ensureVenv, type Venv } from '../python-venv.ts';
import type { Server } from '../server.ts';
import { answers } from './health.ts';
import { makeTemporary } from './temporary.ts';

interface MinistackOptions {
  /** Python of the virtual environment that MiniStack is installed in. */
  python: string;
  /** First port to try; 0 for any. */
  port: number;
}

/** The virtual environment with MiniStack, made when it is missing. */
export const ministackVenv = (options: { signal?: AbortSignal | undefined; detail?: (text: string) => void } = {}): Promise<Venv> =>
  ensureVenv({ name: 'ministack', requirements: join(import.meta.dirname, 'requirements-ministack.txt'), ...options });

/**
 * Starts MiniStack on 127.0.0.1 (its own default is every interface). Functions run as host processes of the first `node` on PATH, in the
 * process group of MiniStack: ending the group ends them.
 */
export async function startMinistack({ python, port: wanted }: MinistackOptions): Promise<Server> {
  const port = await freePort(wanted);
  const log = logFile('ministack');
  makeTemporary();
  const child = startLogged(python, [join(import.meta.dirname, 'start-ministack.py')], {
    log,
    cwd: files.temporary,
    env: {
      ...process.env,
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, // MiniStack hands it on to the functions
      PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
      BIND_HOST: '127.0.0.1',
      GATEWAY_PORT: String(port),
      TMPDIR: files.temporary,
      PYTHONUNBUFFERED: '1',
      LOG_LEVEL: 'WARNING',
    },
  });
  if (child.pid === undefined) throw new Problem('The local cloud could not be started.', 'Run the same command again.', { log });
  const id = identify(child.pid);
  const url = `http://127.0.0.1:${port}`;
  const up = await waitFor(async () => child.exitCode !== null || (await answers(`${url}/_ministack/health`)), 30_000);
  if (!up || child.exitCode !== null) {
    await end(id);
    throw new Problem('The local cloud did not start.', 'Run the same command again. If it fails again, delete .local/venv-ministack first.', {
      log,
    });
  }
  const exited = new Promise<void>((done) => child.once('close', () => done()));
  return {
    url,
    log,
    process: id,
    exited,
    notes: port === wanted || wanted === 0 ? [] : [`Port ${wanted} is taken: the local cloud listens on ${port}.`],
    stop: () => end(id),
  };
}
