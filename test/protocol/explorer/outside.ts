import { optionsOf, type TaskOption } from '../../../contracts/tasks.ts';
import { ended, type Head, pastPivot } from '../../../lambdas/domain/head.ts';
import type { Acceptance } from '../../../lambdas/domain/protocol/index.ts';
import { quoteItem } from './heads.ts';
import { heldByVendor } from './liveness.ts';
import {
  allQuiet,
  type Emit,
  headOf,
  land,
  lowerOf,
  type Machine,
  nameOf,
  orderOf,
  quiet,
  settled,
  spend,
  withCommon,
  withOrder,
  written,
} from './machine.ts';
import { NOW, PARKING, PROBES, RESTORE, RUNS_FROM, SETTLES } from './time.ts';
import type { World } from './world.ts';

const acceptance = (rev: number): Acceptance => ({
  orderKey: nameOf(rev + 1),
  tenant: 't',
  quote: { cpq: 'c', id: 'q', revision: rev + 1, currency: 'EUR', total: '1.00' },
  contentHash: '',
  document: { key: 'k', hash: '' },
  route: { region: 'r', businessUnit: 'b', erp: 'e' },
  correlationId: '',
  acceptedAt: NOW,
  now: NOW,
});

const live = (head: Head): boolean => head.state === 'accepted' || head.state === 'drafted';
/** After a restore nobody knows until the vendors were asked. */
const beforePivot = (head: Head): boolean => live(head) && !pastPivot(head) && head.lookFrom === undefined;

/** Accepting is one transaction on QUOTE, my HEAD and the predecessor's. */
function accept(machine: Machine, world: World, rev: number, emit: Emit): void {
  const { heads, rules } = machine;
  const marked = world.common.highest - 1;
  const before = marked >= 0 ? headOf(machine, world, marked) : undefined;
  const decision = rules.accept(
    { ...acceptance(rev), ...(world.common.restored && { restore: RESTORE }) },
    quoteItem(world.common.highest, world.common.withdrawn, nameOf),
    undefined,
    before,
  );
  if (!decision.head) return;
  let next = withOrder(world, rev, { head: heads.put(decision.head.next), asked: rev < world.common.withdrawn && !world.common.restored });
  const isHighest = decision.answer === 'accepted';
  if (isHighest) next = withCommon(next, { highest: rev + 1 });
  const { predecessor } = decision;
  if (before && isHighest) {
    if (predecessor) {
      const step = heads.change(orderOf(world, marked).head, `superseded by ${rev}`, () => ({ ...predecessor, answer: null }));
      next = written(machine, next, marked, step);
    }
    if (beforePivot(before)) next = withOrder(next, marked, { asked: true });
  }
  emit(next, 'the quote is accepted', rev, 'outside');
}

function correct(machine: Machine, world: World, emit: Emit): void {
  let next = withCommon(spend(world, 'correction'), { mapping: world.common.mapping === 'm0' ? 'm1' : 'm0' });
  world.orders.forEach((order, rev) => {
    if (order.head < 0 || !live(machine.heads.get(order.head))) return;
    next = written(
      machine,
      next,
      rev,
      machine.heads.change(order.head, 'wake', (head) => machine.rules.wake(head, NOW)),
    );
  });
  emit(next, 'the mapping is corrected, as news', 0, 'outside');
}

function cancel(machine: Machine, world: World, rev: number, emit: Emit): void {
  const head = headOf(machine, world, rev);
  if (ended(head)) return;
  const step = machine.heads.change(orderOf(world, rev).head, 'cancel', (now) => machine.rules.cancel(now, '', NOW));
  const next = written(machine, spend(world, 'cancel'), rev, step);
  emit(withOrder(next, rev, beforePivot(head) ? { asked: true } : { kept: false }), 'a cancel request is stored', rev, 'outside');
}

/** What a person may answer here; the ERP's own way to reverse an order and another ERP are not in this world. */
const answers = ({ scope }: Machine): readonly TaskOption[] => [
  'retry',
  'approve',
  'reject',
  'cancel',
  'keep',
  ...(scope.amend === 'person' ? ['amend' as const] : []),
];
const AROUND = { memberOf: () => 'member', erps: [], parking: PARKING };

function decide(machine: Machine, world: World, rev: number, emit: Emit): void {
  const head = headOf(machine, world, rev);
  const { task } = head;
  for (const option of task ? optionsOf(task.code).filter((one) => answers(machine).includes(one)) : []) {
    const answer = { task: task?.id ?? '', option, by: 'p', reason: '' };
    const step = machine.heads.change(orderOf(world, rev).head, `decide ${option}`, (now) => machine.rules.decide(now, answer, NOW, AROUND));
    if (step.answer.answer !== 'decided') continue;
    const next = written(machine, spend(world, 'decide'), rev, step);
    const stops = (option === 'cancel' || option === 'reject') && beforePivot(head);
    emit(withOrder(next, rev, { ...(stops && { asked: true }), kept: option === 'keep' }), `a person decides: ${option}`, rev, 'outside');
  }
}

/** QUOTE and its open orders in one transaction, also before any of them is accepted. */
function withdraw(machine: Machine, world: World, emit: Emit): void {
  const { heads, rules } = machine;
  const { highest, withdrawn } = world.common;
  const known = highest > 0 ? [headOf(machine, world, highest - 1), ...lowerOf(machine, world, highest - 1)] : [];
  world.orders.forEach((_order, upTo) => {
    const decision = rules.withdraw({ revision: upTo + 1, by: '', now: NOW }, quoteItem(highest, withdrawn, nameOf), known);
    if (!decision.quote) return;
    let next = withCommon(spend(world, 'withdraw'), { withdrawn: decision.quote.withdrawnUpTo });
    for (const { before, next: marked } of decision.orders) {
      const rev = Number(before.orderKey.slice(1)) - 1;
      const step = heads.change(orderOf(world, rev).head, 'withdrawn', () => ({
        next: marked,
        fact: { type: 'order.stop-requested.v1', actor: '' },
        answer: null,
      }));
      next = written(machine, next, rev, step);
      next = withOrder(next, rev, beforePivot(before) ? { asked: true } : { kept: false });
    }
    emit(next, `the CPQ withdraws up to revision ${upTo + 1}`, upTo, 'outside');
  });
}

