import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import { readHeads } from '../../lambdas/ledger/queries.ts';
import { random } from '../../local/northwind/random.ts';
import type { FaultRule } from '../../local/vendors/faults.ts';
import { type Erp, simulator, tryton } from '../support/erps.ts';
import { poll } from '../support/poll.ts';
import { inbound } from '../support/quotes.ts';
import { createTenant } from '../support/tenant.ts';
import type { Findings } from './support/figures.ts';
import { drawQuotes, prepareAll } from './support/quotes.ts';
import { inWords, judge, mustBeNew, parkedBy, type SentOrder, untilAtRest, type World } from './support/verdict.ts';

/** `lateMs` is longer than the deadline of a call: 5 s at the simulator, 35 s at Tryton. */
const SIZES = {
  short: { orders: 12, lost: 0.25, reset: 0.2, late: 0.2, lateMs: 5500, bursts: 1, burstSeconds: 2, apartMs: 1000, patience: 180 },
  long: { orders: 60, lost: 0.22, reset: 0.05, late: 0.03, lateMs: 37_000, bursts: 3, burstSeconds: 20, apartMs: 40_000, patience: 1500 },
};
/** What an order may wait for because of these faults: nothing of it needs a person. */
const RIGHT_CODES = ['EFFECT_UNKNOWN', 'ERP_ANSWER_UNKNOWN', 'ERP_UNAVAILABLE', 'PLATFORM_STEP_DIED'];

type Size = (typeof SIZES)[World['form']];

/** Rules for shares of the writes, each with a generator of its own. @returns their names by id */
async function planShares(erp: Erp, size: Size, seed: number): Promise<Map<string, string>> {
  const faults = erp.faults();
  const share = (of: number, n: number, rule: Pick<FaultRule, 'action' | 'ms'>) =>
    faults.plan({ match: { writes: true }, times: 'every', share: { of, seed: seed + n }, ...rule });
  // A call meets the first rule that it is drawn for, so the rarest comes first.
  const late = await share(size.late, 1, { action: 'hold-answer', ms: size.lateMs });
  const reset = await share(size.reset, 2, { action: 'reset' });
  const lost = await share(size.lost, 3, { action: 'drop-answer' });
  return new Map([
    [lost, 'answer lost after the commit'],
    [reset, 'connection reset before the ERP heard of it'],
    [late, 'answer later than the deadline'],
  ]);
}

/** Times in which the ERP answers 503 to everything, the first soon after the first call; each lasts until a call has met it. @returns how many did */
async function unavailable(erp: Erp, { bursts, burstSeconds, apartMs }: Size, next: () => number): Promise<number> {
  const faults = erp.faults();
  let refused = 0;
  await poll('the ERP is called', async () => Object.keys((await faults.report()).requests).length > 0, { seconds: 60 });
  for (let burst = 0; burst < bursts; burst++) {
    await pause(next() * apartMs);
    const id = await faults.plan({ match: {}, action: 'status', status: 503, times: 'every' });
    const hits = async () => (await faults.report()).rules.find((rule) => rule.id === id)?.hits || undefined;
    await pause(burstSeconds * 1000);
    refused += await poll('a call is answered 503', hits, { seconds: 90 }).finally(() => faults.remove(id));
  }
  return refused;
}

/** The price of not knowing: an order that meets no fault needs one call for its draft, and as many again as its ERP wants for a confirm. */
function callsPerOrder(requests: Readonly<Record<string, number>>, orders: number): [string, string][] {
  const perOrder = (pattern: RegExp) =>
    (Object.entries(requests).reduce((sum, [method, count]) => sum + (pattern.test(method) ? count : 0), 0) / orders).toFixed(2);
  return [
    ['POSTs per order that create a draft', perOrder(/^model\.sale\.sale\.create$/)],
    ['POSTs per order that change something', `${perOrder(/^model\.sale\.sale\.(create|quote|confirm|process|cancel)$/)}; without faults it is 3`],
  ];
}

/** In the short form the faults end when each order has met the ERP once: others of the same ERP begin then. */
async function untilMet({ stage }: World, orders: readonly SentOrder[]): Promise<void> {
  const keys = orders.map(({ orderKey }) => orderKey);
  const met = async () => {
    const heads = await readHeads(stage.ledger, keys);
    return heads.length === keys.length && heads.every(({ run }) => run.n > 0 && !run.active);
  };
  await poll('each order has met the ERP', met, { seconds: 90, every: 500 });
}

/** Sends the quotes while the ERP and the network fail. @returns what was met, as lines of the table */
async function sendUnderFaults(world: World, orders: readonly SentOrder[], send: () => Promise<void>, next: () => number) {
  const size = SIZES[world.form];
  const [{ tenant }] = orders as [SentOrder];
  const proxy = tenant.erp.faults();
  await proxy.resetCounters();
  const shares = await planShares(tenant.erp, size, world.seed);
  try {
    await send();
    const refused = await unavailable(tenant.erp, size, next);
    await (world.form === 'short' ? untilMet(world, orders) : untilAtRest(world, orders, size.patience));
    const { rules, requests } = await proxy.report();
    const met = rules.flatMap(({ id, hits }) => (shares.has(id) ? [{ what: shares.get(id) ?? '', hits }] : []));
    expect(met.reduce((sum, { hits }) => sum + hits, 0)).toBeGreaterThan(0);
    return [
      ...met.map(({ what, hits }): [string, string] => [what, `${hits} calls`]),
      ['503 to everything', `${size.bursts} times for ${size.burstSeconds} s: ${refused} calls`] as [string, string],
      ...(world.form === 'long' ? callsPerOrder(requests, orders.length) : []), // in the short form other campaigns call too
    ];
  } finally {
    for (const id of shares.keys()) await proxy.remove(id);
  }
}

/** An ERP and a network that fail: what was asked may have been done, or not. `met` is called when no fault of this campaign can be met any more. */
export async function faults(world: World, met: () => void): Promise<Findings> {
  const size = SIZES[world.form];
  const next = random(world.seed);
  const tenant = world.form === 'long' ? createTenant(world.stage, 't37', tryton) : createTenant(world.stage, 't38', simulator);
  const quotes = drawQuotes(size.orders, next);
  const orders = quotes.map((quote) => ({ tenant, orderKey: tenant.keyOf(quote) }));
  await mustBeNew(world, orders);
  await prepareAll(tenant, quotes);
  const send = () => world.stage.put(...quotes.map((quote) => inbound(tenant.event(quote))));
  const lines = await sendUnderFaults(world, orders, send, next).finally(met);
  await untilAtRest(world, orders, size.patience);
  const parked = await parkedBy(world, orders);
  expect(Object.keys(parked).filter((code) => !RIGHT_CODES.includes(code))).toEqual([]);
  return { verdict: await judge(world, orders), lines: [...lines, ['parked by itself meanwhile', inWords(parked)]] };
}
