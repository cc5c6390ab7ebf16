// The one process that holds an environment: started detached by `up`, it starts every server, writes state.json, and ends them all when it is told to.
// Whoever starts it holds the lock of this home and hands it over.
import { rmSync } from 'node:fs';
import { type PartsOptions, startParts } from './parts.ts';
import { files } from './paths.ts';
import { Problem } from './problem.ts';
import { identify } from './processes.ts';
import type { Server } from './server.ts';
import { clearState, type EnvironmentState, releaseLock, writeState } from './state.ts';

const options = JSON.parse(process.argv[2] ?? '') as PartsOptions;
const state: EnvironmentState = {
  status: 'starting',
  detail: '',
  cloud: options.cloud.name,
  notes: [],
  supervisor: identify(process.pid),
  since: new Date().toISOString(),
  parts: {},
};
const servers: { name: string; server: Server }[] = [];
let stopping: Promise<void> | undefined;

function change(difference: Partial<EnvironmentState>): void {
  Object.assign(state, difference);
  writeState(state);
}

function add(name: string, server: Server): void {
  servers.push({ name, server });
  state.notes.push(...(server.notes ?? []));
  state.parts[name] = { url: server.url, ...(server.process && { process: server.process }), ...(server.facts && { facts: server.facts }) };
  if ('vendorHost' in server && server.vendorHost) state.vendorHost = String(server.vendorHost);
  writeState(state);
  void server.exited?.then(() =>
    stopping ? undefined : fail(new Problem(`${name} ended by itself.`, 'npm run down, then start again.', { log: server.log })),
  );
}

/** Ends the servers, the last one first. One that cannot be ended is logged; the others are ended nevertheless. */
async function stopServers(): Promise<void> {
  for (const { name, server } of servers.reverse()) {
    await server.stop().catch((error: unknown) => console.error(`${name} could not be stopped:`, error));
  }
  rmSync(files.temporary, { recursive: true, force: true });
}

async function stop(): Promise<void> {
  await stopServers();
  clearState();
  releaseLock();
  process.exit(0);
}

/** Leaves the reason in state.json for whoever asks, and ends everything else. */
async function fail(error: unknown): Promise<void> {
  console.error(error);
  stopping ??= stopServers();
  await stopping;
  const what = error instanceof Problem ? `${error.message} ${error.cure}` : String(error);
  change({ status: 'failed', detail: what, log: (error instanceof Problem && error.log) || `${files.logs}/supervisor.log`, parts: {} });
  releaseLock();
  process.exit(1);
}

for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    stopping ??= stop();
  });
}

try {
  change({});
  await startParts(options, { add, detail: (detail) => change({ detail }) });
  if (!stopping) change({ status: 'ready', detail: '' });
  setInterval(() => undefined, 1 << 30); // servers inside this process may all be idle: stay
} catch (error) {
  await fail(error);
}
