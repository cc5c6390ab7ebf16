import { request } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startBoard } from '../../local/board/server.ts';
import type { Server } from '../../local/server.ts';

let server: Server;
beforeAll(async () => {
  server = await startBoard(0);
});
afterAll(() => server.stop());

/** `fetch` would not send another Host than that of the address. */
function ask(path: string, { method = 'GET', host }: { method?: string; host?: string } = {}) {
  return new Promise<{ status: number | undefined; body: string; headers: NodeJS.Dict<string | string[]> }>((done, fail) => {
    const asked = request(`${server.url}${path}`, { method, ...(host !== undefined && { headers: { host } }) }, (response) => {
      let body = '';
      response.on('data', (data) => {
        body += data;
      });
      response.on('end', () => done({ status: response.statusCode, body, headers: response.headers }));
    });
    asked.on('error', fail);
    asked.end();
  });
}

test('answers under its own names only, so that no other page can be made to lead here', async () => {
  const { port } = new URL(server.url);
  expect(server.url).toBe(`http://127.0.0.1:${port}`);
  for (const host of [`127.0.0.1:${port}`, `localhost:${port}`]) expect(await ask('/board.css', { host })).toMatchObject({ status: 200 });
  for (const host of ['evil.example', `evil.example:${port}`, '127.0.0.1', `127.0.0.1:${port}.evil.example`])
    expect(await ask('/board.css', { host })).toMatchObject({ status: 421 });
});

test('says so when it has to take another port than the one that people keep', async () => {
  const wanted = Number(new URL(server.url).port);
  const second = await startBoard(wanted);
  await second.stop();
  const { port } = new URL(second.url);
  expect(second.notes).toEqual([`Port ${wanted} is taken: the board listens on ${port}.`]);
  expect(server.notes).toEqual([]);
});

test('HEAD has the headers and no body; whatever would change something is refused', async () => {
  const [get, head] = [await ask('/board.js'), await ask('/board.js', { method: 'HEAD' })];
  expect(head).toMatchObject({ status: 200, body: '' });
  expect(head.headers['content-length']).toBe(String(Buffer.byteLength(get.body)));
  expect(await ask('/', { method: 'POST' })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
});

test.each(['//', '/%', '/orders/%00', `/orders/${'x'.repeat(200)}`, '/../../etc/passwd'])('%s ends nothing', async (path) => {
  expect((await ask(path)).status).toBeGreaterThanOrEqual(400);
  expect((await ask('/board.css')).status).toBe(200);
});
