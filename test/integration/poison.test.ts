import { beforeAll, describe, expect, test } from 'vitest';
import type { CloudEvent } from '../../contracts/envelope.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { hashOf, orderKeyOf } from '../../lambdas/domain/identity.ts';
import { NO_TENANT } from '../../lambdas/ledger/quarantine.ts';
import { queueOf } from '../support/dead-letters.ts';
import { simulator } from '../support/erps.ts';
import { fromRule } from '../support/from-rule.ts';
import { poll } from '../support/poll.ts';
import { acceptedEvent, CANONICAL, inbound, northwindQuote } from '../support/quotes.ts';
import { acceptAgain, everySubscriberAgrees, receiverState, refuse } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();
const tenant = createTenant(stage, 't48', simulator);

const mark = hashOf(Math.random());
const nobody = orderKeyOf(mark, mark, mark, 1);
const quoteEvent = { ...acceptedEvent(tenant.name, northwindQuote(1), simulator.region), type: 'quote.accepted.v9' };
const orderEvent = { ...quoteEvent, type: 'order.accepted.v9', data: { orderKey: nobody, sequence: 1 } };
const UNREADABLE: readonly [what: string, queue: string, body: string, code: ErrorCode][] = [
  ['no JSON', 'run', `{"orderKey": "${mark}`, 'MESSAGE_MALFORMED'],
  ['another message', 'run', JSON.stringify({ cause: mark }), 'MESSAGE_MALFORMED'],
  ['an order that nobody knows', 'run', JSON.stringify({ orderKey: nobody }), 'ORDER_UNKNOWN'],
  ['a quote event of an unknown major', 'run', fromRule(inbound(quoteEvent)), 'EVENT_VERSION_UNKNOWN'],
  ['no record', 'cpq', JSON.stringify({ mark }), 'MESSAGE_MALFORMED'],
  ['no cause', 'cause', JSON.stringify({ mark }), 'MESSAGE_MALFORMED'],
  ['a fact that nobody knows', 'publish-retry', JSON.stringify({ orderKey: nobody, seq: 7 }), 'ORDER_UNKNOWN'],
  ['no event', 'deliver-billing', JSON.stringify({ mark }), 'MESSAGE_MALFORMED'],
  ['an order event of an unknown major', 'deliver-billing', fromRule(inbound(orderEvent)), 'EVENT_VERSION_UNKNOWN'],
];

/** It takes them a minute or more to pass through the receives of their queues: all do so at once, whatever test is first. */
beforeAll(async () => {
  await Promise.all(UNREADABLE.map(([, name, body]) => queueOf(stage, name).send(body)));
});

/** A completed order, and its events. */
async function completedOrder() {
  const quote = northwindQuote(1);
  await tenant.prepare(quote);
  const orderKey = await tenant.accept(quote);
  await tenant.untilState(orderKey, 'completed');
  return { orderKey, facts: await tenant.facts(orderKey) };
}

const deliveriesTo = async (orderKey: string, name: string): Promise<number> =>
  (await tenant.lineage(orderKey)).deliveries.find(({ subscriber }) => subscriber === name)?.attempts ?? 0;

