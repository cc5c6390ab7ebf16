import { type Head, hasStop } from '../../../lambdas/domain/head.ts';
import { epochOfNumber } from '../../../lambdas/domain/protocol/index.ts';
import { type Fact, hashOfFact } from '../../../lambdas/ledger/append.ts';
import { headsOf } from './history.ts';
import type { Document } from './vendors.ts';
import { ERP, type World } from './world.ts';

/** What came of one history, as the ERP's own documents tell it. */
export interface Outcome {
  /** What must not be; empty: everything holds. */
  readonly wrong: readonly string[];
  readonly orders: number;
  /** Of these, sent by a person to another ERP than the policy's. */
  readonly rerouted: number;
  readonly completed: number;
  readonly cancelled: number;
  /** Code of each order that waits for a person. */
  readonly waiting: readonly string[];
  /** Drafts that no fact of their order names as its own: made by a call that nobody waited for, and cancelled. */
  readonly extras: number;
  readonly runs: number;
}

const factsOf = (world: World, orderKey: string): Fact[] =>
  [...world.table.items.values()]
    .filter(({ pk, sk }) => pk === `O#${orderKey}` && String(sk).startsWith('F#'))
    .sort((a, b) => (String(a.sk) < String(b.sk) ? -1 : 1)) as unknown as Fact[];

/** Facts are numbered without a gap, but for the one at a restore, and chained by their hashes. */
function chainOf(facts: readonly Fact[], head: Head): string[] {
  const wrong: string[] = [];
  facts.forEach((fact, n) => {
    const before = facts[n - 1];
    const leaps = before !== undefined && epochOfNumber(fact.seq) > epochOfNumber(before.seq);
    if (fact.seq !== (before && !leaps ? before.seq + 1 : fact.seq) || fact.previousHash !== (before?.hash ?? ''))
      wrong.push(`fact ${fact.seq} does not follow the one before`);
    if (fact.hash !== hashOfFact(fact)) wrong.push(`fact ${fact.seq} has another hash`);
  });
  if (facts.at(-1)?.hash !== head.lastHash) wrong.push('HEAD does not know the last fact');
  return wrong;
}

function ofOrder(world: World, head: Head, documents: readonly Document[]): string[] {
  const wrong: string[] = [];
  const must = (holds: boolean, what: string): void => void (holds || wrong.push(what));
  const sold = documents.filter(({ status, ref }) => status === 'confirmed' && !world.erp.reversed.has(ref));
  const drafts = documents.filter(({ status }) => status === 'draft');
  const recorded = [...world.tax.documents].filter(([key, { status }]) => key.startsWith(head.orderKey) && status === 'recorded');
  const { state, wait, task, run, open } = head;
  // One that the provider does not void is a person's, who is asked about it.
  const left = recorded.filter(([key]) => wait?.kind !== 'person' || key !== head.tax?.key);
  must(!run.active, 'a run is active');
  must(
    (wait?.kind === 'person' && wait.cause === undefined) === (task !== undefined),
    `it waits for ${wait?.kind ?? 'nothing'} and has ${task ? 'a' : 'no'} task`,
  );
  must(
    drafts.every(({ ref }) => ref === head.draft?.ref),
    `${drafts.length} drafts, HEAD names ${head.draft?.ref}`,
  );
  must(
    sold.every(({ ref }) => ref === head.order?.ref),
    `${sold.length} orders, HEAD names ${head.order?.ref}`,
  );
  must(
    [...sold, ...drafts].every(({ erp }) => erp === head.route.erp),
    `a draft or an order stands in another ERP than ${head.route.erp}`,
  );
  if (state === 'completed')
    must(
      sold.length === (world.erp.reversed.has(head.order?.ref ?? '') ? 0 : 1) && recorded.length === 1,
      `completed with ${sold.length} orders, ${recorded.length} tax documents`,
    );
  else if (state === 'cancelled' || state === 'reversed')
    must(
      sold.length + drafts.length + left.length === 0,
      `${state} with ${sold.length} orders, ${drafts.length} drafts, ${left.length} tax documents that nobody is asked about`,
    );
  else must(wait?.kind === 'person' && head.dueAt !== undefined, `${state} and waits for ${wait?.kind ?? 'nobody'}`);
  if (state === 'completed' && wait === undefined)
    must(!head.stops.cancel || head.stops.cancel.decided !== undefined, 'a cancel request that nobody answers');
  must(open === undefined || wait !== undefined, 'an effect is in flight and nobody waits for it');
  return [...wrong, ...chainOf(factsOf(world, head.orderKey), head)].map(
    (what) => `revision ${head.quote.revision} (${state}${wait ? `, waits: ${wait.code}` : ''}): ${what}`,
  );
}

