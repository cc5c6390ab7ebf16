import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { start } from '../../../local/vendors/fault-proxy.ts';
import { createFaults } from '../../../local/vendors/faults.ts';
import { type LocalServer, listen, sendJson } from '../../../local/vendors/http.ts';

describe('fault proxy', () => {
  let erp: LocalServer;
  let proxy: LocalServer;
  const done: string[] = [];
  const waiting: (() => void)[] = [];

  beforeAll(async () => {
    erp = await listen(async (request, response) => {
      let text = '';
      for await (const chunk of request) text += chunk;
      if (text.includes('slow')) await new Promise<void>((go) => waiting.push(go));
      done.push(text);
      const refused = text.includes('refused') && done.filter((one) => one === text).length === 1;
      sendJson(response, refused ? 400 : 200, { text, path: request.url, host: request.headers.host });
    }, {});
    proxy = await start({ target: erp.url });
  });
  afterAll(async () => {
    await proxy.stop();
    await erp.stop();
  });

  const rpc = (method: string, content: string) =>
    fetch(`${proxy.url}/run/rpc/`, { method: 'POST', body: JSON.stringify({ id: 1, method, content }) });
  const create = (content: string) => rpc('model.sale.sale.create', content);

  it('changes nothing without a rule', async () => {
    expect(await (await create('Grüße')).json()).toMatchObject({ path: '/run/rpc/', text: expect.stringContaining('Grüße') });
    expect(await (await fetch(`${proxy.url}/#run`)).json()).toMatchObject({ path: '/', text: '' });
  });

  it('meets only calls of the method with the text, as often as the rule says', async () => {
    const faults = createFaults(proxy.url);
    const id = await faults.plan({ match: { method: 'model.sale.sale.create', contains: 'KEY1' }, action: 'status', status: 503, times: 2 });
    expect((await rpc('model.sale.sale.quote', 'KEY1')).status).toBe(200);
    expect((await create('KEY2')).status).toBe(200);
    expect([(await create('KEY1')).status, (await create('KEY1')).status, (await create('KEY1')).status]).toEqual([503, 503, 200]);
    expect((await faults.report()).rules.find((rule) => rule.id === id)).toMatchObject({ hits: 2 });
  });

  it('drops the answer only after the ERP has worked, and says when', async () => {
    const faults = createFaults(proxy.url);
    const id = await faults.plan({ match: { contains: 'dropped' }, action: 'drop-answer' });
    const hit = faults.hit(id);
    await expect(create('dropped')).rejects.toThrow('fetch failed');
    expect(await hit).toMatchObject({ id, hits: 1, lastHitAt: expect.any(String) });
    expect(done.filter((text) => text.includes('dropped'))).toHaveLength(1);
  });

  it('answers in the place of the ERP after it has worked', async () => {
    await createFaults(proxy.url).plan({ match: { contains: 'instead' }, action: 'other-answer', status: 503 });
    expect((await create('instead')).status).toBe(503);
    expect(done.filter((text) => text.includes('instead'))).toHaveLength(1);
  });

  it('holds the answer back after the ERP has worked, and says who asked', async () => {
    const faults = createFaults(proxy.url);
    const id = await faults.plan({ match: { contains: 'held' }, action: 'hold-answer', ms: 200 });
    const answer = create('held');
    expect(await faults.hit(id)).toMatchObject({ id, hits: 1, clientPort: expect.any(Number) });
    expect(done.filter((text) => text.includes('held'))).toHaveLength(1);
    expect((await answer).status).toBe(200);
  });

  it.each(['hold-answer', 'drop-answer'] as const)('%s is about what the ERP has done: what it refuses does not count', async (action) => {
    const faults = createFaults(proxy.url);
    const text = `refused once, ${action}`;
    const id = await faults.plan({ match: { contains: text }, action, ms: 100 });
    expect((await create(text)).status).toBe(400);
    expect((await faults.report()).rules.find((rule) => rule.id === id)).toMatchObject({ hits: 0 });
    const second = create(text).catch((error: Error) => error.message);
    expect(await faults.hit(id, 2000)).toMatchObject({ hits: 1 });
    expect(await second).toEqual(action === 'drop-answer' ? 'fetch failed' : expect.objectContaining({ status: 200 }));
  });

  it('keeps a request to itself, and forwards it only if the client has stayed', async () => {
    const faults = createFaults(proxy.url);
    const kept = await faults.plan({ match: { contains: ['kept', 'of one who leaves'] }, action: 'hold-request', ms: 10_000 });
    await faults.plan({ match: { contains: ['kept', 'of one who stays'] }, action: 'hold-request', ms: 50 });
    const left = new AbortController();
    const leaving = fetch(`${proxy.url}/run/rpc/`, { method: 'POST', body: 'kept of one who leaves', signal: left.signal });
    await faults.hit(kept);
    left.abort();
    await expect(leaving).rejects.toThrow('aborted');
    expect((await create('kept of one who stays')).status).toBe(200);
    expect(done.filter((text) => text.includes('kept'))).toEqual([expect.stringContaining('stays')]);
  });

  it('lets go of what a rule holds when the rule is removed', async () => {
    const faults = createFaults(proxy.url);
    const id = await faults.plan({ match: { contains: 'let go' }, action: 'delay', ms: 60_000 });
    const answer = create('let go');
    await faults.hit(id);
    await faults.remove(id);
    expect((await answer).status).toBe(200);
  });

  it('meets a share of the writes, the same ones for the same seed, and no read', async () => {
    const faults = createFaults(proxy.url);
    const metWith = async (seed: number) => {
      const id = await faults.plan({ match: { writes: true }, action: 'status', status: 418, times: 'every', share: { of: 0.3, seed } });
      const statuses: number[] = [];
      for (let n = 0; n < 40; n++) {
        await rpc('model.sale.sale.search_read', 'read');
        statuses.push((await create('share')).status);
      }
      await faults.remove(id);
      return statuses.flatMap((status, n) => (status === 418 ? [n] : []));
    };
    const first = await metWith(7);
    expect(first.length).toBeGreaterThan(4);
    expect(first.length).toBeLessThan(22);
    expect(await metWith(7)).toEqual(first);
    expect(await metWith(8)).not.toEqual(first);
  });

  it('knows an operation of DynamoDB by its name', async () => {
    const faults = createFaults(proxy.url);
    await faults.plan({ match: { method: 'DynamoDB.PutItem' }, action: 'status', status: 418 });
    const put = (operation: string) =>
      fetch(proxy.url, { method: 'POST', body: '{}', headers: { 'x-amz-target': `DynamoDB_20120810.${operation}` } }).then(({ status }) => status);
    expect([await put('GetItem'), await put('PutItem')]).toEqual([200, 418]);
  });

  it('calls the ERP by its own name, and a cloud by the name that its client has signed', async () => {
    const hostFor = async (authorization: string) => (await (await fetch(proxy.url, { headers: { authorization } })).json()) as { host: string };
    expect((await hostFor('Bearer x')).host).toBe(new URL(erp.url).host);
    expect((await hostFor('AWS4-HMAC-SHA256 Credential=x')).host).toBe(new URL(proxy.url).host);
  });

  it('breaks the connection before the ERP hears anything', async () => {
    const faults = createFaults(proxy.url);
    await faults.plan({ match: { contains: 'broken' }, action: 'reset' });
    await expect(create('broken')).rejects.toThrow('fetch failed');
    expect(done.filter((text) => text.includes('broken'))).toEqual([]);
  });

  it('says that a rule was not hit in the time', async () => {
    const faults = createFaults(proxy.url);
    const id = await faults.plan({ match: { contains: 'never' }, action: 'reset' });
    await expect(faults.hit(id, 50)).rejects.toThrow('408');
    await faults.removeAll();
    expect((await faults.report()).rules).toEqual([]);
  });

  it('counts requests by method, and the writes that were in flight at once', async () => {
    const faults = createFaults(proxy.url);
    await faults.resetCounters();
    const calls = ['slow 1', 'slow 2', 'slow 3'].map(create);
    const read = rpc('model.sale.sale.search_read', 'slow read');
    await expect.poll(() => waiting.length).toBe(4);
    expect((await faults.report()).writes).toEqual({ now: 3, max: 3 });
    for (const go of waiting.splice(0)) go();
    await Promise.all([...calls, read]);
    await create('alone');
    expect(await faults.report()).toMatchObject({
      requests: { 'model.sale.sale.create': 4, 'model.sale.sale.search_read': 1 },
      writes: { now: 0, max: 3 },
    });
  });

  it('answers 503 for an ERP that does not listen', async () => {
    const gone = await listen(async (_, response) => sendJson(response, 200, {}), {});
    await gone.stop();
    const before = await start({ target: gone.url });
    expect((await fetch(`${before.url}/run/rpc/`, { method: 'POST', body: '{}' })).status).toBe(503);
    await before.stop();
  });
});
