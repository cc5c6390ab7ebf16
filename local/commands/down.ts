import { parseArgs } from 'node:util';
import { emptyBuckets } from '../cloud/buckets.ts';
import { destroy } from '../cloud/cdk.ts';
import { command, printFailure } from '../command.ts';
import { stopEnvironment } from '../environment.ts';
import { Problem } from '../problem.ts';
import { LOCAL_STAGE, running } from '../state.ts';

const { values } = parseArgs({ options: { destroy: { type: 'boolean', default: false } } });

/** Takes the stacks down while the cloud still runs; a cloud that does not answer must not keep it from being ended. */
async function takeDown(signal: AbortSignal): Promise<void> {
  const state = running();
  const endpoint = state?.parts.cloud?.url;
  if (!state || !endpoint) return;
  try {
    await emptyBuckets(endpoint, AbortSignal.timeout(10_000));
    if (values.destroy) await destroy({ stage: LOCAL_STAGE, cloud: state.cloud, endpoint, signal });
  } catch (error) {
    if (error instanceof Problem) printFailure(error);
    console.error(`The stacks were not taken down (${(error as Error).message}); the environment is ended nevertheless.`);
  }
}

await command(async (signal) => {
  await takeDown(signal);
  console.log((await stopEnvironment()) ? 'The local environment is stopped; nothing of it is running.' : 'No local environment was running.');
  return 0;
});
