import { describe, expect, it } from 'vitest';
import { stopFor } from '../../lambdas/domain/replay.ts';
import { begin, isWork } from '../../lambdas/functions/operations/replay/begin.ts';
import { accepted, completed, inSeconds, KEY, NOW } from './domain-fixtures.ts';
import { replayWorld, request } from './replay-fixtures.ts';
import { canceled } from './table-fixtures.ts';

const KEYS = Array.from({ length: 300 }, (_, n) => String(n).padStart(20, '0'));
const run = (orderKey: string) => JSON.stringify({ orderKey });
const cause = (n: number) => JSON.stringify({ cause: `acme#erp#product#P${n}` });

/** A dead-letter queue with so many messages that would run. */
function withCauses(count: number) {
  const world = replayWorld();
  for (let n = 0; n < count; n++) world.queues.send('cause-dlq', cause(n), { at: Date.parse(NOW) + n });
  return world;
}

describe('a replay', () => {
  it('sends every message to its queue, and is kept with who, why and what came of each', async () => {
    const world = withCauses(25);
    const id = await world.begin({ queue: 'cause-dlq' });
    await world.workOff();
    expect(world.queues.bodies('cause').toSorted()).toEqual(Array.from({ length: 25 }, (_, n) => cause(n)).toSorted());
    expect(world.queues.bodies('cause-dlq')).toEqual([]);
    expect(await world.replay(id)).toMatchObject({
      ...{ status: 'done', queue: 'cause-dlq', by: 'cli:alice', reason: request.reason, counts: { sent: 25 }, verdicts: { 'would run': 25 } },
    });
    expect(await world.outcomes(id)).toHaveLength(25);
  });

  it('leaves what would be refused where it is, with the reason, and what the filter does not choose', async () => {
    const world = replayWorld(accepted);
    world.queues.send('run-dlq', run(KEY));
    world.queues.send('run-dlq', 'no JSON');
    world.queues.send('run-dlq', run(KEYS[1] ?? ''));
    const id = await world.begin({ queue: 'run-dlq' });
    await world.workOff();
    expect(world.queues.bodies('run')).toEqual([run(KEY)]);
    expect(world.queues.visible('run-dlq')).toEqual(['no JSON', run(KEYS[1] ?? '')]);
    expect((await world.replay(id)).counts).toEqual({ sent: 1, refused: 2 });
    expect((await world.outcomes(id)).map(({ outcome, why }) => [outcome, why])).toEqual(
      expect.arrayContaining([
        ['refused', 'it is neither a quote event nor {orderKey}'],
        ['refused', 'the ledger has no such order'],
      ]),
    );
  });

  it('keeps to its pace', async () => {
    const world = withCauses(100);
    await world.begin({ queue: 'cause-dlq', perSecond: 10 });
    await world.workOff();
    expect(world.clock.seconds).toBeGreaterThanOrEqual(9);
    expect(world.clock.seconds).toBeLessThan(20);
  });

  it('that is a dry run says what would happen, and changes nothing', async () => {
    const world = replayWorld(accepted, { ...completed, orderKey: KEYS[2] ?? '', run: { ...completed.run, active: false }, dueAt: undefined });
    for (const body of [run(KEY), run(KEYS[2] ?? ''), 'no JSON']) world.queues.send('run-dlq', body);
    const id = await world.begin({ queue: 'run-dlq', dryRun: true });
    await world.workOff();
    expect(world.queues.bodies('run')).toEqual([]);
    expect(world.queues.visible('run-dlq')).toHaveLength(3);
    expect(await world.replay(id)).toMatchObject({
      counts: { 'looked at': 3 },
      verdicts: { 'would run': 1, 'already done': 1, 'would be refused': 1 },
    });
  });

  it.each([
    ['tenant', { tenant: 'other' }, [2]],
    ['code', { code: 'SUBSCRIBER_REFUSED' }, [2]],
    ['class', { class: 'platform outage' }, [1]],
    ['order key', { orderKey: KEYS[0] }, [0]],
    ['start', { since: inSeconds(10) }, [2]],
    ['end', { until: inSeconds(10) }, [0, 1]],
    ['all of them', { tenant: 'acme', code: 'SUBSCRIBER_REFUSED' }, []],
  ])('chooses by %s', async (_name, filter, chosen) => {
    const keys = KEYS.slice(0, 3);
    const world = replayWorld(...keys.map((orderKey, n) => ({ ...accepted, orderKey, tenant: n < 2 ? 'acme' : 'other' })));
    for (const key of keys) world.queues.send('run-dlq', run(key), { at: Date.parse(NOW) });
    world.note('run', run(keys[1] ?? ''), { code: 'PLATFORM_STEP_DIED' });
    world.note('run', run(keys[2] ?? ''), { code: 'SUBSCRIBER_REFUSED', at: inSeconds(10) });
    world.clock.seconds = 20;
    const id = await world.begin({ queue: 'run-dlq', filter });
    await world.workOff();
    expect(world.queues.bodies('run')).toEqual(chosen.map((n) => run(keys[n] ?? '')));
    expect(world.queues.visible('run-dlq')).toHaveLength(3 - chosen.length);
    expect((await world.replay(id)).counts['not chosen'] ?? 0).toBe(3 - chosen.length);
  });

  it('of the rules of a bus sends to the queue that the rule was for, and nowhere else', async () => {
    const world = replayWorld();
    const from = (target: string) => ({
      RULE_ARN: { DataType: 'String', StringValue: 'arn:aws:events:eu-central-1:123456789012:rule/quotebridge-test-business/quotes' },
      TARGET_ARN: { DataType: 'String', StringValue: `arn:aws:sqs:eu-central-1:123456789012:${target}` },
    });
    world.queues.send('business-rule-dlq', cause(1), { attributes: from('quotebridge-test-cause') });
    world.queues.send('business-rule-dlq', cause(2), { attributes: from('quotebridge-other-cause') });
    world.queues.send('business-rule-dlq', cause(3));
    const id = await world.begin({ queue: 'business-rule-dlq' });
    await world.workOff();
    expect(world.queues.bodies('cause')).toEqual([cause(1)]);
    expect(world.queues.visible('business-rule-dlq')).toEqual([cause(2), cause(3)]);
    expect((await world.outcomes(id)).map(({ why }) => why).toSorted()).toEqual([
      'it does not say which target it was for (TARGET_ARN)',
      'its target quotebridge-other-cause is no queue of this stage',
      'whoever waits for an older mapping is woken',
    ]);
  });

  it('does not end while messages are in flight that it does not hold itself', async () => {
    const world = withCauses(3);
    const seen = await world.deps.queues.receive('cause-dlq', 30, 2);
    const { pause } = world.deps;
    Object.assign(world.deps, {
      pause: async (milliseconds: number) => {
        await pause(milliseconds);
        await world.deps.queues.hide(
          'cause-dlq',
          seen.map(({ ReceiptHandle = '' }) => ReceiptHandle),
          0,
        );
      },
    });
    await world.begin({ queue: 'cause-dlq' });
    await world.workOff();
    expect(world.queues.bodies('cause')).toHaveLength(3);
  });
});

