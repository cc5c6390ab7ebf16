import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../paths.ts';

/**
 * Makes the folder that Tryton serves as its web client (npm `tryton-sao`, whose series must be the server's): the package's files
 * and, beside its index.html, a `node_modules` with what that page loads. Links only; npm may have put a dependency beside the
 * package or above it. @returns the folder
 */
export function webClientFolder(target: string): string {
  const client = join(root, 'node_modules', 'tryton-sao');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(join(target, 'node_modules'), { recursive: true });
  for (const name of readdirSync(client)) if (name !== 'node_modules') symlinkSync(join(client, name), join(target, name));
  for (const name of loadedPackages(client)) symlinkSync(findPackage(name, client), join(target, 'node_modules', name));
  return target;
}

function loadedPackages(client: string): string[] {
  const page = readFileSync(join(client, 'index.html'), 'utf8');
  return [...new Set([...page.matchAll(/(?:src|href)="node_modules\/((?:@[^/"]+\/)?[^/"]+)\//g)].map((match) => match[1] as string))];
}

function findPackage(name: string, from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', name);
    if (existsSync(candidate)) return candidate;
  }
  throw new Error(`the ERP's web client needs the npm package ${name}, which is not installed`);
}
