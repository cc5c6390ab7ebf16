import type { ErrorCode } from '../../../contracts/errors.ts';
import { type Head, hasStop, isConfirmed, isMine, pastPivot } from '../../../lambdas/domain/head.ts';
import { type Found, isSold, probeDue } from '../../../lambdas/domain/protocol/index.ts';
import { nextTaxKey } from '../../../lambdas/domain/tax.ts';
import { tidyUp } from './late.ts';
import {
  allQuiet,
  attemptOf,
  callOf,
  chainOf,
  type Emit,
  foundIn,
  going,
  headOf,
  lowerOf,
  type Machine,
  orderOf,
  quiet,
  runOf,
  settled,
  spend,
  withOrder,
  written,
} from './machine.ts';
import { blocked } from './plan.ts';
import { NOW, PROBE_AFTER, PROBES, RUNS_FROM, SETTLES } from './time.ts';
import { answer, stop } from './workflow.ts';
import type { Docs, World } from './world.ts';

/**
 * First step of a run: settles what is unknown before it looks at anything else. The settle time passes here, and only when no call
 * of that attempt can land any more; `early` breaks that promise of the vendor once.
 */
export function prepare(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rev } = callOf(world, i);
  const head = headOf(machine, world, rev);
  if (!head.open) {
    afterRestore(machine, world, i, head, emit);
    return;
  }
  const passed: Head = { ...head, open: { ...head.open, settleAt: NOW } };
  const later = (from: World): World => withOrder(from, rev, { head: machine.heads.put(passed) });
  if (!machine.rules.canSettle(head, NOW)) stop(world, i, 'EFFECT_UNKNOWN', 'an unknown effect may still land', emit);
  else lookUp(world, i, 'looks up the unknown effect under the key', emit);
  if (head.open.settleAt !== SETTLES || !machine.rules.canSettle(passed, NOW)) return;
  if (settled(world, rev)) lookUp(later(world), i, 'looks up the unknown effect under the key', emit);
  else if (world.common.budget.early > 0) lookUp(later(spend(world, 'early')), i, 'LOOKS UP TOO EARLY: the call still lands', emit, 'outside');
}

function lookUp(world: World, i: number, label: string, emit: Emit, kind: 'system' | 'outside' = 'system'): void {
  const { rev } = callOf(world, i);
  if (world.common.down === 'no calls') stop(world, i, 'ERP_UNAVAILABLE', 'the lookup fails: the vendor is down', emit, kind);
  else emit(going(world, i, { at: 'settle', own: true, seen: orderOf(world, rev).docs.join('.') }), label, rev, kind);
}

/** The slot is settled by what the lookup saw, under the attempt that stood in it then. */
export function settleOpen(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rules, heads } = machine;
  const call = callOf(world, i);
  const { rev, seen } = call;
  const number = orderOf(world, rev).head;
  const attempt = attemptOf(call);
  const { open } = heads.get(number);
  const key = open?.target ?? '';
  const document = orderOf(world, rev).taxes.find((doc) => doc.slice(1) === key);
  const found = document ? ({ id: key, tax: '0', status: document.startsWith('r') ? 'recorded' : 'voided' } as const) : undefined;
  const step =
    open?.action === 'record-tax' || open?.action === 'void-tax'
      ? heads.change(number, `settle tax ${attempt} ${document}`, (head) => rules.settleTax(head, attempt, found, NOW, PROBE_AFTER))
      : heads.change(number, `settle ${attempt} ${seen}`, (head) =>
          rules.settleErp(head, attempt, foundIn(seen ? seen.split('.') : []), NOW, PROBE_AFTER),
        );
  afterRestore(machine, going(written(machine, world, rev, step), i, { own: false, seen: '' }), i, heads.get(step.head), emit);
}

/** After a restore HEAD learns from the vendors what came of it after the backup, before anything else. */
function afterRestore(machine: Machine, world: World, i: number, head: Head, emit: Emit): void {
  const { rev } = callOf(world, i);
  if (head.lookFrom === undefined) owed(machine, world, i, head, emit);
  else {
    const looks = (from: World): void =>
      emit(going(from, i, { at: 'restored', seen: orderOf(from, rev).docs.join('.') }), 'looks at the vendors after the restore', rev, 'system');
    if (head.lookFrom <= NOW) looks(world);
    else stop(world, i, 'EFFECT_UNKNOWN', 'a call of before the restore may still land', emit);
    if (head.lookFrom === RUNS_FROM && allQuiet(world)) looks(withOrder(world, rev, { head: machine.heads.put({ ...head, lookFrom: NOW }) }));
  }
}