describe('a replay whose function dies', () => {
  it.each([
    ['before it sends', 'SendMessageBatchCommand', 2],
    ['between sending and deleting', 'DeleteMessageBatchCommand', 1],
  ])('%s loses no message and goes on where it was, its audit complete', async (_name, command, nth) => {
    const world = withCauses(25);
    const id = await world.begin({ queue: 'cause-dlq', perSecond: 50 });
    world.queues.failOn(command, nth);
    await expect(world.workOff()).rejects.toThrow('fails');
    world.clock.seconds += 90;
    await world.work(id);
    await world.workOff();
    expect(new Set(world.queues.bodies('cause')).size).toBe(25);
    expect(world.queues.bodies('cause-dlq')).toEqual([]);
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { sent: 25 } });
    expect(await world.outcomes(id)).toHaveLength(25);
  });

  it('before an outcome is written sends again rather than not at all', async () => {
    const world = withCauses(1);
    const id = await world.begin({ queue: 'cause-dlq' });
    world.table.conflicts.push({ error: new Error('not this one') });
    await expect(world.workOff()).rejects.toThrow('not this one');
    const claimed = world.table.log.writes;
    expect(claimed).toBeGreaterThan(0);
    world.clock.seconds += 90;
    await world.work(id);
    await world.workOff();
    expect((await world.replay(id)).counts).toEqual({ sent: 1 });
    expect(world.queues.bodies('cause-dlq')).toEqual([]);
  });

  it('again and again fails, says so, and gives the queue free', async () => {
    const world = withCauses(5);
    const id = await world.begin({ queue: 'cause-dlq' });
    for (let n = 0; n < 4; n++) {
      world.queues.failOn('ReceiveMessageCommand', 1);
      await expect(world.work(id)).rejects.toThrow('fails');
      world.clock.seconds += 90;
    }
    await world.work(id);
    expect(await world.replay(id)).toMatchObject({ status: 'failed', why: expect.stringContaining('logs of operations-replay') });
    await expect(world.begin({ queue: 'cause-dlq' })).resolves.toBeTypeOf('string');
  });

  it('before its record was written counts what it holds back by what it wrote of each message', async () => {
    const world = withCauses(25);
    const id = await world.begin({ queue: 'cause-dlq', dryRun: true, perSecond: 50 });
    const { receive } = world.deps.queues;
    const { send } = world.table.client;
    let calls = 0;
    const dies = async (...input: Parameters<typeof receive>) => {
      calls += 1;
      if (calls !== 3) return receive(...input);
      world.table.client.send = () => Promise.reject(new Error('it is dead'));
      throw new Error('it dies');
    };
    Object.assign(world.deps, { queues: { ...world.deps.queues, receive: dies } });
    await expect(world.workOff()).rejects.toThrow('it dies');
    world.table.client.send = send;
    world.clock.seconds = 90;
    await world.work(id);
    expect(world.clock.seconds).toBeLessThan(95);
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { 'looked at': 25 } });
    expect(world.queues.visible('cause-dlq')).toHaveLength(25);
  });

  it('again and again shows what it has hidden, and counts it, before it fails', async () => {
    const world = withCauses(25);
    const id = await world.begin({ queue: 'cause-dlq', dryRun: true });
    const { failures } = world.deps;
    let settles = false;
    const readAll = async (ids: readonly string[]) => {
      settles ||= ids.length === 0;
      if (settles) throw new Error('the table does not answer');
      return failures.readAll(ids);
    };
    Object.assign(world.deps, { failures: { readAll } });
    for (let n = 0; n < 4; n++) {
      await expect(world.work(id)).rejects.toThrow('does not answer');
      world.clock.seconds += 90;
    }
    await world.work(id);
    expect(await world.replay(id)).toMatchObject({ status: 'failed', counts: { 'looked at': 25 }, verdicts: { 'would run': 25 } });
    expect(world.queues.visible('cause-dlq')).toHaveLength(25);
    expect((await world.outcomes(id)).some(({ handle }) => handle !== undefined)).toBe(false);
  });

  it('and that was given up counts to the end, in more than one invocation', async () => {
    const world = withCauses(250);
    const id = await world.begin({ queue: 'cause-dlq', dryRun: true });
    await world.workOff();
    world.table.put({ pk: 'RP', sk: id, ...(await world.replay(id)), status: 'running', phase: 'send', tries: 4 });
    world.table.put({ pk: 'RP#ACTIVE', sk: 'cause-dlq', replay: id });
    world.clock.seconds += 90;
    world.invocation.left = 0;
    await world.work(id);
    expect(await world.replay(id)).toMatchObject({ status: 'running', counts: { 'looked at': 100 } });
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({ status: 'failed', counts: { 'looked at': 250 } });
  });

  it('has one chain of messages: a second one is dropped while the first is at work', async () => {
    const world = withCauses(5);
    const id = await world.begin({ queue: 'cause-dlq' });
    const { receive } = world.deps.queues;
    const seen: unknown[] = [];
    const slowly = async (...input: Parameters<typeof receive>) => {
      seen.push(await world.work(id, 'another').catch((error: Error) => error.name));
      seen.push(await world.work(id).catch((error: Error) => error.name));
      return receive(...input);
    };
    Object.assign(world.deps, { queues: { ...world.deps.queues, receive: slowly } });
    await world.workOff();
    // The same message once more is what goes on if the first dies, so that one is kept.
    expect(new Set(seen)).toEqual(new Set([undefined, 'LeaseLost']));
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { sent: 5 } });
  });
});