describe.concurrent('a message that is refused for good', () => {
  test('is dead after three tries, says whose it is and why, delays no neighbour, and is delivered when it is redriven', async () => {
    const quote = northwindQuote(2);
    await tenant.prepare(quote);
    const orderKey = tenant.keyOf(quote);
    const queue = queueOf(stage, 'deliver-analytics');
    await refuse('analytics', orderKey);
    try {
      await tenant.accept(quote);
      await tenant.untilState(orderKey, 'completed');
      const neighbour = await completedOrder();
      await poll('its neighbour is there', async () => (await receiverState('analytics')).orders[neighbour.orderKey]?.sequence === 5, {
        seconds: 60,
      });
      expect((await receiverState('analytics')).orders[orderKey]).toBeUndefined();

      const letters = await Promise.all([1, 2, 3, 4, 5].map((seq) => queue.untilDead((body) => body.includes(`"${orderKey}:${seq}"`))));
      const bodies = letters.map(({ Body = '' }) => Body);
      for (const body of bodies) {
        const failure = await queue.failure(body);
        expect(failure).toMatchObject({ queue: 'deliver-analytics', code: 'SUBSCRIBER_REFUSED', detail: 'analytics answered 400' });
        expect(failure?.attempts).toBeGreaterThanOrEqual(3); // more, where another test has redriven all that was there
        expect(failure).toMatchObject({ tenant: tenant.name, orderKey, correlationId: expect.any(String) });
        expect(Date.parse(failure?.lastAt ?? '') - Date.parse(failure?.firstAt ?? '')).toBeGreaterThanOrEqual(9000);
      }
      await acceptAgain('analytics', orderKey);
      await queue.redrive(bodies);
      await poll('it was delivered', async () => (await receiverState('analytics')).orders[orderKey]?.sequence === 5, { seconds: 120 });
      await poll('all five were', async () => (await deliveriesTo(orderKey, 'analytics')) >= 5, { seconds: 120 });
    } finally {
      await acceptAgain('analytics', orderKey);
    }
    expect(await everySubscriberAgrees(stage, [tenant.name], 150)).toBeGreaterThan(1);
  });

  test.each(UNREADABLE)('since it is %s on the queue %s is dead by its name', async (_what, name, body, code) => {
    const queue = queueOf(stage, name);
    await queue.untilDead((text) => text === body);
    const failure = await queue.failure(body);
    expect(failure).toMatchObject({ queue: name, code });
    expect(failure?.attempts).toBeGreaterThanOrEqual(3);
    await queue.clear(body);
  });

  test('on the intake queue stands in quarantine instead, with its original', async () => {
    const body = `{"half of": "${mark}`;
    await queueOf(stage, 'intake').send(body);
    const key = `quarantine/${NO_TENANT}/${hashOf(body)}.json`;
    const entry = await tenant.quarantined('the text', ({ original }) => 'key' in original && original.key === key, NO_TENANT);
    expect(entry.code).toBe('EVENT_MALFORMED');
    expect(await stage.documents.text(key)).toBe(body);
  });
});

describe.concurrent('a message of an older deployment', () => {
  test('is delivered, without what was added since and with what was there then', async () => {
    const { orderKey, facts } = await completedOrder();
    await everySubscriberAgrees(stage, [tenant.name], 150);
    const { dataschema: _schema, correlationid: _correlation, region: _region, ...last } = facts.at(-1) as CloudEvent<object>;
    const before = await deliveriesTo(orderKey, 'billing');
    const old = { ...last, traceid: 'of old', data: { ...last.data, legacy: { code: 1 } } };
    await queueOf(stage, 'deliver-billing').send(fromRule(inbound(old)));
    await poll('billing has it', async () => (await deliveriesTo(orderKey, 'billing')) === before + 1, { seconds: 60 });
  });

  test('is accepted as an order, without what was added since and with what was there then', async () => {
    const quote = northwindQuote(1);
    await tenant.prepare(quote);
    const orderKey = tenant.keyOf(quote);
    const { number: _number, ...header } = { ...quote.header, cpq: CANONICAL };
    const document = await stage.documents.storeQuote(tenant.name, orderKey, { ...header, ...quote.content });
    const { data: _data, ...event } = acceptedEvent(tenant.name, quote, simulator.region);
    const old = { ...event, legacy: 'x', data: { quote: { ...header, salesRep: 'x' }, acceptedAt: event.time, document, channel: 'x' } };
    await queueOf(stage, 'run').send(fromRule(inbound(old)));
    await tenant.untilState(orderKey, 'completed');
    expect(await simulator.sales(orderKey)).toHaveLength(1);
  });
});
