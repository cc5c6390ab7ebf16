import { type Head, hasNews } from '../../../lambdas/domain/head.ts';
import { createHeads, type Heads } from './heads.ts';
import { wrongIn } from './invariants.ts';
import { isGood, roundTrips, wedges } from './liveness.ts';
import type { Emit, Machine, Scope } from './machine.ts';
import { outside } from './outside.ts';
import { type Rules, real } from './rules.ts';
import { execution, starter } from './starter.ts';
import { proceed } from './steps.ts';
import { NOW } from './time.ts';
import { type Budget, EVENTS, keyOf, type Order, type World } from './world.ts';

interface Violation {
  readonly what: string;
  readonly steps: number;
  readonly trace: string;
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly heads: number;
  /** States and kinds of wait that were met. */
  readonly met: readonly string[];
  readonly violation: Violation | undefined;
}

const nothing: Order = { head: -1, docs: [], taxes: [], asked: false, execution: 'none', at: 'prepare', caught: '', message: false };

function initial(scope: Scope): World {
  const budget = Object.fromEntries(EVENTS.map((event) => [event, scope.budget[event] ?? 0])) as Record<Budget, number>;
  return {
    orders: Array.from({ length: scope.revisions }, () => nothing),
    calls: [],
    flights: [],
    highest: 0,
    mapping: 'm0',
    budget,
    down: '',
    wrong: '',
  };
}

/** Calls whose run is over, and that have nothing left to write, do nothing: leaving them out keeps the exploration small. */
const harmless = new Set(['start', 'alone', 'look', 'act', 'prepared', 'record', 'last']);
const tidy = (world: World): World => {
  const idle = world.calls.some((call) => !call.current && !call.awaited && harmless.has(call.at));
  return idle ? { ...world, calls: world.calls.filter((call) => call.current || call.awaited || !harmless.has(call.at)) } : world;
};

function steps(machine: Machine, world: World, emit: Emit): void {
  outside(machine, world, emit);
  world.orders.forEach((order, rev) => {
    if (order.head < 0) return;
    starter(machine, world, rev, emit);
    execution(machine, world, rev, emit);
  });
  for (let i = 0; i < world.calls.length; i++) proceed(machine, world, i, emit);
}

const MOST = 2_000_000;

/** Explores every state of a scope, breadth first, so that the first violation has a shortest trace. */
export function explore(scope: Scope, rules: Rules = real): Exploration {
  const machine: Machine = { rules, scope, heads: createHeads() };
  const worlds: World[] = [];
  const from: number[] = [];
  const numbers = new Map<string, number>();
  const edges = { from: [] as number[], to: [] as number[], poll: [] as boolean[] };
  let transitions = 0;
  let wrong = '';

  const add = (world: World, parent: number): number => {
    const key = keyOf(world);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const number = worlds.push(world) - 1;
    numbers.set(key, number);
    from.push(parent);
    wrong ||= wrongIn(machine, world);
    return number;
  };
  const result = (what: string, number: number): Exploration => ({
    states: worlds.length,
    transitions,
    heads: machine.heads.size(),
    met: machine.heads.met(),
    violation: what === '' ? undefined : { what, ...traceTo(machine, worlds, from, number) },
  });

  add(initial(scope), -1);
  for (let i = 0; i < worlds.length; i++) {
    steps(machine, worlds[i] as World, (next, _label, _rev, kind) => {
      if (wrong) return;
      transitions += 1;
      const to = add(tidy(next), i);
      if (kind === 'outside' || to === i) return;
      edges.from.push(i);
      edges.to.push(to);
      edges.poll.push(kind === 'poll');
    });
    if (wrong) return result(wrong, worlds.length - 1);
    if (worlds.length > MOST) throw new Error(`more than ${MOST} states: the scope is too large`);
  }
  const good = worlds.map((world) => isGood(machine, world));
  const wedged = wedges(good, edges);
  if (wedged >= 0) return result('I4 wedge: nothing that the system does by itself leads to an end', wedged);
  const round = roundTrips(worlds.length, edges);
  return round >= 0 ? result('I4 going round: the system works without end and nobody is told', round) : result('', -1);
}

/** The shortest way to a state, one line a step. */
function traceTo(machine: Machine, worlds: readonly World[], from: readonly number[], number: number): { steps: number; trace: string } {
  const path: number[] = [];
  for (let n = number; n >= 0; n = from[n] as number) path.unshift(n);
  const lines: string[] = [];
  for (let n = 1; n < path.length; n++) {
    const target = keyOf(worlds[path[n] as number] as World);
    let line = '';
    steps(machine, worlds[path[n - 1] as number] as World, (next, label, rev) => {
      if (line === '' && keyOf(tidy(next)) === target) line = `  R${rev + 1} ${label.padEnd(62)} -> ${show(machine.heads, tidy(next))}`;
    });
    lines.push(line);
  }
  return { steps: lines.length, trace: lines.join('\n') };
}

const moment = (time: string | undefined): string => (time === undefined ? '-' : time <= NOW ? 'NOW' : time.slice(5, 13));

function showHead(head: Head): string {
  const words = [head.state as string];
  if (head.run.active) words.push(hasNews(head) ? 'RUN+news' : 'RUN');
  if (head.open) words.push(`open:${head.open.action}`);
  if (head.draft) words.push(`draft#${head.draft.ref}(${head.draft.inputs})`);
  if (Object.keys(head.stops).length > 0) words.push(`stops:${Object.keys(head.stops)}`);
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