/**
 * May the order go on beside the other revisions of its quote? As `erp/look.ts` asks: none that the ERP has and the ledger has lost, and
 * none below it that came back beside its predecessors and lives. Of what is decided already nobody asks.
 */
function besides(machine: Machine, world: World, rev: number, found: readonly Found[]): ErrorCode | undefined {
  const head = headOf(machine, world, rev);
  if (pastPivot(head) || hasStop(head) || found.some(isSold)) return undefined;
  const lost = world.orders.some((order, other) => other !== rev && order.head < 0 && order.docs.some((doc) => /^[dc]/.test(doc)));
  if (lost) return 'RESTORE_REVISION_MISSING';
  const below = world.orders.flatMap((order, other) => (other < rev && order.head >= 0 ? [headOf(machine, world, other)] : []));
  const along = new Set(chainOf(machine, world, rev).map(({ orderKey }) => orderKey));
  const beside = below.filter(({ orderKey }) => !along.has(orderKey)).reverse();
  const verdict = machine.rules.predecessors(beside, head.amends);
  return verdict === 'clear' ? undefined : verdict;
}

/** What the look saw is taken in. */
export function restored(machine: Machine, world: World, i: number, emit: Emit): void {
  const { heads, rules } = machine;
  const { rev, seen } = callOf(world, i);
  const { taxes } = orderOf(world, rev);
  const newest = taxes.at(-1);
  const document =
    newest && ({ key: newest.slice(1), id: newest.slice(1), tax: '0', status: newest.startsWith('r') ? 'recorded' : 'voided' } as const);
  const told = heads.change(orderOf(world, rev).head, `look tax ${newest}`, (head) => rules.lookAfterTax(head, document || undefined));
  const found = foundIn(seen ? seen.split('.') : []);
  const not = besides(machine, world, rev, found);
  if (not) {
    stop(going(written(machine, world, rev, told), i, { seen: '' }), i, not, 'another revision is in the way', emit);
    return;
  }
  const step = heads.change(told.head, `look ${seen}`, (head) => rules.lookAfter(head, found, NOW, PROBE_AFTER));
  const next = going(written(machine, written(machine, world, rev, told), rev, step), i, { seen: '' });
  const after = heads.get(step.head);
  if (step.answer === 'cancelled' && Object.keys(after.stops).length === 0)
    stop(next, i, 'RESTORE_DRAFT_CANCELLED', 'a draft stands cancelled', emit);
  else owed(machine, next, i, after, emit);
}

/** A look that is owed comes due when every call that could land has landed, or never will. */
function owed(machine: Machine, world: World, i: number, head: Head, emit: Emit): void {
  const { rev } = callOf(world, i);
  const look = (from: World, then: Head): void => {
    if (from.common.down === 'no calls') {
      stop(from, i, 'ERP_UNAVAILABLE', 'the look that is owed fails: the vendor is down', emit);
      return;
    }
    const late = lateDocument(machine, then, orderOf(from, rev).taxes);
    if (late) emit(going(from, i, { at: 'found', target: late.key, seen: late.status }), 'a look that is owed finds a tax document', rev, 'system');
    else tidyUp(machine, from, i, then.draft?.ref, 'a look that is owed', emit);
  };
  if (probeDue(head, NOW)) {
    look(world, head);
    return;
  }
  if (head.probes.includes(PROBES) && quiet(world, rev)) {
    const due: Head = { ...head, probes: head.probes.map(() => NOW) };
    look(withOrder(world, rev, { head: machine.heads.put(due) }), due);
  }
  goOn(machine, world, i, head, emit);
}

interface Late {
  readonly key: string;
  readonly status: 'recorded' | 'voided';
}

const documentOf = ({ key, status }: Late) => ({ id: key, tax: '0', status });

/** Under the key that HEAD names or the next one: what HEAD does not know to stand, or to be voided. */
function lateDocument({ rules }: Machine, head: Head, taxes: Docs): Late | undefined {
  const next = nextTaxKey(head);
  const found = [...new Set([head.tax?.key ?? next, next])].flatMap((key): Late[] =>
    taxes.includes(`r${key}`) ? [{ key, status: 'recorded' }] : taxes.includes(`v${key}`) ? [{ key, status: 'voided' }] : [],
  );
  return found.find((late) => rules.foundTax(head, late.key, documentOf(late)).answer === 'adopted');
}

