import { describe, expect, test } from 'vitest';
import { createBoard } from '../../lambdas/board/board.ts';
import { type BoardDeps, NotReady } from '../../lambdas/board/deps.ts';
import { LedgerRestoring } from '../../lambdas/ledger/epoch.ts';
import { textOf } from '../support/board.ts';
import { boardOf, nth, waiting } from './board-fixtures.ts';
import { accepted, completed, inSeconds, NOW } from './domain-fixtures.ts';

describe('the overview', () => {
  test('says by code who has to act, for how long already, and what the orders are worth in each currency', async () => {
    const dollars = { ...accepted.quote, currency: 'USD', total: '0.1' };
    const { get } = boardOf([
      waiting(1),
      waiting(200),
      waiting(3, { quote: { ...dollars, total: '0.20' } }),
      waiting(4, { quote: dollars }),
      nth(5, { state: 'completed' }),
    ]);
    const { status, body } = await get('/');
    expect(status).toBe(200);
    expect(textOf(body)).toContain(
      'Waiting: 4 orders Orders that wait, by reason Why Who has to act Orders For Worth PRODUCT_UNMAPPED No product of the ERP is mapped to this product code master-data 4 3 h 200.00 EUR 0.30 USD',
    );
    expect(textOf(body)).toMatch(/accepted 4 .* completed 1 100.00 EUR/);
    expect(textOf(body)).toContain('5 orders accepted in the last 7 days (UTC).');
  });

  test('what has only just begun to wait has an age too', async () => {
    const wait = { kind: 'person' as const, code: 'CUSTOMER_BLOCKED' as const, since: inSeconds(2), times: 1 };
    expect(textOf((await boardOf([waiting(1, { wait })]).get('/')).body)).toContain('finance 1 0 s 100.00 EUR');
  });

  test('shows an empty ledger', async () => {
    const text = textOf((await boardOf([]).get('/')).body);
    expect(text).toContain('No order waits.');
    expect(text).toContain('0 orders accepted in the last 7 days');
    expect(text).toContain('No event is in quarantine.');
  });

  test('shows the queues, the dead letters with their age, and the quarantine', async () => {
    const depth = { visible: 0, inFlight: 0, delayed: 0, url: 'u' };
    const { get, quarantined } = boardOf([], {
      queues: async () => ({
        queues: [
          { name: 'run', carries: 'run', ...depth, visible: 3 },
          { name: 'cause', carries: 'cause', ...depth },
        ],
        deadLetters: [
          { name: 'run-dlq', takes: { queue: { name: 'run', carries: 'run' } }, ...depth, visible: 2, oldestAt: '2026-01-01T10:00:00.000Z' },
          { name: 'cause-dlq', takes: { queue: { name: 'cause', carries: 'cause' } }, ...depth },
        ],
      }),
    });
    quarantined('a');
    quarantined('b', { at: '2025-12-31T12:00:00.000Z', tenant: '-' });
    quarantined('c', { resubmittedAt: NOW });
    const text = textOf((await get('/')).body);
    expect(text).toContain('run-dlq ! given up given up by run 2 2 h ago');
    expect(text).toContain('npx quotebridge dlq peek run-dlq');
    expect(text).not.toContain('cause-dlq');
    expect(text).toContain('1 of 2 queues hold messages: run 3');
    expect(text).toMatch(/EVENT_MALFORMED .* platform 2 1 d ago Correct the producer/);
  });

  test('shows replays that are under way or did not come to their end, with the command that tells more', async () => {
    const { get, replayed } = boardOf([]);
    expect(textOf((await get('/')).body)).toContain('No replay is under way, and none of the last 7 days stopped or failed.');
    replayed('R-running', { createdAt: inSeconds(-90) });
    replayed('R-still', { queue: 'cause-dlq', leaseUntil: inSeconds(-121), dryRun: true });
    replayed('R-stopped', { status: 'stopped', endedAt: inSeconds(-3600), why: '5 of the last 9 failed again' });
    replayed('R-failed', { status: 'failed', endedAt: inSeconds(-6 * 86_400), why: 'nobody went on with it', by: 'lambda:bob' });
    replayed('R-old', { status: 'failed', endedAt: inSeconds(-8 * 86_400) });
    replayed('R-done', { status: 'done', endedAt: inSeconds(-60) });
    const text = textOf((await get('/')).body);
    expect(text).toContain('R-running the ERP is back run-dlq · running cli:alice 2 min ago');
    expect(text).toContain('R-still dry run: the ERP is back cause-dlq ! stands still cli:alice now Nobody goes on with it.');
    expect(text).toContain('R-stopped the ERP is back run-dlq ! stopped cli:alice now 5 of the last 9 failed again');
    expect(text).toMatch(/R-failed the ERP is back run-dlq ! failed lambda:bob now nobody went on with it/);
    for (const id of ['R-running', 'R-still', 'R-stopped', 'R-failed']) expect(text).toContain(`npx quotebridge replays show ${id}`);
    expect(text).not.toMatch(/R-old|R-done/);
    expect(textOf((await get('/', { days: '9' })).body)).toContain('R-old');
  });

  test('one part that cannot be read does not hide the others', async () => {
    const { get } = boardOf([waiting(1)], {
      queues: async () => {
        throw Object.assign(new Error('secret'), { name: 'AccessDenied' });
      },
    });
    const { status, body } = await get('/');
    expect(status).toBe(200);
    expect(textOf(body)).toContain('This could not be read just now (AccessDenied).');
    expect(body).not.toContain('secret');
    expect(textOf(body)).toContain('Waiting: 1 order');
  });

  test('reads a bounded number of orders and says so', async () => {
    const { get } = boardOf(Array.from({ length: 1100 }, (_, n) => waiting(n)));
    const text = textOf((await get('/')).body);
    expect(text).toContain('The newest 1000 orders of the last 7 days (UTC); the rest was not read.');
    expect(text).toContain('Waiting: at least 1000 orders');
    expect(text).toContain('More than 1000 orders are not at rest');
  });
});

