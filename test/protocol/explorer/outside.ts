import { ended, type Head, pastPivot } from '../../../lambdas/domain/head.ts';
import type { Acceptance } from '../../../lambdas/domain/protocol/index.ts';
import { quoteItem } from './heads.ts';
import { heldByVendor } from './liveness.ts';
import { type Emit, headOf, land, type Machine, nameOf, orderOf, quiet, settled, spend, withCommon, withOrder, written } from './machine.ts';
import { NOW, PROBES, SETTLES } from './time.ts';
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
const beforePivot = (head: Head): boolean => live(head) && !pastPivot(head);

/** Accepting is one transaction on QUOTE, my HEAD and the predecessor's. */
function accept(machine: Machine, world: World, rev: number, emit: Emit): void {
  const { heads, rules } = machine;
  const marked = world.common.highest - 1;
  const before = marked >= 0 ? headOf(machine, world, marked) : undefined;
  const decision = rules.accept(acceptance(rev), quoteItem(world.common.highest, nameOf), undefined, before);
  if (!decision.head) return;
  let next = withOrder(world, rev, { head: heads.put(decision.head.next) });
  if (decision.quote) next = withCommon(next, { highest: rev + 1 });
  const { predecessor } = decision;
  if (before && decision.quote) {
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
  emit(beforePivot(head) ? withOrder(next, rev, { asked: true }) : next, 'a cancel request is stored', rev, 'outside');
}

const passed = (head: Head, moment: string): Head => ({
  ...head,
  ...(head.dueAt === moment && { dueAt: NOW }),
  ...(head.sweepAt === moment && { sweepAt: NOW }),
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
    const again = wait?.kind === 'person' || wait?.kind === 'predecessor' || (world.common.down === 'no calls' && heldByVendor(head));
    const may = dueAt === SETTLES ? !head.open || settled(world, rev) : dueAt === PROBES ? quiet(world, rev) : true;
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
  world.orders.forEach((order, rev) => {
    if (order.head < 0) {
      accept(machine, world, rev, emit);
      return;
    }
    if (world.common.budget.cancel > 0) cancel(machine, world, rev, emit);
    time(machine, world, rev, emit);
  });
  flights(world, emit);
}
