import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { root } from '../../local/paths.ts';

export interface Ended {
  code: number | null;
  output: string;
}

/** A folder that is removed after the test; its name has a space in it. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'quote bridge ')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A project with the bootstrap, the given commands and one package: a folder of its own or, when named, one that a registry must deliver. */
export function project(commands: Record<string, string>, packageName?: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'local', 'commands'), { recursive: true });
  cpSync(join(root, 'local', 'bootstrap.mjs'), join(folder, 'local', 'bootstrap.mjs'));
  for (const [name, text] of Object.entries(commands)) writeFileSync(join(folder, 'local', 'commands', `${name}.ts`), text);
  mkdirSync(join(folder, 'part'));
  writeFileSync(join(folder, 'part', 'package.json'), JSON.stringify({ name: 'part', version: '1.0.0' }));
  depend(folder, packageName);
  return folder;
}

/** Writes package.json and package-lock.json. */
export function depend(folder: string, packageName?: string): void {
  const head = { name: 'fixture', version: '1.0.0', dependencies: packageName ? { [packageName]: '1.0.0' } : { part: 'file:part' } };
  const integrity = `sha512-${Buffer.alloc(64, 1).toString('base64')}`;
  const entries = packageName
    ? { [`node_modules/${packageName}`]: { version: '1.0.0', integrity } }
    : { part: { version: '1.0.0' }, 'node_modules/part': { resolved: 'part', link: true } };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...head, type: 'module' }));
  writeFileSync(
    join(folder, 'package-lock.json'),
    JSON.stringify({ ...head, lockfileVersion: 3, requires: true, packages: { '': head, ...entries } }),
  );
}

/** A folder for PATH: programs of this machine by name, and scripts. */
export function tools(folder: string, linked: string[], scripts: Record<string, string> = {}): string {
  const bin = join(folder, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const program of linked) symlinkSync(program, join(bin, program.slice(program.lastIndexOf('/') + 1)));
  for (const [name, text] of Object.entries(scripts)) {
    writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  return bin;
}

export function start(
  folder: string,
  args: string[],
  env: NodeJS.ProcessEnv = {},
): { child: ChildProcess; ended: Promise<Ended>; seen: () => string } {
  const PATH = `${dirname(process.execPath)}:${process.env.PATH}`;
  const child = spawn(process.execPath, [join(folder, 'local', 'bootstrap.mjs'), ...args], { cwd: folder, env: { ...process.env, PATH, ...env } });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data));
  const ended = new Promise<Ended>((done) => child.on('close', (code) => done({ code, output })));
  return { child, ended, seen: () => output };
}
