import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { awaitsAnswer, type Head, atRest as isAtRest } from '../../../lambdas/domain/head.ts';
import type { Fact } from '../../../lambdas/ledger/append.ts';
import { lineage, readHeads } from '../../../lambdas/ledger/queries.ts';
import { output } from '../../support/environment.ts';
import type { Counted } from '../../support/erps.ts';
import { poll } from '../../support/poll.ts';
import { everySubscriberAgrees } from '../../support/receivers.ts';
import type { Stage } from '../../support/stage.ts';
import { situation, type Tenant } from '../../support/tenant.ts';
import type { Verdict } from './figures.ts';
import type { Settings } from './settings.ts';

export interface World extends Pick<Settings, 'form' | 'seed' | 'part'> {
  readonly stage: Stage;
}

export interface SentOrder {
  readonly tenant: Tenant;
  readonly orderKey: string;
}

/** @throws Error when the environment has met this seed already: its orders are made, and nothing would be tried */
export async function mustBeNew({ stage, seed }: World, orders: readonly SentOrder[]): Promise<void> {
  const known = await readHeads(
    stage.ledger,
    orders.map(({ orderKey }) => orderKey),
  );
  if (known.length > 0) throw new Error(`seed ${seed} was drawn in this environment before: give another one, or start a fresh environment`);
}

/** Seconds between two calls of the sweeper, each of which sweeps on for most of a minute. */
const SWEEP_AGAIN = 40;

/** Waits for a person, and nothing has come since that it is due for: one that was just cancelled is about to run. */
const waitsForPerson = (head: Head): boolean =>
  head.wait?.kind === 'person' && (awaitsAnswer(head) || (head.dueAt !== undefined && head.dueAt > new Date().toISOString()));

/** Waits until every order is completed, cancelled or waits for a person. The long form leaves the sweeper to its schedule. */
export async function untilAtRest({ stage, form }: World, orders: readonly SentOrder[], seconds: number): Promise<Head[]> {
  const keys = orders.map(({ orderKey }) => orderKey);
  const atRest = (head: Head) => !head.run.active && (isAtRest(head) || waitsForPerson(head));
  let swept = 0;
  let last: Head[] = [];
  const look = async () => {
    if (form === 'short' && Date.now() > swept + SWEEP_AGAIN * 1000) {
      swept = Date.now();
      await stage.sdk.sqs.send(new SendMessageCommand({ QueueUrl: output('SweepQueueUrl'), MessageBody: '{}' }));
    }
    last = await readHeads(stage.ledger, keys);
    return last.length === keys.length && last.every(atRest) && last;
  };
  return poll(`all ${keys.length} orders are at rest`, look, { seconds, every: 1000 + keys.length * 2 }).catch((error: Error) => {
    const open = last.filter((head) => !atRest(head)).map((head) => `${head.orderKey}: ${situation(head)}`);
    throw new Error(`${error.message}; ${keys.length - last.length} are not in the ledger, and\n${open.join('\n')}`, { cause: error });
  });
}

/** One order at the end of a campaign: in the ledger, and in the ERP's own database. */
export interface Reckoned extends SentOrder, Counted {
  readonly head: Head | undefined;
  readonly facts: readonly Fact[];
}

/** How many orders are read at once. */
const AT_ONCE = 50;

export async function reckon({ stage }: World, orders: readonly SentOrder[]): Promise<Reckoned[]> {
  const keys = orders.map(({ orderKey }) => orderKey);
  const heads = new Map((await readHeads(stage.ledger, keys)).map((head) => [head.orderKey, head]));
  const erps = [...new Set(orders.map(({ tenant }) => tenant.erp))];
  const counts = new Map(await Promise.all(erps.map(async (erp) => [erp, await erp.census()] as const)));
  const facts: Fact[][] = [];
  for (let from = 0; from < keys.length; from += AT_ONCE)
    facts.push(...(await Promise.all(keys.slice(from, from + AT_ONCE).map(async (key) => (await lineage(stage.ledger, key)).facts))));
  return orders.map(({ tenant, orderKey }, n) => {
    const counted = counts.get(tenant.erp)?.(orderKey);
    if (!counted) throw new Error(`nothing was counted in ${tenant.erp.instance}`);
    return { tenant, orderKey, head: heads.get(orderKey), facts: facts[n] ?? [], ...counted };
  });
}

