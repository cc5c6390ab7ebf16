import { DeleteCommand, type DynamoDBDocumentClient, GetCommand, UpdateCommand } from '@aws-sdk/lib-dynamodb';
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { LONGEST_WAIT, triesWithin, waitAt } from '../../contracts/back-off.ts';
import { createConsumer, queueNameOf } from '../../lambdas/aws/batch.ts';
import { failureOf } from '../../lambdas/aws/failure-of.ts';
import { Stop } from '../../lambdas/domain/errors.ts';
import { Rejected } from '../../lambdas/domain/rejected.ts';
import { VendorError } from '../../lambdas/gateway/vendor-error.ts';
import { createFailures, type Failure, failureId } from '../../lambdas/ledger/failures.ts';

const START = Date.parse('2026-11-24T12:00:00Z');
const refused = () => new VendorError('SUBSCRIBER_REFUSED', 'refused', 'crm answered 400');
const away = (retryAfter?: number) => new VendorError('SUBSCRIBER_UNAVAILABLE', 'not-sent', 'crm answered 503', { retryAfter });

/** The runtime table in memory, as far as the index of failures uses it. */
function memoryIndex() {
  const items = new Map<string, Record<string, unknown>>();
  const send = async (command: unknown) => {
    if (command instanceof GetCommand) return { Item: structuredClone(items.get(command.input.Key?.id)) };
    if (command instanceof DeleteCommand) return items.delete(command.input.Key?.id);
    if (!(command instanceof UpdateCommand)) throw new Error('a command that these tests do not know');
    const { Key, ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = command.input;
    const before = items.get(Key?.id) ?? {};
    const set = Object.fromEntries(Object.values(names).map((name) => [name, values[`:${name}`]]));
    return items.set(Key?.id, { ...before, firstAt: before.firstAt ?? values[':at'], attempts: Number(before.attempts ?? 0) + 1, ...set });
  };
  return { items, client: { send } as unknown as DynamoDBDocumentClient };
}

/** A consumer, its queue's clock, and what it did: seconds for which each message was hidden. */
function world({ broken = false } = {}) {
  const clock = { now: START };
  const { items, client } = memoryIndex();
  const failures = createFailures({
    client: broken ? ({ send: () => Promise.reject(new Error('throttled')) } as unknown as DynamoDBDocumentClient) : client,
    table: 'runtime',
    now: () => new Date(clock.now),
  });
  const hidden: number[] = [];
  const hide = async (_record: unknown, seconds: number) => {
    hidden.push(seconds);
    if (broken) throw new Error('the receipt is too old');
  };
  const consumer = createConsumer({ failures, hide, now: () => clock.now });
  const entry = (body: string, queue = 'deliver-crm') => items.get(failureId(queue, body)) as Failure | undefined;
  return { consumer, clock, hidden, items, entry };
}

interface Received {
  readonly id?: string;
  readonly receives?: number;
  readonly queue?: string;
  readonly sentAt?: number;
}
const record = (body: string, { id = 'm0', receives = 1, queue = 'deliver-crm', sentAt = START }: Received = {}) =>
  ({
    messageId: id,
    body,
    eventSourceARN: `arn:aws:sqs:eu-central-1:111122223333:quotebridge-prod-${queue}`,
    attributes: { ApproximateReceiveCount: String(receives), SentTimestamp: String(sentAt) },
  }) as SQSRecord;
const batch = (...bodies: string[]): SQSEvent => ({ Records: bodies.map((body, n) => record(body, { id: `m${n}` })) });

describe('a batch of a queue', () => {
  it('a message that fails is reported alone, and holds back no other', async () => {
    const done: unknown[] = [];
    const answer = await world().consumer.eachMessage(batch('1', '2', '3'), async (body) => {
      if (body === 2) throw new Error('no');
      await Promise.resolve();
      done.push(body);
    });
    expect([answer, done]).toEqual([{ batchItemFailures: [{ itemIdentifier: 'm1' }] }, [1, 3]]);
  });

  it('a message that is no JSON fails alone, and is refused for good', async () => {
    const { consumer, entry } = world();
    expect(await consumer.eachMessage(batch('{}', 'not json'), async () => {})).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
    expect(entry('not json')).toMatchObject({ code: 'MESSAGE_MALFORMED', detail: 'not JSON', messageId: 'm1' });
  });

  it('a text is handed over as it came, with its record', async () => {
    const seen: string[] = [];
    const answer = await world().consumer.eachText(batch('not json'), async (text, { messageId }) => void seen.push(`${messageId} ${text}`));
    expect([answer, seen]).toEqual([{ batchItemFailures: [] }, ['m0 not json']]);
  });

  it('an index and a queue that do not answer change nothing: what fails fails, what is done is done', async () => {
    const { consumer } = world({ broken: true });
    const event = { Records: [record('1', { id: 'm0', receives: 2 }), record('2', { id: 'm1', receives: 2 })] };
    const answer = await consumer.eachMessage(event, async (body) => {
      if (body === 2) throw refused();
    });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'm1' }] });
  });

  it('the name of a queue is what stands behind the stage', () => {
    expect(queueNameOf(record('', { queue: 'deliver-customer-success' }))).toBe('deliver-customer-success');
    expect(queueNameOf(record('', { queue: 'run' }))).toBe('run');
  });
});