describe('a replay that takes longer than one invocation', () => {
  it('receives what it leaves once, shows it again, and keeps nothing by which it could be shown', async () => {
    const world = withCauses(400);
    for (let n = 0; n < 400; n += 2) world.note('cause', cause(n), { code: 'PLATFORM_STEP_DIED' });
    const id = await world.begin({ queue: 'cause-dlq', filter: { code: 'PLATFORM_STEP_DIED' }, perSecond: 2 });
    await world.workOff();
    expect(world.clock.seconds).toBeGreaterThan(95);
    expect(world.queues.visible('cause-dlq')).toHaveLength(200);
    expect(new Set(world.queues.receives('cause-dlq'))).toEqual(new Set([1]));
    expect((await world.outcomes(id)).filter(({ handle }) => handle !== undefined)).toEqual([]);
  });

  it('waits as long again after each message that comes back', async () => {
    const world = withCauses(2);
    for (const seconds of [30, 60]) await world.deps.queues.receive('cause-dlq', seconds, 1);
    await world.begin({ queue: 'cause-dlq' });
    await world.workOff(60);
    expect(world.queues.bodies('cause')).toHaveLength(2);
  });

  it('waits for what whoever received it gives back, but not for ever', async () => {
    const world = withCauses(12);
    await world.deps.queues.receive('cause-dlq', 30, 1);
    await world.deps.queues.receive('cause-dlq', 3600, 1);
    const id = await world.begin({ queue: 'cause-dlq' });
    const before = world.clock.seconds;
    Object.assign(world.deps, { left: () => ((world.clock.seconds - before) % 12 < 6 ? 15_000 : 1000) });
    await world.workOff(60);
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { sent: 11 } });
    expect(world.clock.seconds - before).toBeLessThan(120);
  });

  it('hands on, keeps hidden what it leaves, and counts each message once', async () => {
    const world = withCauses(60);
    for (let n = 0; n < 60; n += 2) world.note('cause', cause(n), { code: 'PLATFORM_STEP_DIED' });
    const id = await world.begin({ queue: 'cause-dlq', filter: { code: 'PLATFORM_STEP_DIED' }, perSecond: 50 });
    let pages = 0;
    Object.assign(world.deps, { left: () => (pages++ % 3 === 0 ? 15_000 : pages % 3 === 2 ? 15_000 : 1000) });
    await world.workOff(60);
    expect(world.queues.bodies('cause')).toHaveLength(30);
    expect(world.queues.visible('cause-dlq')).toHaveLength(30);
    expect((await world.replay(id)).counts).toEqual({ sent: 30, 'not chosen': 30 });
  });
});

