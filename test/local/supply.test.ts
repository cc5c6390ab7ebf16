import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, test } from 'vitest';
import { verify } from '../../local/localstack/install.ts';
import { root } from '../../local/paths.ts';
import { temporaryFolder } from './fixture.ts';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test('package-lock.json names no registry, and every package has a hash', () => {
  const packages = Object.entries(
    JSON.parse(read('package-lock.json')).packages as Record<string, { resolved?: string; integrity?: string; inBundle?: boolean }>,
  );
  expect(packages.filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
  expect(packages.filter(([path, entry]) => path !== '' && !entry.inBundle && !entry.integrity)).toEqual([]);
  expect(read('package-lock.json')).not.toMatch(/https?:\/\/[^"]*registry/);
  expect(read('.npmrc')).toContain('omit-lockfile-registry-resolved=true');
});

test('Node comes from npm for both processors of Linux, in one version', () => {
  const packages = JSON.parse(read('package-lock.json')).packages as Record<string, { version: string }>;
  const versions = ['x64', 'arm64'].map((cpu) => packages[`node_modules/node-linux-${cpu}`]?.version);
  expect(versions[0]).toMatch(/^24\./);
  expect(versions[1]).toBe(versions[0]);
});

const requirements = globSync('local/**/requirements*.txt', { cwd: root });

test.each(requirements)('%s pins every package with hashes', (file) => {
  const blocks = read(file)
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  expect(blocks.length).toBeGreaterThan(10);
  for (const block of blocks) expect(block).toMatch(/^[\w.[\]-]+==[\w.]+( ;.*?)? +--hash=sha256:[0-9a-f]{64}/);
});

test('there are three of them: both clouds and the ERP', () => {
  expect(requirements.toSorted()).toEqual([
    'local/cloud/requirements-ministack.txt',
    'local/erp/requirements.txt',
    'local/localstack/requirements.txt',
  ]);
});

test('a file from Maven Central that is not the listed one is refused', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'guava.jar'), '');
  expect(() => verify(folder, `${'0'.repeat(64)}  guava.jar`)).toThrow('guava.jar from Maven Central is not the file that was expected');
  expect(() => verify(folder, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  guava.jar')).not.toThrow();
});

test('every command is an npm script, and no script names another', () => {
  const scripts = JSON.parse(read('package.json')).scripts as Record<string, string>;
  const commands = globSync('local/commands/*.ts', { cwd: root }).map((file) => basename(file, '.ts').replace('test-', 'test:'));
  const bootstrapped = Object.entries(scripts).filter(([, script]) => script.includes('bootstrap.mjs'));
  expect(bootstrapped.map(([name]) => name).toSorted()).toEqual(commands.toSorted());
  for (const [name, script] of bootstrapped) expect(script).toBe(`node local/bootstrap.mjs ${name}`);
});
