import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startBoard } from '../../local/board/server.ts';
import type { Server } from '../../local/server.ts';
import { logInTo, textOf, tokenOf } from '../support/board.ts';

let server: Server;
beforeAll(async () => {
  server = await startBoard({ port: 0, people: ['ada', 'bob'] });
});
afterAll(() => server.stop());

interface Asked {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** `fetch` would not send another Host than that of the address. */
function ask(path: string, { method = 'GET', headers = {}, body = '' }: Asked = {}) {
  return new Promise<{ status: number | undefined; body: string; headers: NodeJS.Dict<string | string[]> }>((done, fail) => {
    const asked = request(`${server.url}${path}`, { method, headers }, (response) => {
      let text = '';
      response.on('data', (data) => {
        text += data;
      });
      response.on('end', () => done({ status: response.statusCode, body: text, headers: response.headers }));
    });
    asked.on('error', fail);
    asked.end(body);
  });
}

test('answers under its own names only, so that no other page can be made to lead here', async () => {
  const { port } = new URL(server.url);
  expect(server.url).toBe(`http://127.0.0.1:${port}`);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`])
    expect(await ask('/board.css', { headers: { host } })).toMatchObject({ status: 200 });
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port}.evil.example`])
    expect(await ask('/board.css', { headers: { host } })).toMatchObject({ status: 421 });
});

test('says so when it has to take another port than the one that people keep', async () => {
  const wanted = Number(new URL(server.url).port);
  const second = await startBoard({ port: wanted, people: [] });
  await second.stop();
  const { port } = new URL(second.url);
  expect(second.notes).toEqual([`Port ${wanted} is taken: the board listens on ${port}.`]);
  expect(server.notes).toEqual([]);
});

test('HEAD has the headers and no body; whatever would change something is refused', async () => {
  const [get, head] = [await ask('/board.js'), await ask('/board.js', { method: 'HEAD' })];
  expect(head).toMatchObject({ status: 200, body: '' });
  expect(head.headers['content-length']).toBe(String(Buffer.byteLength(get.body)));
  expect(await ask('/', { method: 'PUT' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

test.each(['//', '/%', '/orders/%00', `/orders/${'x'.repeat(200)}`, '/../../etc/passwd'])('%s ends nothing', async (path) => {
  expect((await ask(path)).status).toBeGreaterThanOrEqual(400);
  expect((await ask('/board.css')).status).toBe(200);
});

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const password = () => server.facts?.ada ?? '';
const logIn = (change: Asked = {}, fields: Record<string, string> = { name: 'ada', password: password() }) =>
  ask('/login', {
    method: 'POST',
    body: new URLSearchParams(fields).toString(),
    ...change,
    headers: { ...FORM, origin: server.url, ...change.headers },
  });

describe('a form', () => {
  test('is taken from the own pages only', async () => {
    const { port } = new URL(server.url);
    for (const origin of [
      'http://evil.example',
      'null',
      '',
      `http://127.0.0.1:${Number(port) + 1}`,
      `https://127.0.0.1:${port}`,
      `http://localhost:${port}`,
    ])
      expect(await logIn({ headers: { origin } })).toMatchObject({ status: 403, body: 'Forms are taken from pages of this board only.\n' });
    expect(await ask('/login', { method: 'POST', headers: FORM })).toMatchObject({ status: 403 });
    expect(await logIn({ headers: { host: `localhost:${port}`, origin: `http://localhost:${port}` } })).toMatchObject({ status: 303 });
  });

  test('is a form, and no larger than a form', async () => {
    expect(await logIn({ headers: { 'content-type': 'application/json' } })).toMatchObject({ status: 415, headers: { connection: 'close' } });
    expect(await logIn({}, { name: 'x'.repeat(70_000) })).toMatchObject({ status: 413 });
    const unknownLength = { headers: { 'transfer-encoding': 'chunked' }, body: `name=${'x'.repeat(70_000)}` };
    expect(await logIn(unknownLength)).toMatchObject({ status: 413 });
    expect((await ask('/board.css')).status).toBe(200);
  });
});

describe('the log-in', () => {
  test('gives a cookie that no script, no other site and no other port gets', async () => {
    const { status, headers } = await logIn();
    expect(status).toBe(303);
    expect(headers.location).toBe('/');
    const [cookie = ''] = headers['set-cookie'] ?? [];
    expect(cookie).toMatch(
      new RegExp(`^quotebridge-board-${new URL(server.url).port}=[\\w-]{43}; Path=/; HttpOnly; SameSite=Strict; Max-Age=28800$`),
    );
  });

  test.each([
    ['/tasks/T1?a=b', '/tasks/T1?a=b'],
    ['//evil.example', '/'],
    ['/\\evil.example', '/'],
    ['http://evil.example', '/'],
    ['/\r\nset-cookie: a=b', '/'],
  ])('leads back to %j as %j', async (next, location) => {
    expect((await logIn({}, { name: 'ada', password: password(), next })).headers.location).toBe(location);
  });

  test('says no in the same words to a wrong password and to somebody unknown, and no hint of the password', async () => {
    for (const name of ['ada', 'nobody', '__proto__']) {
      const { status, body, headers } = await logIn({}, { name, password: 'x' });
      expect(status).toBe(403);
      expect(body).toContain('That is not the password of this name.');
      expect(headers['set-cookie']).toBeUndefined();
      expect(body).not.toContain(password());
    }
  });

  test('ends with a log-out, which nobody else can send', async () => {
    const visitor = await logInTo(server.url, 'bob', server.facts?.bob ?? '');
    // Nothing is deployed: the log-in page is the only one with something to show.
    const { body } = await visitor.get('/login');
    expect(textOf(body)).toContain('You are logged in as bob.');
    expect(await visitor.post('/logout', { token: 'forged' })).toMatchObject({ status: 403 });
    expect((await visitor.get('/login')).text).toContain('You are logged in as bob.');
    expect(await visitor.post('/logout', { token: tokenOf(body, '/logout') })).toMatchObject({ status: 303, location: '/' });
    expect((await visitor.get('/login')).text).not.toContain('You are logged in');
  });

  test.each(['/login', '/logout'])('%s changes nothing by another method', async (path) => {
    expect((await ask(path, { method: 'PUT' })).status).toBe(405);
    expect((await ask('/logout')).status).toBe(405);
  });
});
