import { join } from 'node:path';
import { startMinistack } from './cloud/ministack.ts';
import { cacheDir } from './paths.ts';
import type { Server } from './server.ts';
import type { CloudName } from './state.ts';

interface Hooks {
  add(name: string, server: Server): void;
  detail(text: string): void;
}

/** Starts the servers of an environment, each after those that it needs. */
export async function startParts(options: { cloud: CloudName; port: number }, { add, detail }: Hooks): Promise<void> {
  detail('local cloud');
  add('cloud', await startMinistack({ python: join(cacheDir, 'venv-ministack', 'bin', 'python'), port: options.port }));
}