describe('a replay of messages that fail again', () => {
  it('stops after the first of them, tells which code, and leaves the rest', async () => {
    const world = withCauses(300);
    const { pause } = world.deps;
    Object.assign(world.deps, {
      pause: async (milliseconds: number) => {
        await pause(milliseconds);
        for (const body of world.queues.take('cause'))
          world.note('cause', body, { code: 'SUBSCRIBER_UNAVAILABLE', at: inSeconds(world.clock.seconds) });
      },
    });
    const id = await world.begin({ queue: 'cause-dlq', perSecond: 50 });
    await world.workOff();
    const replay = await world.replay(id);
    expect(replay).toMatchObject({ status: 'stopped', why: expect.stringMatching(/^50 of the last 50 .* SUBSCRIBER_UNAVAILABLE/) });
    expect(replay.counts).toEqual({ 'failed again': 50 });
    expect(world.queues.visible('cause-dlq')).toHaveLength(250);
    expect((await world.outcomes(id)).every(({ failure }) => failure === 'SUBSCRIBER_UNAVAILABLE')).toBe(true);
  });

  it('stops also where its consumer first has to work off what stood before', async () => {
    const world = withCauses(300);
    const { pause } = world.deps;
    world.consumer.backlog = () => (world.clock.seconds < 20 ? 280 : 0);
    Object.assign(world.deps, {
      pause: async (milliseconds: number) => {
        await pause(milliseconds);
        if (world.clock.seconds < 18) return;
        for (const body of world.queues.take('cause')) world.note('cause', body, { code: 'SUBSCRIBER_REFUSED', at: inSeconds(world.clock.seconds) });
      },
      left: () => (world.clock.seconds % 12 < 9 ? 15_000 : 1000),
    });
    const id = await world.begin({ queue: 'cause-dlq', perSecond: 50 });
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({ status: 'stopped', counts: { 'failed again': 50 } });
    expect(world.queues.visible('cause-dlq')).toHaveLength(250);
  });

  it('does not wait for ever for its consumer, and says how many are not handled', async () => {
    const world = withCauses(3);
    world.consumer.backlog = () => 280;
    const id = await world.begin({ queue: 'cause-dlq' });
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { sent: 3 }, unhandled: 3 });
    expect(world.clock.seconds).toBeLessThan(45);
  });

  it('goes on when its cause is gone, under the same record', async () => {
    const world = withCauses(100);
    const { pause } = world.deps;
    const ill = async (milliseconds: number) => {
      await pause(milliseconds);
      for (const body of world.queues.take('cause')) world.note('cause', body, { code: 'SUBSCRIBER_REFUSED', at: inSeconds(world.clock.seconds) });
    };
    Object.assign(world.deps, { pause: ill });
    const id = await world.begin({ queue: 'cause-dlq', perSecond: 50 });
    await world.workOff();
    Object.assign(world.deps, { pause });
    expect(await world.resume(id, { by: 'cli:bob', reason: 'it is well again' })).toBe(id);
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({
      by: 'cli:alice',
      resumed: [{ by: 'cli:bob', reason: 'it is well again', at: expect.any(String) }],
    });
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { 'failed again': 50, sent: 50 } });
    expect((await world.replay(id)).why).toBeUndefined();
  });

  it('counts each message once when it goes on, and judges it by the last time', async () => {
    const world = withCauses(100);
    const { pause } = world.deps;
    Object.assign(world.deps, {
      pause: async (milliseconds: number) => {
        await pause(milliseconds);
        for (const body of world.queues.take('cause')) {
          world.note('cause', body, { code: 'SUBSCRIBER_REFUSED', at: inSeconds(world.clock.seconds) });
          world.queues.send('cause-dlq', body);
        }
      },
    });
    const id = await world.begin({ queue: 'cause-dlq', perSecond: 50 });
    await world.workOff();
    const stopped = await world.replay(id);
    expect(stopped.status).toBe('stopped');
    Object.assign(world.deps, { pause });
    await world.resume(id, {});
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { sent: 100 }, verdicts: { 'would run': 100 } });
    const again = (await world.outcomes(id)).filter(({ outcome }) => outcome === 'sent again');
    expect(again).toHaveLength(stopped.counts['failed again'] ?? 0);
    expect(again[0]).toMatchObject({ failure: 'SUBSCRIBER_REFUSED' });
  });

  it('is tried with a few first when it goes on, too', async () => {
    const world = withCauses(300);
    const { pause } = world.deps;
    Object.assign(world.deps, {
      pause: async (milliseconds: number) => {
        await pause(milliseconds);
        for (const body of world.queues.take('cause')) world.note('cause', body, { code: 'SUBSCRIBER_REFUSED', at: inSeconds(world.clock.seconds) });
      },
    });
    const id = await world.begin({ queue: 'cause-dlq', perSecond: 50 });
    await world.workOff();
    // Some that were sent did not fail.
    world.table.put({ pk: 'RP', sk: id, ...(await world.replay(id)), counts: { sent: 60, 'failed again': 50 } });
    await world.resume(id, {});
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({ status: 'stopped', counts: { 'failed again': 100 } });
    expect(world.queues.visible('cause-dlq')).toHaveLength(200);
  });

  it('sends what has come back when somebody has it go on', async () => {
    const world = withCauses(60);
    const { pause } = world.deps;
    const ill = async (milliseconds: number) => {
      await pause(milliseconds);
      for (const body of world.queues.take('cause')) {
        world.note('cause', body, { code: 'SUBSCRIBER_REFUSED', at: inSeconds(world.clock.seconds) });
        world.queues.send('cause-dlq', body);
      }
    };
    Object.assign(world.deps, { pause: ill });
    const id = await world.begin({ queue: 'cause-dlq', perSecond: 50 });
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({ status: 'stopped' });
    Object.assign(world.deps, { pause });
    await world.resume(id, {});
    await world.workOff();
    expect(new Set(world.queues.bodies('cause')).size).toBe(60);
    expect(world.queues.bodies('cause-dlq')).toEqual([]);
  });

  it('leaves alone what comes back while it is at work', async () => {
    const world = withCauses(200);
    const { pause } = world.deps;
    const back: { body: string; at: number }[] = [];
    let sent = 0;
    Object.assign(world.deps, {
      pause: async (milliseconds: number) => {
        await pause(milliseconds);
        for (const body of world.queues.take('cause')) {
          sent += 1;
          if (Number(/\d+/.exec(body)?.[0]) % 7 !== 0) continue;
          world.note('cause', body, { code: 'MESSAGE_MALFORMED', at: inSeconds(world.clock.seconds) });
          back.push({ body, at: world.clock.seconds + 12 });
        }
        while (back[0] && back[0].at <= world.clock.seconds) world.queues.send('cause-dlq', back.shift()?.body ?? '');
      },
    });
    const id = await world.begin({ queue: 'cause-dlq', perSecond: 1 });
    await world.workOff();
    await pause(15_000);
    expect(await world.replay(id)).toMatchObject({ status: 'done' });
    expect(sent).toBe(200);
    expect((await world.replay(id)).counts).toMatchObject({ 'failed again': 29 });
  });

  it('bears a few failures', async () => {
    const world = withCauses(100);
    const { pause } = world.deps;
    Object.assign(world.deps, {
      pause: async (milliseconds: number) => {
        await pause(milliseconds);
        for (const n of [1, 2, 3, 4]) world.note('cause', cause(n), { code: 'SUBSCRIBER_REFUSED', at: inSeconds(world.clock.seconds) });
      },
    });
    const id = await world.begin({ queue: 'cause-dlq', perSecond: 50 });
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { sent: 96, 'failed again': 4 } });
  });
});

