import { parseArgs } from 'node:util';
import { emptyBuckets } from '../cloud/buckets.ts';
import { destroy } from '../cloud/cdk.ts';
import { command } from '../command.ts';
import { stopEnvironment } from '../environment.ts';
import { LOCAL_STAGE, running } from '../state.ts';

const { values } = parseArgs({ options: { destroy: { type: 'boolean', default: false } } });

await command(async (signal) => {
  const state = running();
  const endpoint = state?.parts.cloud?.url;
  if (state && endpoint) {
    await emptyBuckets(endpoint);
    if (values.destroy) await destroy({ stage: LOCAL_STAGE, cloud: state.cloud, endpoint, signal });
  }
  console.log((await stopEnvironment()) ? 'The local environment is stopped; nothing of it is running.' : 'No local environment was running.');
  return 0;
});
