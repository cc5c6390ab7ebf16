import { loadConfig } from '../../config/index.ts';
import { cdkCommand, cdkEnvironment } from '../cloud/cdk.ts';
import { refuseCustomEndpoint } from '../cloud/endpoint.ts';
import { command } from '../command.ts';
import { root } from '../paths.ts';
import { Problem } from '../problem.ts';
import { runAttached } from '../processes.ts';
import { stageArguments } from '../stage-arguments.ts';

/** Deploys a stage to AWS with the caller's credentials. What follows the stage goes to `cdk deploy`. */
await command(async () => {
  const { stage, rest } = stageArguments();
  refuseCustomEndpoint();
  if (!stage)
    throw new Problem(
      'Which stage?',
      'npm run deploy -- --stage NAME    deploys config/NAME.ts to AWS\nnpm run up                        deploys to this machine',
    );
  const config = await loadConfig(stage);
  if (config.cloud !== 'aws') throw new Problem(`The stage "${stage}" is one for this machine.`, 'npm run up    deploys it');
  const args = cdkCommand('deploy', '--all', ...rest);
  return runAttached(...args, { cwd: root, env: cdkEnvironment(process.env, stage, 'aws') });
});
