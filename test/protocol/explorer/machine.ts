import { ended, type Head, hasStop, isConfirmed } from '../../../lambdas/domain/head.ts';
import type { Found } from '../../../lambdas/domain/protocol/index.ts';
import { CURRENT, type Heads, SLOT, type Step } from './heads.ts';
import type { Rules } from './rules.ts';
import { type Budget, type Call, type Caught, type Common, type Docs, drafts, type Effect, type Flight, type Order, type World } from './world.ts';

export interface Scope {
  readonly revisions: number;
  readonly budget: Partial<Record<Budget, number>>;
  /**
   * Tax documents are effects like any other, made from data of their `own` or from the `same` as the draft; otherwise recording and
   * voiding is one step that nothing disturbs.
   */
  readonly tax?: 'own' | 'same';
  /** A newer revision of an order that the ERP has becomes an order beside it: by `policy`, or where a `person` says so. */
  readonly amend?: 'policy' | 'person';
  /** The starter acts only on a message that the sweeper sent; otherwise a message may be there at any time. */
  readonly messages?: boolean;
  /** Slots of admission (rule 6); with messages only. Otherwise there is always room. */
  readonly slots?: number;
}

/**
 * system: it happens by itself sooner or later; poll: also, but it may come again and again, which is no sign of going round;
 * outside: it happens or not.
 */
type Kind = 'system' | 'poll' | 'outside';
export type Emit = (next: World, label: string, rev: number, kind: Kind) => void;

export interface Machine {
  readonly rules: Rules;
  readonly heads: Heads;
  readonly scope: Scope;
}

export const nameOf = (rev: number): string => `R${rev}`;
const revOf = (orderKey: string): number => Number(orderKey.slice(1)) - 1;
export const runOf = (call: Call): number => (call.current ? CURRENT : CURRENT - 1);
export const attemptOf = (call: Call): string => (call.own ? SLOT : 'another');

export const orderOf = (world: World, rev: number): Order => world.orders[rev] as Order;
export const headOf = ({ heads }: Machine, world: World, rev: number): Head => heads.get(orderOf(world, rev).head);

export const withOrder = (world: World, rev: number, patch: Partial<Order>): World => ({
  ...world,
  orders: world.orders.map((order, n) => (n === rev ? { ...order, ...patch } : order)),
});

export const withCommon = (world: World, patch: Partial<Common>): World => ({ ...world, common: { ...world.common, ...patch } });

export const spend = (world: World, event: Budget): World =>
  withCommon(world, { budget: { ...world.common.budget, [event]: world.common.budget[event] - 1 } });

/** Calls keep their place while one step is worked out; only the key of the world ignores it. */
export const callOf = (world: World, i: number): Call => world.calls[i] as Call;

export const without = (world: World, i: number): World => ({ ...world, calls: world.calls.filter((_, n) => n !== i) });

/** The call goes on: `patch` is what it knows now. */
export const going = (world: World, i: number, patch: Partial<Call>): World => ({
  ...world,
  calls: world.calls.map((call, n) => (n === i ? { ...call, ...patch } : call)),
});

/** The slot is empty, or somebody else's: nobody's attempt stands in it any more. */
export const disown = (world: World, rev: number): World => ({
  ...world,
  calls: world.calls.map((call) => (call.rev === rev && call.own && call.at !== 'last' ? { ...call, own: false } : call)),
  flights: world.flights.map((flight) => (flight.rev === rev && flight.own ? { ...flight, own: false } : flight)),
});

/** The run is over: its calls go on as zombies, its execution no longer matters. */
const over = (world: World, rev: number): World => ({
  ...withOrder(world, rev, { execution: 'none', at: 'prepare', caught: '' }),
  calls: world.calls.map((call) => (call.rev === rev && (call.current || call.awaited) ? { ...call, current: false, awaited: false } : call)),
});

/** A write to HEAD, with what follows from it for the calls. */
export function written(machine: Machine, world: World, rev: number, step: Step<unknown>): World {
  if (!step.written) return world;
  const before = headOf(machine, world, rev);
  const after = machine.heads.get(step.head);
  let next = withOrder(world, rev, { head: step.head });
  if (step.wrong && !next.wrong) next = { ...next, wrong: step.wrong };
  if (before.open && !after.open) next = disown(next, rev);
  if (step.fact) next = { ...next, calls: next.calls.map((call) => (call.rev === rev && call.at === 'last' ? { ...call, own: false } : call)) };
  if (before.run.active && !after.run.active) next = over(next, rev);
  return next;
}

const mayLand = (call: Call): boolean => call.at === 'called' || call.at === 'answered';

/** No call of the attempt in the slot can land any more. */
export const settled = (world: World, rev: number): boolean =>
  !world.calls.some((call) => call.rev === rev && call.own && mayLand(call)) && !world.flights.some((flight) => flight.rev === rev && flight.own);

/** No call at all can land any more. */
export const quiet = (world: World, rev: number): boolean =>
  !world.calls.some((call) => call.rev === rev && mayLand(call)) && !world.flights.some((flight) => flight.rev === rev);

/** ... of any revision: the time from which a restored ledger is looked from is one for all. */
export const allQuiet = (world: World): boolean => world.orders.every((_order, rev) => quiet(world, rev));

