import { expect } from 'vitest';
import { random, shuffled } from '../../local/northwind/random.ts';
import { simulator, tryton } from '../support/erps.ts';
import type { LedgerFaults } from '../support/intercept.ts';
import { createTenant } from '../support/tenant.ts';
import { cleanQuotes, FAILURES, type Failing, type Failure } from './support/failures.ts';
import type { Findings } from './support/figures.ts';
import { inWords, judgeEnds, mustBeNew, reckon, tally, untilAtRest, type World } from './support/verdict.ts';

/** Orders for each way in which a step fails, or in the short form so many ways; `atTryton`: of the orders of a way. */
const SIZES = { short: { ways: 3, each: 1, atTryton: 0, patience: 180 }, long: { ways: FAILURES.length, each: 4, atTryton: 1, patience: 900 } };

type Attempt = Failing & { readonly failure: Failure };

function plan({ stage, form, seed, part }: World): Attempt[] {
  const { ways, each, atTryton } = SIZES[form];
  const next = random(seed);
  const [sim, main] = [createTenant(stage, 't68', simulator), createTenant(stage, 't68', tryton)];
  const failures = form === 'short' ? shuffled(FAILURES, next).slice(0, ways) : FAILURES;
  const wanted = failures.flatMap((failure) => Array.from({ length: Math.ceil(each * part) }, (_, n) => ({ failure, n })));
  const quotes = cleanQuotes(wanted.length, next);
  return wanted.flatMap(({ failure, n }, at) => {
    const quote = quotes[at];
    const tenant = n < atTryton && !failure.simulatorOnly ? main : sim;
    return quote ? [{ failure, tenant, quote, orderKey: tenant.keyOf(quote) }] : [];
  });
}

/** Every step fails in every way that there is, and nobody asks for anything: nothing is undone. */
export async function steps(world: World, ledger: LedgerFaults): Promise<Findings> {
  const { patience } = SIZES[world.form];
  const planned = plan(world);
  await mustBeNew(world, planned);
  for (const tenant of new Set(planned.map((attempt) => attempt.tenant))) await tenant.prepare((planned[0] as Attempt).quote);
  await Promise.all(planned.map((attempt) => attempt.failure.meet(attempt, { ledger, seconds: patience })));
  await untilAtRest(world, planned, patience);
  const rows = await reckon(world, planned);
  const strange = rows.flatMap(({ orderKey, head, facts, undone }, n) => {
    const { failure } = planned[n] as Attempt;
    const codes = facts.flatMap(({ event }) => (event.type === 'order.parked.v1' ? [event.data.waiting?.code] : []));
    const ends = failure.ends === 'completed' ? head?.state === 'completed' && !head.wait : head?.wait?.code === failure.code;
    return codes.includes(failure.code) && ends && undone === 0 ? [] : [`${failure.step}, ${failure.how}: ${orderKey} ${head?.state}, ${codes}`];
  });
  expect(strange).toEqual([]);
  const ofStep = tally(planned.map(({ failure }) => failure.step));
  return {
    verdict: await judgeEnds(world, planned),
    lines: [
      ['orders by the step that fails', inWords(ofStep)],
      [
        'ways to fail',
        `${new Set(planned.map(({ failure }) => failure)).size}; each order was parked under the code of its failure, and nothing was undone`,
      ],
      ['at Tryton', `${planned.filter(({ tenant }) => tenant.erp === tryton).length}, the others at the ERP simulator`],
    ],
  };
}
