import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Received, type ReceiverState, start } from '../../local/vendors/receivers.ts';

const secrets = { billing: `whsec_${btoa('a secret of billing')}`, analytics: `whsec_${btoa('a secret of analytics')}` };
const event = (sequence: number, orderKey = 'ORDER') => ({
  id: `${orderKey}:${sequence}`,
  type: 'order.confirmed.v1',
  data: { orderKey, sequence, state: 'confirmed' },
});

describe('webhook receivers', () => {
  let folder: string;
  let server: Awaited<ReturnType<typeof start>>;
  const boot = () => start({ secrets, file: join(folder, 'receivers.jsonl') });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'receivers-'));
    server = await boot();
  });
  afterEach(async () => {
    await server.stop();
    await rm(folder, { recursive: true });
  });

  async function send(
    name: 'billing' | 'analytics',
    content: object | string,
    { secret = secrets[name], sentAt = new Date() } = {},
  ): Promise<number> {
    const body = typeof content === 'string' ? content : JSON.stringify(content);
    const headers = {
      'webhook-id': 'message-1',
      'webhook-timestamp': String(Math.floor(sentAt.getTime() / 1000)),
      'webhook-signature': new Webhook(secret).sign('message-1', sentAt, body),
    };
    return (await fetch(`${server.url}/${name}`, { method: 'POST', headers, body })).status;
  }
  const state = async (name: string) => (await (await fetch(`${server.url}/${name}/state`)).json()) as ReceiverState;
  const down = (name: string, value: boolean) => fetch(`${server.url}/__control/${name}`, { method: 'POST', body: JSON.stringify({ down: value }) });

  it('apply a newer event and ignore one that is repeated or overtaken', async () => {
    for (const sequence of [1, 3, 2, 3]) expect(await send('billing', event(sequence))).toBe(204);
    expect(await state('billing')).toEqual({
      orders: { ORDER: event(3).data },
      counters: { received: 4, applied: 2, ignored: 2, refused: 0, malformed: 0, unavailable: 0 },
    });
  });

  it('keep orders and receivers apart', async () => {
    await send('billing', event(1, 'ONE'));
    await send('billing', event(1, 'TWO'));
    expect(Object.keys((await state('billing')).orders)).toEqual(['ONE', 'TWO']);
    expect((await state('analytics')).orders).toEqual({});
  });

  it('refuse an event that another secret signed, or that is older than five minutes', async () => {
    expect(await send('billing', event(1), { secret: secrets.analytics })).toBe(401);
    expect(await send('billing', event(1), { sentAt: new Date(Date.now() - 6 * 60_000) })).toBe(401);
    expect((await fetch(`${server.url}/billing`, { method: 'POST', body: JSON.stringify(event(1)) })).status).toBe(401);
    expect((await state('billing')).counters).toMatchObject({ refused: 3, applied: 0 });
  });

  it('refuse what is signed but no order event', async () => {
    expect(await send('billing', { id: 'x', type: 'quote.created.v1', data: {} })).toBe(400);
    expect(await send('billing', 'no JSON')).toBe(400);
    expect((await state('billing')).counters.malformed).toBe(2);
  });

  it('answer 503 while they are down, each by itself', async () => {
    await down('billing', true);
    expect(await send('billing', event(1))).toBe(503);
    expect(await send('analytics', event(1))).toBe(204);
    await down('billing', false);
    expect(await send('billing', event(1))).toBe(204);
    expect((await state('billing')).counters).toMatchObject({ unavailable: 1, applied: 1 });
  });

  it('answer 400 to what they are told to refuse, each by itself', async () => {
    const tell = (what: object) => fetch(`${server.url}/__control/billing`, { method: 'POST', body: JSON.stringify(what) });
    await tell({ refuse: '"BAD"' });
    expect(await Promise.all([send('billing', event(1, 'BAD')), send('billing', event(1, 'GOOD')), send('analytics', event(1, 'BAD'))])).toEqual([
      400, 204, 204,
    ]);
    await tell({ accept: '"BAD"' });
    expect(await send('billing', event(1, 'BAD'))).toBe(204);
    expect((await state('billing')).counters).toMatchObject({ received: 3, refused: 1, applied: 2 });
    const seen = (await (await fetch(`${server.url}/billing/deliveries`)).json()) as Received[];
    expect(seen.map(({ id, status }) => `${id} ${status}`).sort()).toEqual(['message-1 204', 'message-1 204', 'message-1 400']);
  });

  it('remember over a restart', async () => {
    await send('billing', event(2));
    await server.stop();
    server = await boot();
    expect((await state('billing')).orders).toEqual({ ORDER: event(2).data });
    await send('billing', event(1));
    expect((await state('billing')).counters.ignored).toBe(1);
  });

  it('are not found under another name', async () => {
    expect((await fetch(`${server.url}/nobody`, { method: 'POST', body: '{}' })).status).toBe(404);
  });
});
