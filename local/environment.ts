import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { PartsOptions } from './parts.ts';
import { files, home, logFile, root } from './paths.ts';
import { Problem } from './problem.ts';
import { alive, end, identify, type ProcessId, processesWith, startLogged, waitFor } from './processes.ts';
import { clearState, type EnvironmentState, handLock, lockHolder, MARK, readState, releaseLock, takeLock } from './state.ts';

interface StartOptions extends PartsOptions {
  signal?: AbortSignal | undefined;
  detail?: (text: string) => void;
}

const RUNNING = 'npm run down               stops it\nnpm run up -- --redeploy    deploys your changes to it';

/** Whether this process started the environment that runs in this home. */
let own = false;
/** Whether it holds the lock already, before anything is started. */
let claimed = false;

/** @throws Problem when an environment of this home is running, or being started by somebody else */
export function refuseWhenRunning(): void {
  if (lockHolder())
    throw new Problem(`A local environment of this folder is already running, since ${readState()?.since ?? 'a moment ago'}.`, RUNNING);
}

/**
 * Takes the lock of this home, before anything is installed for it: a second command must not pull it from under the first one.
 * @throws Problem when an environment of this home is running, or being started by somebody else
 */
export function claimEnvironment(): void {
  if (takeLock()) refuseWhenRunning();
  own = true;
  claimed = true;
}

/**
 * Starts the supervisor in a session of its own and waits until everything that it holds is ready.
 * @throws Problem when one is running already, or a part does not start; nothing of this one is left running then
 */
export async function startEnvironment(options: StartOptions): Promise<EnvironmentState> {
  if (!claimed) claimEnvironment();
  claimed = false;
  await endEverything(); // what a killed supervisor left
  const supervisor = spawnSupervisor(options);
  handLock(supervisor);
  await waitFor(() => options.signal?.aborted || report(options.detail) !== 'starting' || !alive(supervisor), 600_000);
  options.signal?.throwIfAborted();
  const state = readState();
  if (state?.status === 'ready') return state;
  await stopEnvironment();
  const what = state?.status === 'failed' ? state.detail : 'The local environment did not start.';
  throw new Problem(what, 'Run the same command again.', { log: state?.log ?? logFile('supervisor') });
}

function spawnSupervisor({ cloud, port, only }: PartsOptions): ProcessId {
  mkdirSync(files.logs, { recursive: true });
  for (const name of ['supervisor', 'ministack', 'localstack']) rmSync(logFile(name), { force: true });
  const child = startLogged(process.execPath, [join(root, 'local', 'supervisor.ts'), JSON.stringify({ cloud, port, only } satisfies PartsOptions)], {
    cwd: root,
    log: logFile('supervisor'),
    env: { ...process.env, QUOTEBRIDGE_HOME: home, [MARK]: home },
  });
  child.unref();
  return identify(child.pid ?? 0);
}

function report(detail?: (text: string) => void): EnvironmentState['status'] {
  const state = readState();
  if (state?.detail) detail?.(`starting ${state.detail}`);
  return state?.status ?? 'starting';
}

/**
 * Ends the environment of this home: its supervisor ends what it holds; whatever still carries its mark, because a supervisor was killed,
 * is ended here.
 * @returns whether anything was running
 */
export async function stopEnvironment(): Promise<boolean> {
  own = false;
  claimed = false;
  const state = readState();
  if (state) await end(state.supervisor, 20_000);
  const any = await endEverything();
  releaseLock();
  return any || state !== undefined;
}

/** Ends the environment if this process started it: a command that was refused must not end somebody else's. */
export async function stopOwnEnvironment(): Promise<void> {
  if (own) await stopEnvironment();
}

async function endEverything(): Promise<boolean> {
  const recorded = Object.values(readState()?.parts ?? {}).flatMap((part) => part.process ?? []);
  const left = [...recorded, ...processesWith(MARK, home)];
  await Promise.all(left.map((id) => end(id, 1000)));
  clearState();
  rmSync(files.temporary, { recursive: true, force: true });
  return left.length > 0;
}
