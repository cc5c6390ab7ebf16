import type { CauseTask } from '../domain/cause-task.ts';
import { type Head, isForgotten, later } from '../domain/head.ts';
import { readCauseTask } from './cause-tasks.ts';
import { versionOf } from './causes.ts';
import { entryTaskId } from './entry-tasks.ts';
import { partition } from './items.ts';
import { quarantineKey, taskKey } from './keys.ts';
import type { Ledger } from './ledger.ts';
import { isOpen, type Quarantined, readQuarantined } from './quarantine.ts';
import { readHeads } from './queries.ts';
import { readTaskItem, type TaskItem } from './task-items.ts';
import { type AnyTask, isAboutEntry, isShared, openTaskKeys, openTasks, ordersOfCause, readTasks } from './tasks.ts';
import { inTurn } from './turns.ts';

/** What is not as it has to be: every order that is parked has a due time and, when a person is needed, exactly one open question. */
export type Amiss =
  | { readonly what: 'an order without a due time'; readonly orderKey: string }
  | { readonly what: 'an order without its question'; readonly orderKey: string }
  | { readonly what: 'a question that no order has'; readonly orderKey: string; readonly task: string }
  | { readonly what: 'orders without the question of their cause'; readonly orderKey: string; readonly cause: string }
  | { readonly what: 'a question that is answered'; readonly task: CauseTask }
  | { readonly what: 'a question that nobody waits for'; readonly task: CauseTask }
  | { readonly what: 'a rejected event without its question'; readonly orderKey: string; readonly entry: Quarantined }
  | { readonly what: 'a question about an event that is dealt with'; readonly orderKey: string; readonly task: TaskItem };

/** Open tasks that are looked at, once a minute: about so many at most. */
const TASKS = 1000;
/** Seconds for which an order that has just parked may be missing from an index. */
const SETTLED = 120;

const asksPerson = ({ wait, run }: Head): boolean => wait?.kind === 'person' && !run.active;

async function ofCause(ledger: Ledger, task: CauseTask): Promise<Amiss | undefined> {
  if ((await versionOf(ledger, task.cause)) > task.causeVersion) return { what: 'a question that is answered', task };
  const { heads, more } = await ordersOfCause(ledger, task.cause, 1);
  if (heads.length > 0 || more || later(task.openedAt, SETTLED) > ledger.stamp()) return undefined;
  return { what: 'a question that nobody waits for', task };
}

/** Orders that wait for one cause: its question is open, or it is answered already and they are about to be woken. */
async function ofWaiting(ledger: Ledger, cause: string, waiting: readonly Head[]): Promise<Amiss | undefined> {
  if ((await readCauseTask(ledger, cause))?.state === 'open') return undefined;
  const version = await versionOf(ledger, cause);
  const head = waiting.find(({ wait }) => (wait?.causeVersion ?? 0) >= version);
  if (!head || !(await unchanged(ledger, head))) return undefined;
  return { what: 'orders without the question of their cause', orderKey: head.orderKey, cause };
}

/** Somebody may have written between two reads: only what is so of an unchanged order is so. */
const unchanged = async (ledger: Ledger, { orderKey, version }: Head): Promise<boolean> => (await ledger.read(orderKey))?.version === version;

/** From the orders to their questions. @param heads as read just now */
export async function ordersAmiss(ledger: Ledger, heads: readonly Head[]): Promise<Amiss[]> {
  const asking = heads.filter(asksPerson);
  const items = await readTasks(
    ledger,
    asking.flatMap(({ orderKey, task }) => (task ? [taskKey(orderKey, task.id)] : [])),
  );
  const open = new Set(items.filter(({ state }) => state === 'open').map(({ id }) => id));
  const found: Amiss[] = [];
  for (const head of heads) {
    const { orderKey, wait, task } = head;
    const unasked = asksPerson(head) && wait?.cause === undefined && !(task && open.has(task.id));
    const what = isForgotten(head) ? 'an order without a due time' : unasked ? 'an order without its question' : undefined;
    if (what && (await unchanged(ledger, head))) found.push({ what, orderKey });
  }
  const causes = Map.groupBy(asking, ({ wait }) => wait?.cause);
  for (const [cause, waiting] of causes) {
    const amiss = cause === undefined ? undefined : await ofWaiting(ledger, cause, waiting);
    if (amiss) found.push(amiss);
  }
  return found;
}