it('too much has failed again where it is more than a fifth, and no single ones', () => {
  const failed = (count: number) => Array.from({ length: count }, () => 'SUBSCRIBER_REFUSED' as const);
  expect([stopFor(100, failed(20)), stopFor(4, failed(4))]).toEqual([undefined, undefined]);
  expect(stopFor(100, failed(21))).toMatch('21 of the last 100');
  expect(stopFor(5, failed(5))).toMatch('5 of the last 5');
});

describe('what is asked of the replay function', () => {
  it.each([
    ['a queue that is not there', { queue: 'run' }, /no dead-letter queue run; there are intake-dlq,.*business-rule-dlq/],
    ['the dead letters of the stream', { queue: 'publish-stream-dlq' }, /republish/],
    ['two things at once', { queue: 'run-dlq', resume: '20260101T120000-0000' }, /exactly one of/],
    ['nothing', {}, /exactly one of/],
    ['no reason', { queue: 'run-dlq', reason: ' ' }, /reason/],
    ['an option that is not there', { queue: 'run-dlq', dryrun: true }, /dryrun/],
    ['a replay that is not there', { resume: '20260101T120000-0000', perSecond: undefined }, /no replay/],
    ['a subscriber that is not there', { republish: { orderKey: KEY, subscriber: 'x' } }, /no subscriber x; there are billing, analytics/],
    ['an order that is not there', { republish: { orderKey: KEYS[1] } }, /no order/],
    ['a name that every object has', { republish: { orderKey: KEY, subscriber: 'constructor' } }, /no subscriber constructor/],
    ['facts of everything', { republish: {} }, /exactly one of orderKey and since/],
    ['a filter of facts', { republish: { since: NOW }, filter: { tenant: 'acme' } }, /filter chooses dead letters/],
    ['facts of before all orders', { republish: { since: '1950-01-01T00:00:00Z' } }, /2020/],
    ['an end before the start', { queue: 'run-dlq', filter: { since: inSeconds(10), until: inSeconds(10) } }, /since has to be before until/],
    ['a code of another class', { queue: 'run-dlq', filter: { code: 'ERP_UNAVAILABLE', class: 'data quality' } }, /ERP_UNAVAILABLE is of the class/],
  ])('%s is refused with what is right', async (_name, input, message) => {
    const world = replayWorld();
    await expect(world.begin(input)).rejects.toMatchObject({ name: 'ReplayRefused', message: expect.stringMatching(message) });
    expect(world.queues.bodies('replay')).toEqual([]);
  });

  it.each([[null], ['x'], [[]], [{ Records: 'x' }], [5]])('%o, which is no request, is refused', async (input) => {
    expect(isWork(input)).toBe(false);
    await expect(begin(replayWorld().deps, input)).rejects.toMatchObject({ name: 'ReplayRefused' });
  });

  it('messages of its queue are work', () => {
    expect(isWork({ Records: [] })).toBe(true);
  });

  it.each([{ dryRun: true }, { filter: { tenant: 'acme' } }, { perSecond: 5 }, { dryRun: false }])(
    'to resume otherwise than it was begun (%o) is refused',
    async (more) => {
      const world = withCauses(1);
      const id = await world.begin({ queue: 'cause-dlq' });
      await expect(world.resume(id, more)).rejects.toMatchObject({
        name: 'ReplayRefused',
        message: expect.stringMatching(/goes on as it was begun/),
      });
      expect(world.queues.bodies('replay')).toHaveLength(1);
    },
  );

  it('who sends a replay on that is at work is kept too', async () => {
    const world = withCauses(1);
    const id = await world.begin({ queue: 'cause-dlq' });
    world.queues.take('replay');
    await world.resume(id, { by: 'cli:bob', reason: 'its message was lost' });
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({ status: 'done', resumed: [{ by: 'cli:bob', reason: 'its message was lost' }] });
  });

  it('to resume one that is at work is refused', async () => {
    const world = withCauses(5);
    const id = await world.begin({ queue: 'cause-dlq' });
    const { receive } = world.deps.queues;
    const seen: unknown[] = [];
    const slowly = async (...input: Parameters<typeof receive>) => {
      seen.push(await world.resume(id, {}).catch((error: Error) => error.message));
      return receive(...input);
    };
    Object.assign(world.deps, { queues: { ...world.deps.queues, receive: slowly } });
    await world.workOff();
    expect(seen[0]).toMatch(`replay ${id} of cause-dlq is running`);
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { sent: 5 } });
  });

  it('nothing but the queue is sent at a pace of 50 a second', async () => {
    const world = withCauses(1);
    const id = await world.begin({ queue: 'cause-dlq', perSecond: undefined });
    expect(await world.replay(id)).toMatchObject({ perSecond: 50, dryRun: false, filter: {} });
  });

  it('a second replay of the same queue is refused and names the first; of another queue it is not', async () => {
    const world = withCauses(1);
    const id = await world.begin({ queue: 'cause-dlq' });
    await expect(world.begin({ queue: 'cause-dlq' })).rejects.toMatchObject({
      name: 'ReplayRefused',
      message: expect.stringMatching(new RegExp(`^replay ${id} of cause-dlq is queued, begun by cli:alice`)),
    });
    await world.begin({ queue: 'run-dlq' });
    await world.workOff();
    await expect(world.begin({ queue: 'cause-dlq' })).resolves.toBeTypeOf('string');
  });

  it('a replay whose message was lost blocks its queue no longer than a quarter of an hour', async () => {
    const world = withCauses(1);
    const id = await world.begin({ queue: 'cause-dlq' });
    world.queues.take('replay');
    world.clock.seconds += 14 * 60;
    await expect(world.begin({ queue: 'cause-dlq' })).rejects.toThrow(id);
    world.clock.seconds += 2 * 60;
    const second = await world.begin({ queue: 'cause-dlq' });
    expect(await world.replay(id)).toMatchObject({ status: 'failed', why: 'nobody went on with it' });
    await world.workOff();
    expect(await world.replay(second)).toMatchObject({ status: 'done' });
  });

  it('a replay that was given up while its message is claimed stays given up, and does not free the queue of its successor', async () => {
    const world = withCauses(1);
    const first = await world.begin({ queue: 'cause-dlq' });
    const [message = ''] = world.queues.take('replay');
    world.clock.seconds += 16 * 60;
    const { send } = world.table.client;
    let second = '';
    world.table.client.send = (async (command: { input: { Key?: { sk?: string } } }) => {
      const answer = await (send as (command: unknown) => Promise<unknown>)(command);
      if (second === '' && command.input.Key?.sk === first) {
        second = 'begins';
        second = await world.begin({ queue: 'cause-dlq' });
      }
      return answer;
    }) as typeof send;
    await expect(world.work((JSON.parse(message) as { replay: string }).replay)).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(await world.replay(first)).toMatchObject({ status: 'failed' });
    await expect(world.begin({ queue: 'cause-dlq' })).rejects.toThrow(second);
  });

  it('the invocation of a replay that was given up writes nothing any more', async () => {
    const world = withCauses(30);
    const id = await world.begin({ queue: 'cause-dlq' });
    const { receive } = world.deps.queues;
    let second = '';
    const late = async (...input: Parameters<typeof receive>) => {
      if (second === '') {
        second = 'begins';
        world.clock.seconds += 20 * 60;
        second = await world.begin({ queue: 'cause-dlq' });
      }
      return receive(...input);
    };
    Object.assign(world.deps, { queues: { ...world.deps.queues, receive: late } });
    await expect(world.workOff()).rejects.toMatchObject({ name: 'LeaseLost' });
    expect(await world.replay(id)).toMatchObject({ status: 'failed', why: 'nobody went on with it' });
    await expect(world.begin({ queue: 'cause-dlq' })).rejects.toThrow(second);
  });

  it('a lock that is given free while it is asked for is taken', async () => {
    const world = withCauses(1);
    const first = await world.begin({ queue: 'cause-dlq' });
    world.table.conflicts.push({
      error: canceled('None', 'ConditionalCheckFailed'),
      meanwhile: () => world.table.put({ pk: 'RP#ACTIVE', sk: 'cause-dlq' }),
    });
    await expect(world.begin({ queue: 'cause-dlq' })).resolves.not.toBe(first);
  });

  it('a replay whose message cannot be sent does not stay open', async () => {
    const world = withCauses(1);
    world.queues.failOn('SendMessageBatchCommand', 1);
    await expect(world.begin({ queue: 'cause-dlq' })).rejects.toThrow('fails');
    await expect(world.begin({ queue: 'cause-dlq' })).resolves.toBeTypeOf('string');
  });
});