const STATUS = { d: 'draft', c: 'confirmed', x: 'cancelled' } as const;

export const foundIn = (docs: Docs): Found[] =>
  docs.map((doc, n) => ({
    ref: String(n + 1),
    key: '',
    generation: Number(doc[1]),
    status: STATUS[doc[0] as keyof typeof STATUS],
    total: { amount: '0', currency: 'EUR' },
  }));

export interface Answer {
  readonly order: Partial<Order>;
  readonly answer: 'done' | 'refused';
  readonly target: string;
}

type Landing = Pick<Flight, 'action' | 'target' | 'generation' | 'inputs'>;
const replaced = (docs: Docs, target: string, status: string): Docs => docs.map((doc, n) => (String(n + 1) === target ? status + doc.slice(1) : doc));

/** What the vendor does with a call. */
export function land({ docs, taxes }: Order, { action, target, generation, inputs }: Landing): Answer {
  const status = docs[Number(target) - 1]?.[0];
  switch (action) {
    case 'create-draft':
      return { order: { docs: [...docs, `d${generation}${inputs}`] }, answer: 'done', target: String(docs.length + 1) };
    case 'confirm-order':
      return status === 'x' ? { order: {}, answer: 'refused', target } : { order: { docs: replaced(docs, target, 'c') }, answer: 'done', target };
    case 'cancel-draft':
      return status === 'c' ? { order: {}, answer: 'refused', target } : { order: { docs: replaced(docs, target, 'x') }, answer: 'done', target };
    case 'record-tax': {
      const known = taxes.includes(`r${target}`);
      return { order: { taxes: known ? taxes : [...taxes, `r${target}`] }, answer: 'done', target };
    }
    case 'void-tax':
      return { order: { taxes: taxes.map((doc) => (doc === `r${target}` ? `v${target}` : doc)) }, answer: 'done', target };
  }
}

/** HEADs along `predecessor`, nearest first. */
export function chainOf(machine: Machine, world: World, rev: number): Head[] {
  const chain: Head[] = [];
  for (let key = headOf(machine, world, rev).predecessor; key !== undefined; key = chain.at(-1)?.predecessor)
    chain.push(headOf(machine, world, revOf(key)));
  return chain;
}

/** HEADs of all lower revisions, nearest first: in a restored ledger one may have come back after its successor. */
export function lowerOf(machine: Machine, world: World, rev: number): Head[] {
  if (!world.common.restored) return chainOf(machine, world, rev);
  return world.orders.flatMap(({ head }, other) => (other < rev && head >= 0 ? [headOf(machine, world, other)] : [])).reverse();
}

/** The revision up to which orders stay beside this one: what it amends, and what a lower order amends. -1: none. */
export function keptBelow(machine: Machine, world: World, rev: number): number {
  const sold = lowerOf(machine, world, rev).filter(isConfirmed);
  return Math.max(-1, ...[headOf(machine, world, rev), ...sold].flatMap(({ amends }) => (amends === undefined ? [] : [revOf(amends)])));
}

const FORWARD: readonly Effect[] = ['create-draft', 'confirm-order', 'record-tax'];

/** What may never be tried, looked at when the intent is written. */
export function wrongIntent(machine: Machine, world: World, call: Call): string {
  if (call.action === '' || !FORWARD.includes(call.action)) return '';
  const kept = keptBelow(machine, world, call.rev);
  const amended = (lower: Head): boolean => isConfirmed(lower) && revOf(lower.orderKey) <= kept;
  // One that comes back after its successor is stopped from the start, so what counts is what the ERP has of it.
  const along = chainOf(machine, world, call.rev).some((lower) => !ended(lower) && !amended(lower));
  if (along || lowerOf(machine, world, call.rev).some((lower) => isConfirmed(lower) && !amended(lower)))
    return 'I6 forward effect while a lower revision lives';
  const head = headOf(machine, world, call.rev);
  // a tax document belongs to an order that the ERP has, whatever is asked of it
  if (hasStop(head) && !(call.action === 'record-tax' && head.state === 'confirmed')) return 'I2 forward effect under a stop';
  const made = orderOf(world, call.rev).docs[Number(call.target) - 1]?.slice(2);
  if (call.action === 'confirm-order' && made !== world.common.mapping) return 'I9 pivot on a draft whose mapping was corrected';
  return '';
}

/** A `done` whose attempt has left the slot must leave a trace in HEAD: HEAD names it, or it was told as news, or a look is owed. */
export function wrongLate(machine: Machine, world: World, call: Call, told: boolean): string {
  const head = headOf(machine, world, call.rev);
  if (told) return '';
  const living = drafts(orderOf(world, call.rev).docs).includes(call.target);
  if (call.action === 'create-draft' && living && head.draft?.ref !== call.target && head.probes.length === 0) return 'I5 a late done was lost';
  if (call.action === 'confirm-order' && head.state !== 'confirmed' && head.state !== 'completed') return 'I5 a late done was lost';
  return '';
}

export const caughtBy = (code: string): Exclude<Caught, ''> => (code === 'ERP_BUSY' ? 'RetrySoon' : 'Stop');
