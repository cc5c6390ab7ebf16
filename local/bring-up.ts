import { loadConfig } from '../config/index.ts';
import { bootstrap, deploy } from './cloud/cdk.ts';
import { type CloudChoice, installCloud } from './cloud/index.ts';
import { putSecrets, secretsOf } from './cloud/secrets.ts';
import { claimEnvironment, startEnvironment } from './environment.ts';
import { prepareErp } from './erp/prepare.ts';
import { seedSmoke } from './feed/references.ts';
import type { Phase, Progress } from './progress.ts';
import { type EnvironmentState, LOCAL_STAGE } from './state.ts';

export interface BringUpOptions {
  cloud: CloudChoice;
  /** First port of the cloud to try; 0 for any. */
  port: number;
  signal: AbortSignal;
}

/** How many phases `bringUp` shows. */
export const BRING_UP_PHASES = 4;

const endpointOf = (state: EnvironmentState): string => {
  const url = state.parts.cloud?.url;
  if (!url) throw new Error('the environment has no cloud');
  return url;
};

/** Installs what is missing, starts an environment and deploys the stacks to it: the phases that `up`, `start` and `test` share. */
export async function bringUp(progress: Progress, { cloud, port, signal }: BringUpOptions): Promise<EnvironmentState> {
  claimEnvironment();
  await progress.phase('Installing the local cloud and the ERP', { usually: 'about 60 s the first time, then nothing' }, (phase) =>
    install(cloud, phase, signal),
  );
  const state = await progress.phase('Starting the local cloud and the ERP', { usually: 'about 5 s' }, ({ detail }) =>
    startEnvironment({ cloud, port, signal, detail }),
  );
  for (const note of state.notes) progress.note(note);
  const slow = cloud.name === 'localstack';
  await progress.phase('Preparing the local cloud for the CDK', { usually: slow ? 'about 15 s' : 'about 7 s' }, async ({ detail }) => {
    await prepare(state);
    await bootstrap({ stage: LOCAL_STAGE, cloud: cloud.name, endpoint: endpointOf(state), signal, detail });
  });
  await deployTo(progress, state, signal);
  return state;
}

async function install(cloud: CloudChoice, { detail }: Phase, signal: AbortSignal): Promise<void> {
  await installCloud(cloud, { signal, detail });
  await prepareErp({ signal, progress: (text, fraction) => detail(fraction > 0 ? `${text}, ${Math.round(fraction * 100)} %` : text) });
}

/** Writes the secrets that the stacks' policy names. */
async function prepare(state: EnvironmentState): Promise<void> {
  const { policy } = await loadConfig(LOCAL_STAGE, state.cloud);
  const reach = (url: string) => (state.vendorHost ? url.replace('127.0.0.1', state.vendorHost) : url);
  await putSecrets(endpointOf(state), secretsOf(policy, state.parts, reach));
}

/** Deploys the stacks to a running environment. */
export async function deployTo(progress: Progress, state: EnvironmentState, signal: AbortSignal): Promise<void> {
  await progress.phase('Deploying with cdk deploy', { usually: state.cloud === 'localstack' ? 'about 35 s' : 'about 10 s' }, async ({ detail }) => {
    await deploy({ stage: LOCAL_STAGE, cloud: state.cloud, endpoint: endpointOf(state), signal, detail });
    await seedSmoke(state);
  });
}
