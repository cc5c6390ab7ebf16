import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { answers } from '../cloud/health.ts';
import { makeTemporary } from '../cloud/temporary.ts';
import { files, logFile } from '../paths.ts';
import { freePort } from '../ports.ts';
import { Problem } from '../problem.ts';
import { end, identify, startLogged, waitFor } from '../processes.ts';
import type { Server } from '../server.ts';
import type { LocalstackInstall } from './install.ts';

/**
 * Settings with which a queue's consumer is called within 0.5 s instead of 14 s, functions stay warm for a minute, and a look into a queue is
 * no call of CloudWatch (a sixth of all requests, on the one core that LocalStack has). compose.yaml has the same.
 */
const TUNED = {
  LAMBDA_KEEPALIVE_MS: '60000',
  LAMBDA_RETRY_BASE_DELAY: '1',
  LAMBDA_EVENT_SOURCE_MAPPING_POLL_INTERVAL_SEC: '0.1',
  LAMBDA_EVENT_SOURCE_MAPPING_MAX_BACKOFF_ON_EMPTY_POLL_SEC: '0.3',
  SQS_DISABLE_CLOUDWATCH_METRICS: '1',
};

/** Starts LocalStack as a process of this machine. Functions run as processes of the Node that runs this; see executor/. */
export async function startLocalstack({ folder, python }: LocalstackInstall, wanted: number): Promise<Server> {
  const port = await freePort(wanted);
  const log = logFile('localstack');
  const rootFolder = join(files.temporary, 'localstack');
  const data = join(files.temporary, 'localstack-data');
  prepareFolders(rootFolder, data, folder);
  const { AWS_ENDPOINT_URL: _, ...inherited } = process.env; // functions would be sent there
  const child = startLogged(python, ['-m', 'localstack.runtime.main'], {
    log,
    cwd: data,
    env: {
      ...inherited,
      ...TUNED,
      PATH: [dirname(python), dirname(process.execPath), inherited.PATH].join(delimiter),
      PYTHONPATH: join(import.meta.dirname, 'executor'),
      TMPDIR: data,
      FILESYSTEM_ROOT: rootFolder,
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      LOCALSTACK_HOST: `localhost:${port}`,
      LAMBDA_RUNTIME_EXECUTOR: 'host-node',
      HOST_NODE_BINARY: process.execPath,
      SQS_ENDPOINT_STRATEGY: 'path',
      OVERRIDE_IN_DOCKER: '0',
      SKIP_SSL_CERT_DOWNLOAD: '1',
      DISABLE_EVENTS: '1',
      DNS_ADDRESS: '0',
    },
  });
  if (child.pid === undefined) throw new Problem('LocalStack could not be started.', 'Run the same command again.', { log });
  const id = identify(child.pid);
  const url = `http://127.0.0.1:${port}`;
  const up = await waitFor(async () => child.exitCode !== null || (await answers(`${url}/_localstack/health`)), 120_000);
  if (!up || child.exitCode !== null) {
    await end(id);
    throw new Problem('LocalStack did not start.', `Run the same command again. If it fails again, delete ${folder} first.`, { log });
  }
  const exited = new Promise<void>((done) => child.once('close', () => done()));
  return {
    url,
    log,
    process: id,
    exited,
    notes: port === wanted || wanted === 0 ? [] : [`Port ${wanted} is taken: LocalStack listens on ${port}.`],
    stop: () => end(id, 15_000),
  };
}

/** LocalStack's file system of one run; what was installed is linked into it. */
function prepareFolders(rootFolder: string, data: string, install: string): void {
  makeTemporary();
  for (const folder of [rootFolder, data]) rmSync(folder, { recursive: true, force: true });
  mkdirSync(join(rootFolder, 'var/lib/localstack'), { recursive: true });
  mkdirSync(data, { recursive: true });
  symlinkSync(join(install, 'lib'), join(rootFolder, 'var/lib/localstack/lib'));
}
