import { GetQueueAttributesCommand, SetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { createQueues } from '../../lambdas/aws/queues.ts';
import type { Replay } from '../../lambdas/domain/replay.ts';
import { ordersOfDay, readHeads } from '../../lambdas/ledger/queries.ts';
import { random, shuffled } from '../../local/northwind/random.ts';
import { tapBusinessBus } from '../support/bus-tap.ts';
import { simulator, tryton } from '../support/erps.ts';
import { intercept } from '../support/intercept.ts';
import { poll } from '../support/poll.ts';
import { inbound } from '../support/quotes.ts';
import type { Stage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';
import { bury, type Known, PREFIX } from './support/dead-letters.ts';
import type { Findings } from './support/figures.ts';
import { drawQuotes, prepareAll } from './support/quotes.ts';
import { beginReplay, hunt, outcomesOf, redrive, untilDone } from './support/replays.ts';
import { inWords, judge, mustBeNew, tally, untilAtRest, type World } from './support/verdict.ts';

const TENANT = 't39';
/** Ten messages each. `running`: the share of the orders that is still under way when their messages come again. */
const SIZES = {
  short: { orders: 6, running: 0.34, redriven: 0.3, perSecond: 20, kills: 2, share: 0.3, apartMs: 1000, patience: 240 },
  long: { orders: 100, running: 0.34, redriven: 0.3, perSecond: 50, kills: 12, share: 0.05, apartMs: 8000, patience: 1500 },
};
/** In the short form a replay whose function was killed is taken up again after this time instead of 90 s. */
const SHORT = { timeoutSeconds: 10, visibilitySeconds: 15 };
/** Whose processes are killed: in the short form other campaigns use the rest of them. */
const PREY = {
  short: ['OperationsReplayFunction'],
  long: ['OperationsReplayFunction', 'QuoteToOrderRunFunction', 'QuoteToOrderOrderFunction', 'QuoteToOrderErpFunction'],
};

type Size = (typeof SIZES)[World['form']];

/** Sends the quotes, and waits until most of their orders are completed. */
async function sendAll(world: World, size: Size, next: () => number): Promise<Known[]> {
  const { stage, form } = world;
  // No lost answer is waited for here, so the short form can use the ERP that the other campaigns leave alone.
  const tenants = [createTenant(stage, TENANT, tryton), ...(form === 'long' ? [createTenant(stage, TENANT, simulator)] : [])] as const;
  const planned = drawQuotes(size.orders, next).map((quote, n) => {
    const tenant = tenants[n % tenants.length] ?? tenants[0];
    return { tenant, quote, orderKey: tenant.keyOf(quote), sent: inbound(tenant.event(quote)) };
  });
  await mustBeNew(world, planned);
  for (const tenant of tenants) {
    await prepareAll(
      tenant,
      planned.filter((one) => one.tenant === tenant).map(({ quote }) => quote),
    );
  }
  const tap = await tapBusinessBus(stage);
  try {
    await stage.put(...planned.map(({ sent }) => sent));
    const keys = planned.map(({ orderKey }) => orderKey);
    const enough = Math.ceil((1 - size.running) * keys.length);
    const completed = async () => (await readHeads(stage.ledger, keys)).filter(({ state, run }) => state === 'completed' && !run.active);
    await poll('most orders are completed', async () => (await completed()).length >= enough, { seconds: 300, every: 500 });
    return await poll('the bus has carried something of each order', async () => carried(planned, await tap.events()), { seconds: 60, every: 500 });
  } finally {
    await tap.stop();
  }
}

type Planned = Omit<Known, 'accepted' | 'told'>;
type Carried = Awaited<ReturnType<Awaited<ReturnType<typeof tapBusinessBus>>['events']>>;

/** What the business bus carried about each order; undefined while something is missing. */
function carried(planned: readonly Planned[], events: Carried): Known[] | undefined {
  const known = planned.flatMap((order): Known[] => {
    const about = events.filter(
      ({ detail }) => JSON.stringify(detail).includes(order.orderKey) || JSON.stringify(detail).includes(order.quote.header.id),
    );
    const accepted = about.find((event) => event['detail-type'] === 'quote.accepted.v1');
    const told = about.filter((event) => event['detail-type'].startsWith('order.'));
    return accepted && told.length > 0 ? [{ ...order, accepted, told }] : [];
  });
  return known.length === planned.length ? known : undefined;
}

/** How long the message of a replay stays hidden from others after its function died. @returns what undoes the change */
async function setVisibility({ sdk }: Stage, QueueUrl: string, seconds: number): Promise<() => Promise<unknown>> {
  const { Attributes } = await sdk.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['VisibilityTimeout'] }));
  const set = (VisibilityTimeout: string) => sdk.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { VisibilityTimeout } }));
  await set(String(seconds));
  return () => set(Attributes?.VisibilityTimeout ?? '90');
}

async function ordersOfTenant({ ledger }: Stage): Promise<string[]> {
  const days = [Date.now() - 86_400_000, Date.now()].map((at) => new Date(at).toISOString().slice(0, 10));
  const heads = (await Promise.all(days.map((day) => ordersOfDay(ledger, day)))).flat();
  return heads.filter(({ tenant }) => tenant === TENANT).map(({ orderKey }) => orderKey);
}

type Buried = Awaited<ReturnType<typeof bury>>;
type Storm = Awaited<ReturnType<typeof sendAgain>>;

/**
 * What a function had received when it was killed stays hidden for 60 s. A replay is taken up again later than that (90 s), but not in
 * the short form: there a second one takes what comes back, as an operator would who sees that something is left.
 */
