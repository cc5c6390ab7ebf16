import { type Head, hasNews } from '../../../lambdas/domain/head.ts';
import { fill, noLeases, starters } from './admission.ts';
import { createHeads, type Heads } from './heads.ts';
import { wrongIn } from './invariants.ts';
import { record } from './last-write.ts';
import { createEdges, isGood } from './liveness.ts';
import { callOf, type Emit, type Machine, type Scope } from './machine.ts';
import { outside } from './outside.ts';
import { prepared } from './prepare.ts';
import { type Rules, real } from './rules.ts';
import { execution, starter } from './starter.ts';
import { proceed } from './steps.ts';
import { createStore, type Store } from './store.ts';
import { NOW } from './time.ts';
import { crashes } from './workflow.ts';
import {
  type Budget,
  type Call,
  EVENTS,
  nameOfCall,
  nameOfCommon,
  nameOfFlight,
  nameOfOrder,
  nameOfStarter,
  type Order,
  type World,
} from './world.ts';

interface Violation {
  readonly what: string;
  readonly steps: number;
  readonly trace: string;
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly heads: number;
  readonly seconds: number;
  /** States and kinds of wait that were met. */
  readonly met: readonly string[];
  readonly violation: Violation | undefined;
}

const nothing: Order = { head: -1, docs: [], taxes: [], asked: false, kept: false, execution: 'none', at: 'prepare', caught: '', message: false };

function initial(scope: Scope): World {
  const budget = Object.fromEntries(EVENTS.map((event) => [event, scope.budget[event] ?? 0])) as Record<Budget, number>;
  return {
    common: { highest: 0, mapping: 'm0', withdrawn: 0, backup: [], restored: false, leases: noLeases(scope.slots ?? 0), budget, down: '' },
    orders: Array.from({ length: scope.revisions }, () => nothing),
    calls: [],
    flights: [],
    starters: [],
    wrong: '',
  };
}

/** Calls whose run is over, and that have nothing left to write, do nothing: leaving them out keeps the exploration small. */
const harmless = new Set(['start', 'alone', 'look', 'act', 'prepared', 'record', 'last']);
const tidy = (world: World): World => {
  const idle = world.calls.some((call) => !call.current && !call.awaited && harmless.has(call.at));
  return idle ? { ...world, calls: world.calls.filter((call) => call.current || call.awaited || !harmless.has(call.at)) } : world;
};

/**
 * What a call does next where nobody else can tell whether it did it at once: its own error, or what it prepared, written to HEAD. Only
 * of a call that the execution waits for: a zombie may write it late, over that of the call that came after it.
 */
const unseen: Readonly<Partial<Record<Call['at'], typeof record>>> = { record, prepared };

function atOnce(machine: Machine, emit: Emit): Emit {
  return (next, label, rev, kind) => {
    const i = next.calls.findIndex((call) => call.awaited && unseen[call.at] !== undefined);
    if (i < 0) {
      emit(next, label, rev, kind);
      return;
    }
    const both: Emit = (after, second, _rev, then) => emit(after, `${label}; ${second}`, rev, kind === 'system' ? then : kind);
    unseen[callOf(next, i).at]?.(machine, next, i, both);
    crashes(next, i, both);
  };
}

function steps(machine: Machine, world: World, outer: Emit): void {
  const emit = atOnce(machine, outer);
  outside(machine, world, emit);
  world.orders.forEach((order, rev) => {
    if (order.head < 0) return;
    starter(machine, world, rev, emit);
    execution(machine, world, rev, emit);
  });
  if (machine.scope.slots) {
    starters(machine, world, emit);
    fill(machine, world, emit);
  }
  for (let i = 0; i < world.calls.length; i++) proceed(machine, world, i, emit);
}

/** A limit was met: so many states were looked at, breadth first, and held what holds in each; where they lead to (I4) is not known. */
export class Unfinished extends Error {
  readonly looked: number;

  constructor(message: string, looked: number) {
    super(message);
    this.looked = looked;
  }
}

export interface Limits {
  /** States after which the search gives up: the arrays are made for so many. */
  readonly states: number;
  readonly seconds: number;
}
const SMALL: Limits = { states: 1_000_000, seconds: 60 };
/** System's own transitions per state; the largest scopes have four to six. */
const EDGES = 8;

