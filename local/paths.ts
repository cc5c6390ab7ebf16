import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of the project. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** What every environment of this checkout shares: virtual environments, prepared databases. */
export const cacheDir = join(root, '.local');

/** Where one environment keeps its state, logs and outputs. `npm test` has a home of its own, so it never meets a running `npm run up`. */
export const home = resolve(process.env.QUOTEBRIDGE_HOME ?? cacheDir);

export const files = {
  lock: join(home, 'lock'),
  state: join(home, 'state.json'),
  outputs: join(home, 'outputs.json'),
  assembly: join(home, 'cdk.out'),
  temporary: join(home, 'tmp'),
  logs: join(home, 'logs'),
};

export const logFile = (name: string): string => join(files.logs, `${name}.log`);
