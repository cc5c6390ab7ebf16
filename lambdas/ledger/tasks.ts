import { BatchGetCommand, GetCommand } from '@aws-sdk/lib-dynamodb';
import type { OwnerGroup } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import { OWNER_GROUPS, optionsOf, type TaskOption } from '../../contracts/tasks.ts';
import { type Assignment, assignmentOf } from '../domain/assignment.ts';
import { type CauseTask, subjectOf } from '../domain/cause-task.ts';
import type { Head } from '../domain/head.ts';
import { type AssignAnswer, decideAssign } from '../domain/protocol/index.ts';
import { readCauseTask, writeCauseTask } from './cause-tasks.ts';
import { changeEntryTask } from './entry-tasks.ts';
import { taskPlaceKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { all, readHeads, waitingFor } from './queries.ts';
import { readTaskItem, type TaskItem, taskOf } from './task-items.ts';

/** A question to people: about one order, or about a cause that many orders wait for. */
export type AnyTask = TaskItem | CauseTask;
export const isShared = (task: AnyTask): task is CauseTask => 'cause' in task;

/** About a rejected event whose order goes on: it holds nothing up. */
export const isAboutEntry = (task: AnyTask): task is TaskItem & { readonly entry: string } => !isShared(task) && task.entry !== undefined;

/** The answers that this question has: what the board and the CLI show, and what counts. */
export const answersTo = (task: AnyTask): readonly TaskOption[] => optionsOf(task.code, isShared(task) ? subjectOf(task.cause).kind : undefined);

export type TaskPlace = { readonly orderKey: string; readonly entry?: string | undefined } | { readonly cause: string };

/** Where the task with this id is; undefined: there never was one. */
export async function placeOfTask(ledger: Ledger, id: string): Promise<TaskPlace | undefined> {
  const { Item } = await ledger.client.send(new GetCommand({ TableName: ledger.table, Key: taskPlaceKey(id), ConsistentRead: true }));
  return Item as TaskPlace | undefined;
}

/** The task with this id, open or closed. */
export async function findTask(ledger: Ledger, id: string): Promise<AnyTask | undefined> {
  const place = await placeOfTask(ledger, id);
  if (!place) return undefined;
  return 'cause' in place ? readCauseTask(ledger, place.cause) : readTaskItem(ledger, place.orderKey, id);
}

export interface Wanted {
  /** Left out: all groups. */
  readonly owner?: OwnerGroup | undefined;
  /** ISO 8601: only those whose answer was due by then. */
  readonly dueBy?: string | undefined;
}

/** Keys of the open tasks, those that are due first before the others. The index is stale: read the task. */
export async function openTaskKeys(
  ledger: Ledger,
  { owner, dueBy }: Wanted = {},
  limit = Number.POSITIVE_INFINITY,
): Promise<{ pk: string; sk: string }[]> {
  const due = dueBy === undefined ? {} : { ':due': dueBy };
  const groups = owner === undefined ? OWNER_GROUPS : [owner];
  const lists = groups.map((group) =>
    all(
      ledger,
      {
        IndexName: 'tasks',
        KeyConditionExpression: dueBy === undefined ? 'taskOwner = :owner' : 'taskOwner = :owner AND taskDue <= :due',
        ExpressionAttributeValues: { ':owner': group, ...due },
      },
      limit,
    ),
  );
  const found = (await Promise.all(lists)).flat().sort((a, b) => (String(a.taskDue) < String(b.taskDue) ? -1 : 1));
  return found.slice(0, limit).map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
}

/** Tasks by key, read consistently, in no order. */
export async function readTasks(ledger: Ledger, keys: readonly { pk: string; sk: string }[]): Promise<AnyTask[]> {
  const found: AnyTask[] = [];
  for (let from = 0; from < keys.length; from += 100) {
    let Keys: Record<string, unknown>[] = keys.slice(from, from + 100);
    while (Keys.length > 0) {
      const page = await ledger.client.send(new BatchGetCommand({ RequestItems: { [ledger.table]: { Keys, ConsistentRead: true } } }));
      found.push(...(page.Responses?.[ledger.table] ?? []).map((item) => taskOf(item) as AnyTask));
      Keys = (page.UnprocessedKeys?.[ledger.table]?.Keys ?? []) as Record<string, unknown>[];
    }
  }
  return found;
}

/** The open tasks, in the order in which they are due. At most `limit` are read. */
export async function openTasks(ledger: Ledger, wanted: Wanted = {}, limit = Number.POSITIVE_INFINITY): Promise<AnyTask[]> {
  const found = await readTasks(ledger, await openTaskKeys(ledger, wanted, limit));
  return found.filter(({ state }) => state === 'open').sort((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
}

/** Orders of which a cause is counted exactly. */
const COUNTED = 1000;

/** The orders that wait for a cause, oldest first; `more`: there are others. The index is stale, HEAD decides. */
export async function ordersOfCause(ledger: Ledger, cause: string, limit = COUNTED): Promise<{ heads: Head[]; more: boolean }> {
  const { orderKeys, next } = await waitingFor(ledger, cause, limit);
  const heads = (await readHeads(ledger, orderKeys)).filter(({ wait }) => wait?.cause === cause);
  return { heads: heads.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1)), more: next !== undefined };
}

/** The orders that questions hold up; `more`: there are others. One about a rejected event holds none up. */
export async function ordersBehind(
  ledger: Ledger,
  tasks: readonly AnyTask[],
): Promise<{ readonly orders: readonly Pick<Head, 'quote'>[]; readonly more: boolean }> {
  const causes = await Promise.all(tasks.filter(isShared).map(({ cause }) => ordersOfCause(ledger, cause)));
  const own = tasks.flatMap((task) => (isShared(task) || isAboutEntry(task) ? [] : [task]));
  return { orders: [...own, ...causes.flatMap(({ heads }) => heads)], more: causes.some(({ more }) => more) };
}

/** Says who looks after a question, by whom and why; the question keeps the last of it. */
export async function assignTask(ledger: Ledger, policy: Pick<Policy, 'owners'>, id: string, to: Assignment): Promise<AssignAnswer | 'unknown'> {
  const place = await placeOfTask(ledger, id);
  if (!place) return 'unknown';
  if ('orderKey' in place && place.entry === undefined)
    return (await ledger.change(place.orderKey, (head, now) => decideAssign(head, id, to, now, policy))).answer;
  const task = 'cause' in place ? await readCauseTask(ledger, place.cause) : await readTaskItem(ledger, place.orderKey, id);
  if (task?.state !== 'open') return 'not open any more';
  const assigned = assignmentOf(policy, task.owner, to, ledger.stamp());
  if ('why' in assigned) return assigned;
  const written =
    'cause' in task
      ? writeCauseTask(ledger, { ...task, ...assigned, version: task.version + 1 })
      : changeEntryTask(ledger, task, { ...task, ...assigned });
  return (await written) ? 'assigned' : assignTask(ledger, policy, id, to);
}