/** What an order is at rest and its ERP does not bear out, or nobody would ever ask for. */
function isLost({ head, live, confirmed }: Reckoned): boolean {
  if (!head) return true;
  if (head.state === 'completed') return confirmed === 0;
  if (head.state === 'cancelled') return live > 0;
  if (head.state === 'reversed') return confirmed > 0;
  return head.wait === undefined || head.dueAt === undefined;
}

/** Waits for a person without a question of its own or the shared one of its cause, or has a question and waits for nobody. */
const isUnasked = ({ head }: Reckoned): boolean => (head?.wait?.kind === 'person' && !head.wait.cause) !== (head?.task !== undefined);

const quoteOf = ({ tenant, head, orderKey }: Reckoned): string => (head ? `${tenant.name} ${head.quote.cpq} ${head.quote.id}` : orderKey);

/** Orders whose quote has more than one order in the ERP, be it under one key or under those of several revisions. */
const duplicatesAmong = (rows: readonly Reckoned[]): string[] =>
  [...Map.groupBy(rows, quoteOf).values()].flatMap((ofQuote) => {
    const doubled = ofQuote.some(({ live }) => live > 1) || ofQuote.reduce((sum, { confirmed }) => sum + confirmed, 0) > 1;
    return doubled ? ofQuote.map(({ orderKey }) => orderKey) : [];
  });

const keysOf = (rows: readonly Reckoned[]): string[] => rows.map(({ orderKey }) => orderKey);
const touchedAmong = (rows: readonly Reckoned[]) => rows.filter(({ facts }) => facts.some(({ actor }) => actor !== 'system'));

/**
 * What holds in every campaign, whatever was asked of its orders: one order for each quote in the ERP's own database, none lost, every
 * subscriber told. Orders may be completed, cancelled, reversed, or wait for a person.
 */
export async function judgeEnds(world: World, orders: readonly SentOrder[]): Promise<Verdict> {
  const rows = await reckon(world, orders);
  const [duplicated, lost, unasked] = [duplicatesAmong(rows), keysOf(rows.filter(isLost)), keysOf(rows.filter(isUnasked))];
  expect({ duplicated, lost, unasked }).toEqual({ duplicated: [], lost: [], unasked: [] });
  const tenants = [...new Set(orders.map(({ tenant }) => tenant.name))];
  expect(await everySubscriberAgrees(world.stage, tenants, 180)).toBeGreaterThanOrEqual(orders.length);
  const inState = (state: Head['state']) => rows.filter(({ head }) => head?.state === state && !head.wait).length;
  return {
    orders: orders.length,
    completed: inState('completed'),
    cancelled: inState('cancelled') + inState('reversed'),
    waiting: tally(rows.flatMap(({ head }) => head?.wait?.code ?? [])),
    duplicates: duplicated.length,
    lost: lost.length,
    touched: touchedAmong(rows).length,
  };
}

/**
 * What holds besides where nothing was asked of the orders but to be made: all are completed, touched by nobody.
 * @param helped keys of those that waited for what a person has then answered, which their facts say
 */
export async function judge(world: World, orders: readonly SentOrder[], helped: readonly string[] = []): Promise<Verdict> {
  const rows = await reckon(world, orders);
  // Nothing lands after its settle time here, so no draft may have been made twice, not even to be cancelled again.
  const twice = keysOf(rows.filter(({ undone }) => undone > 0));
  const waiting = rows.flatMap(({ head }) => (head?.state === 'completed' ? [] : [head?.wait?.code ?? 'none']));
  expect({ twice, waiting, touched: keysOf(touchedAmong(rows)).toSorted() }).toEqual({ twice: [], waiting: [], touched: helped.toSorted() });
  return judgeEnds(world, orders);
}

export function tally(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, found]) => [name, found.length]).sort());
}

export const inWords = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} x ${name}`)
    .join(', ') || 'never';

/** How often the orders were parked by themselves meanwhile, by code. */
export async function parkedBy(world: World, orders: readonly SentOrder[]): Promise<Record<string, number>> {
  const facts = (await reckon(world, orders)).flatMap((row) => row.facts);
  const parked = facts.filter(({ event }) => event.type === 'order.parked.v1');
  return tally(parked.map(({ event }) => event.data.waiting?.code ?? 'none'));
}
