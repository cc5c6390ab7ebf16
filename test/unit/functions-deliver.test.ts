import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSRecord } from 'aws-lambda';
import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { snapshotOf } from '../../lambdas/domain/head.ts';
import { backOff, deliver } from '../../lambdas/functions/delivery/deliver/deliver.ts';
import { keepTrying } from '../../lambdas/functions/delivery/deliver/keep-trying.ts';
import type { Ledger } from '../../lambdas/ledger/ledger.ts';
import { accepted, KEY, NOW } from './domain-fixtures.ts';

const SECRET = `whsec_${Buffer.from('0123456789abcdef0123456789abcdef').toString('base64')}`;
const ARN = 'arn:aws:sqs:us-east-1:000000000000:crm';
const queues = { [ARN]: { name: 'crm', url: 'https://queue.example/crm' } };
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
  return { deps: { ledger, endpointOf }, noted };
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
    [301, 'SUBSCRIBER_REFUSED'],
    [400, 'SUBSCRIBER_REFUSED'],
    [410, 'SUBSCRIBER_REFUSED'],
    [429, 'SUBSCRIBER_UNAVAILABLE'],
    [500, 'SUBSCRIBER_UNAVAILABLE'],
    [503, 'SUBSCRIBER_UNAVAILABLE'],
  ])('that is answered with %i is not acknowledged', async (answer, code) => {
    status = answer;
    const { deps, noted } = world();
    await expect(deliver(deps, 'crm', { detail: event })).rejects.toMatchObject({ name: 'VendorError', code });
    expect([received.map(({ path }) => path), noted]).toEqual([['/hook'], []]);
  });

  it.each([
    ['of another type', { detail: { ...event, type: 'order.unheard-of.v1' } }],
    ['without a snapshot', { detail: { ...event, data: {} } }],
    ['of a quote', { detail: { ...event, type: 'quote.approved.v1', data: { quote: { cpq: 'c', id: 'q', revision: 1 }, at: NOW } } }],
    ['without an envelope', event],
  ])('of an event %s throws, and nobody is called', async (_name, body) => {
    const { deps } = world();
    await expect(deliver(deps, 'crm', body)).rejects.toThrow();
    expect(received).toEqual([]);
  });
});

describe('the wait between two tries', () => {
  const aged = (seconds: number) => backOff({ attributes: { SentTimestamp: '1000000' } as SQSRecord['attributes'] }, 1_000_000 + seconds * 1000);

  it.each([
    [0, 5],
    [4, 5],
    [10, 10],
    [20, 20],
    [899, 899],
    [86_400, 900],
  ])('of a message that is %i s old is %i s', (age, wait) => {
    expect(aged(age)).toBe(wait);
  });

  it('doubles: each wait makes the message twice as old', () => {
    const waits: number[] = [];
    for (let age = 0; waits.length < 9; age += waits.at(-1) ?? 0) waits.push(aged(age));
    expect(waits).toEqual([5, 5, 10, 20, 40, 80, 160, 320, 640]);
  });
});

describe('a message of a subscriber’s queue', () => {
  const record = (eventSourceARN = ARN) => ({ eventSourceARN, attributes: { SentTimestamp: String(Date.now() - 60_000) } }) as SQSRecord;

  async function tried(source: SQSRecord) {
    const hidden: [string, number][] = [];
    const error = await keepTrying(world().deps, queues, { detail: event }, source, async (...call) => void hidden.push(call)).catch(
      (thrown: unknown) => thrown,
    );
    return { hidden, error };
  }

  it('that is delivered is done', async () => {
    expect(await tried(record())).toEqual({ hidden: [], error: undefined });
  });

  it('that is not stays hidden for as long as it is old, and fails', async () => {
    status = 500;
    const { hidden, error } = await tried(record());
    expect(error).toMatchObject({ code: 'SUBSCRIBER_UNAVAILABLE' });
    expect(hidden).toEqual([['https://queue.example/crm', expect.any(Number)]]);
    expect(hidden[0]?.[1]).toBeGreaterThanOrEqual(60);
    expect(hidden[0]?.[1]).toBeLessThan(90);
  });

  it('of a queue that belongs to no subscriber is an error', async () => {
    expect((await tried(record('arn:another'))).error).toMatchObject({ message: expect.stringContaining('belongs to no subscriber') });
    expect(received).toEqual([]);
  });
});
