import type { ErrorCode } from '../../contracts/errors.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { snapshotOf } from '../../lambdas/domain/snapshot.ts';
import { type Fact, finish } from '../../lambdas/ledger/append.ts';
import type { SaleCount } from '../../local/erp/count.ts';
import type { Report } from '../../local/report/data.ts';
import { makeReport, type Seen } from '../../local/report/make.ts';
import type { ReceiverState } from '../../local/vendors/receivers.ts';

/** Times of the fixtures: acceptance, start of the run, completion. */
const T0 = Date.parse('2026-01-01T12:00:00.000Z');
const iso = (seconds: number): string => new Date(T0 + seconds * 1000).toISOString();

/** An order key of 20 characters that begins with the letter. */
export const keyOf = (letter: string): string => letter.padEnd(20, '0');

/** An order that was accepted and has not run yet. */
export const head = (letter: string, change: Partial<Head> = {}): Head => ({
  orderKey: keyOf(letter),
  tenant: 'northwind',
  quote: { cpq: 'salesforce', id: `a0q${letter}`, number: `Q-${letter}`, revision: 1, currency: 'USD', total: '10.00' },
  contentHash: 'c'.repeat(64),
  document: { key: 'quotes/x', hash: 'c'.repeat(64) },
  route: { region: 'EU', businessUnit: 'trade', erp: 'main' },
  correlationId: 'correlation',
  acceptedAt: iso(0),
  createdAt: iso(0),
  state: 'accepted',
  epoch: 0,
  seq: 1,
  lastHash: '',
  version: 1,
  generation: 0,
  run: { n: 1, active: false, limit: iso(20), startedAt: iso(5), deaths: 0, undos: 0, policyHash: '' },
  probes: [],
  everUnknown: false,
  prepared: {},
  approvals: {},
  stops: {},
  ...change,
});

export const waiting = (letter: string, code: ErrorCode, change: Partial<Head> = {}): Head =>
  head(letter, { wait: { kind: 'person', code, detail: `detail of ${letter}`, since: iso(6), times: 1 }, dueAt: iso(86_400), ...change });

export const completed = (letter: string, number: string): Head =>
  head(letter, { state: 'completed', order: { ref: number, number, total: { amount: '12.00', currency: 'USD' }, stuck: false } });

/** The facts of an order: its way is `types`, ten seconds each. */
function factsOf(order: Head, types: readonly Fact['event']['type'][]): Fact[] {
  return types.map((type, at) => {
    const to = { ...order, seq: at };
    const { fact } = finish({ from: to, to, fact: { type: type as 'order.accepted.v1', actor: 'system' } }, iso(at * 10));
    return fact as Fact;
  });
}

const COMPLETED = ['order.accepted.v1', 'order.confirmed.v1', 'order.completed.v1'];
const PARKED = ['order.accepted.v1', 'order.parked.v1'];

/** What a subscriber is that has taken everything. */
export const receiverOf = (facts: ReadonlyMap<string, readonly Fact[]>): ReceiverState => ({
  orders: Object.fromEntries([...facts].map(([key, all]) => [key, all.at(-1)?.event.data ?? snapshotOf(head('Z'))])),
  counters: { received: 9, applied: 8, ignored: 1, refused: 0, malformed: 0, unavailable: 0 },
});

type CountedSale = SaleCount['byKey'] extends ReadonlyMap<string, readonly (infer Sale)[]> ? Sale : never;

/** The ERP's count of sales that carry a key each. */
export function salesOf(...sales: readonly CountedSale[]): SaleCount {
  const live = sales.filter(({ state }) => state !== 'cancelled');
  const byKey = Map.groupBy(live, ({ reference }) => reference.slice(0, 20));
  const states = Object.fromEntries([...Map.groupBy(sales, ({ state }) => state)].map(([state, all]) => [state, all.length]));
  const undone = sales.filter(({ state }) => state === 'cancelled').map(({ reference }) => reference.slice(0, 20));
  return { byKey, duplicates: [...byKey].filter(([, all]) => all.length > 1).map(([key]) => key), undone, states };
}

/** Two orders in the ERP and one that waits: a run in which all is well. */
export function goodRun(): Seen {
  const heads = [completed('A', '1'), completed('B', '2'), waiting('C', 'PRODUCT_UNMAPPED')].map((one) => ({ ...one, seq: one.wait ? 2 : 3 }));
  const facts = new Map(heads.map((one) => [one.orderKey, factsOf(one, one.wait ? PARKED : COMPLETED)]));
  const sale = (id: number, letter: string) => ({ id, reference: `${keyOf(letter)}.0`, number: String(id), state: 'processing' });
  return {
    quotes: heads.map(({ orderKey, quote }) => ({ number: quote.number ?? '', orderKey, acceptedAt: T0 })),
    sent: { events: 4, repeated: 1, merged: 0, gaps: 1 },
    observed: { heads, facts, receivers: { billing: { state: receiverOf(facts), differences: [] } } },
    rejected: new Map(),
    sales: salesOf(sale(1, 'A'), sale(2, 'B')),
    defaults: { stage: 'local', tenant: 'northwind', erp: 'main' },
    versions: { Node: 'v24.0.0' },
    times: { start: T0 - 30_000, up: T0 - 1000, flowed: T0 + 30_000, end: T0 + 31_000 },
  };
}

export const goodReport = (change: Partial<Seen> = {}): Report => makeReport({ ...goodRun(), ...change });