describe('the list of orders', () => {
  const many = [...Array.from({ length: 120 }, (_, n) => nth(n)), ...[200, 201].map((n) => waiting(n, { tenant: 'other' }))];

  test('goes page by page, newest first', async () => {
    const { get } = boardOf(many);
    const first = (await get('/orders')).body;
    expect(textOf(first)).toContain('122 orders accepted in the last 7 days (UTC), newest first.');
    expect(first.indexOf('>Q-0<')).toBeLessThan(first.indexOf('>Q-49<'));
    expect(first).not.toContain('>Q-50<');
    expect(first).toContain('href="/orders?days=7&amp;page=2"');
    expect((await get('/orders', { page: '3' })).body).toContain('>Q-119<');
    expect(textOf((await get('/orders', { page: '9' })).body)).toContain('None.');
  });

  test('is narrowed by state, code and tenant', async () => {
    const { get } = boardOf(many);
    expect(textOf((await get('/orders', { state: 'waiting' })).body)).toContain('2 orders waiting, whatever their age, longest first.');
    expect(textOf((await get('/orders', { code: 'PRODUCT_UNMAPPED', tenant: 'other', state: '' })).body)).toContain('2 orders waiting');
    expect(textOf((await get('/orders', { state: 'completed' })).body)).toContain('0 orders');
    expect(textOf((await get('/orders', { tenant: 'acme' })).body)).toContain('120 orders');
  });

  test.each([
    [{ days: '32' }, 'days: expected a whole number, 1 to 31.'],
    [{ state: 'lost' }, 'state: expected one of waiting, accepted, drafted, confirmed, completed, cancelled, reversed.'],
    [{ code: 'toString' }, 'code: expected an error code, as docs/errors.md lists them.'],
    [{ page: '0' }, 'page: expected a whole number, 1 to 1000.'],
    [{ tenant: 'nobody' }, 'tenant: stage local has no tenant "nobody".'],
  ])('says what was expected instead of %j', async (query, expected) => {
    const { status, body } = await boardOf([]).get('/orders', query);
    expect(status).toBe(400);
    expect(textOf(body.replaceAll('&quot;', '"'))).toContain(expected);
    expect(body).toContain('href="/orders"');
  });
});

