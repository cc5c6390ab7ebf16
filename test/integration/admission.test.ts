import { expect, test } from 'vitest';
import { simulator } from '../support/erps.ts';
import { mostAtOnce } from '../support/overlap.ts';
import { loadedPolicy } from '../support/policy.ts';
import { poll } from '../support/poll.ts';
import { inbound, northwindQuote } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();
const QUOTES = 30;

test('of 30 quotes at once no more runs are alive than the ERP bears, and all complete', async () => {
  const tenant = createTenant(stage, 't31', simulator);
  const { maxInFlight } = (await loadedPolicy()).erps.sim ?? { maxInFlight: 0 };
  const quotes = Array.from({ length: QUOTES }, (_, n) => northwindQuote((n % 6) + 1));
  for (const quote of quotes.slice(0, 6)) await tenant.prepare(quote);
  await simulator.faults().resetCounters();
  await stage.put(...quotes.map((quote) => inbound(tenant.event(quote))));
  const keys = quotes.map((quote) => tenant.keyOf(quote));
  let inLine = 0;
  await poll(
    'all orders are completed',
    async () => {
      const heads = await Promise.all(keys.map((orderKey) => stage.ledger.read(orderKey)));
      inLine = Math.max(inLine, heads.filter((head) => head?.admissionSince).length);
      return heads.every((head) => head?.state === 'completed' && !head.run.active);
    },
    { seconds: 200, every: 1000 },
  );
  expect(inLine).toBeGreaterThan(0);
  const heads = await Promise.all(keys.map(tenant.order));
  expect(heads.map(({ run }) => run.n)).toEqual(keys.map(() => 1));
  const ends = await Promise.all(keys.map(async (orderKey) => (await tenant.facts(orderKey)).at(-1)?.time ?? ''));
  // By the ledger's own stamps: from raising a run to its last write. Other tests may hold slots of this ERP at the same time.
  const atOnce = mostAtOnce(heads.map(({ run }, n) => ({ from: run.startedAt, to: ends[n] as string })));
  expect(atOnce).toBeLessThanOrEqual(maxInFlight);
  expect(atOnce).toBeGreaterThan(1);
  // By what the ERP saw, of all tests together.
  expect((await simulator.faults().report()).writes.max).toBeLessThanOrEqual(maxInFlight);
  for (const orderKey of keys) expect(await simulator.count(orderKey)).toBe(1);
  expect(await everySubscriberAgrees(stage, [tenant.name], 120)).toBeGreaterThanOrEqual(QUOTES);
});
