import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { lineage } from '../../lambdas/ledger/queries.ts';
import { createSlots } from '../../lambdas/ledger/slots.ts';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
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
  long: { quotes: 2000, burst: 100, patience: 4500, betweenMs: 3000 },
};
/** In the long form one quote in so many goes to Tryton, which confirms two orders a second at best; the others to the simulator. */
const TRYTON_SHARE = 10;
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
    for (; !stopped.signal.aborted; await pause(1000)) most = Math.max(most, (await slots.held(erp, maxInFlight + BEYOND)).length);
  })();
  return async (): Promise<number> => {
    stopped.abort();
    await watching;
    return most;
  };
}

type Planned = SentOrder & { readonly quote: NorthwindQuote };

/** Every quote once, some twice, in any order. */
function eventsOf(planned: readonly Planned[], next: () => number) {
  const events = planned.map(({ tenant, quote }) => ({ tenant, quote, event: tenant.event(quote) }));
  const again = shuffled(events, next).slice(0, Math.round(DOUBLED * planned.length));
  const doubles = again.map(({ tenant, quote, event }) => ({ event: next() < 0.5 ? event : tenant.event(quote) }));
  return shuffled([...events, ...doubles], next).map(({ event }) => inbound(event));
}

/** By the ledger's own stamps: from raising a run to its last write. */
async function liveRuns({ stage }: World, orders: readonly SentOrder[]): Promise<number> {
  const intervals: { from: string; to: string }[] = [];
  for (const { tenant, orderKey } of orders) {
    const [{ run }, { facts }] = await Promise.all([tenant.order(orderKey), lineage(stage.ledger, orderKey)]);
    intervals.push({ from: run.startedAt, to: facts.findLast(({ event }) => event.type === 'order.completed.v1')?.event.time ?? '' });
  }
  return mostAtOnce(intervals);
}

/** Looks at one ERP until `found` is called. @returns lines about what was at work there at once, never more than it bears */
async function watch(world: World, { erp }: Tenant, orders: readonly SentOrder[]) {
  const { maxInFlight } = (await loadedPolicy()).erps[erp.instance] ?? { maxInFlight: 0 };
  await erp.faults().resetCounters();
  const slotsSeen = watchSlots(world, erp.instance, maxInFlight);
  const found = async (): Promise<[string, string][]> => {
    const [slots, runs, { writes }] = await Promise.all([slotsSeen(), liveRuns(world, orders), erp.faults().report()]);
    expect({ slots, runs, writes: writes.max }).toEqual({
      slots: expect.toSatisfy((most: number) => most > 0 && most <= maxInFlight),
      runs: expect.toSatisfy((most: number) => most > 1 && most <= maxInFlight),
      writes: expect.toSatisfy((most: number) => most > 0 && most <= maxInFlight),
    });
    const name = erp === tryton ? 'Tryton' : 'the ERP simulator';
    const lives = `at most ${runs} live runs by the stamps of the ledger, ${slots} by the slots taken (looked at every second)`;
    return [[`at once at ${name}`, `${lives}, ${writes.max} writing calls counted by the proxy before it; allowed are ${maxInFlight}`]];
  };
  return found;
}

function plan({ stage, form, part }: World, next: () => number): Planned[] {
  const [atSimulator, atTryton] = [createTenant(stage, 't36', simulator), createTenant(stage, 't35', tryton)];
  const count = Math.max(1, Math.round(SIZES[form].quotes * part));
  return drawQuotes(count, next).map((quote, n) => {
    const tenant = form === 'long' && n % TRYTON_SHARE === 0 ? atTryton : atSimulator;
    return { tenant, quote, orderKey: tenant.keyOf(quote) };
  });
}

/** Many quotes at once, some of them twice, in bursts. */
export async function flood(world: World): Promise<Findings> {
  const { burst, patience, betweenMs } = SIZES[world.form];
  const next = random(world.seed);
  const planned = plan(world, next);
  await mustBeNew(world, planned);
  const byTenant = [...Map.groupBy(planned, ({ tenant }) => tenant)];
  for (const [tenant, orders] of byTenant)
    await prepareAll(
      tenant,
      orders.map(({ quote }) => quote),
    );
  const events = eventsOf(planned, next);
  const watching = await Promise.all(byTenant.map(([tenant, orders]) => watch(world, tenant, orders)));
  const began = Date.now();
  for (let from = 0; from < events.length; from += burst) {
    await world.stage.put(...events.slice(from, from + burst));
    await pause(next() * betweenMs);
  }
  await untilAtRest(world, planned, patience);
  const seconds = (Date.now() - began) / 1000;
  const atOnce = (await Promise.all(watching.map((found) => found()))).flat();
  return {
    verdict: await judge(world, planned),
    lines: [
      ['events sent', `${events.length}, for ${planned.length} quotes, shuffled, in bursts of ${burst}`],
      ['quotes for each ERP', byTenant.map(([{ erp }, { length }]) => `${length} for ${erp === tryton ? 'Tryton' : 'the ERP simulator'}`).join(', ')],
      ...atOnce,
      ['orders per second', (planned.length / seconds).toFixed(1)],
    ],
  };
}
