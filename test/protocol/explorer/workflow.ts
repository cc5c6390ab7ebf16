import type { ErrorCode } from '../../../contracts/errors.ts';
import { callOf, type Emit, going, orderOf, spend, withOrder, without } from './machine.ts';
import type { Call, Caught, Order, StepName, World } from './world.ts';

const AFTER: Record<StepName, StepName> = {
  prepare: 'estimate',
  estimate: 'draft',
  draft: 'tax',
  tax: 'confirm',
  confirm: 'complete',
  complete: 'complete',
  settle: 'settle',
  void: 'undo',
  undo: 'settle',
};

const finished: Partial<Order> = { execution: 'finished', at: 'prepare', caught: '' };

/** Where the execution stands after a step answered; the state machine in one function. */
function after(step: StepName, answer: 'ok' | 'undo' | Exclude<Caught, ''>): Partial<Order> {
  if (step === 'settle') return answer === 'undo' ? { at: 'void', caught: '' } : finished;
  if (answer !== 'ok' && answer !== 'undo') return { at: 'settle', caught: answer };
  if (step === 'complete') return finished;
  return { at: AFTER[step], caught: '' };
}

/** The call answers. The answer may be lost by a crash just before: then the step is called again, or what was caught is no word of it. */
export function answer(world: World, i: number, result: 'ok' | 'undo' | Exclude<Caught, ''>, label: string, emit: Emit): void {
  const call = callOf(world, i);
  const gone = without(world, i);
  const { rev, step } = call;
  if (!call.awaited || orderOf(world, rev).execution !== 'running') {
    emit(gone, label, rev, 'system');
    return;
  }
  emit(withOrder(gone, rev, after(step, result)), label, rev, 'system');
  if (result === 'RetrySoon') emit(withOrder(gone, rev, { at: 'prepare', caught: '' }), 'once more through the steps', rev, 'system');
  if (world.common.budget.crash > 0) {
    emit(spend(gone, 'crash'), 'CRASH after the write: the step is called again', rev, 'outside');
    if (step !== 'settle')
      emit(withOrder(spend(gone, 'crash'), rev, { at: 'settle', caught: 'Died' }), 'CRASH after the write, caught', rev, 'outside');
  }
}

const lost = (world: World, rev: number, step: StepName): World =>
  withOrder(world, rev, step === 'settle' ? finished : { at: 'settle', caught: 'Died' });

/** The process of a call that the execution waits for dies before its next write. */
export function crashes(world: World, i: number, emit: Emit): void {
  const { rev, step, at } = callOf(world, i);
  if (world.common.budget.crash === 0 || (at !== 'called' && at !== 'answered' && at !== 'record')) return;
  const gone = killed(spend(world, 'crash'), i);
  emit(gone, 'CRASH: the step is called again', rev, 'outside');
  emit(lost(gone, rev, step), 'CRASH or timeout, caught', rev, 'outside');
}

/** What may befall a call that the execution waits for, or that nobody waits for. */
export function fates(world: World, i: number, emit: Emit): void {
  const { rev, step, awaited } = callOf(world, i);
  if (!awaited) {
    emit(killed(world, i), 'a zombie ends', rev, 'system');
    return;
  }
  if (world.common.budget.zombie > 0) {
    const loose = going(spend(world, 'zombie'), i, { awaited: false });
    emit(loose, 'ZOMBIE: the step is called again while this call goes on', rev, 'outside');
    emit(lost(loose, rev, step), 'ZOMBIE: timed out and caught while this call goes on', rev, 'outside');
  }
  crashes(world, i, emit);
}

/** The process is gone; a call that it sent may still land. */
function killed(world: World, i: number): World {
  const call = callOf(world, i);
  return call.at === 'called' ? orphaned(without(world, i), call) : without(world, i);
}

/** The call is on its way, and nobody waits for its answer. */
export const orphaned = (world: World, { rev, action, own, target, generation, inputs }: Call): World =>
  action === '' ? world : { ...world, flights: [...world.flights, { rev, action, own, target, generation, inputs }] };

/** The step stops: its error is recorded in HEAD by a write of its own, then it is thrown. */
export const stop = (world: World, i: number, code: ErrorCode, label: string, emit: Emit, kind: 'system' | 'outside' = 'system'): void =>
  emit(going(world, i, { ...forgotten, at: 'record', code }), label, callOf(world, i).rev, kind);

const forgotten: Partial<Call> = {
  queue: '',
  seen: '',
  action: '',
  target: '',
  stale: false,
  answer: '',
  draft: '',
  made: '',
  generation: 0,
  inputs: '',
  unknown: false,
};