describe('facts that go out again', () => {
  async function withFacts(...keys: string[]) {
    const world = replayWorld(...keys.map((orderKey) => ({ ...accepted, orderKey })));
    for (const key of keys)
      for (const type of ['order.parked.v1', 'order.completed.v1'] as const)
        await world.ledger.change(key, (head) => ({ next: head, fact: { type, actor: 'system' }, answer: null }));
    return world;
  }
  const [A, B] = [KEYS[1] ?? '', KEYS[2] ?? ''];

  it('of one order have the ids that they always had, and go to all', async () => {
    const world = await withFacts(A, B);
    const id = await world.begin({ republish: { orderKey: A } });
    await world.workOff();
    expect(world.published.map((event) => event.id)).toEqual([`${A}:2`, `${A}:3`]);
    expect(await world.replay(id)).toMatchObject({ status: 'done', queue: 'business', counts: { sent: 1 } });
    expect(await world.outcomes(id)).toMatchObject([{ id: A, outcome: 'sent', events: 2 }]);
  });

  it('to one subscriber go into its queue as the rule would put them there, and only those it wants', async () => {
    const world = await withFacts(A);
    await world.begin({ republish: { orderKey: A, subscriber: 'analytics' } });
    await world.workOff();
    expect(world.published).toEqual([]);
    expect(world.queues.bodies('deliver-billing')).toEqual([]);
    expect(world.queues.bodies('deliver-analytics').map((body) => JSON.parse(body))).toMatchObject([
      { 'detail-type': 'order.completed.v1', source: 'quotebridge', account: '123456789012', detail: { id: `${A}:3`, type: 'order.completed.v1' } },
    ]);
  });

  it('to the CPQ go into the queue of its write-back, all of them', async () => {
    const world = await withFacts(A);
    const id = await world.begin({ republish: { orderKey: A, subscriber: 'cpq' } });
    await world.workOff();
    expect(world.queues.bodies('deliver-cpq').map((body) => JSON.parse(body).detail.id)).toEqual([`${A}:2`, `${A}:3`]);
    expect(await world.replay(id)).toMatchObject({ status: 'done', queue: 'deliver-cpq' });
  });

  it('since a time are those of orders that were accepted before, too; a dry run only counts', async () => {
    const world = await withFacts(A, B);
    world.clock.seconds = 20 * 86_400;
    await world.ledger.change(B, (head) => ({ next: head, fact: { type: 'order.parked.v1', actor: 'system' }, answer: null }));
    const dry = await world.begin({ republish: { since: inSeconds(86_400) }, dryRun: true });
    await world.workOff();
    expect(world.published).toEqual([]);
    expect(await world.outcomes(dry)).toMatchObject([{ id: B, outcome: 'looked at', events: 1 }]);
    await world.begin({ republish: { since: inSeconds(86_400) } });
    await world.workOff();
    expect(world.published.map((event) => event.id)).toEqual([`${B}:4`]);
  });

  it('since a time are also those of orders that wait for months', async () => {
    const world = await withFacts(A, B);
    world.clock.seconds = 90 * 86_400;
    for (const type of ['order.resumed.v1', 'order.parked.v1'] as const)
      await world.ledger.change(A, (head) => ({ next: head, fact: { type, actor: 'system' }, answer: null }));
    world.invocation.left = 0;
    const id = await world.begin({ republish: { since: inSeconds(89 * 86_400) } });
    await world.workOff(60);
    expect(world.published.map((event) => event.id)).toEqual([`${A}:4`, `${A}:5`]);
    expect((await world.replay(id)).counts).toEqual({ sent: 1 });
  });

  it('go on from order to order when the time is up', async () => {
    const world = await withFacts(...KEYS.slice(0, 12));
    world.invocation.left = 0;
    const id = await world.begin({ republish: { since: NOW } });
    await world.workOff(60);
    expect(new Set(world.published.map((event) => event.id)).size).toBe(24);
    expect(world.published).toHaveLength(24);
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { sent: 12 } });
  });

  it('since long ago go through days without orders in more than one invocation', async () => {
    const world = await withFacts(A);
    const id = await world.begin({ republish: { since: '2024-01-01T00:00:00Z' }, dryRun: true });
    let asked = 0;
    Object.assign(world.deps, { left: () => (++asked % 200 === 0 ? 1000 : 15_000) });
    world.queues.take('replay');
    await world.work(id);
    expect(await world.replay(id)).toMatchObject({ status: 'running', cursor: expect.stringMatching(/^2024/) });
    await world.workOff();
    expect(await world.replay(id)).toMatchObject({ status: 'done', counts: { 'looked at': 1 } });
  });
});
