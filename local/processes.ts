import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, readlinkSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { Interrupted, Problem } from './problem.ts';

interface RunOptions {
  cwd?: string;
  env?: NodeJS.ProcessEnv;
  /** Everything that the command prints goes here. */
  log: string;
  /** What to do when it fails. */
  cure: string;
  signal?: AbortSignal | undefined;
  /** Called with each line that the command prints, to show how far it is. */
  onLine?: (line: string) => void;
}

/** A process and its start time in clock ticks, because process ids are used again. */
export interface ProcessId {
  pid: number;
  started: string;
}

const inspect = (pid: number): { state: string; group: number; started: string } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return { state: fields[0] ?? '', group: Number(fields[2]), started: fields[19] ?? '' };
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
};

export const identify = (pid: number): ProcessId => ({ pid, started: inspect(pid)?.started ?? '' });

/** Whether exactly this process is there; one that ended and waits to be collected is not. */
export function alive({ pid, started }: ProcessId): boolean {
  const now = inspect(pid);
  return now !== undefined && now.state !== 'Z' && now.started === started;
}

/** Process ids of everything that runs. */
const everything = (): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** The process if it is alive, and what is left of the group that it leads or led. */
function family(id: ProcessId): ProcessId[] {
  const now = inspect(id.pid);
  if (now && now.started !== id.started) return []; // the number belongs to somebody else by now, so nothing of its group is left
  const members = everything().filter((pid) => pid !== id.pid && inspect(pid)?.group === id.pid);
  return [id, ...members.map(identify)].filter(alive);
}

function signalAll(ids: ProcessId[], signal: NodeJS.Signals): void {
  for (const { pid } of ids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error; // gone meanwhile
    }
  }
}

/** Waits until a condition holds. @returns whether it did before the time was over */
export async function waitFor(condition: () => boolean | Promise<boolean>, milliseconds: number, every = 50): Promise<boolean> {
  for (const end = Date.now() + milliseconds; Date.now() < end; await pause(every)) if (await condition()) return true;
  return condition();
}

/** Ends a process and its group: asks first, then insists. A process that is gone is no error, and what it left of its group is ended too. */
export async function end(id: ProcessId, patience = 5000): Promise<void> {
  signalAll(family(id), 'SIGTERM');
  if (await waitFor(() => family(id).length === 0, patience)) return;
  signalAll(family(id), 'SIGKILL');
  await waitFor(() => family(id).length === 0, 2000);
}

/** Processes whose environment holds NAME=value: every descendant of a process that was started with it, whatever became of its parents. */
export function processesWith(name: string, value: string): ProcessId[] {
  const entry = `${name}=${value}`;
  return everything()
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(entry) && readlinkSync(`/proc/${pid}/exe`) !== '';
      } catch (error) {
        if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes((error as NodeJS.ErrnoException).code ?? '')) return false; // gone, or another user's
        throw error;
      }
    })
    .map(identify);
}

/** Starts a process that leads a group of its own and logs to a file. */
export function startLogged(command: string, args: string[], options: { log: string; env?: NodeJS.ProcessEnv; cwd?: string }): ChildProcess {
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, 'a');
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  return child;
}

/**
 * Runs a command to its end, in a process group of its own, so that an interruption ends all of it.
 * @throws Problem with the log when it fails, Interrupted when `signal` fires
 */
export async function run(command: string, args: string[], options: RunOptions): Promise<void> {
  options.signal?.throwIfAborted();
  mkdirSync(dirname(options.log), { recursive: true });
  const log = openSync(options.log, 'a');
  const child = spawn(command, args, { cwd: options.cwd, env: options.env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const id = child.pid === undefined ? undefined : identify(child.pid);
  const interrupt = () => id && void end(id, 3000);
  options.signal?.addEventListener('abort', interrupt, { once: true });
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      writeSync(log, `${line}\n`);
      options.onLine?.(line);
    });
  }
  try {
    const code = await new Promise<number | null>((done, fail) => child.on('close', done).on('error', fail));
    if (options.signal?.aborted) throw new Interrupted();
    if (code !== 0)
      throw new Problem(`${[command.split('/').at(-1), ...args.slice(0, 2)].join(' ')} failed (exit code ${code}).`, options.cure, {
        log: options.log,
      });
  } finally {
    options.signal?.removeEventListener('abort', interrupt);
    closeSync(log);
  }
}

/**
 * Runs a command in the foreground, on the terminal of the caller, who gets a Ctrl-C together with it.
 * @returns its exit code
 */
export async function runAttached(command: string, args: string[], options: { cwd: string; env: NodeJS.ProcessEnv }): Promise<number> {
  const child = spawn(command, args, { ...options, stdio: 'inherit' });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.on(signal, pass);
  try {
    const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((done, fail) => {
      child.on('close', (...how) => done(how)).on('error', fail);
    });
    return code ?? 128 + constants.signals[signal ?? 'SIGKILL'];
  } finally {
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) process.off(signal, pass);
  }
}
