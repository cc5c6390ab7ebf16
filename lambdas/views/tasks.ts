import type { Money } from '../../contracts/money.ts';
import { OWNER_GROUPS } from '../../contracts/tasks.ts';
import type { Head } from '../domain/head.ts';
import { type AnyTask, isAboutEntry, isShared } from '../ledger/tasks.ts';
import { moneyOf } from './overview.ts';

/** A question with what hangs on it. */
export interface TaskRow {
  readonly task: AnyTask;
  readonly orders: number;
  /** There are others, which were not counted. */
  readonly more: boolean;
  readonly money: readonly Money[];
}

export const overdue = ({ dueAt }: Pick<AnyTask, 'dueAt'>, now: Date): boolean => dueAt <= now.toISOString();

/** The orders that a question is about, of those that are known to wait. */
const ordersOf = (task: AnyTask, heads: readonly Head[]): Head[] =>
  isAboutEntry(task) ? [] : heads.filter((head) => (isShared(task) ? head.wait?.cause === task.cause : head.orderKey === task.orderKey));

/** Who has to answer how much, by group; groups that nobody asks are left out. @param heads orders that wait */
export function taskGroups(tasks: readonly AnyTask[], heads: readonly Head[], now: Date) {
  const by = Map.groupBy(tasks, ({ owner }) => owner);
  return OWNER_GROUPS.flatMap((owner) => {
    const of = by.get(owner) ?? [];
    const [first] = of.toSorted((a, b) => (a.dueAt < b.dueAt ? -1 : 1));
    if (!first) return [];
    const orders = of.flatMap((task) => ordersOf(task, heads));
    return [
      {
        owner,
        tasks: of.length,
        overdue: of.filter((task) => overdue(task, now)).length,
        dueAt: first.dueAt,
        orders: orders.length,
        money: moneyOf(orders),
      },
    ];
  });
}
export type TaskGroup = ReturnType<typeof taskGroups>[number];
