import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ERRORS } from '../../contracts/errors.ts';
import { snapshotOf } from '../../lambdas/domain/snapshot.ts';
import { deliver } from '../../lambdas/functions/delivery/deliver/deliver.ts';
import { readEndpoint } from '../../lambdas/functions/delivery/deliver/endpoint.ts';
import type { Ledger } from '../../lambdas/ledger/ledger.ts';
import { accepted, KEY, NOW } from './domain-fixtures.ts';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const event = {
  specversion: '1.0',
  id: `${KEY}:1`,
  source: 'quotebridge',
  type: 'order.accepted.v1',
  time: NOW,
  tenant: 'acme',
  data: snapshotOf(accepted),
};

interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
let received: Received[] = [];
let status = 204;
const server = createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  received.push({ path: request.url ?? '', headers: request.headers, body });
  response.writeHead(status, { location: '/elsewhere' }).end();
});
beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => void server.close());
beforeEach(() => {
  received = [];
  status = 204;
});

/** A ledger that takes the note of an acknowledgement; `noted` are the sequences. */
function world() {
  const noted: unknown[] = [];
  const client = {
    send: async ({ input }: UpdateCommand) => {
      const values = input.ExpressionAttributeValues ?? {};
      noted.push([input.Key?.sk, values[':sequence']]);
      return { Attributes: { sequence: values[':sequence'] } };
    },
  };
  const ledger = { client, table: 'ledger', stamp: () => NOW } as unknown as Ledger;
  const endpointOf = async () => ({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`, signingSecret: SECRET });
  const forgotten: string[] = [];
  return { deps: { ledger, endpointOf, forgetEndpoint: (name: string) => void forgotten.push(name) }, noted, forgotten };
}

describe('a delivery', () => {
  it('is a webhook that a subscriber can verify, under the id of its event, and is noted', async () => {
    const { deps, noted } = world();
    await deliver(deps, 'crm', { detail: event });
    const [{ headers, body, path } = { headers: {}, body: '', path: '' }] = received;
    expect(path).toBe('/hook');
    expect(new Webhook(SECRET).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(JSON.stringify(event)));
    expect(() => new Webhook(SECRET).verify(`${body} `, headers as Record<string, string>)).toThrow();
    expect([headers['webhook-id'], headers['content-type']]).toEqual([event.id, 'application/cloudevents+json']);
    expect(noted).toEqual([['S#crm', 1]]);
  });

  it.each([
    [301, 'SUBSCRIBER_UNAVAILABLE'],
    [400, 'SUBSCRIBER_REFUSED'],
    [401, 'SUBSCRIBER_REFUSED'],
    [408, 'SUBSCRIBER_UNAVAILABLE'],
    [410, 'SUBSCRIBER_REFUSED'],
    [425, 'SUBSCRIBER_UNAVAILABLE'],
    [429, 'SUBSCRIBER_UNAVAILABLE'],
    [500, 'SUBSCRIBER_UNAVAILABLE'],
    [501, 'SUBSCRIBER_UNAVAILABLE'],
    [503, 'SUBSCRIBER_UNAVAILABLE'],
  ])('that is answered with %i is not acknowledged', async (answer, code) => {
    status = answer;
    const { deps, noted } = world();
    await expect(deliver(deps, 'crm', { detail: event })).rejects.toMatchObject({ name: 'VendorError', code });
    expect([received.map(({ path }) => path), noted]).toEqual([['/hook'], []]);
  });

  it('whose signature is not accepted reads the secret anew for the next try', async () => {
    const { deps, forgotten } = world();
    for (status of [400, 401, 403]) await expect(deliver(deps, 'crm', { detail: event })).rejects.toThrow('SUBSCRIBER_REFUSED');
    expect(forgotten).toEqual(['crm', 'crm']);
  });

  it('of an older or a newer deployment goes out as it was written', async () => {
    const written = { ...event, extension: 'x', data: { orderKey: KEY, sequence: 7, state: 'of tomorrow', more: { a: 1 } } };
    const { deps, noted } = world();
    await deliver(deps, 'crm', { detail: written });
    expect(JSON.parse(received[0]?.body ?? '')).toEqual(JSON.parse(JSON.stringify(written)));
    expect(noted).toEqual([['S#crm', 7]]);
  });

  it.each([
    ['of another type', { detail: { ...event, type: 'order.unheard-of.v1' } }, 'EVENT_TYPE_UNKNOWN'],
    ['of another major', { detail: { ...event, type: 'order.accepted.v2' } }, 'EVENT_VERSION_UNKNOWN'],
    ['without a snapshot', { detail: { ...event, data: {} } }, 'MESSAGE_MALFORMED'],
    [
      'of a quote',
      { detail: { ...event, type: 'quote.approved.v1', data: { quote: { cpq: 'c', id: 'q', revision: 1 }, at: NOW } } },
      'MESSAGE_MALFORMED',
    ],
    ['of a quote, with a snapshot', { detail: { ...event, type: 'quote.approved.v1' } }, 'EVENT_TYPE_UNKNOWN'],
    ['without an envelope', event, 'MESSAGE_MALFORMED'],
  ])('of an event %s is refused for good, and nobody is called', async (_name, body, code) => {
    const { deps } = world();
    await expect(deliver(deps, 'crm', body)).rejects.toMatchObject({ code });
    expect(received).toEqual([]);
  });
});

describe('the endpoint of a subscriber', () => {
  const subscribers = { crm: { secretName: 'quotebridge/crm', events: ['order.'] } };
  const secret = { url: 'https://crm.example/hook', signingSecret: SECRET };

  it('is what its secret says', async () => {
    expect(await readEndpoint(subscribers, 'crm', async () => secret)).toEqual(secret);
  });

  it.each([
    [
      'is missing',
      'crm',
      () => Promise.reject(Object.assign(new Error('arn:...'), { name: 'ResourceNotFoundException' })),
      'ResourceNotFoundException',
    ],
    ['is another', 'crm', async () => ({ url: 'https://crm.example' }), 'is not {'],
    ['is not in the policy', 'erp', async () => secret, 'has no subscriber erp'],
  ])('whose secret %s may be put right: it is tried again', async (_name, name, get, detail) => {
    const error = await readEndpoint(subscribers, name, get).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'SUBSCRIBER_NOT_CONFIGURED', detail: expect.stringContaining(detail) });
    expect(ERRORS.SUBSCRIBER_NOT_CONFIGURED.retry).toBe('hold');
  });
});
