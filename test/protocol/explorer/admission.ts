import { CURRENT } from './heads.ts';
import { type Emit, headOf, type Machine, orderOf, spend, withCommon, withOrder, written } from './machine.ts';
import { NOW, TIMES } from './time.ts';
import type { Call, Common, Lease, Starter, World } from './world.ts';

/** Admission (rule 6) as lambdas/functions/quote-to-order/run/start.ts and lambdas/ledger/admission.ts go through it, one step a call to a table. */

const withStarter = (world: World, i: number, patch: Partial<Starter> | undefined): World => ({
  ...world,
  starters: patch ? world.starters.map((one, n) => (n === i ? { ...one, ...patch } : one)) : world.starters.filter((_, n) => n !== i),
});

const withLease = (world: World, slot: number, lease: Lease): World =>
  withCommon(world, { leases: world.common.leases.map((one, n) => (n === slot ? lease : one)) });

const same = (a: Lease, b: Lease): boolean => a.rev === b.rev && a.run === b.run;

/** The starter read HEAD: idle and due. It takes the next run for itself. */
export const admitted = (world: World, rev: number): World => ({
  ...world,
  starters: [...world.starters, { rev, run: 'next', at: 'take', slot: -1, again: false }],
});

/** The first slot that is free or holds the same lease. */
function take(world: World, i: number, { rev, run, again }: Starter, emit: Emit): void {
  const lease = { rev, run } as const;
  const slot = world.common.leases.findIndex((held) => held.rev < 0 || same(held, lease));
  if (slot >= 0) emit(withStarter(withLease(world, slot, lease), i, { at: 'raise', slot }), 'the starter takes a slot', rev, 'system');
  else if (again) emit(withStarter(world, i, undefined), 'no slot is free: the order stays in line', rev, 'system');
  else emit(withStarter(world, i, { at: 'line' }), 'no slot is free', rev, 'system');
}

function line(machine: Machine, world: World, i: number, { rev }: Starter, emit: Emit): void {
  const step = machine.heads.change(orderOf(world, rev).head, 'queue up', (head) => machine.rules.queueUp(head, NOW, TIMES));
  const next = written(machine, world, rev, step);
  if (step.answer === 'in line') emit(withStarter(next, i, { at: 'take', again: true }), 'the order stands in line', rev, 'system');
  else emit(withStarter(next, i, undefined), 'the order needs no run any more', rev, 'system');
}

/** What another run has taken is not raised; a slot that no run uses is given back. */
function raise(machine: Machine, world: World, i: number, { rev, run, slot }: Starter, emit: Emit): void {
  const { heads, rules } = machine;
  const step =
    run === 'next' ? heads.change(orderOf(world, rev).head, `raise ${slot}`, (head) => rules.raise(head, slot, '', NOW, TIMES)) : undefined;
  const next = step?.written ? raised(written(machine, world, rev, step), rev) : world;
  const { active, slot: held } = headOf(machine, next, rev).run;
  const mine = next.starters[i]?.run === 'current';
  if (active && mine && held === slot)
    emit(withStarter(next, i, undefined), step?.written ? 'the starter RAISES the run' : 'the run is raised already', rev, 'system');
  else emit(withStarter(next, i, { at: 'release' }), 'the run was not raised with this slot', rev, 'system');
}

/** Run numbers grew: what was the next run is the current one. */
export function raised(world: World, rev: number): World {
  const aged = <Of extends Pick<Lease, 'rev' | 'run'>>(one: Of): Of =>
    one.rev === rev ? { ...one, run: one.run === 'next' ? 'current' : 'old' } : one;
  const late = (call: Call): Call => ({ ...call, current: false, awaited: false, ...(call.at === 'release' && { seen: 'old' }) });
  const calls = world.calls.map((call) => (call.rev === rev ? late(call) : call));
  const next = { ...withOrder(world, rev, { execution: 'none', at: 'prepare', caught: '' }), calls, starters: world.starters.map(aged) };
  return withCommon(next, { leases: world.common.leases.map(aged) });
}

/** The slot is given back by who holds the lease, and one that stands in line is woken; the message may be lost. */
export function release(machine: Machine, world: World, slot: number, lease: Lease, then: (next: World, label: string) => void): void {
  const held = world.common.leases[slot];
  const mine = held !== undefined && machine.rules.mayFree(held, lease);
  const free = mine ? withLease(world, slot, nobody) : world;
  then(free, mine ? 'the slot is given back' : 'the slot is not ours any more');
  for (const rev of inLine(machine, free)) then(withOrder(free, rev, { message: true }), 'the slot is given back, and one in line is woken');
}

const inLine = (machine: Machine, world: World): number[] =>
  world.orders.flatMap(({ head, message }, rev) => (head >= 0 && !message && machine.heads.get(head).admissionSince ? [rev] : []));

const nobody: Lease = { rev: -1, run: 'old' };
export const noLeases = (slots: number): Common['leases'] => Array.from({ length: slots }, () => nobody);

/** The starter's own steps. It may die before each of them: its message comes again, or the sweeper sends another. */
export function starters(machine: Machine, world: World, emit: Emit): void {
  world.starters.forEach((starter, i) => {
    const { at, rev, run, slot } = starter;
    if (world.common.budget.crash > 0) emit(withStarter(spend(world, 'crash'), i, undefined), 'CRASH of the starter', rev, 'outside');
    if (at === 'take') take(world, i, starter, emit);
    else if (at === 'line') line(machine, world, i, starter, emit);
    else if (at === 'raise') raise(machine, world, i, starter, emit);
    else release(machine, world, slot, { rev, run }, (next, label) => emit(withStarter(next, i, undefined), label, rev, 'system'));
  });
}

/** What the sweeper does for the line: slots that nobody uses come back once they are old enough, and free ones are filled. */
export function fill(machine: Machine, world: World, emit: Emit): void {
  world.common.leases.forEach((lease, slot) => {
    if (lease.rev < 0) return;
    const head = headOf(machine, world, lease.rev);
    // A starter is faster than the limit of a run, and so is the end of one: a lease is old when neither is at work with it.
    const used = world.starters.some((one) => same(one, lease)) || world.calls.some((call) => call.rev === lease.rev && call.at === 'release');
    const run = lease.run === 'current' ? CURRENT : lease.run === 'next' ? CURRENT + 1 : CURRENT - 1;
    if (!used && machine.rules.abandoned(head, run, TIMES.runLimit, TIMES.runLimit))
      emit(withLease(world, slot, nobody), 'time: the sweeper frees a slot that nobody uses', lease.rev, 'system');
    const dead = lease.run === 'current' && head.run.active && orderOf(world, lease.rev).execution === 'finished';
    if (dead && !used) emit(withLease(world, slot, nobody), 'time: the lease of a dead run is over', lease.rev, 'system');
  });
  if (world.common.leases.every((lease) => lease.rev >= 0)) return;
  for (const rev of inLine(machine, world)) emit(withOrder(world, rev, { message: true }), 'the sweeper wakes one in line', rev, 'system');
}

/** Never are more executions at work than there are slots, and a slot of one that is at work is its own. */
export function wrongAdmission(machine: Machine, world: World): string {
  const working = world.orders.flatMap((order, rev) => (order.head >= 0 && order.execution === 'running' ? [rev] : []));
  if (working.length > world.common.leases.length) return 'I11 more runs at work than there are slots';
  const unheld = working.some((rev) => {
    const { run } = headOf(machine, world, rev);
    const lease = run.slot === undefined ? undefined : world.common.leases[run.slot];
    return run.active && lease?.rev !== rev;
  });
  return unheld ? 'I11 a run is at work without its slot' : '';
}
