import { parseArgs } from 'node:util';
import { BRING_UP_PHASES, bringUp, deployTo } from '../bring-up.ts';
import { refuseRemoteEndpoint } from '../cloud/endpoint.ts';
import { command } from '../command.ts';
import { refuseWhenRunning, stopOwnEnvironment } from '../environment.ts';
import { files } from '../paths.ts';
import { Problem } from '../problem.ts';
import { Progress } from '../progress.ts';
import { type EnvironmentState, running } from '../state.ts';

const { values } = parseArgs({ options: { redeploy: { type: 'boolean', default: false } } });

function printEndpoints(state: EnvironmentState): void {
  const width = Math.max(...Object.keys(state.parts).map((name) => name.length));
  console.log(`\nThe local environment is up.`);
  for (const [name, { url }] of Object.entries(state.parts)) console.log(`  ${name.padEnd(width)}  ${url}`);
  console.log(`  Outputs of the stacks: ${files.outputs}`);
  console.log('  To decide on the board, log in as one of:');
  for (const [name, password] of Object.entries(state.parts.board?.facts ?? {})) console.log(`    ${name.padEnd(16)}  ${password}`);
  console.log('  npm run down stops it.');
}

async function redeploy(signal: AbortSignal): Promise<EnvironmentState> {
  const state = running();
  if (!state) throw new Problem('No local environment is running.', 'npm run up    starts one');
  await deployTo(new Progress(1), state, signal);
  return state;
}

async function up(signal: AbortSignal): Promise<EnvironmentState> {
  refuseWhenRunning();
  try {
    return await bringUp(new Progress(BRING_UP_PHASES), { cloud: { name: 'ministack' }, port: 4566, signal });
  } catch (error) {
    if (!signal.aborted) await stopOwnEnvironment();
    throw error;
  }
}

await command(
  async (signal) => {
    refuseRemoteEndpoint();
    printEndpoints(await (values.redeploy ? redeploy(signal) : up(signal)));
    return 0;
  },
  async () => {
    if (values.redeploy) return 'The environment still runs; the stacks may be half deployed: npm run up -- --redeploy.';
    await stopOwnEnvironment();
    return 'Nothing is left running; the next run starts over.';
  },
);
