import { join } from 'node:path';
import { command } from '../command.ts';
import { root } from '../paths.ts';
import { runAttached } from '../processes.ts';

const binary = (name: string): string => join(root, 'node_modules', '.bin', name);
const checks: [name: string, command: string, args: string[]][] = [
  ['types', binary('tsc'), ['-p', '.']],
  ['format and lint', binary('biome'), ['check', '--error-on-warnings', '.']],
  ['unused code', process.execPath, [binary('knip'), '--no-progress']],
];

/** Runs every check, also after one failed, and says at the end which did. */
await command(async (signal) => {
  const failed: string[] = [];
  for (const [name, program, args] of checks) {
    signal.throwIfAborted();
    console.log(`Checking ${name}`);
    if ((await runAttached(program, args, { cwd: root, env: process.env })) !== 0) failed.push(name);
  }
  console.log(failed.length === 0 ? 'Types, format, lint and unused code: nothing found.' : `Found something: ${failed.join(', ')}.`);
  return failed.length === 0 ? 0 : 1;
});
