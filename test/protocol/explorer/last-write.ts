import { isMine } from '../../../lambdas/domain/head.ts';
import { release } from './admission.ts';
import { callOf, caughtBy, type Emit, going, headOf, type Machine, orderOf, runOf, written } from './machine.ts';
import { NOW, PARKING } from './time.ts';
import { answer, stop } from './workflow.ts';
import type { World } from './world.ts';

/** The last write of a run, decided and written under one compare-and-set; a mutant reads and writes in two steps. */
export function lastWrite(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rev } = callOf(world, i);
  const { head } = orderOf(world, rev);
  if (machine.rules.lastWriteIgnores) emit(going(world, i, { at: 'last', basis: head, own: true }), 'decides on what it read', rev, 'system');
  else write(machine, world, i, head, emit);
}

/** Mutant: the last write was decided on a HEAD that may have moved on. */
export function lateLastWrite(machine: Machine, world: World, i: number, emit: Emit): void {
  const call = callOf(world, i);
  if (!isMine(headOf(machine, world, call.rev), runOf(call))) answer(world, i, 'ok', 'the run is over', emit);
  else if (machine.rules.lastWriteIgnores === 'facts' && !call.own) lastWrite(machine, world, i, emit);
  else write(machine, world, i, call.basis, emit);
}

function write(machine: Machine, world: World, i: number, basis: number, emit: Emit): void {
  const { heads, rules } = machine;
  const call = callOf(world, i);
  const { rev } = call;
  const { caught } = orderOf(world, rev);
  const end = { run: runOf(call), now: NOW, parking: PARKING };
  const step =
    call.step === 'complete'
      ? heads.change(basis, `complete ${end.run}`, (head) => rules.complete(head, end))
      : heads.change(basis, `settle ${end.run} ${caught}`, (head) => rules.settle(head, { ...end, ...(caught && { error: caught }) }));
  const next = written(machine, world, rev, step);
  const cancelled = heads.get(step.head).state === 'cancelled' && heads.get(basis).state !== 'cancelled';
  const slot = heads.get(basis).run.slot;
  const ended = going(next, i, { basis: -1, queue: cancelled ? 'wake' : '' });
  if (step.answer === 'not ready') stop(next, i, 'PLATFORM_STEP_DIED', 'the order cannot complete', emit);
  else if (step.answer === 'undo') answer(next, i, 'undo', 'decides to undo', emit);
  else if (step.answer === 'run over') answer(next, i, 'ok', 'the run is over', emit);
  else if (!machine.scope.slots || slot === undefined) follow(ended, i, 'LAST WRITE', emit);
  else emit(going(ended, i, { at: 'release', target: String(slot), seen: 'current' }), 'LAST WRITE', rev, 'system');
}

/** The slot of the run is given back. */
export function releaseSlot(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rev, target, seen } = callOf(world, i);
  const lease = { rev, run: seen === 'current' ? 'current' : 'old' } as const;
  release(machine, world, Number(target), lease, (next, label) => follow(going(next, i, { target: '', seen: '' }), i, label, emit));
}

/** An order that was cancelled wakes the highest revision. */
function follow(world: World, i: number, label: string, emit: Emit): void {
  const { rev, queue } = callOf(world, i);
  const wakes = queue === 'wake' && world.common.highest !== rev + 1;
  if (wakes) emit(going(world, i, { at: 'wake', queue: '' }), label, rev, 'system');
  else answer(world, i, 'ok', label, emit);
}

/** What follows the last write of an order that was cancelled; a restored ledger may know of no revision. */
export function wakeHighest(machine: Machine, world: World, i: number, emit: Emit): void {
  const rev = world.common.highest - 1;
  if (rev < 0) {
    answer(world, i, 'ok', 'nobody is to be woken', emit);
    return;
  }
  const step = machine.heads.change(orderOf(world, rev).head, 'free', (head) => machine.rules.free(head, NOW));
  answer(written(machine, world, rev, step), i, 'ok', 'wakes the highest revision', emit);
}

/** The error of a step, recorded in HEAD while its run is not over; then it is thrown. */
export function record(machine: Machine, world: World, i: number, emit: Emit): void {
  const call = callOf(world, i);
  const { rev, code, target } = call;
  const run = runOf(call);
  if (code === '') throw new Error('nothing to record');
  const name = call.step === 'undo' ? 'cancel-draft' : call.step === 'void' ? 'void-tax' : 'check-customer';
  const step = machine.heads.change(orderOf(world, rev).head, `record ${code} ${name} ${target} ${run}`, (head) =>
    isMine(head, run)
      ? { next: { ...head, lastError: { run: head.run.n, step: name, code, detail: '', ...(target && { ask: { subject: target } }) } }, answer: null }
      : { answer: null },
  );
  answer(written(machine, world, rev, step), i, caughtBy(code), `stops with ${code}`, emit);
}
