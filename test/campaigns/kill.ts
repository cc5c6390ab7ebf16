import { setTimeout as pause } from 'node:timers/promises';
import { expect } from 'vitest';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import { random } from '../../local/northwind/random.ts';
import type { createFaults, FaultRule, PlannedRule } from '../../local/vendors/faults.ts';
import { part } from '../support/environment.ts';
import { simulator, tryton } from '../support/erps.ts';
import { freezeCaller } from '../support/function-process.ts';
import type { LedgerFaults } from '../support/intercept.ts';
import { createTenant } from '../support/tenant.ts';
import type { Findings } from './support/figures.ts';
import { type Effect, heldDraft, intentOf, outcomeOf, POINTS, type Point, untilHit } from './support/points.ts';
import { drawQuotes, prepareAll } from './support/quotes.ts';
import { inWords, judge, mustBeNew, parkedBy, type SentOrder, untilAtRest, type World } from './support/verdict.ts';

/** Killings at each point. */
const SEEDS = { short: 1, long: 50 };
/** In the long form one in so many is at Tryton, which bears three runs at once and settles late; the others are at the simulator. */
const TRYTON_SHARE = 6;
/** Seconds for the line: a killed step keeps its slot until Powertools believes that it is dead, when the function's time would have ended. */
const PATIENCE = { short: 180, long: 1800 };
/** Longer than from the hit to the kill, on a machine that is busy. The process is stopped meanwhile, so it meets no deadline. */
const HOLD_MS = 30_000;
/** The death comes at any moment of the hold's first part. */
const JITTER_MS = 300;
/** Of the killings at a point so many have to hit it, or the campaign shows nothing. */
const ENOUGH = 0.8;

type Faults = ReturnType<typeof createFaults>;
type Held = { readonly faults: Faults; readonly server: string; readonly match: FaultRule['match'] };

interface Attempt extends SentOrder {
  readonly point: Point;
  readonly effect: Effect;
  readonly jitterMs: number;
  readonly quote: NorthwindQuote;
}

/** The ERP that this order goes to, behind its proxy. */
const vendorOf = ({ tenant }: Attempt): Pick<Held, 'faults' | 'server'> => ({
  faults: tenant.erp.faults(),
  server: part(tenant.erp === tryton ? 'erp' : 'erp-simulator').url,
});

/** Sends the quote and waits until the call at the point is held. A confirm is found by its sale, which is known once the draft is written down. */
async function hold(attempt: Attempt, ledger: LedgerFaults, seconds: number): Promise<Held & { id: string; hit: PlannedRule }> {
  const { tenant, orderKey, point, effect, quote } = attempt;
  const { at, action } = POINTS[point];
  const plan = async (held: Held, rule: Pick<FaultRule, 'action' | 'ms'>) => ({
    ...held,
    id: await held.faults.plan({ match: held.match, ...rule }),
  });
  const inLedger = (match: FaultRule['match']): Held => ({ faults: ledger.faults, server: ledger.url, match });
  const reached = async (planned: Held & { id: string }) => ({ ...planned, hit: await untilHit(planned.faults, planned.id, seconds) });
  const wanted = { action, ms: HOLD_MS };
  if (at !== 'vendor' || effect === 'create-draft') {
    const match = at === 'vendor' ? tenant.erp.draftOf(orderKey) : (at === 'intent' ? intentOf : outcomeOf)(orderKey, effect);
    const planned = await plan(at === 'vendor' ? { ...vendorOf(attempt), match } : inLedger(match), wanted);
    await tenant.accept(quote);
    return reached(planned);
  }
  const drafted = await plan(inLedger(outcomeOf(orderKey, 'create-draft')), { action: 'hold-answer', ms: HOLD_MS });
  await tenant.accept(quote);
  await reached(drafted);
  const match = tenant.erp.confirmOf(await heldDraft(tenant, orderKey));
  const planned = await plan({ ...vendorOf(attempt), match }, wanted);
  await ledger.faults.remove(drafted.id);
  return reached(planned);
}

