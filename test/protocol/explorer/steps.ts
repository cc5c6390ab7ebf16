import { type Head, hasStop, isConfirmed, isMine, pastPivot } from '../../../lambdas/domain/head.ts';
import type { Found } from '../../../lambdas/domain/protocol/index.ts';
import { nextTaxKey } from '../../../lambdas/domain/tax.ts';
import { act, called, outcomeOf, taxAtOnce } from './effects.ts';
import { lastWrite, lateLastWrite, record, releaseSlot, wakeHighest } from './last-write.ts';
import { adoptLate, tidyUp } from './late.ts';
import { callOf, type Emit, foundIn, going, headOf, lowerOf, type Machine, orderOf, runOf, spend, without, written } from './machine.ts';
import { blocked, known, plan } from './plan.ts';
import { alone, foundTax, prepare, prepared, probed, readMapping, restored, settleOpen } from './prepare.ts';
import { NOW } from './time.ts';
import { answer, fates, stop } from './workflow.ts';
import type { Call, World } from './world.ts';

/** A step begins: it reads HEAD. */
export function begin(machine: Machine, world: World, i: number, emit: Emit): void {
  const call = callOf(world, i);
  if (!isMine(headOf(machine, world, call.rev), runOf(call))) answer(world, i, 'ok', 'the run is over', emit);
  else beginnings[call.step](machine, world, i, emit);
}

/** Create draft and Confirm begin alike: may the order go forward? */
function forward(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rev } = callOf(world, i);
  const head = headOf(machine, world, rev);
  const code = blocked(head);
  if (isConfirmed(head)) confirmedAlready(machine, world, i, head, emit);
  else if (code) stop(world, i, code, 'the order is asked to stop', emit);
  else {
    const knowing = going(world, i, { ...known(head), inputs: head.prepared.customer?.hash ?? '' });
    if (lowerOf(machine, world, rev).length > 0) emit(going(knowing, i, { at: 'alone' }), 'reads HEAD', rev, 'system');
    else forwardAlone(knowing, i, emit);
  }
}

/** Confirm asks the ERP to process a stuck order again. That is written in the same step: only the order's own number could tell. */
function confirmedAlready(machine: Machine, world: World, i: number, { state, order }: Head, emit: Emit): void {
  const { rev, step } = callOf(world, i);
  if (step !== 'confirm' || state !== 'confirmed' || !order?.stuck) answer(world, i, 'ok', 'the ERP has the order', emit);
  else if (world.common.down === 'no calls') stop(world, i, 'ERP_UNAVAILABLE', 'the stuck order cannot be processed: the vendor is down', emit);
  else {
    const unstuck = machine.heads.change(orderOf(world, rev).head, 'unstuck', (head) => machine.rules.unstuck(head, { ...order, stuck: false }));
    answer(written(machine, world, rev, unstuck), i, 'ok', 'the ERP processes the stuck order', emit);
    if (world.common.budget.stuck > 0) stop(spend(world, 'stuck'), i, 'ERP_ORDER_STUCK', 'STILL STUCK', emit, 'outside');
  }
}

function forwardAlone(world: World, i: number, emit: Emit): void {
  const { rev, unknown } = callOf(world, i);
  if (unknown) emit(going(world, i, { at: 'look' }), 'reads HEAD', rev, 'system');
  else plan(world, i, 'decides what to do', emit);
}

function undo(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rev } = callOf(world, i);
  const head = headOf(machine, world, rev);
  if (!hasStop(head) || pastPivot(head)) answer(world, i, 'ok', 'nothing to undo', emit);
  else emit(going(world, i, { ...known(head), at: 'look' }), 'reads HEAD', rev, 'system');
}

const refs = (found: readonly Found[]): string => [...new Set(found.map((doc) => doc.ref))].join('');

/** What stands in the ERP under the key. */
function look(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rev, step, draft, unknown } = callOf(world, i);
  const all = foundIn(orderOf(world, rev).docs);
  const mine = all.filter((doc) => doc.ref === draft);
  if (world.common.down === 'no calls') stop(world, i, 'ERP_UNAVAILABLE', 'the lookup fails: the vendor is down', emit);
  else if (step !== 'undo') tidyUp(machine, world, i, mine[0]?.ref, 'looks under the key', emit);
  else {
    const found = unknown ? all : mine;
    const done = found.find((doc) => doc.status === 'confirmed');
    if (done) emit(going(world, i, { at: 'adopt', target: done.ref }), 'finds a confirmed order', rev, 'system');
    else plan(going(world, i, { queue: refs([...found.filter((doc) => doc.status === 'draft'), ...mine]) }), i, 'looks under the key', emit);
  }
}

