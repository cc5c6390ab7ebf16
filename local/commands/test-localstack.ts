import { BRING_UP_PHASES, bringUp } from '../bring-up.ts';
import { emptyBuckets } from '../cloud/buckets.ts';
import { destroy } from '../cloud/cdk.ts';
import { dockerAnswers } from '../cloud/docker.ts';
import { refuseRemoteEndpoint } from '../cloud/endpoint.ts';
import type { CloudChoice } from '../cloud/index.ts';
import { command } from '../command.ts';
import { stopOwnEnvironment } from '../environment.ts';
import { checkMachine } from '../localstack/install.ts';
import { Problem } from '../problem.ts';
import { Progress } from '../progress.ts';
import { LOCAL_STAGE } from '../state.ts';
import { conclude, runTiers } from '../tests.ts';

/** The tiers that meet a cloud; the others know none, or start what they need. */
const TIERS = ['protocol', 'clouds', 'statemachines', 'integration', 'campaigns', 'agreement'];

/** The tiers that are named behind the command, all when none is. */
function wanted(): string[] {
  const names = process.argv.slice(2);
  const unknown = names.find((name) => !TIERS.includes(name));
  if (unknown) throw new Problem(`There is no tier "${unknown}" that meets a cloud.`, `Name some of these, or none for all: ${TIERS.join(', ')}.`);
  return names.length > 0 ? names : TIERS;
}

/** AWS_ENDPOINT_URL if set, else Docker when an engine answers, else the kit that needs no Docker. */
function choose(): CloudChoice {
  const endpoint = process.env.AWS_ENDPOINT_URL;
  if (endpoint) return { name: 'localstack', way: 'given', endpoint, vendorHost: process.env.QUOTEBRIDGE_VENDOR_HOST };
  if (dockerAnswers()) return { name: 'localstack', way: 'docker' };
  checkMachine();
  return { name: 'localstack', way: 'host' };
}

/** Runs the tests of the deployed stacks against real LocalStack 4.14.0. */
await command(
  async (signal) => {
    refuseRemoteEndpoint();
    const tiers = wanted();
    const cloud = choose();
    const progress = new Progress(BRING_UP_PHASES);
    try {
      const { parts } = await bringUp(progress, { cloud, port: 0, signal });
      const results = await runTiers({ tiers, cloud: 'localstack' });
      signal.throwIfAborted();
      if (cloud.name === 'localstack' && cloud.way === 'given') {
        await emptyBuckets(cloud.endpoint);
        await destroy({ stage: LOCAL_STAGE, cloud: 'localstack', endpoint: parts.cloud?.url ?? cloud.endpoint, signal });
      }
      console.log(`\nThe whole run took ${progress.elapsed()}.`);
      return conclude(results, 'localstack');
    } finally {
      await stopOwnEnvironment();
    }
  },
  async () => 'Nothing is left running; the next run starts over.',
);