/** Explores every state of a scope, breadth first, so that the first violation has a shortest trace. Throws Unfinished. */
export function explore(scope: Scope, rules: Rules = real, limits: Limits = SMALL): Exploration {
  const began = performance.now();
  const machine: Machine = { rules, scope, heads: createHeads() };
  const store = createStore(limits.states, scope.revisions);
  const edges = createEdges(limits.states, limits.states * EDGES);
  const from = new Int32Array(limits.states);
  const good = new Uint8Array(limits.states);
  let transitions = 0;
  /** What is wrong, and in which world: the step into it starts from the state `at`. */
  let found: { what: string; at: number; world: World | undefined } | undefined;

  const result = (round: readonly number[] = []): Exploration => ({
    states: store.size(),
    transitions,
    heads: machine.heads.size(),
    seconds: (performance.now() - began) / 1000,
    met: machine.heads.met(),
    violation: found && { what: found.what, ...traceTo(machine, store, [...wayTo(from, found.at), ...round], found.world) },
  });

  let at = 0;
  const emit: Emit = (emitted, _label, _rev, kind) => {
    if (found) return;
    transitions += 1;
    const next = tidy(emitted);
    const what = next.wrong;
    if (what) found = { what, at, world: next };
    const to = store.add(next, (number) => {
      from[number] = at;
      found ??= ((wrong) => (wrong ? { what: wrong, at, world: next } : undefined))(wrongIn(machine, next));
    });
    if (kind !== 'outside' && to !== at) edges.add(to, kind === 'poll');
  };

  store.add(initial(scope), () => {});
  for (; at < store.size(); at++) {
    const world = store.get(at);
    good[at] = Number(isGood(machine, world));
    steps(machine, world, emit);
    if (found) return result();
    edges.end(at);
    if (store.full() || edges.full()) throw new Unfinished(`more than ${limits.states} states: the scope is too large`, at);
    if (at % 4096 === 0 && performance.now() - began > limits.seconds * 1000)
      throw new Unfinished(`not explored within ${limits.seconds} s: ${at} of at least ${store.size()} states`, at);
  }
  const wedged = edges.wedge(good.subarray(0, store.size()));
  const round = wedged >= 0 ? [] : edges.roundTrip(store.size());
  if (wedged >= 0) found = { what: 'I4 wedge: nothing that the system does by itself leads to an end', at: wedged, world: undefined };
  else if (round.length > 0)
    found = { what: 'I4 going round: the system works without end and nobody is told', at: round[0] as number, world: undefined };
  return result(round.slice(1));
}

const nameOf = ({ common, orders, calls, flights, starters: all }: World): string =>
  [
    nameOfCommon(common),
    ...orders.map(nameOfOrder),
    ...[...calls.map(nameOfCall), ...flights.map(nameOfFlight), ...all.map(nameOfStarter)].sort(),
  ].join('|');

/** The shortest way to a state: the numbers of the states on it. */
function wayTo(from: Int32Array, number: number): number[] {
  const path: number[] = [];
  for (let n = number; n > 0; n = from[n] as number) path.unshift(n);
  return [0, ...path];
}

/** The steps along these states, and from the last to `last` where that is given; one line a step. */
function traceTo(machine: Machine, store: Store, path: readonly number[], last?: World): { steps: number; trace: string } {
  const lines = path.map((n, k) => {
    const [target, goal] = k + 1 < path.length ? [path[k + 1], undefined] : [-1, last];
    let line = '';
    steps(machine, store.get(n), (emitted, label, rev) => {
      const next = tidy(emitted);
      const arrived = goal ? next.wrong === goal.wrong && nameOf(next) === nameOf(goal) : store.find(next) === target;
      if (line === '' && (goal || k + 1 < path.length) && arrived) line = `  R${rev + 1} ${label.padEnd(62)} -> ${show(machine.heads, next)}`;
    });
    return line;
  });
  const told = lines.filter((line) => line !== '');
  return { steps: told.length, trace: told.join('\n') };
}

const moment = (time: string | undefined): string => (time === undefined ? '-' : time <= NOW ? 'NOW' : time.slice(5, 13));

function showHead(head: Head): string {
  const words = [head.state as string];
  if (head.run.active) words.push(hasNews(head) ? 'RUN+news' : 'RUN');
  if (head.open) words.push(`open:${head.open.action}`);
  if (head.draft) words.push(`draft#${head.draft.ref}(${head.draft.inputs})`);
  if (Object.keys(head.stops).length > 0) words.push(`stops:${Object.keys(head.stops)}`);
  if (head.task) words.push('TASK');
  if (head.wait) words.push(`wait:${head.wait.kind}/${head.wait.code}`);
  if (head.probes.length > 0) words.push(`probes:${head.probes.map(moment)}`);
  if (head.run.deaths > 0) words.push(`deaths:${head.run.deaths}`);
  return `${words.join(' ')} due:${moment(head.dueAt)}`;
}

function show(heads: Heads, world: World): string {
  const orders = world.orders.flatMap((order, rev) =>
    order.head < 0
      ? []
      : [`R${rev + 1} ${showHead(heads.get(order.head))} erp[${order.docs}] ${order.execution === 'running' ? `at ${order.at}` : order.execution}`],
  );
  const calls = world.calls.map((call) => `${call.awaited ? '' : 'zombie '}${call.step}:${call.at}${call.action && `:${call.action}`}`);
  return [...orders, calls.join(' '), world.flights.length > 0 ? `${world.flights.length} in flight` : ''].filter((text) => text !== '').join(' | ');
}