function adopt(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rev, target } = callOf(world, i);
  const [found] = foundIn(orderOf(world, rev).docs).filter((doc) => doc.ref === target);
  if (!found) throw new Error(`no document ${target}`);
  const step = machine.heads.change(orderOf(world, rev).head, `adopt ${target} ${found.status}`, (head) =>
    machine.rules.foundConfirmed(head, found, NOW),
  );
  answer(written(machine, world, rev, step), i, 'ok', 'adopts the confirmed order', emit);
}

function recordTax(machine: Machine, world: World, i: number, emit: Emit): void {
  const head = headOf(machine, world, callOf(world, i).rev);
  const code = isConfirmed(head) ? undefined : blocked(head);
  if (head.tax?.status === 'recorded') answer(world, i, 'ok', 'the tax document stands', emit);
  else if (code) stop(world, i, code, 'the order is asked to stop', emit);
  else tax(machine, world, i, { action: 'record-tax', target: nextTaxKey(head), inputs: taxData(machine, head) }, emit);
}

/** What a tax document is made from. */
const taxData = ({ scope }: Machine, head: Head): string => (scope.tax === 'same' ? (head.prepared.customer?.hash ?? '') : '');

/** A recorded document that was made from other data is voided (rule 4). */
function estimateTax(machine: Machine, world: World, i: number, emit: Emit): void {
  const head = headOf(machine, world, callOf(world, i).rev);
  const code = blocked(head);
  const stale = head.tax?.status === 'recorded' && head.tax.hash !== taxData(machine, head);
  if (isConfirmed(head)) answer(world, i, 'ok', 'the ERP has the order', emit);
  else if (code) stop(world, i, code, 'the order is asked to stop', emit);
  else if (!stale) answer(world, i, 'ok', 'no tax document is stale', emit);
  else tax(machine, world, i, { action: 'void-tax', target: head.tax?.id ?? '', stale: true }, emit);
}

function voidTax(machine: Machine, world: World, i: number, emit: Emit): void {
  const head = headOf(machine, world, callOf(world, i).rev);
  if (!hasStop(head) || pastPivot(head) || head.tax?.status !== 'recorded') answer(world, i, 'ok', 'no tax document to void', emit);
  else tax(machine, world, i, { action: 'void-tax', target: head.tax.id }, emit);
}

function tax(machine: Machine, world: World, i: number, patch: Partial<Call>, emit: Emit): void {
  if (machine.scope.tax) emit(going(world, i, { at: 'act', ...patch }), 'reads HEAD', callOf(world, i).rev, 'system');
  else taxAtOnce(machine, going(world, i, patch), i, emit);
}

const beginnings = {
  prepare,
  estimate: estimateTax,
  draft: forward,
  tax: recordTax,
  confirm: forward,
  complete: lastWrite,
  settle: lastWrite,
  void: voidTax,
  undo,
};

/** A call goes on by one step, or meets its fate. */
export function proceed(machine: Machine, world: World, i: number, emit: Emit): void {
  fates(world, i, emit);
  const { at, step, rev } = callOf(world, i);
  // A restored ledger does not know the order yet: what is on its way to the vendor lands all the same, and the call dies at its next write.
  if (orderOf(world, rev).head < 0) {
    if (at === 'called') called(world, i, emit);
    else emit(without(world, i), 'its order is not in the restored ledger: the call dies', rev, 'system');
    return;
  }
  const next: Record<Call['at'], () => void> = {
    start: () => begin(machine, world, i, emit),
    alone: () => alone(machine, world, i, emit, () => (step === 'prepare' ? readMapping(world, i, emit) : forwardAlone(world, i, emit))),
    look: () => look(machine, world, i, emit),
    late: () => adoptLate(machine, world, i, emit),
    settle: () => settleOpen(machine, world, i, emit),
    act: () => act(machine, world, i, emit),
    called: () => called(world, i, emit),
    answered: () => outcomeOf(machine, world, i, emit),
    probed: () => probed(machine, world, i, emit),
    prepared: () => prepared(machine, world, i, emit),
    record: () => record(machine, world, i, emit),
    restored: () => restored(machine, world, i, emit),
    found: () => foundTax(machine, world, i, emit),
    adopt: () => adopt(machine, world, i, emit),
    last: () => lateLastWrite(machine, world, i, emit),
    release: () => releaseSlot(machine, world, i, emit),
    wake: () => wakeHighest(machine, world, i, emit),
  };
  next[at]();
}