/** A backup is made, and later the ledger is restored from it: what was written since is forgotten, and the ERP keeps what it has. */
function restore(machine: Machine, world: World, emit: Emit): void {
  const { backup, highest, withdrawn } = world.common;
  if (backup.length === 0) {
    emit(withCommon(world, { backup: [...world.orders.map(({ head }) => head), highest, withdrawn] }), 'a backup is made', 0, 'outside');
    return;
  }
  const orders = world.orders.map((order, rev) => {
    const head = backup[rev] ?? -1;
    const raised = head < 0 ? head : machine.heads.put(machine.rules.raised(machine.heads.get(head), RESTORE));
    return { ...order, head: raised, asked: false, kept: false, execution: 'none', at: 'prepare', caught: '', message: false } as const;
  });
  const late = <Of extends { own: boolean }>(one: Of): Of => ({ ...one, own: false });
  const next = {
    ...withCommon(spend(world, 'restore'), { backup: [], restored: true, highest: backup.at(-2) ?? 0, withdrawn: backup.at(-1) ?? 0 }),
    orders,
    calls: world.calls.map((call) => late({ ...call, current: false, awaited: false })),
    flights: world.flights.map(late),
  };
  emit(next, 'THE LEDGER IS RESTORED', 0, 'outside');
}

const passed = (head: Head, moment: string): Head => ({
  ...head,
  ...(head.dueAt === moment && { dueAt: NOW }),
  ...(head.sweepAt === moment && { sweepAt: NOW }),
  ...(head.lookFrom === moment && { lookFrom: NOW }),
  ...(head.open?.settleAt === moment && { open: { ...head.open, settleAt: NOW } }),
  probes: head.probes.map((at) => (at === moment ? NOW : at)),
});

/** The time for which an idle order waits comes. A settle time comes when its call can no longer land; a last look when no call can. */
function time(machine: Machine, world: World, rev: number, emit: Emit): void {
  const { heads, scope } = machine;
  const head = headOf(machine, world, rev);
  const { dueAt, sweepAt, wait } = head;
  const to = (next: Head, from = world): World => withOrder(from, rev, { head: heads.put(next) });
  // a message is faster than any due time
  if (!head.run.active && dueAt !== undefined && dueAt > NOW && !orderOf(world, rev).message) {
    // Until the quote is sent again, which is up to people.
    const missing = wait?.code === 'RESTORE_REVISION_MISSING';
    const again = missing || wait?.kind === 'person' || wait?.kind === 'predecessor' || (world.common.down === 'no calls' && heldByVendor(head));
    const comes: Readonly<Record<string, () => boolean>> = {
      [SETTLES]: () => !head.open || settled(world, rev),
      [PROBES]: () => quiet(world, rev),
      [RUNS_FROM]: () => allQuiet(world),
    };
    const may = comes[dueAt]?.() ?? true;
    if (may) emit(to(passed(head, dueAt)), 'time: due', rev, again ? 'poll' : 'system');
    else if (world.common.budget.early > 0)
      emit(to(passed(head, dueAt), spend(world, 'early')), 'time: due, TOO EARLY for a call that still lands', rev, 'outside');
  }
  // While its execution is at work a message for an order does nothing.
  const works = (one: Head): boolean => one.run.active && orderOf(world, rev).execution !== 'running';
  const looksAgain = sweepAt !== undefined && sweepAt > NOW && (works(head) || (dueAt !== undefined && dueAt <= NOW));
  if (scope.messages && looksAgain) emit(to({ ...head, sweepAt: NOW }), 'time: the sweeper looks again', rev, 'poll');
}

/** A call whose caller is gone never lands, or late. */
function flights(world: World, emit: Emit): void {
  world.flights.forEach((flight) => {
    const { rev } = flight;
    const gone = { ...world, flights: world.flights.filter((other) => other !== flight) };
    emit(gone, 'an orphaned call never lands', rev, 'system');
    const refuses = world.common.down === 'no cancels' && flight.action === 'cancel-draft';
    if (!refuses) emit(withOrder(gone, rev, land(orderOf(world, rev), flight).order), 'AN ORPHANED CALL LANDS LATE', rev, 'system');
  });
}

/** Everything that is not ours: the CPQ, people, time, the network. */
export function outside(machine: Machine, world: World, emit: Emit): void {
  if (world.common.budget.down > 0)
    for (const down of ['no cancels', 'no calls', 'no executions'] as const)
      emit(withCommon(spend(world, 'down'), { down }), `FROM NOW ON ${down}`, 0, 'outside');
  if (world.common.budget.correction > 0 && world.common.highest > 0) correct(machine, world, emit);
  if (world.common.budget.withdraw > 0) withdraw(machine, world, emit);
  if (world.common.budget.restore > 0) restore(machine, world, emit);
  world.orders.forEach((order, rev) => {
    if (order.head < 0) {
      accept(machine, world, rev, emit);
      return;
    }
    if (world.common.budget.decide > 0) decide(machine, world, rev, emit);
    if (world.common.budget.cancel > 0) cancel(machine, world, rev, emit);
    time(machine, world, rev, emit);
  });
  flights(world, emit);
}
