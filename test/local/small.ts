import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { processesWith } from '../../local/processes.ts';
import { type EnvironmentState, MARK } from '../../local/state.ts';
import { type Ended, temporaryFolder } from './fixture.ts';

const script = join(import.meta.dirname, 'small-environment.ts');

const children: ChildProcess[] = [];

/** Runs an action of small-environment.ts. */
export function run(home: string, ...args: string[]) {
  const child = spawn(process.execPath, [script, ...args], { env: { ...process.env, QUOTEBRIDGE_HOME: home } });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data));
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, output })));
  return { child, ended };
}

/** A home of its own. After the test whatever still runs for it is ended, first of all an action that took too long. */
export function newHome(): string {
  const home = temporaryFolder();
  onTestFinished(async () => {
    for (const child of children.splice(0)) child.kill('SIGTERM');
    await run(home, 'stop').ended;
  });
  return home;
}

export async function started(home: string, port = 0): Promise<EnvironmentState> {
  const { code, output } = await run(home, 'start', String(port)).ended;
  expect(code, output).toBe(0);
  return JSON.parse(output) as EnvironmentState;
}

/** How many processes of the environment of this home run. */
export const left = (home: string): number => processesWith(MARK, home).length;

export const cloudUrl = (state: EnvironmentState): string => state.parts.cloud?.url ?? '';