describe('a message that fails', () => {
  const EVENT = JSON.stringify({ detail: { tenant: 'acme', correlationid: 'sf:Q-1:1', data: { orderKey: '0123456789ABCDEFGHJK' } } });

  async function tried(w: ReturnType<typeof world>, error: Error | undefined, received: Received = {}, body = EVENT) {
    let calls = 0;
    const answer = await w.consumer.eachText({ Records: [record(body, received)] }, async () => {
      calls++;
      if (error) throw error;
    });
    return { calls, failed: answer.batchItemFailures.length === 1, hidden: w.hidden.splice(0) };
  }

  it('stands in the index: which queue, why, how often, since when, and whose it is', async () => {
    const w = world();
    await tried(w, away());
    w.clock.now += 7000;
    await tried(w, away(), { receives: 2 });
    expect(w.entry(EVENT)).toEqual({
      queue: 'deliver-crm',
      messageId: 'm0',
      code: 'SUBSCRIBER_UNAVAILABLE',
      detail: 'crm answered 503',
      attempts: 2,
      tries: 2,
      firstAt: '2026-11-24T12:00:00.000Z',
      lastAt: '2026-11-24T12:00:07.000Z',
      tenant: 'acme',
      orderKey: '0123456789ABCDEFGHJK',
      correlationId: 'sf:Q-1:1',
      expiration: START / 1000 + 7 + 18 * 24 * 3600,
    });
  });

  it('is the same message in other words: some clouds write its JSON anew', async () => {
    const w = world();
    await tried(w, away());
    await tried(w, away(), { receives: 2 }, JSON.stringify(JSON.parse(EVENT), null, 1));
    expect(w.entry(EVENT)).toMatchObject({ attempts: 2 });
  });

  it('leaves the index when a later try succeeds', async () => {
    const w = world();
    await tried(w, away());
    expect(await tried(w, undefined, { receives: 2 })).toEqual({ calls: 1, failed: false, hidden: [] });
    expect(w.items.size).toBe(0);
  });

  it('waits as long again as it is old', async () => {
    const w = world();
    expect((await tried(w, away())).hidden).toEqual([5]);
    w.clock.now += 100_000;
    expect((await tried(w, away(), { receives: 40 })).hidden).toEqual([100]);
    w.clock.now += 86_400_000;
    expect((await tried(w, away(), { receives: 41 })).hidden).toEqual([900]);
  });

  it('waits longer if the vendor asks for it, 15 minutes at most, and never shorter', async () => {
    const w = world();
    expect((await tried(w, away(60))).hidden).toEqual([60]);
    expect((await tried(w, away(86_400))).hidden).toEqual([900]);
    w.clock.now += 100_000;
    expect((await tried(w, away(2))).hidden).toEqual([100]);
  });

  it('for good is tried three times, five seconds apart, and then passes through its receives untried', async () => {
    const w = world();
    const waits: number[][] = [];
    for (let receives = 1; receives <= 3; receives++, w.clock.now += 5000) waits.push((await tried(w, refused(), { receives })).hidden);
    expect(waits).toEqual([[5], [5], [1]]);
    for (let receives = 4; receives < 57; receives++, w.clock.now += 1000)
      expect(await tried(w, refused(), { receives })).toEqual({ calls: 0, failed: true, hidden: [1] });
    expect(w.entry(EVENT)).toMatchObject({ attempts: 3, tries: 3 });
  });

  it.each([
    ['has another id', { id: 'another', receives: 1 }, 1000, 1, [5]],
    ['has another id and kept its count', { id: 'another', receives: 58 }, 1000, 1, [5]],
    ['kept its id and its count', { receives: 58 }, 60_000, 4, [1]],
  ])('for good and is redriven is tried anew where it %s', async (_name, received, later, tries, hidden) => {
    const w = world();
    for (let receives = 1; receives <= 3; receives++) await tried(w, refused(), { receives });
    w.clock.now += later;
    expect(await tried(w, refused(), received)).toEqual({ calls: 1, failed: true, hidden });
    expect(w.entry(EVENT)).toMatchObject({ attempts: 4, tries });
  });

  it('for good after it failed otherwise has its three tries', async () => {
    const w = world();
    for (let receives = 1; receives <= 3; receives++) await tried(w, away(), { receives });
    expect((await tried(w, refused(), { receives: 4 })).hidden).toEqual([5]);
    expect(w.entry(EVENT)).toMatchObject({ attempts: 4, tries: 1 });
  });

  it('for a reason that another deployment named is tried', async () => {
    const w = world();
    await tried(w, refused());
    const id = failureId('deliver-crm', EVENT);
    w.items.set(id, { ...w.items.get(id), code: 'A_CODE_OF_TOMORROW', tries: 3 });
    expect(await tried(w, undefined, { receives: 2 })).toMatchObject({ calls: 1, failed: false });
  });
});