/** From the rejected events whose orders go on to their questions. @param entries that were open when they were read */
export async function entriesAmiss(ledger: Ledger, entries: readonly Quarantined[]): Promise<Amiss[]> {
  const asking = entries.flatMap((entry) => (entry.orderKey === undefined ? [] : [{ orderKey: entry.orderKey, entry, id: entryTaskId(entry) }]));
  const items = await readTasks(
    ledger,
    asking.map(({ orderKey, id }) => taskKey(orderKey, id)),
  );
  const open = new Set(items.filter(({ state }) => state === 'open').map(({ id }) => id));
  const found: Amiss[] = [];
  for (const { orderKey, entry, id } of asking.filter((one) => !open.has(one.id))) {
    // Dealt with since it was read: as it has to be.
    const now = await readQuarantined(ledger, entry.tenant, entry.id);
    const unasked = now !== undefined && isOpen(now) && (await readTaskItem(ledger, orderKey, id))?.state !== 'open';
    if (unasked) found.push({ what: 'a rejected event without its question', orderKey, entry: now });
  }
  return found;
}

async function ofEntry(ledger: Ledger, task: TaskItem & { readonly entry: string }): Promise<Amiss | undefined> {
  const entry = await readQuarantined(ledger, task.tenant, task.entry);
  if (entry && isOpen(entry)) return undefined;
  const now = await readTaskItem(ledger, task.orderKey, task.id);
  return now?.state === 'open' ? { what: 'a question about an event that is dealt with', orderKey: task.orderKey, task: now } : undefined;
}

/** Open questions that are not about one order: those that orders share, and those about rejected events. */
async function ofOthers(ledger: Ledger, tasks: readonly AnyTask[]): Promise<Amiss[]> {
  const found: (Amiss | undefined)[] = [];
  for (const task of tasks.filter(isShared)) found.push(await ofCause(ledger, task));
  for (const task of tasks.filter(isAboutEntry)) found.push(await ofEntry(ledger, task));
  return found.filter((one) => one !== undefined);
}

/** From the open questions whose minute it is to their orders. Of these one that is not in the index of the sweep is found here only. */
export async function questionsAmiss(ledger: Ledger): Promise<Amiss[]> {
  const { items } = inTurn(await openTaskKeys(ledger), TASKS, ({ pk, sk }) => `${pk} ${sk}`, ledger.stamp());
  const tasks = (await readTasks(ledger, items)).filter(({ state }) => state === 'open');
  const found = await ofOthers(ledger, tasks);
  const own = tasks.filter((task): task is TaskItem => !isShared(task) && !isAboutEntry(task));
  const heads = await readHeads(
    ledger,
    own.map(({ orderKey }) => orderKey),
  );
  for (const head of heads.filter((one) => one.sweepAt === undefined && isForgotten(one)))
    if (await unchanged(ledger, head)) found.push({ what: 'an order without a due time', orderKey: head.orderKey });
  const asked = new Set(heads.map(({ task }) => task?.id));
  // Closed since it was read: as it has to be.
  for (const { orderKey, id } of own.filter((task) => !asked.has(task.id)))
    if ((await readTaskItem(ledger, orderKey, id))?.state === 'open') found.push({ what: 'a question that no order has', orderKey, task: id });
  return found;
}

/**
 * One order, read whole, without regard to what the indexes have: what the sweeper finds in its minute, and an order that it would never
 * find. Of a shared question its order finds that it is missing.
 */
export async function orderAmiss(ledger: Ledger, head: Head, tasks: readonly TaskItem[]): Promise<Amiss[]> {
  const { orderKey } = head;
  const open = tasks.filter(({ state }) => state === 'open');
  const nobodys = open.filter((task) => !isAboutEntry(task) && task.id !== head.task?.id);
  return [
    ...(await ordersAmiss(ledger, [head])),
    ...(await ofOthers(ledger, open.filter(isAboutEntry))),
    ...nobodys.map(({ id }) => ({ what: 'a question that no order has' as const, orderKey, task: id })),
  ];
}

/** What of a tenant, or of all, is asked that no order asks by itself: shared questions that nobody waits for, rejected events without theirs. */
export async function sharedAmiss(ledger: Ledger, tenants: readonly string[]): Promise<Amiss[]> {
  const shared = (await openTasks(ledger)).filter((task) => isShared(task) && tenants.includes(task.tenant));
  const entries = await Promise.all(tenants.map((tenant) => partition(ledger, quarantineKey(tenant, '').pk)));
  const open = (entries.flat() as unknown as Quarantined[]).filter(isOpen);
  return [...(await ofOthers(ledger, shared)), ...(await entriesAmiss(ledger, open))];
}
