import { randomInt } from 'node:crypto';
import { expect, test } from 'vitest';
import { run } from '../../cli/program.ts';
import type { CloudEvent } from '../../contracts/envelope.ts';
import type { Outcome, Replay } from '../../lambdas/domain/replay.ts';
import { alone } from '../support/alone.ts';
import { tapBusinessBus } from '../support/bus-tap.ts';
import { simulator } from '../support/erps.ts';
import { fromBusinessRule } from '../support/from-rule.ts';
import { killCaller } from '../support/function-process.ts';
import { createDeadLetters } from '../support/given-up.ts';
import { intercept } from '../support/intercept.ts';
import { poll } from '../support/poll.ts';
import { inbound, northwindQuote } from '../support/quotes.ts';
import { everySubscriberAgrees, receiverState, subscribers } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();
const dead = createDeadLetters(stage);

/** Runs the CLI as an operator does. */
async function quotebridge(...args: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await run(args, { out: (text) => void out.push(text), err: (text) => void err.push(text) });
  return { code, out: out.join(''), err: err.join('') };
}

/** The data of a command. */
async function data<T>(...args: string[]): Promise<T & { code: number }> {
  const { code, out, err } = await quotebridge(...args, '--json');
  if (out === '') throw new Error(`quotebridge ${args.join(' ')}: ${err}`);
  return { ...(JSON.parse(out) as T), code };
}

interface Done {
  readonly replay: Replay;
  readonly outcomes: readonly Outcome[];
}
const replayOf = (queue: string, ...options: string[]) => data<Done>('dlq', 'replay', queue, '--reason', 'a test', '--wait', ...options);

/** An order of this tenant that is done, and everybody knows it. */
async function completedOrder(name: string) {
  const tenant = createTenant(stage, name, simulator);
  const quote = northwindQuote(1);
  await tenant.prepare(quote);
  const orderKey = await tenant.accept(quote);
  await tenant.untilState(orderKey, 'completed');
  await everySubscriberAgrees(stage, [name]);
  return { tenant, quote, orderKey, facts: await tenant.facts(orderKey) };
}

/** The same event of another order, which no subscriber has heard of. */
function ofAnotherOrder(event: CloudEvent<unknown>, tenant: string): CloudEvent<unknown> & { key: string } {
  const key = String(randomInt(1e12)).padStart(20, '0');
  const { data: snapshot } = event as CloudEvent<{ sequence: number }>;
  return { ...event, key, tenant, id: `${key}:${snapshot.sequence}`, subject: key, data: { ...snapshot, orderKey: key } };
}

const known = async (subscriber: string, orderKey: string) => (await receiverState(subscriber)).orders[orderKey];

test('an operator looks at dead letters, tries, and replays those of one tenant and one cause', async () => {
  const { facts } = await completedOrder('t49');
  const last = facts.at(-1) as CloudEvent<unknown>;
  const [refused, away, other] = [ofAnotherOrder(last, 't49'), ofAnotherOrder(last, 't49'), ofAnotherOrder(last, 't50')] as const;
  const queue = 'deliver-provisioning-dlq';
  const bodies = [refused, away, other].map(fromBusinessRule);
  await dead.put(queue, [bodies[0] ?? '', bodies[2] ?? ''], 'SUBSCRIBER_REFUSED');
  await dead.put(queue, [bodies[1] ?? ''], 'SUBSCRIBER_UNAVAILABLE');

  const { queues } = await data<{ queues: { queue: string; codes: object }[] }>('dlq', 'list');
  expect(queues.find((one) => one.queue === queue)?.codes).toMatchObject({ SUBSCRIBER_REFUSED: 2, SUBSCRIBER_UNAVAILABLE: 1 });
  const { messages } = await data<{ messages: { orderKey: string }[] }>('dlq', 'peek', queue);
  expect(messages.find(({ orderKey }) => orderKey === refused.key)).toMatchObject({
    ...{ tenant: 't49', code: 'SUBSCRIBER_REFUSED', class: 'downstream dependency', attempts: 1, target: 'deliver-provisioning' },
    verdict: { verdict: 'would run' },
  });

  const chosen = ['--tenant', 't49', '--code', 'SUBSCRIBER_REFUSED'];
  const dry = await replayOf(queue, ...chosen, '--dry-run');
  expect(dry.outcomes.map(({ outcome, verdict, orderKey }) => [outcome, verdict, orderKey])).toEqual([['looked at', 'would run', refused.key]]);
  expect((await dead.left(queue, bodies)).toSorted()).toEqual(bodies.toSorted());
  expect(await known('provisioning', refused.key)).toBeUndefined();

  const done = await replayOf(queue, ...chosen);
  // Where other tests keep its consumer busy, the replay says that not all is handled yet.
  expect(done).toMatchObject({
    code: done.replay.unhandled ? 1 : 0,
    replay: { status: 'done', counts: { sent: 1 }, reason: 'a test', by: expect.stringMatching(/^cli:/) },
  });
  await poll('the subscriber has it', () => known('provisioning', refused.key), { seconds: 60 });
  expect((await dead.left(queue, bodies)).toSorted()).toEqual(bodies.slice(1).toSorted());

  await replayOf(queue, '--tenant', 't49');
  await replayOf(queue, '--order', other.key);
  expect(await dead.left(queue, bodies)).toEqual([]);
  for (const { key } of [away, other]) await poll('the subscriber has it', () => known('provisioning', key), { seconds: 60 });
  expect((await data<Done>('replays', 'show', done.replay.id)).outcomes).toMatchObject([{ orderKey: refused.key, outcome: 'sent' }]);
  expect((await data<{ replays: Replay[] }>('replays', 'list')).replays.map(({ id }) => id)).toEqual(
    expect.arrayContaining([dry.replay.id, done.replay.id]),
  );
});