describe('finding an order', () => {
  test('by its key in any spelling, by its number, whatever the tenant', async () => {
    const { get, put } = boardOf([nth(1)]);
    put({ pk: 'N#acme#Q-1', sk: nth(1).orderKey, revision: 1 });
    const there = { status: 303, headers: { location: `/orders/${nth(1).orderKey}` } };
    for (const q of [nth(1).orderKey, nth(1).orderKey.toLowerCase().replaceAll('0', 'o'), ' Q-1 '])
      expect(await get('/search', { q })).toMatchObject(there);
    expect(await get('/search', { q: 'Q-1', tenant: 'other' })).toMatchObject({ status: 404 });
  });

  test('a number of two quotes lets people choose', async () => {
    const heads = [nth(1), nth(2, { tenant: 'other' })];
    const { get, put } = boardOf(heads);
    for (const { tenant, orderKey } of heads) put({ pk: `N#${tenant}#Q-7`, sk: orderKey, revision: 1 });
    const { status, body } = await get('/search', { q: 'Q-7' });
    expect(status).toBe(200);
    for (const { orderKey } of heads) expect(body).toContain(`href="/orders/${orderKey}"`);
  });

  test('an unknown one says where a rejected event is; nothing asked is a bad address', async () => {
    const { get } = boardOf([]);
    const { status, body } = await get('/search', { q: '<b>Q-1</b>' });
    expect(status).toBe(404);
    expect(body).toContain('No order of &lt;b&gt;Q-1&lt;/b&gt;');
    expect(body).toContain('npx quotebridge quarantine list');
    expect(await get('/search')).toMatchObject({ status: 400 });
    for (const tenant of ['nobody', 'constructor']) {
      const refused = await get('/search', { q: 'Q-1', tenant });
      expect(refused.status).toBe(400);
      expect(textOf(refused.body.replaceAll('&quot;', '"'))).toContain(`tenant: stage local has no tenant "${tenant}".`);
    }
  });
});

describe('whoever asks', () => {
  test('may only read, and gets nothing from elsewhere', async () => {
    const { board } = boardOf([]);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect(await board({ method, path: '/', query: {} })).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD' } });
    for (const path of ['/', '/board.css', '/board.js', '/board.svg', '/nothing']) {
      const { headers, body } = await board({ method: 'HEAD', path, query: {} });
      expect(headers['cache-control']).toBe('no-store');
      expect(headers['content-security-policy']).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(body.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/https?:\/\/|style="|<script>| on\w+="/);
    }
  });

  test.each(['/nothing', '/orders/', '/orders/x/y', '/orders/0123456789ABCDEFGHJK', '/orders/no-key', '/board.js/'])(
    '%s is no page',
    async (path) => {
      expect(await boardOf([]).get(path)).toMatchObject({ status: 404 });
    },
  );

  test('is told when there is nothing to read yet, and what failed only by its name', async () => {
    const answer = (error: unknown) => {
      const failures: unknown[] = [];
      const open = (): Promise<BoardDeps> => Promise.reject(error);
      return createBoard({ open, failed: (one) => failures.push(one) })({ method: 'GET', path: '/', query: {} }).then((response) => ({
        response,
        failures,
      }));
    };
    const early = await answer(new NotReady('Nothing is deployed yet.'));
    expect(early).toMatchObject({ response: { status: 503, headers: { 'retry-after': '3' } }, failures: [] });
    expect(early.response.body).toContain('Nothing is deployed yet.');
    expect(early.response.body).toContain('data-every="3"');
    expect((await answer(Object.assign(new Error('no table'), { name: 'ResourceNotFoundException' }))).response.status).toBe(503);
    expect((await answer(new LedgerRestoring('since then'))).response).toMatchObject({
      status: 503,
      body: expect.stringContaining('being restored'),
    });
    const broken = await answer(new Error('with a secret'));
    expect(broken).toMatchObject({ response: { status: 500 }, failures: [{ message: 'with a secret' }] });
    expect(broken.response.body).not.toContain('secret');
  });

  test('sees the completed state in words', async () => {
    const head = { ...completed, run: { ...completed.run, active: false } };
    expect(textOf((await boardOf([head]).get('/orders')).body)).toContain('✓ completed S7');
  });
});
