import { admitted, raised } from './admission.ts';
import { type Emit, type Machine, orderOf, spend, withOrder, written } from './machine.ts';
import { begin } from './steps.ts';
import { NOW, PARKING, TIMES } from './time.ts';
import { nobody, type StepName, type World } from './world.ts';

/** The starter on one message, and the sweeper that sends it. */
export function starter(machine: Machine, world: World, rev: number, emit: Emit): void {
  const { heads, rules, scope } = machine;
  const order = orderOf(world, rev);
  const head = heads.get(order.head);
  if (scope.messages) {
    const step = heads.change(order.head, 'sweep', (now) => rules.sweep(now, NOW, 3600));
    if (step.answer === 'send') emit(withOrder(written(machine, world, rev, step), rev, { message: true }), 'the sweeper sends', rev, 'system');
    if (!order.message) return;
    emit(withOrder(world, rev, { message: false }), 'the message is lost', rev, 'outside');
  }
  const consumed = scope.messages ? withOrder(world, rev, { message: false }) : world;
  const told = rules.start(head, NOW);
  if (told === 'drop') {
    if (scope.messages) emit(consumed, 'the starter drops the message', rev, 'system');
  } else if (told === 'admit') {
    if (scope.slots) {
      const busy = world.starters.some((one) => one.rev === rev);
      if (!busy) emit(admitted(consumed, rev), 'the starter finds the order due', rev, 'system');
      else if (world.common.budget.twin > 0) emit(admitted(spend(consumed, 'twin'), rev), 'A SECOND starter finds the order due', rev, 'outside');
      return;
    }
    const step = heads.change(order.head, 'raise', (now) => rules.raise(now, 0, '', NOW, TIMES));
    emit(raised(written(machine, consumed, rev, step), rev), 'the starter RAISES the run', rev, 'system');
  } else if (order.execution === 'none') {
    emit(withOrder(consumed, rev, { execution: 'running', at: 'prepare', caught: '' }), 'the execution starts', rev, 'system');
  } else if (order.execution === 'finished') {
    const taken = heads.change(order.head, 'take over', (now) => rules.takeOver(now, now.run.n, NOW, TIMES, PARKING));
    const next = written(machine, consumed, rev, taken);
    const freeing: World = scope.slots
      ? { ...next, starters: [...next.starters, { rev, run: 'current', at: 'release', slot: head.run.slot ?? 0, again: false }] }
      : next;
    emit(freeing, 'the starter TAKES OVER a dead run', rev, 'system');
  } else if (scope.messages) emit(consumed, 'the execution runs already', rev, 'system');
}

const dead = { execution: 'finished', at: 'prepare', caught: '' } as const;

/** The execution calls its next function, or dies. */
export function execution(machine: Machine, world: World, rev: number, emit: Emit): void {
  const order = orderOf(world, rev);
  if (order.execution !== 'running') return;
  const calls = world.calls.map((call) => (call.rev === rev && call.awaited ? { ...call, awaited: false } : call));
  const busy = world.calls.some((call) => call.rev === rev && call.awaited);
  if (world.common.down === 'no executions' && !busy) {
    emit(withOrder(world, rev, dead), 'the execution dies, as each does', rev, 'system');
    return;
  }
  if (world.common.budget.death > 0) emit({ ...withOrder(spend(world, 'death'), rev, dead), calls }, 'THE EXECUTION DIES', rev, 'outside');
  if (!busy) invoke(machine, world, rev, order.at, emit);
}

function invoke(machine: Machine, world: World, rev: number, step: StepName, emit: Emit): void {
  const call = { ...nobody, step, rev };
  const started: World = { ...world, calls: [...world.calls, call] };
  begin(machine, started, world.calls.length, emit);
  const died = step === 'settle' ? dead : ({ at: 'settle', caught: 'Died' } as const);
  if (world.common.budget.crash > 0) emit(withOrder(spend(world, 'crash'), rev, died), 'CRASH at the start of a step, caught', rev, 'outside');
  if (world.common.budget.zombie > 0) {
    const late: World = { ...spend(world, 'zombie'), calls: [...world.calls, { ...call, awaited: false }] };
    emit(late, 'ZOMBIE: a step is called again before this call has begun', rev, 'outside');
    emit(withOrder(late, rev, died), 'ZOMBIE: timed out and caught before it has begun', rev, 'outside');
  }
}
