import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { lineage } from '../../lambdas/ledger/queries.ts';
import { createSlots } from '../../lambdas/ledger/slots.ts';
import { random, shuffled } from '../../local/northwind/random.ts';
import { output } from '../support/environment.ts';
import { simulator, tryton } from '../support/erps.ts';
import { mostAtOnce } from '../support/overlap.ts';
import { loadedPolicy } from '../support/policy.ts';
import { inbound } from '../support/quotes.ts';
import { createTenant, type Tenant } from '../support/tenant.ts';
import type { Findings } from './support/figures.ts';
import { drawQuotes, prepareAll } from './support/quotes.ts';
import { judge, mustBeNew, type SentOrder, untilAtRest, type World } from './support/verdict.ts';

const SIZES = {
  short: { quotes: 20, burst: 10, patience: 180, betweenMs: 300 },
  long: { quotes: 300, burst: 50, patience: 1200, betweenMs: 3000 },
};
/** Of the quotes are announced twice, the second time as another event or as the very same. */
const DOUBLED = 0.3;
/** Slots beyond `maxInFlight` that are looked for: none of them may ever be taken. */
const BEYOND = 10;

/** The largest number of admission slots seen taken at once, looking until `stop()`. */
function watchSlots({ stage }: World, erp: string, maxInFlight: number) {
  const slots = createSlots({ client: stage.sdk.documents, table: output('RuntimeTable') });
  const stopped = new AbortController();
  let most = 0;
  const watching = (async () => {
    for (; !stopped.signal.aborted; await pause(250)) most = Math.max(most, (await slots.held(erp, maxInFlight + BEYOND)).length);
  })();
  return async (): Promise<number> => {
    stopped.abort();
    await watching;
    return most;
  };
}

/** Every quote once, some twice, in any order. */
function eventsOf(tenant: Tenant, quotes: ReturnType<typeof drawQuotes>, next: () => number) {
  const events = quotes.map((quote) => ({ quote, event: tenant.event(quote) }));
  const again = shuffled(events, next).slice(0, Math.round(DOUBLED * quotes.length));
  const doubles = again.map(({ quote, event }) => ({ quote, event: next() < 0.5 ? event : tenant.event(quote) }));
  return shuffled([...events, ...doubles], next).map(({ event }) => inbound(event));
}

/** By the ledger's own stamps: from raising a run to its last write. */
async function liveRuns({ stage }: World, orders: readonly SentOrder[]): Promise<number> {
  const intervals = await Promise.all(
    orders.map(async ({ tenant, orderKey }) => {
      const [{ run }, { facts }] = await Promise.all([tenant.order(orderKey), lineage(stage.ledger, orderKey)]);
      return { from: run.startedAt, to: facts.findLast(({ event }) => event.type === 'order.completed.v1')?.event.time ?? '' };
    }),
  );
  return mostAtOnce(intervals);
}

/** Many quotes at once, some of them twice, in bursts. */
export async function flood(world: World): Promise<Findings> {
  const { quotes: count, burst, patience, betweenMs } = SIZES[world.form];
  const next = random(world.seed);
  const tenant = world.form === 'long' ? createTenant(world.stage, 't35', tryton) : createTenant(world.stage, 't36', simulator);
  const { maxInFlight } = (await loadedPolicy()).erps[tenant.erp.instance] ?? { maxInFlight: 0 };
  const quotes = drawQuotes(count, next);
  const orders = quotes.map((quote) => ({ tenant, orderKey: tenant.keyOf(quote) }));
  await mustBeNew(world, orders);
  await prepareAll(tenant, quotes);
  const events = eventsOf(tenant, quotes, next);
  await tenant.erp.faults().resetCounters();
  const slotsSeen = watchSlots(world, tenant.erp.instance, maxInFlight);
  const began = Date.now();
  for (let from = 0; from < events.length; from += burst) {
    await world.stage.put(...events.slice(from, from + burst));
    await pause(next() * betweenMs);
  }
  await untilAtRest(world, orders, patience);
  const seconds = (Date.now() - began) / 1000;
  const [slots, runs, { writes }] = await Promise.all([slotsSeen(), liveRuns(world, orders), tenant.erp.faults().report()]);
  expect({ slots, runs, writes: writes.max }).toEqual({
    slots: expect.toSatisfy((most: number) => most > 0 && most <= maxInFlight),
    runs: expect.toSatisfy((most: number) => most > 1 && most <= maxInFlight),
    writes: expect.toSatisfy((most: number) => most > 0 && most <= maxInFlight),
  });
  return {
    verdict: await judge(world, orders),
    lines: [
      ['events sent', `${events.length}, for ${count} quotes, shuffled, in bursts of ${burst}`],
      [
        'live runs at once',
        `at most ${runs} by the stamps of the ledger, ${slots} by the slots taken (looked at every 0.25 s); allowed are ${maxInFlight}`,
      ],
      ['writing calls at once at the ERP', `at most ${writes.max}, counted by the proxy before it`],
      ['orders per second', (count / seconds).toFixed(1)],
    ],
  };
}
