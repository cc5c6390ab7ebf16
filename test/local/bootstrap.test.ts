import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { poll } from '../support/poll.ts';
import { depend, project, start, tools } from './fixture.ts';

const ECHO = 'console.log(JSON.stringify(process.argv.slice(2)), process.versions.node); process.exit(Number(process.argv[3] ?? 0));';
const apt = process.getuid?.() === 0 ? 'apt-get install -y' : 'sudo apt-get install -y';

test('a command gets its arguments, and its exit code is passed on, in a folder with a space', async () => {
  const { code, output } = await start(project({ echo: ECHO }), ['echo', 'a b', '7']).ended;
  expect(output).toContain('["a b","7"]');
  expect(code).toBe(7);
});

test('npm scripts with a colon are files with a hyphen', async () => {
  expect((await start(project({ 'test-unit': ECHO }), ['test:unit']).ended).code).toBe(0);
});

test('an unknown command names the known ones', async () => {
  const { code, output } = await start(project({ echo: ECHO }), ['ecco']).ended;
  expect(code).toBe(1);
  expect(output).toContain('There is no command "ecco".\nCommands: echo.');
});

test('packages are installed once, and again after package-lock.json changed', async () => {
  const folder = project({ echo: ECHO });
  expect((await start(folder, ['echo']).ended).output).toContain('Installing the npm packages');
  expect((await start(folder, ['echo']).ended).output).not.toContain('Installing');
  writeFileSync(join(folder, 'part', 'package.json'), JSON.stringify({ name: 'part', version: '1.0.1' }));
  const lock = join(folder, 'package-lock.json');
  writeFileSync(lock, readFileSync(lock, 'utf8').replace('"part":{"version":"1.0.0"', '"part":{"version":"1.0.1"'));
  expect((await start(folder, ['echo']).ended).output).toContain('Installing the npm packages');
});

test.each([
  ['has no venv module', 'echo 3.11; exit 1', `${apt} python3-venv`],
  ['is 3.9', 'echo 3.9; exit 0', `${apt} python3 python3-venv`],
])('a Python that %s is said with the line that cures it, before anything is downloaded', async (what, python3, cure) => {
  const folder = project({ up: ECHO });
  const PATH = tools(folder, ['/bin/sh'], { python3, npm: 'exit 0' });
  const { code, output } = await start(folder, ['up'], { PATH, QUOTEBRIDGE_PYTHON: '' }).ended;
  expect(code).toBe(1);
  expect(output).toContain(what);
  expect(output).toContain(cure);
  expect(existsSync(join(folder, 'node_modules'))).toBe(false);
});

test('a missing npm is said with the line that cures it', async () => {
  const folder = project({ echo: ECHO });
  const { code, output } = await start(folder, ['echo'], { PATH: tools(folder, ['/bin/sh']) }).ended;
  expect(code).toBe(1);
  expect(output).toContain(`npm was not found.\nInstall it, then run the same command again:\n  ${apt} npm`);
});

test('a broken download shows the last lines of the log and the cure', async () => {
  const folder = project({ echo: ECHO }, '@quotebridge-fixture/missing');
  const env = { npm_config_registry: 'http://127.0.0.1:9/', npm_config_fetch_retries: '0', npm_config_cache: join(folder, 'cache') };
  const { code, output } = await start(folder, ['echo'], env).ended;
  expect(code).toBe(1);
  expect(output).toMatch(/Installing the npm packages failed after \d+ s\. The last lines of .*npm-ci\.log:/);
  expect(output).toContain('ECONNREFUSED');
  expect(output).toContain('run the same command again');
});

test('Ctrl-C during the download leaves no process and a message; the next run starts over', async () => {
  const folder = project({ echo: ECHO }, '@quotebridge-fixture/slow');
  const silent = createServer((socket) => socket.resume());
  await new Promise<void>((done) => silent.listen(0, '127.0.0.1', done));
  onTestFinished(() => void silent.close());
  const connections = () => new Promise<number>((done) => silent.getConnections((_, count) => done(count)));
  const { port } = silent.address() as AddressInfo;
  const run = start(folder, ['echo'], { npm_config_registry: `http://127.0.0.1:${port}/`, npm_config_cache: join(folder, 'cache') });
  await poll('npm asked the registry', async () => (await connections()) > 0);
  run.child.kill('SIGINT');
  const { code, output } = await run.ended;
  expect(code).toBe(130);
  expect(output).toContain('Interrupted while installing the npm packages. Nothing is left running');
  await poll('npm is gone, and its connections with it', async () => (await connections()) === 0);
  depend(folder);
  expect((await start(folder, ['echo']).ended).code).toBe(0);
});

test('a signal reaches the command, which decides how it ends', async () => {
  const folder = project({
    wait: "process.on('SIGTERM', () => { console.log('told'); process.exit(9); }); setInterval(() => {}, 1000); console.log('ready');",
  });
  const run = start(folder, ['wait']);
  await poll('the command runs', () => run.seen().includes('ready'));
  run.child.kill('SIGTERM');
  expect(await run.ended).toMatchObject({ code: 9, output: expect.stringContaining('told') });
});

const scripts: Record<string, string> = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')).scripts;
const commands = Object.values(scripts).flatMap((script) => /^node local\/bootstrap\.mjs (\S+)$/.exec(script)?.[1] ?? []);

test.each(commands)('npm run %s -- --help says how it is used, and starts and installs nothing', async (name) => {
  for (const help of ['--help', '-h']) {
    const folder = project({ [name.replaceAll(':', '-')]: ECHO });
    const { code, output } = await start(folder, [name, help]).ended;
    expect([code, output]).toEqual([0, expect.stringMatching(new RegExp(`^npm (run )?${name}\\b.*\\n {2}\\S`))]);
    expect(existsSync(join(folder, 'node_modules'))).toBe(false);
  }
});
