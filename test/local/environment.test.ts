import { readdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { EnvironmentState } from '../../local/state.ts';
import { poll } from '../support/poll.ts';
import { cloudUrl, left, newHome, run, started } from './small.ts';

test('an environment survives the command that started it, and stop leaves nothing of it', async () => {
  const home = newHome();
  const state = await started(home);
  expect((await fetch(`${cloudUrl(state)}/_ministack/health`)).status).toBe(200);
  expect(left(home)).toBe(2);
  expect((await run(home, 'stop').ended).code).toBe(0);
  expect(left(home)).toBe(0);
  expect(readdirSync(home)).toEqual(['logs']);
});

test('the cloud listens on 127.0.0.1 alone', async () => {
  const state = await started(newHome());
  const port = Number(new URL(cloudUrl(state)).port)
    .toString(16)
    .toUpperCase()
    .padStart(4, '0');
  const listening = ['tcp', 'tcp6']
    .flatMap((file) => readFileSync(`/proc/net/${file}`, 'utf8').split('\n'))
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${port}`));
  expect(listening.map(([, local]) => local)).toEqual([`0100007F:${port}`]);
});

test('a port that is taken is left alone, and the one that is used instead is said', async () => {
  const other = createServer();
  await new Promise<void>((done) => other.listen(0, '127.0.0.1', done));
  onTestFinished(() => void other.close());
  const { port } = other.address() as AddressInfo;
  const state = await started(newHome(), port);
  expect(Number(new URL(cloudUrl(state)).port)).toBeGreaterThan(port);
  expect(state.notes).toEqual([`Port ${port} is taken: the local cloud listens on ${new URL(cloudUrl(state)).port}.`]);
});

test('a second environment in the same home is refused, and the first one stays', async () => {
  const home = newHome();
  const state = await started(home);
  const { code, output } = await run(home, 'start', '0').ended;
  expect(code).toBe(1);
  expect(output).toContain('A local environment of this folder is already running');
  expect(output).toContain('npm run down');
  expect((await fetch(`${cloudUrl(state)}/_ministack/health`)).status).toBe(200);
});

test('of two that start at once, one wins', async () => {
  const home = newHome();
  const both = await Promise.all([run(home, 'start', '0').ended, run(home, 'start', '0').ended]);
  expect(both.map(({ code }) => code).toSorted()).toEqual([0, 1]);
  expect(left(home)).toBe(2);
});

test.each(['start', 'stop'])('what a killed supervisor left is ended by the next %s', async (next) => {
  const home = newHome();
  const { supervisor } = await started(home);
  process.kill(supervisor.pid, 'SIGKILL');
  expect((await run(home, next, '0').ended).code).toBe(0);
  await poll('only what was started anew runs', () => left(home) === (next === 'start' ? 2 : 0));
});

test('Ctrl-C while it starts leaves nothing', async () => {
  const home = newHome();
  const { child, ended } = run(home, 'start', '0');
  await poll('the supervisor runs', () => left(home) > 0);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({ code: 130, output: expect.stringContaining('cleaned up') });
  expect(left(home)).toBe(0);
});

test('a cloud that dies is said in the state, with its log, and the lock is free again', async () => {
  const home = newHome();
  const state = await started(home);
  process.kill(state.parts.cloud?.process?.pid ?? 0, 'SIGKILL');
  const failed = await poll('the state says so', () => {
    const now = JSON.parse(readFileSync(join(home, 'state.json'), 'utf8')) as EnvironmentState;
    return now.status === 'failed' && now;
  });
  expect(failed.detail).toContain('cloud ended by itself');
  expect(failed.log).toMatch(/ministack\.log$/);
  await started(home);
});
