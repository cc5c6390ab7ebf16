import { expect } from 'vitest';
import type { CloudEvent } from '../../contracts/envelope.ts';
import { random, shuffled } from '../../local/northwind/random.ts';
import type { FaultRule } from '../../local/vendors/faults.ts';
import { simulator, tryton } from '../support/erps.ts';
import type { LedgerFaults } from '../support/intercept.ts';
import { poll } from '../support/poll.ts';
import { acceptedEvent, CANONICAL, inbound, quoteEvent, revisionOf } from '../support/quotes.ts';
import { createTenant, type Tenant } from '../support/tenant.ts';
import { answerFor } from './support/decisions.ts';
import { cleanQuotes, type Failing, toAmerica, unmappedAccount } from './support/failures.ts';
import type { Findings } from './support/figures.ts';
import { factOf, intentOf, outcomeOf, preparedOf, untilHit } from './support/points.ts';
import { inWords, judgeEnds, mustBeNew, reckon, type SentOrder, tally, untilAtRest, type World } from './support/verdict.ts';

/** Quotes for each cell, or in the short form so many cells; `atTryton`: of the quotes of a cell. */
const SIZES = { short: { cells: 3, each: 1, atTryton: 0, patience: 240 }, long: { cells: 99, each: 4, atTryton: 1, patience: 900 } };
/** Longer than the next revision takes to be accepted. */
const HELD_MS = 60_000;

/** One quote, of which several revisions come. */
class Revisions {
  readonly world: World;
  readonly tenant: Tenant;
  readonly quote: Failing['quote'];
  readonly ledger: LedgerFaults;
  readonly seconds: number;

  constructor(world: World, tenant: Tenant, quote: Failing['quote'], ledger: LedgerFaults) {
    this.world = world;
    this.tenant = tenant;
    this.quote = quote;
    this.ledger = ledger;
    this.seconds = SIZES[world.form].patience;
  }

  order = (revision: number): SentOrder & { orderKey: string } => ({
    tenant: this.tenant,
    orderKey: this.tenant.keyOf(revisionOf(this.quote, revision)),
  });
  accept = (revision: number, change: (quote: Failing['quote']) => Failing['quote'] = (same) => same) =>
    this.tenant.accept(change(revisionOf(this.quote, revision)));
  /** All at once. */
  acceptAll = (revisions: readonly number[]) =>
    this.world.stage.put(...revisions.map((n) => inbound(acceptedEvent(this.tenant.name, revisionOf(this.quote, n), this.tenant.erp.region))));
  milestone = (what: Parameters<typeof quoteEvent>[2], revision: number) => {
    const event: CloudEvent<unknown> = quoteEvent(this.tenant.name, revisionOf(this.quote, revision), what);
    return this.world.stage.put(inbound(event));
  };
  /** The ledger knows of the withdrawal, though there is no order yet. */
  withdrawn = (revision: number) =>
    poll(
      `revision ${revision} is withdrawn`,
      async () => (await this.world.stage.ledger.readQuote(this.tenant.name, CANONICAL, this.quote.header.id)).withdrawnUpTo >= revision,
      { seconds: this.seconds, every: 300 },
    );
  exists = (revision: number) => this.tenant.until(this.order(revision).orderKey, 'is there', () => true, this.seconds);
  waits = (revision: number, code: string) => this.tenant.untilWaiting(this.order(revision).orderKey, code, this.seconds);
  is = (revision: number, state: 'completed' | 'cancelled' | 'reversed') =>
    this.tenant.untilState(this.order(revision).orderKey, state, this.seconds);

  /** `begin` leads revision 1 to this call to the ledger, which is held until revision 2 is there. */
  async meanwhile(call: (orderKey: string) => FaultRule['match'], begin: () => Promise<unknown>): Promise<void> {
    const { faults } = this.ledger;
    const id = await faults.plan({ match: call(this.order(1).orderKey), action: 'hold-request', ms: HELD_MS });
    try {
      await begin();
      await untilHit(faults, id, this.seconds);
      await this.accept(2);
      await this.exists(2);
    } finally {
      await faults.remove(id);
    }
  }
}

