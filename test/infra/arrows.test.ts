import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { FEATURES } from '../../contracts/features.ts';
import { root } from './templates.ts';

/** What each part of the layout may import besides itself; `docs/architecture.md` shows the same arrows. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  config: ['contracts'],
  'lambdas/domain': ['contracts'],
  'lambdas/gateway': ['contracts'],
  'lambdas/connectors': ['contracts', 'lambdas/domain', 'lambdas/gateway'],
  'lambdas/ledger': ['contracts', 'lambdas/domain', 'lambdas/gateway'],
  'lambdas/aws': ['contracts', 'lambdas/domain', 'lambdas/gateway', 'lambdas/ledger'],
  'lambdas/views': ['contracts', 'lambdas/domain', 'lambdas/ledger'],
  'lambdas/board': ['contracts', 'lambdas/domain', 'lambdas/ledger', 'lambdas/aws', 'lambdas/views'],
  'lambdas/functions': ['contracts', 'lambdas/domain', 'lambdas/gateway', 'lambdas/connectors', 'lambdas/ledger', 'lambdas/aws', 'lambdas/views'],
  statemachines: [],
  lib: ['contracts', 'config', 'lambdas/functions'],
  cli: ['contracts', 'config', 'lambdas/domain', 'lambdas/ledger', 'lambdas/aws', 'lambdas/views'],
  bin: ['config', 'lib', 'cli'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

/** `lambdas/ledger/append.ts` -> `lambdas/ledger`; `cli/main.ts` -> `cli`. */
const partOf = (file: string): string =>
  file
    .split('/')
    .slice(0, file.startsWith('lambdas/') ? 2 : 1)
    .join('/');

/** Every relative import of the parts above, as paths from the root. */
const imports: readonly Import[] = globSync('{bin,cli,config,contracts,lib,lambdas,statemachines}/**/*.{ts,mjs}', { cwd: root }).flatMap((from) =>
  [...readFileSync(join(root, from), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map(([, path = '']) => ({
    from,
    to: normalize(join(dirname(from), path)),
  })),
);

const offending = (wrong: (one: Import) => boolean): string[] => imports.filter(wrong).map(({ from, to }) => `${from} imports ${to}`);

describe('imports', () => {
  test('there are some, or the pattern is wrong', () => {
    expect(imports.length).toBeGreaterThan(200);
    expect(new Set(imports.map(({ from }) => partOf(from)))).toEqual(new Set(Object.keys(ARROWS).filter((part) => part !== 'statemachines')));
  });

  test('go one way', () => {
    expect(offending(({ from, to }) => partOf(from) !== partOf(to) && !ARROWS[partOf(from)]?.includes(partOf(to)))).toEqual([]);
  });

  test('the infrastructure knows a function only by its env.ts', () => {
    expect(offending(({ from, to }) => from.startsWith('lib/') && to.startsWith('lambdas/') && !to.endsWith('/env.ts'))).toEqual([]);
  });

  test('the environment of a function stands on nothing', () => {
    expect(offending(({ from }) => /^lambdas\/functions\/.*\/env\.ts$/.test(from))).toEqual([]);
  });

  test('no function imports a sibling', () => {
    const folder = (file: string) => file.split('/').slice(0, 4).join('/');
    expect(
      offending(({ from, to }) => partOf(from) === 'lambdas/functions' && partOf(to) === 'lambdas/functions' && folder(from) !== folder(to)),
    ).toEqual([]);
  });

  test('no connector imports another vendor', () => {
    const vendor = (file: string) => /^lambdas\/connectors\/(\w+\/[\w-]+)\//.exec(file)?.[1];
    expect(offending(({ from, to }) => vendor(from) !== undefined && vendor(to) !== undefined && vendor(from) !== vendor(to))).toEqual([]);
  });

  test('rules have no I/O: the domain imports no package of AWS and nothing of Node but hashing', () => {
    const packages = globSync('lambdas/domain/**/*.ts', { cwd: root }).flatMap((file) =>
      [...readFileSync(join(root, file), 'utf8').matchAll(/from '([^.][^']*)'/g)].map(([, name]) => `${file}: ${name}`),
    );
    expect(packages.filter((line) => !/: (zod|big\.js|node:crypto)$/.test(line))).toEqual([]);
  });
});

describe('one vocabulary of seven features', () => {
  const names = (pattern: string) => [
    ...new Set(
      globSync(pattern, { cwd: root }).map(
        (file) =>
          file
            .split('/')
            .pop()
            ?.replace(/\.\w+$/, '') ?? '',
      ),
    ),
  ];

  test.each(['lib/features/*.ts', 'lambdas/functions/*', 'docs/runbooks/*.md'])('%s', (pattern) => {
    expect(names(pattern).filter((name) => !(FEATURES as readonly string[]).includes(name))).toEqual([]);
  });

  test('each feature with functions has its box in the infrastructure, and each box its functions', () => {
    expect(names('lib/features/*.ts').sort()).toEqual(names('lambdas/functions/*').sort());
  });
});

describe('every function has the same rooms', () => {
  const folders = globSync('lambdas/functions/*/*/handler.ts', { cwd: root }).map(dirname);

  test.each(folders)('%s: env.ts, a handler under 30 lines, and its actions', (folder) => {
    const files = globSync('*', { cwd: join(root, folder) });
    expect(files).toEqual(expect.arrayContaining(['env.ts', 'handler.ts']));
    expect(files.length).toBeGreaterThan(2);
    expect(
      readFileSync(join(root, folder, 'handler.ts'), 'utf8')
        .trim()
        .split('\n').length,
    ).toBeLessThan(30);
  });
});