test('what an order went through, replayed from every queue on its way, changes nothing', async () => {
  const { tenant, quote, orderKey, facts } = await completedOrder('t50');
  const before = await Promise.all(subscribers().map((name) => known(name, orderKey)));
  const way: [string, string][] = [
    ['intake-dlq', JSON.stringify(inbound(tenant.event(quote)))],
    ['run-dlq', JSON.stringify({ orderKey })],
    ['publish-retry-dlq', JSON.stringify({ orderKey, seq: 2 })],
    ...facts.map((event): [string, string] => ['deliver-billing-dlq', fromBusinessRule(event)]),
  ];
  for (const [queue, messages] of Map.groupBy(way, ([name]) => name)) {
    const { replay, outcomes } = await alone(queue, async () => {
      await dead.put(
        queue,
        messages.map(([, body]) => body),
      );
      return replayOf(queue, '--order', orderKey);
    });
    expect(replay.status).toBe('done');
    for (const { verdict } of outcomes) expect(verdict).toBe(queue === 'publish-retry-dlq' ? 'would run' : 'already done');
    expect(replay.counts.sent).toBe(messages.length);
  }
  await poll('the starter has nothing left', async () => (await dead.queues.depth('run')).visible === 0, { seconds: 60 });
  expect(await simulator.count(orderKey)).toBe(1);
  expect(await tenant.facts(orderKey)).toEqual(facts);
  expect(await Promise.all(subscribers().map((name) => known(name, orderKey)))).toEqual(before);
});

test('a message that nobody can read stays where it is, with the reason', async () => {
  const body = `not JSON ${randomInt(1e9)}`;
  await alone('cause-dlq', async () => {
    await dead.put('cause', [body]);
    await poll('it was given up', async () => (await dead.left('cause-dlq', [body])).length === 1, { seconds: 120, every: 2000 });
    try {
      const { messages } = await data<{ messages: { id: string; body: string }[] }>('dlq', 'peek', 'cause-dlq', '--limit', '100', '--body');
      const mine = messages.find((message) => message.body === body);
      expect(mine).toMatchObject({ code: 'MESSAGE_MALFORMED', attempts: 3, verdict: { verdict: 'would be refused', code: 'MESSAGE_MALFORMED' } });
      const { outcomes, code } = await replayOf('cause-dlq', '--code', 'MESSAGE_MALFORMED');
      expect(outcomes.find(({ id }) => id === mine?.id)).toMatchObject({ outcome: 'refused', why: 'it names no cause' });
      expect([code, await dead.left('cause-dlq', [body])]).toEqual([1, [body]]);
    } finally {
      await dead.remove('cause-dlq', [body]);
    }
  });
});

test('what a rule could not deliver, in the shape in which AWS keeps it, goes to the queue that it was for', async () => {
  const tenant = createTenant(stage, 't51', simulator);
  const quote = northwindQuote(2);
  await tenant.prepare(quote);
  const orderKey = tenant.keyOf(quote);
  const event = tenant.event(quote) as CloudEvent<{ quote: object; acceptedAt: string }>;
  const { quote: header, acceptedAt } = event.data;
  const document = await stage.documents.storeQuote('t51', orderKey, { ...quote.header, cpq: 'canonical', ...quote.content });
  const body = fromBusinessRule({ ...event, data: { quote: header, acceptedAt, document } });
  const of = (target: string) => ({
    RULE_ARN: 'arn:aws:events:us-east-1:000000000000:rule/quotebridge-local-business/quotebridge-local-quotes',
    TARGET_ARN: `arn:aws:sqs:us-east-1:000000000000:${target}`,
    ...{ ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: 'Access denied', EXHAUSTED_RETRY_CONDITION: 'MaximumEventAgeInSeconds', RETRY_ATTEMPTS: '12' },
  });
  await dead.put('business-rule-dlq', [body], undefined, of('quotebridge-local-run'));
  const { replay } = await replayOf('business-rule-dlq', '--tenant', 't51');
  expect(replay).toMatchObject({ status: 'done', counts: { sent: 1 } });
  await tenant.untilState(orderKey, 'completed');

  await dead.put('business-rule-dlq', [body], undefined, of('somebody-elses-queue'));
  try {
    const { outcomes } = await replayOf('business-rule-dlq', '--tenant', 't51');
    expect(outcomes).toMatchObject([{ outcome: 'refused', why: expect.stringContaining('somebody-elses-queue') }]);
  } finally {
    await dead.remove('business-rule-dlq', [body]);
  }
});

