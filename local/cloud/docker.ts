import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { home, logFile, root } from '../paths.ts';
import { freePort } from '../ports.ts';
import { run } from '../processes.ts';
import type { CloudServer } from './index.ts';

/** The name of the host inside the containers of compose.yaml and of the functions that LocalStack starts. */
const VENDOR_HOST = 'host.docker.internal';

/** Whether a Docker engine answers; the client alone is not enough. */
export const dockerAnswers = (): boolean => spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 10_000 }).status === 0;

/** Starts LocalStack by compose.yaml, a project of its own for each home, so that two never meet. */
export async function startInDocker(wanted: number): Promise<CloudServer> {
  const port = await freePort(wanted);
  const project = `quotebridge-${createHash('sha256').update(home).digest('hex').slice(0, 8)}`;
  const compose = (...args: string[]): Promise<void> =>
    run('docker', ['compose', '-f', join(root, 'compose.yaml'), '-p', project, ...args], {
      log: logFile('localstack'),
      cure: 'Look at the log; `docker compose version` must answer. Then run the same command again.',
      env: { ...process.env, QUOTEBRIDGE_LOCALSTACK_PORT: String(port) },
    });
  await compose('up', '--detach', '--wait');
  return { url: `http://127.0.0.1:${port}`, vendorHost: VENDOR_HOST, stop: () => compose('down', '--volumes', '--timeout', '10') };
}
