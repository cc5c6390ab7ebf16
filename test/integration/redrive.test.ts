import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { connectorSource, type InboundEvent } from '../../contracts/intake.ts';
import { causeOf } from '../../contracts/reference.ts';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import { home } from '../../local/paths.ts';
import { tapBusinessBus } from '../support/bus-tap.ts';
import { queueOf } from '../support/dead-letters.ts';
import { holdDraft, simulator, tryton } from '../support/erps.ts';
import { fromRule } from '../support/from-rule.ts';
import { poll } from '../support/poll.ts';
import { northwindQuote } from '../support/quotes.ts';
import { everySubscriberAgrees, receiverState, subscribers } from '../support/receivers.ts';
import { createSalesforce, everyRecordAgrees } from '../support/salesforce.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant, type Tenant } from '../support/tenant.ts';

const stage = connectStage();
let tap: Awaited<ReturnType<typeof tapBusinessBus>>;
beforeAll(async () => {
  tap = await tapBusinessBus(stage);
});
afterAll(() => tap.stop());

const TIMES = 10;
const HAPPY = ['order.accepted.v1', 'order.drafted.v1', 'order.tax-recorded.v1', 'order.confirmed.v1', 'order.completed.v1'];

/**
 * What was done, each as often as it was done. A slow machine, or a stranger's execution that finds the effect of the run open, parks the
 * order until that is settled, and it goes on by itself: nothing is done by that.
 */
const done = (facts: readonly { readonly type: string }[]): string[] => facts.map(({ type }) => type).filter((type) => HAPPY.includes(type));

/** The events of the business bus that a test is about, once there is one. */
const onBus = (what: string, fits: (event: InboundEvent) => boolean): Promise<InboundEvent> =>
  poll(`${what} is on the business bus`, async () => (await tap.events()).find(fits), { seconds: 90 });

/** A quote of Salesforce whose order is about to be made in the tenant's ERP. */
async function quoteOf(tenant: Tenant, ...leftOut: string[]): Promise<{ quote: NorthwindQuote; orderKey: string; change: InboundEvent }> {
  const salesforce = createSalesforce(stage, tenant.name);
  const quote = northwindQuote(1);
  await tenant.prepare(quote, ...leftOut);
  await salesforce.put([quote], { region: tenant.erp.region });
  const change = await salesforce.event({ recordIds: [quote.header.id], change: 'UPDATE' });
  return { quote, orderKey: tenant.keyOf(quote, 'salesforce'), change };
}

/** One message for each kind of queue, each about this order, in the shape that it has in its dead-letter queue. */
async function messagesOf(
  tenant: Tenant,
  { quote, orderKey, change }: Awaited<ReturnType<typeof quoteOf>>,
): Promise<[queue: string, body: string][]> {
  const source = connectorSource(tenant.name, 'salesforce');
  const accepted = await onBus('the quote', (event) => event.source === source && JSON.stringify(event.detail).includes(quote.header.id));
  const fact = await onBus('the fact', ({ detail }) => (detail as { id?: string }).id === `${orderKey}:1`);
  const product = quote.content.lines[0]?.product ?? '';
  return [
    ['intake', fromRule(change)],
    ['cpq', JSON.stringify({ tenant: tenant.name, cpq: 'salesforce', recordId: quote.header.id, change: 'UPDATE', original: change })],
    ['run', fromRule(accepted)],
    ['run', JSON.stringify({ orderKey })],
    ['cause', JSON.stringify({ cause: causeOf(tenant.name, tenant.erp.instance, 'product', product) })],
    ['publish-retry', JSON.stringify({ orderKey, seq: 1 })],
    ['deliver-billing', fromRule(fact)],
    ['deliver-cpq', fromRule(fact)],
    ['sweep', JSON.stringify({ tick: tenant.name })],
  ];
}

/** A tick makes the sweeper of a laptop sweep for a minute: one is as good as ten, and its end is nothing to wait for. */
const isTick = (queue: string): boolean => queue === 'sweep';

/** Redrives every message ten times, all queues at once. */
async function redriveAll(messages: readonly [queue: string, body: string][]): Promise<void> {
  const timesOf = (name: string) => (isTick(name) ? 1 : TIMES);
  await Promise.all(messages.map(([name, body]) => queueOf(stage, name).bury(body, timesOf(name))));
  await Promise.all(messages.map(([name, body]) => queueOf(stage, name).redrive([body], { to: name, copies: timesOf(name) })));
}

/** Waits until everything that was redriven has been consumed. */
const consumed = (messages: readonly [queue: string, body: string][]) =>
  Promise.all(messages.filter(([name]) => !isTick(name)).map(([name]) => queueOf(stage, name).untilEmpty()));

/** Sequences of one order as each receiver applied them; an older one never after a newer. */
function expectNobodyWentBack(orderKey: string): void {
  const lines = readFileSync(join(home, 'receivers.jsonl'), 'utf8').split('\n').filter(Boolean);
  const own = lines.map((line) => JSON.parse(line)).filter(({ data }) => data.orderKey === orderKey);
  expect(new Set(own.map(({ receiver }) => receiver))).toEqual(new Set(subscribers()));
  for (const name of subscribers()) {
    const sequences = own.filter(({ receiver }) => receiver === name).map(({ data }) => data.sequence);
    expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
  }
}

/** What the quote's record shows of the order, once it is what the ledger has; the fact that is redriven is the first of the order. */
async function shown(tenant: Tenant, quote: NorthwindQuote) {
  expect(await everyRecordAgrees(stage, [tenant.name], 150)).toBeGreaterThan(0);
  return createSalesforce(stage, tenant.name).record(quote);
}