interface Cell {
  readonly name: string;
  /** Where revision 1, 2, ... end; undefined: there never is an order. */
  readonly ends: readonly (string | undefined)[];
  readonly simulatorOnly?: true;
  readonly happen: (quote: Revisions) => Promise<unknown>;
}

const replaced = ['cancelled', 'completed'];
const kept = ['completed', 'PREDECESSOR_PAST_PIVOT'];

const CELLS: readonly Cell[] = [
  { name: '2 before 1', ends: replaced, happen: async (q) => [await q.accept(2), await q.exists(2), await q.accept(1)] },
  {
    name: '1 is accepted',
    ends: replaced,
    happen: (q) =>
      q.meanwhile(
        (key) => preparedOf(key, 'customer'),
        () => q.accept(1),
      ),
  },
  {
    name: '1 waits',
    ends: replaced,
    happen: async (q) => [await q.accept(1, unmappedAccount), await q.waits(1, 'CUSTOMER_UNKNOWN'), await q.accept(2)],
  },
  {
    name: "the effect of 1's draft is unknown",
    ends: replaced,
    happen: async (q) => {
      await q.tenant.erp.faults().plan({ match: q.tenant.erp.draftOf(q.order(1).orderKey), action: 'drop-answer' });
      return [await q.accept(1), await q.waits(1, 'ERP_ANSWER_UNKNOWN'), await q.accept(2)];
    },
  },
  {
    name: '1 is drafted',
    ends: replaced,
    happen: async (q) => [await q.accept(1, toAmerica), await q.waits(1, 'TAX_MISMATCH'), await q.accept(2)],
  },
  {
    name: '1 is being confirmed',
    ends: kept,
    happen: (q) =>
      q.meanwhile(
        (key) => outcomeOf(key, 'confirm-order'),
        () => q.accept(1),
      ),
  },
  {
    name: '1 is confirmed',
    ends: kept,
    happen: (q) =>
      q.meanwhile(
        (key) => factOf(key, 'order.completed.v1'),
        () => q.accept(1),
      ),
  },
  { name: '1 is completed', ends: kept, happen: async (q) => [await q.accept(1), await q.is(1, 'completed'), await q.accept(2)] },
  {
    name: '1 is being cancelled',
    ends: replaced,
    happen: async (q) => {
      await q.accept(1, toAmerica);
      await q.waits(1, 'TAX_MISMATCH');
      return q.meanwhile(
        (key) => intentOf(key, 'cancel-draft'),
        () => q.tenant.cancel(q.order(1).orderKey),
      );
    },
  },
  {
    name: '1 is cancelled',
    ends: replaced,
    happen: async (q) => {
      await q.accept(1, unmappedAccount);
      await q.waits(1, 'CUSTOMER_UNKNOWN');
      await q.tenant.cancel(q.order(1).orderKey);
      return [await q.is(1, 'cancelled'), await q.accept(2)];
    },
  },
  {
    name: '1 is reversed',
    ends: ['reversed', 'completed'],
    simulatorOnly: true,
    happen: async (q) => {
      await q.accept(1);
      const { order } = await q.is(1, 'completed');
      await q.tenant.cancel(q.order(1).orderKey);
      await q.waits(1, 'CANCEL_AFTER_PIVOT');
      await q.tenant.erp.takeBack(order?.ref ?? '');
      await answerFor(q.world.stage, q.order(1), 'reversed');
      return [await q.is(1, 'reversed'), await q.accept(2)];
    },
  },
  { name: '1 was rejected', ends: [undefined, 'completed'], happen: async (q) => [await q.milestone('rejected', 1), await q.accept(2)] },
  {
    name: '1 is withdrawn before',
    ends: ['cancelled', 'completed'],
    happen: async (q) => {
      await q.milestone('withdrawn', 1);
      await q.withdrawn(1);
      return [await q.accept(1), await q.exists(1), await q.accept(2)];
    },
  },
  {
    name: '1 is withdrawn meanwhile',
    ends: ['cancelled'],
    happen: async (q) => [await q.accept(1, toAmerica), await q.waits(1, 'TAX_MISMATCH'), await q.milestone('withdrawn', 1)],
  },
  {
    name: '1 is withdrawn after',
    ends: ['WITHDRAWN_AFTER_PIVOT'],
    happen: async (q) => [
      await q.accept(1),
      await q.is(1, 'completed'),
      await q.milestone('withdrawn', 1),
      await q.waits(1, 'WITHDRAWN_AFTER_PIVOT'),
    ],
  },
  {
    name: '1 and 2 long after 3',
    ends: ['cancelled', 'cancelled', 'completed'],
    happen: async (q) => [await q.accept(3), await q.is(3, 'completed'), await q.accept(1), await q.accept(2)],
  },
  {
    name: '1, 2 and 3 at once',
    ends: ['cancelled', 'cancelled', 'completed'],
    happen: (q) => q.acceptAll(shuffled([1, 2, 3], random(q.quote.orderId))),
  },
];