async function takeLate(stage: Stage, buried: Buried, perSecond: number): Promise<Replay[]> {
  const queues = createQueues(PREFIX, stage.sdk.sqs);
  const late: Replay[] = [];
  const empty = async (): Promise<boolean> => {
    const depths = await Promise.all([...buried.keys()].map(async (queue) => ({ queue, ...(await queues.depth(queue)) })));
    const ids = await Promise.all(depths.filter(({ visible }) => visible > 0).map(({ queue }) => beginReplay(stage, queue, perSecond)));
    if (ids.length > 0) late.push(...(await untilDone(stage, ids, SIZES.short.patience)).replays);
    return depths.every(({ visible, inFlight }) => visible + inFlight === 0);
  };
  await poll('the dead-letter queues are empty', empty, { seconds: 120, every: 1000 });
  return late;
}

/** A replay of each queue, a part of each redriven beside it, and deaths meanwhile. */
async function sendAgain({ stage, form }: World, buried: Buried, next: () => number) {
  const size = SIZES[form];
  const queues = createQueues(PREFIX, stage.sdk.sqs);
  const timeoutSeconds = form === 'short' ? SHORT.timeoutSeconds : undefined;
  const ledger = await intercept(
    stage,
    PREY[form].map((name) => ({ name, timeoutSeconds })),
  );
  const restore = form === 'short' ? await setVisibility(stage, await queues.urlOf('replay'), SHORT.visibilitySeconds) : async () => {};
  try {
    const ids: string[] = [];
    for (const queue of shuffled([...buried.keys()], next)) ids.push(await beginReplay(stage, queue, size.perSecond));
    const sources = [...buried].filter(([queue]) => !queue.includes('-rule-'));
    const redriven = Promise.all(sources.map(([queue, all]) => redrive(queues, queue, Math.floor(size.redriven * all.size))));
    const stop = hunt(ledger, { most: size.kills, share: size.share, apartMs: size.apartMs, next });
    const done = await untilDone(stage, ids, size.patience).finally(stop);
    const killed = await stop();
    const late = form === 'short' ? await takeLate(stage, buried, size.perSecond) : [];
    return { ...done, replays: [...done.replays, ...late], killed, moved: (await redriven).flat() };
  } finally {
    await restore();
    await ledger.stop();
  }
}

const total = (numbers: readonly number[]): number => numbers.reduce((sum, number) => sum + number, 0);

/** Each message was moved, or its replay has an outcome for it; the counts of the replays are those of their outcomes; the queues are empty. */
async function audit({ stage }: World, buried: Buried, { replays, moved }: Storm): Promise<Record<string, number>> {
  const outcomes = (await Promise.all(replays.map(({ id }) => outcomesOf(stage, id)))).flat();
  const accounted = new Set([...outcomes.map(({ id }) => id), ...moved]);
  const queues = createQueues(PREFIX, stage.sdk.sqs);
  const depths = await Promise.all([...buried.keys()].map((queue) => queues.depth(queue)));
  expect({
    withoutOutcome: [...buried.values()].flatMap((ids) => [...ids]).filter((id) => !accounted.has(id)),
    counted: total(replays.flatMap(({ counts }) => Object.values(counts))),
    left: total(depths.flatMap(({ visible, inFlight }) => [visible, inFlight])),
  }).toEqual({ withoutOutcome: [], counted: outcomes.filter(({ outcome }) => outcome !== 'sent again').length, left: 0 });
  return tally(outcomes.map(({ outcome }) => outcome));
}

/** Everything that the orders of this campaign ever caused comes again out of dead-letter queues, while processes die. */
export async function replay(world: World): Promise<Findings> {
  const { stage, form, seed } = world;
  const next = random(seed);
  const orders = await sendAll(world, SIZES[form], next);
  const keys = orders.map(({ orderKey }) => orderKey);
  const before = await readHeads(stage.ledger, keys);
  const atRest = new Map(before.filter(({ state, run }) => state === 'completed' && !run.active).map(({ orderKey, seq }) => [orderKey, seq]));
  const known = await ordersOfTenant(stage);
  const buried = await bury(stage, createQueues(PREFIX, stage.sdk.sqs), orders, next);
  const storm = await sendAgain(world, buried, next);
  await untilAtRest(world, orders, SIZES[form].patience);
  const outcomes = await audit(world, buried, storm);
  const after = await readHeads(stage.ledger, [...atRest.keys()]);
  // What came again was no news: an order that was at rest has no new fact.
  const moved = after.filter(({ orderKey, seq }) => seq !== atRest.get(orderKey)).map(({ orderKey }) => orderKey);
  expect({ known: (await ordersOfTenant(stage)).sort(), moved }).toEqual({ known: known.sort(), moved: [] });
  expect(storm.killed).toBeGreaterThan(0);
  const messages = total([...buried.values()].map(({ size }) => size));
  return {
    verdict: await judge(world, orders),
    lines: [
      [
        'messages',
        `${messages} in ${buried.size} dead-letter queues, about ${keys.length} orders, of which ${keys.length - atRest.size} were still under way`,
      ],
      ['sent again', `${storm.moved.length} by receive, send and delete; the others by ${storm.replays.length} replays: ${inWords(outcomes)}`],
      ['processes killed', `${storm.killed}; replays that were resumed because they had given up: ${storm.resumed}`],
      [
        'audit',
        'complete: each message was moved, or has an outcome in its replay; the counts of the replays are those of their outcomes; the queues are empty',
      ],
      ['new orders', `0; the ${atRest.size} orders that were completed before have no new fact`],
    ],
  };
}
