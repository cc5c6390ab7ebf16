import type { Head } from '../../../lambdas/domain/head.ts';
import type { Done, Outcome } from '../../../lambdas/domain/protocol/index.ts';
import { NEW } from './heads.ts';
import {
  attemptOf,
  callOf,
  disown,
  type Emit,
  going,
  land,
  type Machine,
  orderOf,
  runOf,
  spend,
  withOrder,
  written,
  wrongIntent,
  wrongLate,
} from './machine.ts';
import { finishedWith, known } from './plan.ts';
import { NOW, SETTLES } from './time.ts';
import { answer, orphaned, stop } from './workflow.ts';
import type { Call, World } from './world.ts';

const total = { amount: '0', currency: 'EUR' };

function doneBy({ action, target, inputs, code }: Call): Done {
  switch (action) {
    case 'create-draft':
      return { action, draft: { ref: target, key: '', inputs, total } };
    case 'confirm-order':
      return { action, order: { ref: target, total, stuck: code === 'ERP_ORDER_STUCK' } };
    case 'cancel-draft':
      return { action, ref: target };
    case 'record-tax':
      return { action, tax: { id: target, key: target, hash: inputs, amount: '0', status: 'recorded' } };
    case 'void-tax':
      return { action, id: target };
    case '':
      throw new Error('a call without an action');
  }
}

function intend(machine: Machine, world: World, i: number) {
  const call = callOf(world, i);
  const { action, target, inputs, stale, rev } = call;
  if (action === '') throw new Error('an intent without an action');
  const request = { run: runOf(call), attempt: NEW, at: NOW, settleAt: SETTLES, payloadHash: inputs, stale, action, ...(target && { target }) };
  const name = `intent ${action} ${target} ${inputs} ${stale} ${request.run}`;
  const step = machine.heads.change(orderOf(world, rev).head, name, (head) => machine.rules.intent(head, request));
  if (step.answer !== 'written') return { answer: step.answer, next: world };
  // Its own attempt in the slot means that its first write won: only a mutant can meet it, there is one write for each intent here.
  const next = step.written ? disown(written(machine, world, rev, step), rev) : world;
  const wrong = next.wrong || wrongIntent(machine, world, call);
  return { answer: step.answer, next: { ...going(next, i, { own: true, at: 'called' }), wrong } };
}

/** The intent: written down before the call is tried. */
export function act(machine: Machine, world: World, i: number, emit: Emit): void {
  const call = callOf(world, i);
  const { answer: told, next } = intend(machine, world, i);
  if (told === 'written') emit(next, 'INTENT', call.rev, 'system');
  else if (told === 'run over') answer(world, i, 'ok', 'intent refused: the run is over', emit);
  else if (told === 'slot open') stop(world, i, 'EFFECT_UNKNOWN', 'intent refused: the slot is open', emit);
  else stop(world, i, 'NEWS_ARRIVED', `intent refused: ${told}`, emit);
}

/** The call is under way. */
export function called(world: World, i: number, emit: Emit): void {
  const call = callOf(world, i);
  const { rev, action, own } = call;
  const told = (from: World, patch: Partial<Call>) => going(from, i, { at: 'answered', ...patch });
  const erp = action !== 'record-tax' && action !== 'void-tax';
  if (action === '') throw new Error('a call without an action');
  if (world.common.down === 'no calls' && erp && own) {
    emit(told(world, { answer: 'not-sent', code: 'ERP_UNAVAILABLE' }), 'not sent: the vendor is down', rev, 'system');
    return;
  }
  if (world.common.down === 'no cancels' && action === 'cancel-draft')
    emit(told(world, { answer: 'refused', code: 'ERP_REFUSED' }), 'the ERP refuses the cancel', rev, 'system');
  else {
    const { order, answer: outcome, target } = land(orderOf(world, rev), { ...call, action });
    const code = outcome === 'refused' ? 'ERP_REFUSED' : '';
    emit(told(withOrder(world, rev, order), { answer: outcome, target, code }), 'THE ERP DOES IT and answers', rev, 'system');
    if (action === 'confirm-order' && outcome === 'done' && world.common.budget.stuck > 0) {
      const stuck = told(withOrder(spend(world, 'stuck'), rev, order), { answer: outcome, target, code: 'ERP_ORDER_STUCK' });
      emit(stuck, 'THE ERP CONFIRMS IT AND CANNOT PROCESS IT', rev, 'outside');
    }
  }
  if (world.common.budget.error > 0) {
    const spent = spend(world, 'error');
    emit(told(spent, { answer: 'refused', code: 'ERP_REFUSED' }), 'the vendor REFUSES', rev, 'outside');
    emit(told(spent, { answer: 'not-sent', code: 'ERP_BUSY' }), 'NOT SENT: the vendor is busy', rev, 'outside');
    stop(orphaned(spent, call), i, 'ERP_ANSWER_UNKNOWN', 'NO ANSWER: unknown', emit, 'outside');
  }
}

function write(machine: Machine, world: World, i: number): { next: World; head: Head } {
  const call = callOf(world, i);
  const { rev, code, target, inputs, action } = call;
  if (call.answer === '') throw new Error('an outcome without an answer');
  const outcome: Outcome = call.answer === 'done' ? { kind: 'done', done: doneBy(call) } : { kind: call.answer, code: code || 'ERP_REFUSED' };
  const attempt = attemptOf(call);
  const name = `outcome ${attempt} ${call.answer} ${code} ${action} ${target} ${inputs} ${call.current}`;
  const step = machine.heads.change(orderOf(world, rev).head, name, (head) =>
    machine.rules.outcome(head, attempt, outcome, NOW, { mine: call.current }),
  );
  const next = written(machine, world, rev, step);
  const late = call.answer === 'done' && (!call.own || step.answer !== 'written');
  return { next: { ...next, wrong: next.wrong || (late ? wrongLate(machine, next, call, step.written) : '') }, head: machine.heads.get(step.head) };
}

/** The outcome is written under the attempt; then the step goes on with the HEAD that this write left. */
export function outcomeOf(machine: Machine, world: World, i: number, emit: Emit): void {
  const { answer: vendor, code, step } = callOf(world, i);
  const { next, head } = write(machine, world, i);
  if (vendor !== 'done') stop(next, i, code || 'ERP_REFUSED', 'OUTCOME: not done', emit);
  else if (step === 'confirm' && head.order?.stuck) stop(next, i, 'ERP_ORDER_STUCK', 'OUTCOME: done, and stuck', emit);
  else finishedWith(going(next, i, { ...known(head), own: false }), i, 'OUTCOME: done', emit);
}

/** A tax document recorded or voided as one step, where the scope does not look at tax. */
export function taxAtOnce(machine: Machine, world: World, i: number, emit: Emit): void {
  const { answer: told, next } = intend(machine, world, i);
  if (told !== 'written') {
    act(machine, world, i, emit);
    return;
  }
  const call = callOf(next, i);
  if (call.action === '') return;
  const { order } = land(orderOf(next, call.rev), { ...call, action: call.action });
  const after = write(machine, going(withOrder(next, call.rev, order), i, { answer: 'done' }), i).next;
  answer(after, i, 'ok', `${call.action}, done`, emit);
}
