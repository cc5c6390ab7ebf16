import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../config/index.ts';
import { cdkCommand, cdkEnvironment } from '../cloud/cdk.ts';
import { command } from '../command.ts';
import { cacheDir, root } from '../paths.ts';
import { runAttached } from '../processes.ts';
import { stageArguments } from '../stage-arguments.ts';

/** Writes the CloudFormation templates of a stage, without credentials. */
await command(async () => {
  const { stage = 'example', rest } = stageArguments();
  const { cloud } = await loadConfig(stage);
  const output = join(cacheDir, 'synth', stage);
  const args = cdkCommand('synth', '--quiet', '--output', output, ...rest);
  const code = await runAttached(...args, { cwd: root, env: cdkEnvironment(process.env, stage, cloud) });
  if (code !== 0) return code;
  const templates = readdirSync(output).filter((name) => name.endsWith('.template.json'));
  console.log(`Stage "${stage}": ${templates.length} templates in ${output}`);
  return 0;
});