describe('the name of a failure', () => {
  it.each([
    ['a vendor’s', refused(), { code: 'SUBSCRIBER_REFUSED', detail: 'crm answered 400' }],
    ['a step’s', new Stop('ROUTE_UNKNOWN', 'tenant t'), { code: 'ROUTE_UNKNOWN', detail: 'tenant t' }],
    ['a contract’s', new Rejected('MESSAGE_MALFORMED', 'seq: missing'), { code: 'MESSAGE_MALFORMED', detail: 'seq: missing' }],
    [
      'the SDK’s',
      Object.assign(new Error('slow down'), { name: 'Throttled', code: 'E' }),
      { code: 'PLATFORM_MESSAGE_FAILED', detail: 'Throttled: slow down' },
    ],
    ['unreadable JSON’s', new SyntaxError('"a secret" is not JSON'), { code: 'PLATFORM_MESSAGE_FAILED', detail: 'SyntaxError' }],
    ['anything’s', 'a text', { code: 'PLATFORM_MESSAGE_FAILED' }],
  ])('is %s', (_name, error, reason) => {
    expect(failureOf(error)).toMatchObject(reason);
  });
});

describe('the wait between two tries', () => {
  it.each([
    [0, 5],
    [4.9, 5],
    [10, 10],
    [899, 899],
    [86_400, LONGEST_WAIT],
  ])('of a message that is %d s old is %d s', (age, wait) => {
    expect(waitAt(age)).toBe(wait);
  });

  it('doubles: each wait makes the message twice as old', () => {
    const waits: number[] = [];
    for (let age = 0; waits.length < 9; age += waits.at(-1) ?? 0) waits.push(waitAt(age));
    expect(waits).toEqual([5, 5, 10, 20, 40, 80, 160, 320, 640]);
  });

  it.each([
    [0, 1],
    [1, 2],
    [3600, 13],
    [12 * 3600, 57],
  ])('so %d seconds take %d tries', (seconds, tries) => {
    expect(triesWithin(seconds)).toBe(tries);
  });
});
