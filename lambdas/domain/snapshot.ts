import type { OrderSnapshot } from '../../contracts/events.ts';
import { definitionOf } from './errors.ts';
import type { Head } from './head.ts';
import type { Decided, Task } from './waiting.ts';

/** The open question that an order shares with others. */
export type Shared = Pick<Task, 'id' | 'owner' | 'dueAt'>;

/** Who it was is kept with the fact. */
const decisionOf = ({ by: _by, next: _asked, ...decision }: Decided): OrderSnapshot['decision'] => decision;

/** What people and subscribers see. @param shared what it waits for with others, where somebody has read it; else the group that is asked first */
export function snapshotOf(head: Head, shared?: Shared): OrderSnapshot {
  const total = head.order?.total ?? head.draft?.total;
  const stop = (['withdrawn', 'cancel', 'superseded', 'policy'] as const).find((kind) => head.stops[kind] && head.stops[kind].decided !== 'keep');
  return {
    orderKey: head.orderKey,
    sequence: head.seq,
    state: head.state,
    quote: head.quote,
    erp: { instance: head.route.erp, reference: head.order?.ref ?? head.draft?.ref, number: head.order?.number, total },
    deadline: head.deadline,
    tax: head.tax && { document: head.tax.id, amount: head.tax.amount, status: head.tax.status },
    waiting: head.wait && {
      for: head.wait.kind,
      code: head.wait.code,
      class: definitionOf(head.wait.code).class,
      owner: (head.task ?? shared)?.owner ?? definitionOf(head.wait.code).owner,
      task: (head.task ?? shared)?.id,
      detail: head.wait.detail,
      since: head.wait.since,
      due: (head.task ?? shared)?.dueAt ?? head.dueAt,
    },
    stop,
    decision: head.decided && decisionOf(head.decided),
    amends: head.amends,
  };
}
