import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { ERRORS } from '../../contracts/errors.ts';
import { QUOTE_EVENTS } from '../../contracts/events.ts';
import { FEATURES } from '../../contracts/features.ts';
import { replayRequest } from '../../contracts/replay.ts';
import { correctnessPage } from '../../docs/correctness.ts';
import { errorsPage } from '../../docs/errors.ts';
import { readFigures, reliabilityPage } from '../campaigns/support/page.ts';

const root = join(import.meta.dirname, '../..');
const pages = globSync(['*.md', 'docs/**/*.md', 'statemachines/*.md', 'local/**/*.md', 'contracts/**/*.md'], {
  cwd: root,
  exclude: (path) => path.includes('node_modules'),
});
const read = (page: string) => readFileSync(join(root, page), 'utf8');
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: object }).scripts);

test('there are pages to test', () => {
  expect(pages).toEqual(
    expect.arrayContaining(['README.md', 'docs/architecture.md', 'docs/deploying.md', 'docs/local-clouds.md', 'CONTRIBUTING.md']),
  );
});

/** As GitHub makes anchors of headings. */
const anchors = (text: string): string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );

test.each(pages)('links of %s lead somewhere', (page) => {
  const broken = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^(https?|mailto):/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? join(root, page) : join(root, dirname(page), path);
      if (!existsSync(file)) return true;
      return anchor !== undefined && !anchors(readFileSync(file, 'utf8')).includes(anchor);
    });
  expect(broken).toEqual([]);
});

test.each(pages)('npm scripts that %s names exist', (page) => {
  const named = [...read(page).matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, script, short]) => script ?? short ?? '');
  expect(named.filter((script) => !scripts.includes(script))).toEqual([]);
});

test.each(pages)('files that %s names in code style exist', (page) => {
  const named = [...read(page).matchAll(/`((?:bin|cli|config|contracts|docs|lambdas|lib|local|statemachines|test)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  );
  expect(named.filter((path) => !existsSync(join(root, path)) && !path.includes('<'))).toEqual([]);
});

test('docs/correctness.md has the scopes and the times of the code (else: npm run docs)', () => {
  expect(read('docs/correctness.md')).toBe(correctnessPage());
});

test('docs/errors.md is that of contracts/errors.ts (else: npm run docs)', () => {
  expect(read('docs/errors.md')).toBe(errorsPage());
});

test('docs/reliability.md is that of docs/reliability.json (else: npm run docs)', () => {
  expect(read('docs/reliability.md')).toBe(reliabilityPage(readFigures()));
});

test.each(pages)('error codes that %s names exist', (page) => {
  const named = [
    ...read(page).matchAll(
      /\b((?:CUSTOMER|PRODUCT|CARRIER|PRICE|TAX|ERP|CPQ|QUOTE|EVENT|TENANT|ROUTE|PREDECESSOR|SUBSCRIBER|PLATFORM)_[A-Z_]{4,})\b/g,
    ),
  ];
  const unknown = named.map(([, code = '']) => code).filter((code) => !(code in ERRORS));
  expect(unknown).toEqual([]);
});

test('the table of features in the architecture agrees with lib/features and lambdas/functions', () => {
  const rows = [...read('docs/architecture.md').matchAll(/^\| \[([\w-]+)\]\(\.\.\/lib\/features\/([\w-]+)\.ts\) \|.*\| (.+) \|$/gm)];
  const documented = new Map(rows.map(([, name = '', , functions = '']) => [name, [...functions.matchAll(/`([\w-]+)`/g)].map(([, f]) => f).sort()]));
  const built = readdirSync(join(root, 'lib/features')).map((file) => basename(file, '.ts'));
  expect([...documented.keys()].sort()).toEqual(built.sort());
  for (const feature of built) {
    expect(FEATURES).toContain(feature);
    expect(documented.get(feature)).toEqual(readdirSync(join(root, 'lambdas/functions', feature)).sort());
  }
});

test('the box of every feature stands in the diagram', () => {
  const diagram = /```mermaid\n(flowchart[\s\S]*?)```/.exec(read('docs/architecture.md'))?.[1] ?? '';
  for (const file of readdirSync(join(root, 'lib/features'))) expect(diagram).toContain(basename(file, '.ts'));
});

test('the first event of the deployment guide satisfies its contract', () => {
  const [entry] = JSON.parse(read('docs/examples/first-event.json')) as { DetailType: string; Detail: string }[];
  const definition = QUOTE_EVENTS.find(({ type }) => type === entry?.DetailType);
  expect(definition?.schema.safeParse(JSON.parse(entry?.Detail ?? '')).success).toBe(true);
});

test('the test event of the replay function satisfies its contract', () => {
  expect(replayRequest.safeParse(JSON.parse(read('docs/examples/replay.json'))).error).toBeUndefined();
});

test('decisions are numbered without a gap and the architecture names them all', () => {
  const files = readdirSync(join(root, 'docs/adr')).sort();
  expect(files.map((file) => Number(file.slice(0, 4)))).toEqual(files.map((_, n) => n + 1));
  for (const file of files) expect(read('docs/architecture.md')).toContain(`adr/${file}`);
});