const byRevision = (world: World): Head[] => headsOf(world).sort((a, b) => a.quote.revision - b.quote.revision);

/** Orders that a person decided to keep beside the newest: what another one amends, and those below it. */
export function keptIn(world: World): string[] {
  const heads = byRevision(world);
  const amended = new Set(heads.filter(({ order }) => order).map(({ amends }) => amends));
  return heads.slice(0, heads.findLastIndex(({ orderKey }) => amended.has(orderKey)) + 1).map(({ orderKey }) => orderKey);
}

/**
 * Looks at the end of a history: at most one order for the quote, the right one, and everything else undone or owned.
 * @param keptBefore orders that a person decided to keep in a ledger that was lost since: the new one does not know it
 */
export function judge(world: World, quiet: boolean, keptBefore: readonly string[] = []): Outcome {
  const heads = byRevision(world);
  const of = (head: Head) => world.erp.documents.filter(({ orderKey }) => orderKey === head.orderKey);
  // More than one only where a person decided so: the one was taken back in the ERP, or another amends it, or one above it.
  const kept = [...keptBefore, ...keptIn(world)];
  const sold = world.erp.documents.filter(
    ({ status, ref, orderKey }) => status === 'confirmed' && !world.erp.reversed.has(ref) && !kept.includes(orderKey),
  );
  const wrong = quiet ? heads.flatMap((head) => ofOrder(world, head, of(head))) : ['it goes on and on'];
  if (sold.length > 1) wrong.push(`${sold.length} confirmed orders for one quote`);
  const highest = heads.at(-1);
  if (quiet && highest && highest.state === 'cancelled' && !hasStop(highest))
    wrong.push('the highest revision was cancelled and nobody asked for it');
  for (const head of heads.slice(0, -1))
    if (quiet && head.wait?.kind === 'person' && head.wait.code === 'PREDECESSOR_PAST_PIVOT')
      wrong.push(`a person is asked about revision ${head.quote.revision}, which is not the highest`);
  const seconds = world.scheduler.now().getTime() / 1000;
  if (quiet && [...world.table.items.values()].some(({ id, expires }) => String(id).startsWith('SLOT#') && Number(expires) > seconds))
    wrong.push('a slot of admission is held in the end');
  wrong.push(...world.violations);
  wrong.push(...world.failures.map((failure) => `thrown: ${failure instanceof Error ? failure.stack : failure}`));
  const named = new Set(heads.flatMap((head) => factsOf(world, head.orderKey).flatMap(({ event }) => event.data.erp.reference ?? [])));
  return {
    wrong,
    orders: heads.length,
    rerouted: heads.filter(({ route }) => route.erp !== ERP).length,
    completed: heads.filter(({ state }) => state === 'completed').length,
    cancelled: heads.filter(({ state }) => state === 'cancelled' || state === 'reversed').length,
    waiting: heads.flatMap(({ wait }) => (wait?.kind === 'person' ? [wait.code] : [])),
    extras: world.erp.documents.filter(({ ref }) => !named.has(ref)).length,
    runs: world.executions.names.size,
  };
}
