import { existsSync, globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { refuseRemoteEndpoint } from '../cloud/endpoint.ts';
import { command } from '../command.ts';
import { root } from '../paths.ts';
import { Problem } from '../problem.ts';
import { running } from '../state.ts';

/** Runs one measurement of `bench/` against a running `npm run up`: it prints its figures and leaves nothing behind. */
await command(async () => {
  refuseRemoteEndpoint();
  const [name = ''] = process.argv.slice(2);
  const file = join(root, 'bench', `${name}.ts`);
  const names = globSync('*.ts', { cwd: join(root, 'bench') }).map((one) => basename(one, '.ts'));
  if (!existsSync(file))
    throw new Problem(`There is no measurement "${name}".`, `npm run bench -- NAME    where NAME is one of ${names.sort().join(', ')}`);
  if (running()?.status !== 'ready') throw new Problem('No local environment is running.', 'npm run up    starts one; then run this again');
  const { measure } = (await import(pathToFileURL(file).href)) as { measure: () => Promise<void> };
  await measure();
  return 0;
});
