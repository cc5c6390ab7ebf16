import { existsSync, linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { files, home } from './paths.ts';
import { alive, identify, type ProcessId } from './processes.ts';

/** The one stage that runs on a laptop. */
export const LOCAL_STAGE = 'local';

export type CloudName = 'ministack' | 'localstack';

/** One server of an environment: where it listens, and its process when it is not inside the supervisor. */
export interface Part {
  url: string;
  process?: ProcessId;
  /** What else others need to know to use it: credentials of the local ERP, receivers by name. */
  facts?: Record<string, string>;
}

/** What runs in an environment. Written by its supervisor alone, atomically; everybody else reads. */
export interface EnvironmentState {
  status: 'starting' | 'ready' | 'failed';
  /** What is being started, or why it failed. */
  detail: string;
  /** The log that explains a failure. */
  log?: string;
  cloud: CloudName;
  /** The name under which functions reach this machine, when it is another one than 127.0.0.1. */
  vendorHost?: string;
  /** Ports that were taken, and what is used instead. */
  notes: string[];
  supervisor: ProcessId;
  since: string;
  parts: Record<string, Part>;
}

/** Marks every process of an environment, so that all of them can be found whatever became of their parents. */
export const MARK = 'QUOTEBRIDGE_ENVIRONMENT';

export function readState(): EnvironmentState | undefined {
  return existsSync(files.state) ? (JSON.parse(readFileSync(files.state, 'utf8')) as EnvironmentState) : undefined;
}

export function writeState(state: EnvironmentState): void {
  mkdirSync(home, { recursive: true });
  const beside = `${files.state}.${process.pid}`;
  writeFileSync(beside, JSON.stringify(state, null, 2), { mode: 0o600 }); // it holds passwords of the local servers
  renameSync(beside, files.state);
}

export const clearState = (): void => rmSync(files.state, { force: true });

/** The running environment of this home, if there is one. */
export function running(): EnvironmentState | undefined {
  const state = readState();
  return state && alive(state.supervisor) ? state : undefined;
}

/**
 * Takes the lock of this home for the calling process. A lock whose holder is gone is taken over; of several that try, one wins.
 * @returns the holder when it is somebody else
 */
export function takeLock(): ProcessId | undefined {
  mkdirSync(home, { recursive: true });
  const mine = `${files.lock}.${process.pid}`;
  writeFileSync(mine, JSON.stringify(identify(process.pid)));
  try {
    for (;;) {
      try {
        linkSync(mine, files.lock); // atomic: fails when the lock is there
        return undefined;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const holder = lockHolder();
      if (holder) return holder;
      removeStale(`${mine}.stale`);
    }
  } finally {
    rmSync(mine, { force: true });
  }
}

/** Gives the lock on: the one who starts an environment hands it to the supervisor. */
export function handLock(to: ProcessId): void {
  const beside = `${files.lock}.${process.pid}`;
  writeFileSync(beside, JSON.stringify(to));
  renameSync(beside, files.lock);
}

/** The process that holds the lock, when it is alive. */
export const lockHolder = (): ProcessId | undefined => holderIn(files.lock);

function holderIn(file: string): ProcessId | undefined {
  const holder = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as ProcessId) : undefined;
  return holder && alive(holder) ? holder : undefined;
}

/** Renaming decides who removes it. If a new holder slipped in between, its lock is put back. */
function removeStale(aside: string): void {
  try {
    renameSync(files.lock, aside);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return; // somebody else was faster
    throw error;
  }
  if (holderIn(aside)) linkSync(aside, files.lock);
  rmSync(aside, { force: true });
}

export const releaseLock = (): void => rmSync(files.lock, { force: true });
