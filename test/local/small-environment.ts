// The smallest environment, nothing but a cloud, in the home that QUOTEBRIDGE_HOME names: `start PORT`, `deploy`, `destroy`, `stop`.
import { emptyBuckets } from '../../local/cloud/buckets.ts';
import { bootstrap, deploy, destroy } from '../../local/cloud/cdk.ts';
import { command } from '../../local/command.ts';
import { startEnvironment, stopEnvironment, stopOwnEnvironment } from '../../local/environment.ts';
import { LOCAL_STAGE, running } from '../../local/state.ts';

const [action, port] = process.argv.slice(2);
const stacks = (signal: AbortSignal) => ({ stage: LOCAL_STAGE, cloud: 'ministack' as const, endpoint: running()?.parts.cloud?.url ?? '', signal });

const actions: Record<string, (signal: AbortSignal) => Promise<void>> = {
  start: async (signal) =>
    console.log(JSON.stringify(await startEnvironment({ cloud: { name: 'ministack' }, port: Number(port), only: 'cloud', signal }))),
  deploy: async (signal) => {
    await bootstrap(stacks(signal));
    await deploy(stacks(signal));
  },
  destroy: async (signal) => {
    await emptyBuckets(stacks(signal).endpoint);
    await destroy(stacks(signal));
  },
  stop: async () => void (await stopEnvironment()),
};

await command(
  async (signal) => {
    await actions[action ?? '']?.(signal);
    return 0;
  },
  async () => {
    await stopOwnEnvironment();
    return 'cleaned up';
  },
);
