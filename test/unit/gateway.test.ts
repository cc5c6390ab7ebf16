import { describe, expect, it } from 'vitest';
import { callVendor, type VendorRequest } from '../../lambdas/gateway/call.ts';
import { VendorError } from '../../lambdas/gateway/vendor-error.ts';

const vendor = { name: 'Acme', unavailable: 'ERP_UNAVAILABLE', unknown: 'ERP_ANSWER_UNKNOWN' } as const;
const request = (effect: VendorRequest['effect']): VendorRequest => ({
  method: 'POST',
  url: 'https://acme.example/secret-path',
  headers: { authorization: 'Bearer secret-token' },
  body: 'secret-body',
  effect,
  deadlineMs: 1000,
});

type Fetch = typeof fetch;
const answering =
  (status: number, body: ConstructorParameters<typeof Response>[0] = 'ok'): Fetch =>
  async () =>
    new Response(body, { status });
const failing =
  (error: unknown): Fetch =>
  () =>
    Promise.reject(error);
/** How undici reports what the system said. */
const network = (code: string, more: object = {}) =>
  new TypeError('fetch failed', { cause: Object.assign(new Error('10.0.0.1:443'), { code }, more) });

async function failure(effect: VendorRequest['effect'], fetch: Fetch): Promise<VendorError> {
  const error = await callVendor(vendor, request(effect), { fetch }).catch((thrown: unknown) => thrown);
  if (!(error instanceof VendorError)) throw new Error(`no VendorError: ${String(error)}`);
  return error;
}

describe('a vendor call', () => {
  it.each([200, 201, 302, 400, 401, 404, 409, 422])('with the answer %i is for the connector to read', async (status) => {
    const answer = await callVendor(vendor, request('write'), { fetch: answering(status, 'body') });
    expect(answer).toMatchObject({ status, body: 'body' });
  });

  it('without content is answered with an empty text', async () => {
    expect(await callVendor(vendor, request('write'), { fetch: answering(204, null) })).toMatchObject({ status: 204, body: '' });
  });

  it('never follows a redirect', async () => {
    let redirect: string | undefined;
    const fetch: Fetch = async (_, init) => {
      redirect = init?.redirect;
      return new Response('', { status: 302, headers: { location: 'https://elsewhere.example' } });
    };
    expect((await callVendor(vendor, request('read'), { fetch })).status).toBe(302);
    expect(redirect).toBe('manual');
  });

  it('keeps no connection, so that a function that was frozen does not meet a stale one', async () => {
    let sent: unknown;
    const fetch: Fetch = async (_, init) => {
      sent = init?.headers;
      return new Response('');
    };
    await callVendor(vendor, request('write'), { fetch });
    expect(sent).toMatchObject({ connection: 'close', authorization: 'Bearer secret-token' });
  });

  describe.each(['read', 'write'] as const)('that is a %s', (effect) => {
    const lost = effect === 'write' ? { code: 'ERP_ANSWER_UNKNOWN', effect: 'unknown' } : { code: 'ERP_UNAVAILABLE', effect: 'not-sent' };

    it('and is answered with 429 was not begun', async () => {
      expect(await failure(effect, answering(429))).toMatchObject({ code: 'ERP_UNAVAILABLE', effect: 'not-sent' });
    });

    it('and is answered with 503 was not begun only where the vendor says so itself', async () => {
      const known = { ...vendor, didNothing: ({ body }: { body: string }) => body === 'nothing was done' };
      const answered = (body: string) => callVendor(known, request(effect), { fetch: answering(503, body) });
      await expect(answered('nothing was done')).rejects.toMatchObject({ code: 'ERP_UNAVAILABLE', effect: 'not-sent' });
      await expect(answered('upstream connect error')).rejects.toMatchObject(lost);
    });

    it.each([
      ['ECONNREFUSED', {}],
      ['ENOTFOUND', {}],
      ['EAI_AGAIN', {}],
      ['EHOSTUNREACH', {}],
      ['ENETUNREACH', {}],
      ['UND_ERR_CONNECT_TIMEOUT', {}],
      ['ETIMEDOUT', { syscall: 'connect' }],
      ['ECONNRESET', { syscall: 'connect' }],
      ['CERT_HAS_EXPIRED', {}],
      ['DEPTH_ZERO_SELF_SIGNED_CERT', {}],
    ])('and meets %s %j was not sent', async (code, more) => {
      expect(await failure(effect, failing(network(code, more)))).toMatchObject({ code: 'ERP_UNAVAILABLE', effect: 'not-sent' });
    });

    it.each([500, 502, 503, 504])('and is answered with %i is classified by its effect', async (status) => {
      expect(await failure(effect, answering(status))).toMatchObject(lost);
    });

    it.each([429, 503])('and is answered with %i and a time says when to come again', async (status) => {
      const fetch: Fetch = async () => new Response('', { status, headers: { 'retry-after': '7' } });
      expect(await failure(effect, fetch)).toMatchObject({ retryAfter: 7 });
    });

    it.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'UND_ERR_SOCKET', 'UND_ERR_BODY_TIMEOUT', 'HPE_INVALID_CONSTANT', 'SOMETHING_NEW'])(
      'and breaks with %s is classified by its effect',
      async (code) => {
        expect(await failure(effect, failing(network(code)))).toMatchObject(lost);
      },
    );

    it('and passes its deadline is classified by its effect', async () => {
      const hanging: Fetch = (_, init) => new Promise((_done, fail) => init?.signal?.addEventListener('abort', () => fail(init.signal?.reason)));
      const error = await callVendor(vendor, { ...request(effect), deadlineMs: 20 }, { fetch: hanging }).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ ...lost, detail: 'Acme did not answer within 20 ms' });
    });

    it('and is answered without an end is cut off and classified by its effect', async () => {
      const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1_000_000)) });
      expect(await failure(effect, answering(200, endless))).toMatchObject(lost);
    });
  });

  it('fails without address, credentials or content in its text', async () => {
    for (const fetch of [
      failing(network('ECONNREFUSED')),
      failing(network('ECONNRESET')),
      answering(500, 'secret-answer'),
      failing(new Error('x')),
    ]) {
      const { message, detail } = await failure('write', fetch);
      expect(`${message} ${detail}`).not.toMatch(/secret|acme\.example|10\.0\.0\.1/);
    }
  });

  it('reads characters that are cut between two chunks', async () => {
    const bytes = new TextEncoder().encode('Grüße');
    const chunks = new ReadableStream({
      start: (controller) => {
        for (const byte of bytes) controller.enqueue(Uint8Array.of(byte));
        controller.close();
      },
    });
    expect((await callVendor(vendor, request('read'), { fetch: answering(200, chunks) })).body).toBe('Grüße');
  });
});
