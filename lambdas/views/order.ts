import { ERRORS } from '../../contracts/errors.ts';
import { ended, type Head, hasStop, lateSince, pastPivot, undecidedStop } from '../domain/head.ts';
import { type Shared, snapshotOf } from '../domain/snapshot.ts';
import type { Defaults } from './defaults.ts';
import { nextCommand } from './next-command.ts';

type Situation = 'cancelling' | 'waiting' | 'asked to stop' | 'confirming' | 'in line' | 'running' | 'due' | 'at rest';

/** Before the pivot whoever is asked to stop is undone, also while that waits for something; what outlived an order that has ended is, too. */
const undoing = (head: Head): boolean => (ended(head) ? head.tax?.status === 'recorded' : hasStop(head) && !pastPivot(head));

/** What people see beside the state: derived, never stored. Asked to stop: after the pivot, and no person has the question yet. */
function situationOf(head: Head): Situation {
  if (undoing(head)) return 'cancelling';
  if (head.wait) return 'waiting';
  if (head.open?.action === 'confirm-order') return 'confirming';
  if (!ended(head) && undecidedStop(head)) return 'asked to stop';
  if (head.admissionSince) return 'in line';
  if (head.run.active) return 'running';
  return ended(head) || head.state === 'completed' ? 'at rest' : 'due';
}

/** An order in a list. `next` says what a waiting order needs; without `next.command` it goes on by itself. @param shared the open question that it shares with others */
export function orderView(head: Head, defaults: Defaults, now = new Date(), shared?: Shared) {
  const { quote, erp, tax, waiting, stop, amends, sequence } = snapshotOf(head, shared);
  return {
    orderKey: head.orderKey,
    tenant: head.tenant,
    quote,
    state: head.state,
    situation: situationOf(head),
    erp,
    tax,
    waiting: waiting && { ...waiting, title: ERRORS[waiting.code].title },
    deadline: head.deadline,
    lateSince: lateSince(head, now.toISOString()),
    inLineSince: head.admissionSince,
    stop,
    amends,
    sequence,
    run: { n: head.run.n, active: head.run.active },
    acceptedAt: head.acceptedAt,
    createdAt: head.createdAt,
    next: nextCommand(head, defaults),
  };
}
export type OrderView = ReturnType<typeof orderView>;

/** Everything that HEAD says of one order, for somebody who has to decide. */
export function orderDetail(head: Head, defaults: Defaults, shared?: Shared) {
  return {
    ...orderView(head, defaults, new Date(), shared),
    route: head.route,
    predecessor: head.predecessor,
    supersededBy: head.supersededBy,
    correlationId: head.correlationId,
    document: head.document,
    generation: head.generation,
    run: head.run,
    open: head.open,
    draft: head.draft,
    order: head.order,
    stops: head.stops,
    probes: head.probes,
    dueAt: head.dueAt,
    lastError: head.lastError,
  };
}
export type OrderDetail = ReturnType<typeof orderDetail>;