/** What the ledger and the ERP say at this moment. */
async function stateOf({ tenant, orderKey, effect }: Attempt): Promise<{ open: boolean; done: boolean }> {
  const [{ open }, sales] = await Promise.all([tenant.order(orderKey), tenant.erp.sales(orderKey)]);
  const done = effect === 'create-draft' ? sales.length > 0 : sales.some(({ state }) => ['confirmed', 'processing', 'done'].includes(state));
  return { open: open?.action === effect, done };
}

/** Kills the process while its call is held. @returns whether it was, and the ledger and the ERP were as they are at this point */
async function strike(attempt: Attempt, ledger: LedgerFaults, seconds: number): Promise<boolean> {
  const { faults, server, id, hit } = await hold(attempt, ledger, seconds);
  try {
    await pause(attempt.jitterMs);
    const kill = freezeCaller(hit.clientPort, server);
    const { open, done } = await stateOf(attempt).finally(kill);
    return open === POINTS[attempt.point].open && done === POINTS[attempt.point].done;
  } catch (error) {
    console.warn(`not killed ${attempt.point}: ${error}`);
    return false;
  } finally {
    await faults.remove(id);
  }
}

function attempts({ stage, form, seed, part }: World): Attempt[] {
  const [atSimulator, atTryton] = [createTenant(stage, 't34', simulator), createTenant(stage, 't33', tryton)];
  return (Object.keys(POINTS) as Point[]).flatMap((point, at) =>
    Array.from({ length: Math.ceil(SEEDS[form] * part) }, (_, n) => {
      const next = random(seed + 100 * at + n);
      const tenant = form === 'long' && n % TRYTON_SHARE === 0 ? atTryton : atSimulator;
      const [quote] = drawQuotes(1, next) as [NorthwindQuote];
      const turn = tenant === atTryton ? n / TRYTON_SHARE : n;
      const effect = (at + seed + turn) % 2 === 0 ? ('create-draft' as const) : ('confirm-order' as const); // both, at both ERPs
      return { tenant, quote, point, effect, orderKey: tenant.keyOf(quote), jitterMs: Math.floor(next() * JITTER_MS) };
    }),
  );
}

/** kill -9 of the process that calls the ERP, at six points of an effect. */
export async function kill(world: World, ledger: LedgerFaults): Promise<Findings> {
  const planned = attempts(world);
  await mustBeNew(world, planned);
  for (const [tenant, ofTenant] of Map.groupBy(planned, ({ tenant }) => tenant))
    await prepareAll(
      tenant,
      ofTenant.map(({ quote }) => quote),
    );
  const hits = await Promise.all(planned.map((attempt) => strike(attempt, ledger, PATIENCE[world.form])));
  await untilAtRest(world, planned, PATIENCE[world.form]);
  const verdict = await judge(world, planned);
  const ofPoint = (point: Point) => planned.map((attempt, n) => ({ ...attempt, hit: hits[n] })).filter((attempt) => attempt.point === point);
  const points = (Object.keys(POINTS) as Point[]).map((point) => {
    const all = ofPoint(point);
    const drafts = all.filter(({ effect }) => effect === 'create-draft').length;
    return { point, all: all.length, hit: all.filter(({ hit }) => hit).length, drafts };
  });
  expect(points.filter(({ all, hit }) => hit < ENOUGH * all)).toEqual([]);
  return {
    verdict,
    lines: [
      ...points.map(({ point, all, hit, drafts }): [string, string] => [
        `killed ${point}`,
        `${all}, of which ${hit} at the point, by ledger and ERP; ${drafts} while a draft was made, ${all - drafts} while an order was confirmed`,
      ]),
      ['at Tryton', `${planned.filter(({ tenant }) => tenant.erp === tryton).length} of ${planned.length}, the others at the ERP simulator`],
      ['parked by itself meanwhile', inWords(await parkedBy(world, planned))],
    ],
  };
}