/** HEAD is told of the tax document that was found. */
export function foundTax(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rev, target, seen } = callOf(world, i);
  const late = { key: target, status: seen as Late['status'] };
  const step = machine.heads.change(orderOf(world, rev).head, `found tax ${target} ${seen}`, (head) =>
    machine.rules.foundTax(head, target, documentOf(late)),
  );
  const next = going(written(machine, world, rev, step), i, { target: '', seen: '' });
  const after = machine.heads.get(step.head);
  // The look stays owed: the real one goes on with the drafts first, which adds nothing to this one's states.
  if (step.answer === 'in flight') goOn(machine, next, i, after, emit);
  else tidyUp(machine, next, i, after.draft?.ref, 'HEAD is told of the tax document', emit);
}

/** A look found nothing more, or cancelled what it found. */
export function probed(machine: Machine, world: World, i: number, emit: Emit): void {
  const { rev } = callOf(world, i);
  const step = machine.heads.change(orderOf(world, rev).head, 'probed', (head) => machine.rules.probed(head, NOW));
  goOn(machine, written(machine, world, rev, step), i, machine.heads.get(step.head), emit);
}

/** The rest of the first step: may the order go on, and alone? */
function goOn(machine: Machine, world: World, i: number, head: Head, emit: Emit): void {
  const { rev } = callOf(world, i);
  const code = blocked(head);
  if (isConfirmed(head)) answer(world, i, 'ok', 'nothing to prepare', emit);
  else if (code) stop(world, i, code, 'the order is asked to stop', emit);
  else if (lowerOf(machine, world, rev).length > 0) emit(going(world, i, { at: 'alone' }), 'reads HEAD', rev, 'system');
  else readMapping(world, i, emit);
}

/** The lower revisions are read after HEAD: `then` follows when all have ended. */
export function alone(machine: Machine, world: World, i: number, emit: Emit, then: () => void): void {
  const { rev, step } = callOf(world, i);
  const { amends } = headOf(machine, world, rev);
  const lower = lowerOf(machine, world, rev);
  const verdict = machine.rules.predecessors(lower, amends);
  const sold = verdict === 'PREDECESSOR_PAST_PIVOT' ? machine.rules.blocking(lower, amends)?.orderKey : undefined;
  if (verdict === 'clear') then();
  else if (sold && machine.scope.amend === 'policy' && step === 'prepare') amendBy(machine, world, i, sold, emit);
  else {
    const asks: Emit = (next, ...told) => emit(sold && machine.scope.amend ? going(next, i, { target: sold }) : next, ...told);
    stop(world, i, verdict, 'a lower revision lives', asks);
  }
}

/** The policy makes an amendment of the order; then the lower revisions are read again. */
function amendBy(machine: Machine, world: World, i: number, sold: string, emit: Emit): void {
  const call = callOf(world, i);
  const { rev } = call;
  const step = machine.heads.change(orderOf(world, rev).head, `amend ${sold} ${runOf(call)}`, (head) => machine.rules.amend(head, runOf(call), sold));
  const next = written(machine, world, rev, step);
  if (step.answer === 'too late') stop(next, i, 'NEWS_ARRIVED', 'the order changed before it became an amendment', emit);
  else emit(next, `amends ${sold}`, rev, 'system');
}

export function readMapping(world: World, i: number, emit: Emit): void {
  emit(going(world, i, { at: 'prepared', inputs: world.common.mapping }), 'reads the mapping', callOf(world, i).rev, 'system');
  if (world.common.budget.error > 0) {
    stop(spend(world, 'error'), i, 'CUSTOMER_BLOCKED', 'STEP FAILS: a person has to act', emit, 'outside');
    stop(spend(world, 'error'), i, 'ERP_UNAVAILABLE', 'STEP FAILS: the vendor does not answer', emit, 'outside');
  }
}

/** What the run prepared is stored, as long as the run is not over. */
export function prepared(machine: Machine, world: World, i: number, emit: Emit): void {
  const call = callOf(world, i);
  const { inputs, rev } = call;
  const run = runOf(call);
  const step = machine.heads.change(orderOf(world, rev).head, `prepared ${inputs} ${run}`, (head) =>
    isMine(head, run) ? { next: { ...head, prepared: { customer: { run: head.run.n, hash: inputs, ref: '' } } }, answer: null } : { answer: null },
  );
  answer(written(machine, world, rev, step), i, 'ok', 'stores what it prepared', emit);
}
