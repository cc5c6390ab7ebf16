import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { type Head, SYSTEM } from '../domain/head.ts';
import { canonicalJson } from '../domain/identity.ts';
import type { Decided, Task } from '../domain/waiting.ts';
import { taskKey, taskPlaceKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** How a question ended: by an answer, or because the order went on without one. */
export type Closed = Pick<Decided, 'by' | 'at'> & Partial<Pick<Decided, 'option' | 'reason'>>;

/** The question about one order, as the ledger lists it: what HEAD has of it, with what people need in a list. */
export interface TaskItem extends Task {
  readonly orderKey: string;
  readonly tenant: string;
  readonly quote: Head['quote'];
  readonly erp: string;
  readonly detail?: string | undefined;
  readonly since: string;
  readonly state: 'open' | 'closed';
  readonly closed?: Closed | undefined;
  /** Id of the entry in quarantine that it is about, while the order goes on; left out: it is the question that HEAD has. */
  readonly entry?: string | undefined;
}

/** Only what is open stands in the index: by the group that is asked, and until when. */
export const indexed = ({ state, owner, dueAt }: Pick<TaskItem, 'state' | 'owner' | 'dueAt'>) =>
  state === 'open' ? { taskOwner: owner, taskDue: dueAt } : {};

const itemOf = (head: Head, task: Task): TaskItem => ({
  ...task,
  orderKey: head.orderKey,
  tenant: head.tenant,
  quote: head.quote,
  erp: head.route.erp,
  detail: head.wait?.detail,
  since: head.wait?.since ?? task.openedAt,
  state: 'open',
});

/** The question as it is stored. */
export const stored = (item: TaskItem) => ({ ...taskKey(item.orderKey, item.id), ...item, ...indexed(item) });

/** The open question of an order as an item. */
export const openItem = (head: Head) => head.task && stored(itemOf(head, head.task));

/** One that its order does not have any more: closed without an answer. */
export const closedItem = (item: TaskItem, now: string) => stored({ ...item, state: 'closed', closed: { by: SYSTEM, at: now } });

function closedBy({ decided }: Head, task: Task, actor: string, now: string): Closed {
  if (decided?.task !== task.id || decided.next || decided.at < task.openedAt) return { by: actor, at: now };
  const { by, at, option, reason } = decided;
  return { by, at, option, reason };
}

/**
 * What the ledger writes about questions together with this HEAD: the one that it closes, and the one that it opens or changes. HEAD is
 * written under compare-and-set, so these need no condition of their own: they are open if and only if HEAD has them.
 */
export function taskItems(from: Head | undefined, to: Head, actor: string, now: string): Record<string, unknown>[] {
  const before = from?.task && itemOf(from, from.task);
  const after = to.task && itemOf(to, to.task);
  if (canonicalJson(before) === canonicalJson(after)) return [];
  const items: Record<string, unknown>[] = [];
  if (before && before.id !== after?.id) items.push(stored({ ...before, state: 'closed', closed: closedBy(to, before, actor, now) }));
  if (after && after.id !== before?.id) items.push({ ...taskPlaceKey(after.id), orderKey: to.orderKey });
  if (after) items.push(stored(after));
  return items;
}

/** Back from the item: what only the index needs is left out. */
export const taskOf = ({ pk: _pk, sk: _sk, taskOwner: _owner, taskDue: _due, ...task }: Record<string, unknown>): unknown => task;

export async function readTaskItem(ledger: Ledger, orderKey: string, id: string): Promise<TaskItem | undefined> {
  const { Item } = await ledger.client.send(new GetCommand({ TableName: ledger.table, Key: taskKey(orderKey, id), ConsistentRead: true }));
  return Item && (taskOf(Item) as TaskItem);
}