const deliveriesTo = async (tenant: Tenant, orderKey: string, name: string): Promise<number> =>
  (await tenant.lineage(orderKey)).deliveries.find(({ subscriber }) => subscriber === name)?.attempts ?? 0;

describe.concurrent('a message of every queue, redriven ten times,', () => {
  test('while its order runs and after it completed: one order in the ERP, no new fact, and neither a subscriber nor the CPQ goes back', async () => {
    const tenant = createTenant(stage, 't44', tryton);
    const made = await quoteOf(tenant);
    const { orderKey } = made;
    const held = await holdDraft(tryton, orderKey);
    await stage.put(made.change);
    const [messages] = await Promise.all([messagesOf(tenant, made), held.made()]);
    expect((await tenant.order(orderKey)).run).toMatchObject({ n: 1, active: true });
    await redriveAll(messages);
    await held.letGo();
    await tenant.untilState(orderKey, 'completed');
    await consumed(messages);
    const facts = await tenant.facts(orderKey);
    expect(done(facts)).toEqual(HAPPY);

    expect(await everySubscriberAgrees(stage, [tenant.name], 150)).toBeGreaterThan(0);
    const [delivered, record] = [await deliveriesTo(tenant, orderKey, 'billing'), await shown(tenant, made.quote)];
    await redriveAll(messages);
    // The fact itself, and the fact published again, for ten times each.
    await poll('billing got them all', async () => (await deliveriesTo(tenant, orderKey, 'billing')) >= delivered + 2 * TIMES, { seconds: 150 });
    await consumed(messages);
    expect(await tenant.facts(orderKey)).toEqual(facts);
    expect(await tryton.sales(orderKey)).toHaveLength(1);
    expect((await tenant.order(orderKey)).run.active).toBe(false);
    expectNobodyWentBack(orderKey);
    expect(await shown(tenant, made.quote)).toEqual(record);
  });

  test('after it was cancelled: no order in the ERP, no new fact, and neither a subscriber nor the CPQ goes back', async () => {
    const tenant = createTenant(stage, 't45', simulator);
    const made = await quoteOf(tenant, 'ACC-VINET');
    const { orderKey } = made;
    await stage.put(made.change);
    await tenant.untilWaiting(orderKey, 'CUSTOMER_UNKNOWN');
    await tenant.cancel(orderKey);
    await tenant.untilState(orderKey, 'cancelled');
    const facts = await tenant.facts(orderKey);
    const messages = await messagesOf(tenant, made);
    const record = await shown(tenant, made.quote);
    await redriveAll(messages);
    await consumed(messages);
    expect(await shown(tenant, made.quote)).toEqual(record);
    expect(await tenant.facts(orderKey)).toEqual(facts);
    expect(await tenant.order(orderKey)).toMatchObject({ state: 'cancelled', run: { active: false } });
    expect(await simulator.sales(orderKey)).toEqual([]);
    expect(await everySubscriberAgrees(stage, [tenant.name], 150)).toBeGreaterThan(0);
    expectNobodyWentBack(orderKey);
  });
});

test('a fact that could not be published is published from the ledger, under its id, and moves no subscriber', async () => {
  const tenant = createTenant(stage, 't46', simulator);
  const quote = northwindQuote(1);
  await tenant.prepare(quote);
  const orderKey = await tenant.accept(quote);
  await tenant.untilState(orderKey, 'completed');
  expect(await everySubscriberAgrees(stage, [tenant.name], 150)).toBeGreaterThan(0);
  const queue = queueOf(stage, 'publish-retry');
  const body = JSON.stringify({ orderKey, seq: 2 });
  const mine = async () => (await tap.events()).filter(({ detail }) => (detail as { id?: string }).id === `${orderKey}:2`);
  expect(await mine()).toHaveLength(1);
  await queue.bury(body);
  await queue.redrive([body], { to: 'publish-retry' });
  const [first, again] = await poll('it is on the bus again', async () => {
    const found = await mine();
    return found.length === 2 && found;
  });
  expect(again).toEqual(first);
  await poll('billing has it again', async () => (await deliveriesTo(tenant, orderKey, 'billing')) >= 6, { seconds: 60 });
  expect((await receiverState('billing')).orders[orderKey]).toMatchObject({ sequence: 5, state: 'completed' });
});

test('an execution started by hand with an old input, while its run is active and after, does nothing a second time', async () => {
  const tenant = createTenant(stage, 't47', simulator);
  const quote = northwindQuote(2);
  await tenant.prepare(quote);
  const orderKey = tenant.keyOf(quote);
  const byHand = async (): Promise<void> => {
    const input = JSON.stringify({ orderKey, run: 1 });
    const start = new StartExecutionCommand({ stateMachineArn: stage.stateMachineArn, name: `by-hand-${crypto.randomUUID()}`, input });
    const { executionArn } = await stage.sdk.sfn.send(start);
    const ended = async () => {
      const { status } = await stage.sdk.sfn.send(new DescribeExecutionCommand({ executionArn }));
      return status !== 'RUNNING' && status;
    };
    expect(await poll('it has ended', ended, { seconds: 120 })).toBe('SUCCEEDED');
  };
  const held = await holdDraft(simulator, orderKey);
  await tenant.accept(quote);
  await held.made();
  await Promise.all([byHand(), byHand()]);
  await held.letGo();
  await tenant.untilState(orderKey, 'completed');
  const [head, facts] = [await tenant.order(orderKey), await tenant.facts(orderKey)];
  expect(done(facts)).toEqual(HAPPY);
  await byHand();
  expect([await tenant.order(orderKey), await tenant.facts(orderKey)]).toEqual([head, facts]);
  expect(await simulator.sales(orderKey)).toHaveLength(1);
  await everySubscriberAgrees(stage, [tenant.name], 150);
});
