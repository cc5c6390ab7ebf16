import { rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { files, logFile, root } from '../paths.ts';
import { run } from '../processes.ts';
import type { CloudName } from '../state.ts';
import { localEnvironment } from './endpoint.ts';

export interface CdkOptions {
  stage: string;
  signal?: AbortSignal | undefined;
  detail?: (text: string) => void;
}

export interface LocalCdkOptions extends CdkOptions {
  cloud: CloudName;
  endpoint: string;
}

const binaries = join(root, 'node_modules', '.bin');

/** Environment of the CDK, which starts the app by the first `node` on PATH. */
export function cdkEnvironment(base: NodeJS.ProcessEnv, stage: string, cloud: CloudName | 'aws'): NodeJS.ProcessEnv {
  const PATH = [binaries, base.PATH].join(delimiter);
  return { ...base, PATH, QUOTEBRIDGE_STAGE: stage, QUOTEBRIDGE_CLOUD: cloud, CDK_DISABLE_CLI_TELEMETRY: 'true' };
}

/** The command line of the ordinary CDK. */
export const cdkCommand = (...args: string[]): [string, string[]] => [process.execPath, [join(binaries, 'cdk'), ...args]];

async function cdk(options: LocalCdkOptions, log: string, ...args: string[]): Promise<void> {
  await run(...cdkCommand(...args, '--no-color'), {
    cwd: root,
    env: cdkEnvironment(localEnvironment(options.endpoint), options.stage, options.cloud),
    log: logFile(log),
    cure: 'Correct what the log says, then run the same command again.',
    signal: options.signal,
    onLine: (line) => options.detail?.(line.trim().slice(0, 70)),
  });
}

/** `cdk bootstrap` of a local cloud. */
export async function bootstrap(options: LocalCdkOptions): Promise<void> {
  rmSync(logFile('cdk-bootstrap'), { force: true });
  await cdk(options, 'cdk-bootstrap', 'bootstrap', 'aws://000000000000/us-east-1');
}

/**
 * `cdk deploy` of every stack to a local cloud; the outputs are written to `.local/outputs.json`.
 * @param assembly folder of a synthesized app that is deployed instead of the sources
 */
export async function deploy(options: LocalCdkOptions, assembly?: string): Promise<void> {
  rmSync(logFile('cdk-deploy'), { force: true });
  const what = assembly === undefined ? ['--output', files.assembly] : ['--app', assembly];
  const where = [...what, '--outputs-file', files.outputs];
  await cdk(options, 'cdk-deploy', 'deploy', '--all', '--require-approval', 'never', '--progress', 'events', '--concurrency', '2', ...where);
}

/** `cdk destroy` of every stack. */
export async function destroy(options: LocalCdkOptions): Promise<void> {
  rmSync(logFile('cdk-destroy'), { force: true });
  await cdk(options, 'cdk-destroy', 'destroy', '--all', '--force', '--output', files.assembly);
}