test('of two replays of one queue the second is refused, and says which one is at work', async () => {
  const bodies = Array.from({ length: 10 }, (_, n) => JSON.stringify({ cause: `t52#sim#product#two-${n}` }));
  await alone('cause-dlq', async () => {
    await dead.put('cause-dlq', bodies);
    const first = await data<{ replay: string }>('dlq', 'replay', 'cause', '--reason', 'the first', '--tenant', 't52', '--per-second', '2');
    const second = await quotebridge('dlq', 'replay', 'cause', '--reason', 'the second', '--tenant', 't52');
    expect(second).toMatchObject({ code: 1, out: '' });
    expect(second.err).toContain(`replay ${first.replay} of cause-dlq is`);
    expect(second.err).toContain(`npx quotebridge replays show ${first.replay}`);
    const ended = await poll(
      'the first has ended',
      async () => {
        const shown = await data<Done>('replays', 'show', first.replay);
        return shown.replay.endedAt !== undefined && shown;
      },
      { seconds: 120, every: 500 },
    );
    expect(ended.replay).toMatchObject({ status: 'done', counts: { sent: 10 } });
  });
});

test('facts go out again with the ids they always had, to all or to one, and move nobody', async () => {
  const { tenant, orderKey, facts } = await completedOrder('t52');
  const tap = await tapBusinessBus(stage);
  const ids = facts.map(({ id }) => id).toSorted();
  try {
    const seen = async () => (await tap.events()).filter(({ detail }) => (detail as CloudEvent<unknown>).subject === orderKey);
    await poll('the tap is open', async () => {
      await data('events', 'republish', '--order', orderKey, '--reason', 'a test', '--wait');
      return (await seen()).length >= ids.length;
    });
    expect(new Set((await seen()).map(({ detail }) => (detail as CloudEvent<unknown>).id))).toEqual(new Set(ids));
    const attempts = async () => (await tenant.lineage(orderKey)).deliveries.find(({ subscriber }) => subscriber === 'analytics')?.attempts ?? 0;
    const before = await attempts();
    const { replay } = await data<Done>('events', 'republish', '--order', orderKey, '--subscriber', 'analytics', '--reason', 'a test', '--wait');
    expect(replay).toMatchObject({ status: 'done', queue: 'deliver-analytics', counts: { sent: 1 } });
    await poll('analytics had them again', async () => (await attempts()) >= before + ids.length, { seconds: 90 });
    const since = await data<Done>('events', 'republish', '--since', facts.at(-1)?.time ?? '', '--reason', 'a test', '--dry-run', '--wait');
    expect(since.outcomes.find(({ id }) => id === orderKey)).toMatchObject({ outcome: 'looked at', events: 1 });
  } finally {
    await tap.stop();
  }
  await everySubscriberAgrees(stage, ['t52']);
  expect((await tenant.facts(orderKey)).map(({ id }) => id).toSorted()).toEqual(ids);
});

test('a replay whose function is killed between sending and writing down goes on by itself, with nothing lost and a complete audit', async () => {
  const bodies = Array.from({ length: 25 }, (_, n) => JSON.stringify({ cause: `t52#sim#product#killed-${n}` }));
  await alone('cause-dlq', async () => {
    await dead.put('cause-dlq', bodies);
    const proxy = await intercept(stage, [{ name: 'OperationsReplayFunction' }]);
    try {
      // The second page's outcomes.
      const match = { method: 'DynamoDB.TransactWriteItems', contains: ['RP#', 'whoever waits'] };
      const rule = await proxy.faults.plan({ match, action: 'hold-request', ms: 10_000 });
      const { replay } = await data<{ replay: string }>('dlq', 'replay', 'cause', '--reason', 'it dies', '--tenant', 't52');
      const { clientPort } = await proxy.faults.hit(rule, 60_000);
      killCaller(clientPort, proxy.url);
      await proxy.faults.remove(rule);
      const shown = await poll(
        'the replay has ended',
        async () => {
          const one = await data<Done>('replays', 'show', replay);
          return one.replay.endedAt !== undefined && one;
        },
        { seconds: 240, every: 2000 },
      );
      expect(shown.replay).toMatchObject({ status: 'done', counts: { sent: 25 } });
      expect(shown.outcomes).toHaveLength(25);
      expect(await dead.left('cause-dlq', bodies)).toEqual([]);
    } finally {
      await proxy.stop();
    }
  });
});
