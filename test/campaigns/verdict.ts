import { SendMessageCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import type { Head } from '../../lambdas/domain/head.ts';
import { lineage, readHeads } from '../../lambdas/ledger/queries.ts';
import { output } from '../support/environment.ts';
import { poll } from '../support/poll.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import type { Stage } from '../support/stage.ts';
import { situation, type Tenant } from '../support/tenant.ts';
import type { Verdict } from './figures.ts';
import type { Settings } from './settings.ts';

export interface World extends Pick<Settings, 'form' | 'seed'> {
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

/** Waits until every order is completed or waits for a person. The long form leaves the sweeper to its schedule. */
export async function untilAtRest({ stage, form }: World, orders: readonly SentOrder[], seconds: number): Promise<Head[]> {
  const keys = orders.map(({ orderKey }) => orderKey);
  const atRest = ({ run, state, wait }: Head) => !run.active && (state === 'completed' || wait?.kind === 'person');
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
  return poll(`all ${keys.length} orders are at rest`, look, { seconds, every: 1000 }).catch((error: Error) => {
    const open = last.filter((head) => !atRest(head)).map((head) => `${head.orderKey}: ${situation(head)}`);
    throw new Error(`${error.message}; ${keys.length - last.length} are not in the ledger, and\n${open.join('\n')}`, { cause: error });
  });
}

/**
 * What every campaign must show once its orders are at rest: one order each in the ERP's own database, none lost, touched by nobody, and
 * every subscriber told.
 */
export async function judge({ stage }: World, orders: readonly SentOrder[]): Promise<Verdict> {
  const heads = new Map(
    (
      await readHeads(
        stage.ledger,
        orders.map(({ orderKey }) => orderKey),
      )
    ).map((head) => [head.orderKey, head]),
  );
  const rows = await Promise.all(
    orders.map(async ({ tenant, orderKey }) => ({
      orderKey,
      head: heads.get(orderKey),
      inErp: await tenant.erp.count(orderKey),
      confirmed: await tenant.erp.confirmed(orderKey),
      undone: await tenant.erp.undone(orderKey),
      actors: (await lineage(stage.ledger, orderKey)).facts.map(({ actor }) => actor),
    })),
  );
  const keys = (found: typeof rows) => found.map(({ orderKey }) => orderKey);
  const duplicated = keys(rows.filter(({ inErp }) => inErp > 1));
  // Completed and not confirmed in the ERP, or neither completed nor waiting with a code: nobody would ever ask for it.
  const lost = keys(rows.filter(({ head, confirmed }) => !head || (head.state === 'completed' ? confirmed === 0 : head.wait === undefined)));
  const touched = keys(rows.filter(({ actors }) => actors.some((actor) => actor !== 'system')));
  // Nothing lands after its settle time here, so no draft may have been made twice, not even to be cancelled again.
  const twice = keys(rows.filter(({ undone }) => undone > 0));
  // Nothing that a campaign does may need a person.
  const waiting = rows.flatMap(({ head }) => (head?.state === 'completed' ? [] : [head?.wait?.code ?? 'none']));
  expect({ duplicated, twice, lost, touched, waiting }).toEqual({ duplicated: [], twice: [], lost: [], touched: [], waiting: [] });
  const tenants = [...new Set(orders.map(({ tenant }) => tenant.name))];
  expect(await everySubscriberAgrees(stage, tenants, 180)).toBeGreaterThanOrEqual(orders.length);
  return {
    orders: orders.length,
    completed: orders.length - waiting.length,
    waiting: tally(waiting),
    duplicates: duplicated.length,
    lost: lost.length,
    touched: touched.length,
  };
}

export function tally(names: readonly string[]): Record<string, number> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, found]) => [name, found.length]).sort());
}

export const inWords = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${count} x ${name}`)
    .join(', ') || 'never';

/** How often the orders were parked by themselves meanwhile, by code. */
export async function parkedBy({ stage }: World, orders: readonly SentOrder[]): Promise<Record<string, number>> {
  const facts = (await Promise.all(orders.map(({ orderKey }) => lineage(stage.ledger, orderKey)))).flatMap((found) => found.facts);
  const parked = facts.filter(({ event }) => event.type === 'order.parked.v1');
  return tally(parked.map(({ event }) => event.data.waiting?.code ?? 'none'));
}
