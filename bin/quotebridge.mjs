#!/usr/bin/env node
// Starts the CLI. Plain JavaScript for Node 20, which cannot run TypeScript: it hands over to the Node 24 from npm when its own is older.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const cli = join(root, 'cli', 'main.ts');
const nodeFromNpm = join(root, 'node_modules', '.bin', 'node');

if (!existsSync(join(root, 'node_modules'))) {
  console.error('The npm packages are not installed.\nWhat to do:\n  npm ci');
  process.exit(1);
} else if (Number(process.versions.node.split('.')[0]) >= 24) {
  await import(pathToFileURL(cli).href);
} else if (existsSync(nodeFromNpm)) {
  const child = spawn(nodeFromNpm, [cli, ...process.argv.slice(2)], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  const [code, signal] = await new Promise((done) => child.on('close', (...how) => done(how)));
  process.exit(code ?? 128 + constants.signals[signal]);
} else {
  console.error(`Node ${process.versions.node} is too old and npm has none for ${process.platform} ${process.arch}.`);
  console.error('What to do:\n  Install Node 24 or newer, for example from https://nodejs.org');
  process.exit(1);
}
