import { expect } from 'vitest';
import { random, shuffled } from '../../local/northwind/random.ts';
import { simulator, tryton } from '../support/erps.ts';
import type { LedgerFaults } from '../support/intercept.ts';
import { createTenant } from '../support/tenant.ts';
import { cleanQuotes, FAILURES, type Failing, type Failure, HINDRANCES, type Hindrance } from './support/failures.ts';
import type { Findings } from './support/figures.ts';
import { inWords, judgeEnds, mustBeNew, reckon, tally, untilAtRest, type World } from './support/verdict.ts';

const CELLS = FAILURES.flatMap((failure) => HINDRANCES.map((hindrance) => ({ failure, hindrance })));
/** One order in so many goes to Tryton, where its faults can be met there. */
const SIZES = { short: { cells: 4, tryton: 0, patience: 240 }, long: { cells: CELLS.length, tryton: 6, patience: 1200 } };

type Attempt = Failing & { readonly failure: Failure; readonly hindrance: Hindrance };

function plan({ stage, form, seed, part }: World): Attempt[] {
  const { cells, tryton: share } = SIZES[form];
  const next = random(seed);
  const [sim, main] = [createTenant(stage, 't69', simulator), createTenant(stage, 't69', tryton)];
  const wanted = form === 'short' || part < 1 ? shuffled(CELLS, next).slice(0, Math.ceil(cells * part)) : CELLS;
  const quotes = cleanQuotes(wanted.length, next);
  return wanted.flatMap(({ failure, hindrance }, n) => {
    const quote = quotes[n];
    const anywhere = !failure.simulatorOnly && !hindrance.simulatorOnly;
    const tenant = share > 0 && n % share === 0 && anywhere ? main : sim;
    return quote ? [{ failure, hindrance, tenant, quote, orderKey: tenant.keyOf(quote) }] : [];
  });
}

/** The step fails, the order is cancelled at this moment, and its compensation fails. @returns how often it did */
async function cancelFailing(attempt: Attempt, ledger: LedgerFaults, seconds: number): Promise<() => Promise<number>> {
  const { tenant, orderKey, failure, hindrance } = attempt;
  await failure.meet(attempt, { ledger, seconds });
  const [sale] = await tenant.erp.sales(orderKey);
  const met = await hindrance.plan(attempt, ledger, sale?.ref);
  await tenant.cancel(orderKey);
  return met ?? (async () => 0);
}

/** Every step fails, the order is cancelled, and every compensation fails: it ends undone, or with somebody who knows. */
export async function undo(world: World, ledger: LedgerFaults): Promise<Findings> {
  const { patience } = SIZES[world.form];
  const planned = plan(world);
  await mustBeNew(world, planned);
  for (const tenant of new Set(planned.map((attempt) => attempt.tenant))) await tenant.prepare((planned[0] as Attempt).quote);
  const met = await Promise.all(planned.map((attempt) => cancelFailing(attempt, ledger, patience)));
  await untilAtRest(world, planned, patience);
  const hits = await Promise.all(met.map((count) => count()));
  const rows = await reckon(world, planned);
  const strange = rows.flatMap(({ orderKey, head, facts }, n) => {
    const { failure, hindrance } = planned[n] as Attempt;
    const parked = facts.some(({ event }) => event.type === 'order.parked.v1' && event.data.waiting?.code === hindrance.code);
    const bitten = !hits[n] || !hindrance.code || parked; // else its compensation did not fail
    // What the ERP will not cancel, and what is an order already, is for a person.
    const honest = head?.state === 'cancelled' || ['ERP_REFUSED', 'CANCEL_AFTER_PIVOT'].includes(head?.wait?.code ?? '');
    return honest && bitten ? [] : [`${failure.step}, ${failure.how}; ${hindrance.how}: ${orderKey} ${head?.state} ${head?.wait?.code}`];
  });
  expect(strange).toEqual([]);
  const hindered = planned.filter((_, n) => (hits[n] ?? 0) > 0);
  return {
    verdict: await judgeEnds(world, planned),
    lines: [
      [
        'cells',
        `${planned.length}: ${new Set(planned.map(({ failure }) => failure)).size} ways in which a step fails x ${HINDRANCES.length} of a compensation`,
      ],
      ['compensations that failed', inWords(tally(hindered.map(({ hindrance }) => hindrance.how)))],
      ['at Tryton', `${planned.filter(({ tenant }) => tenant.erp === tryton).length}, the others at the ERP simulator`],
    ],
  };
}
