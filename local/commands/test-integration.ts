import { globSync } from 'node:fs';
import { refuseRemoteEndpoint } from '../cloud/endpoint.ts';
import { command } from '../command.ts';
import { root } from '../paths.ts';
import { Problem } from '../problem.ts';
import { running } from '../state.ts';
import { runAlone } from '../tests.ts';

/** Runs integration tests, those in a browser and those of the runbooks, against a running `npm run up`: a NAME that is part of a file's name runs that file, any other the tests of that name. */
await command(async () => {
  refuseRemoteEndpoint();
  const state = running();
  if (state?.status !== 'ready') throw new Problem('No local environment is running.', 'npm run up    starts one; then run this again');
  const name = process.argv.slice(2).join(' ');
  const files = globSync('test/{integration,browser,runbooks}/**/*.test.ts', { cwd: root }).filter((file) => name !== '' && file.includes(name));
  const tiers = name === '' ? ['integration', 'browser', 'runbooks', 'agreement'] : ['integration', 'browser', 'runbooks'];
  return runAlone({ tiers, cloud: state.cloud, args: files.length > 0 || name === '' ? files : ['-t', name] });
});