type Attempt = { readonly cell: Cell; readonly revisions: Revisions; readonly orders: readonly SentOrder[] };

function plan(world: World, ledger: LedgerFaults): Attempt[] {
  const { cells, each, atTryton } = SIZES[world.form];
  const next = random(world.seed);
  const [sim, main] = [createTenant(world.stage, 't67', simulator), createTenant(world.stage, 't67', tryton)];
  const chosen = world.form === 'short' ? shuffled(CELLS, next).slice(0, cells) : CELLS;
  const wanted = chosen.flatMap((cell) => Array.from({ length: Math.ceil(each * world.part) }, (_, n) => ({ cell, n })));
  const quotes = cleanQuotes(wanted.length, next);
  return wanted.flatMap(({ cell, n }, at) => {
    const quote = quotes[at];
    if (!quote) return [];
    const revisions = new Revisions(world, n < atTryton && !cell.simulatorOnly ? main : sim, quote, ledger);
    const orders = cell.ends.flatMap((end, index) => (end === undefined ? [] : [revisions.order(index + 1)]));
    return [{ cell, revisions, orders }];
  });
}

/** Revisions and withdrawals come while the one before is in every state. */
export async function revisions(world: World, ledger: LedgerFaults): Promise<Findings> {
  const planned = plan(world, ledger);
  const orders = planned.flatMap((attempt) => attempt.orders);
  await mustBeNew(world, orders);
  for (const tenant of new Set(planned.map((attempt) => attempt.revisions.tenant))) await tenant.prepare((planned[0] as Attempt).revisions.quote);
  await Promise.all(planned.map(({ cell, revisions: quote }) => cell.happen(quote)));
  const { patience } = SIZES[world.form];
  await untilAtRest(world, orders, patience);
  const rows = new Map((await reckon(world, orders)).map((row) => [row.orderKey, row]));
  const strange = planned.flatMap(({ cell, orders: ofQuote }) => {
    const ends = ofQuote.map(({ orderKey }) => rows.get(orderKey)?.head?.wait?.code ?? rows.get(orderKey)?.head?.state);
    const wanted = cell.ends.filter((end) => end !== undefined);
    return ends.join() === wanted.join() ? [] : [`${cell.name}: ${ofQuote.map(({ orderKey }) => orderKey)} ${ends}`];
  });
  expect(strange).toEqual([]);
  return {
    verdict: await judgeEnds(world, orders),
    lines: [
      ['quotes', `${planned.length}: ${inWords(tally(planned.map(({ cell }) => cell.name)))}`],
      ['confirmed for a quote', 'at most one, the right one: the highest revision, or the one that was past the pivot when the next came'],
      ['at Tryton', `${planned.filter(({ revisions: { tenant } }) => tenant.erp === tryton).length}, the others at the ERP simulator`],
    ],
  };
}
