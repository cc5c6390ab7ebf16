import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** Runs the CLI as an operator does. */
export async function quotebridge(...args: string[]) {
  const child = spawn(join(import.meta.dirname, '../../bin/quotebridge.mjs'), args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data) => {
    stdout += data;
  });
  child.stderr.on('data', (data) => {
    stderr += data;
  });
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { code, stdout, stderr };
}

/** The data of a command that has to succeed. */
export async function data<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await quotebridge(...args, '--json');
  if (code !== 0) throw new Error(`quotebridge ${args.join(' ')}: ${stderr}`);
  return JSON.parse(stdout) as T;
}
