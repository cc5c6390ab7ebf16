import { type FoundQuote, quoteOfOrder, quotesNamed } from '../ledger/find.ts';
import { listQuarantine, NO_TENANT, type Quarantined } from '../ledger/quarantine.ts';
import { type AnyTask, isAboutEntry, isShared, ordersOfCause } from '../ledger/tasks.ts';
import { moneyOf } from '../views/overview.ts';
import type { TaskRow } from '../views/tasks.ts';
import type { BoardDeps } from './deps.ts';
import { BadQuery } from './query.ts';

/** Orders that one page reads at most. With more in the period or in line the page says so; the CLI lists all. */
export const READ = 1000;
/** Tenants that one page looks at; a deployment with more has to name one. */
const TENANTS = 200;
const AT_ONCE = 10;

/** The same for each, a few at once. */
export async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const done: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) done.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  return done;
}

/** @throws {BadQuery} when the configuration has no such tenant */
export function expectTenant({ policy, defaults }: BoardDeps, tenant: string | undefined): void {
  if (tenant !== undefined && !Object.hasOwn(policy.tenants, tenant))
    throw new BadQuery([`tenant: stage ${defaults.stage} has no tenant "${tenant}".`]);
}

/** What stands in quarantine, of all tenants and of those that cannot be told. */
export async function readQuarantine({ ledger, policy }: BoardDeps): Promise<Quarantined[]> {
  const tenants = [NO_TENANT, ...Object.keys(policy.tenants)].slice(0, TENANTS);
  return (await each(tenants, (tenant) => listQuarantine(ledger, tenant, READ))).flat();
}

/** The quotes that a text names: an order key first, else a number or id, of one tenant or of all. @throws {BadQuery} */
export async function search(deps: BoardDeps, text: string, tenant: string | undefined): Promise<FoundQuote[]> {
  const { ledger, policy } = deps;
  expectTenant(deps, tenant);
  const ofOrder = await quoteOfOrder(ledger, text);
  if (ofOrder) return [ofOrder];
  const tenants = tenant === undefined ? Object.keys(policy.tenants).slice(0, TENANTS) : [tenant];
  const cpqsOf = (name: string) => Object.keys(policy.tenants[name]?.cpqs ?? {});
  return (await each(tenants, (name) => quotesNamed(ledger, text, { tenant: name, cpqs: cpqsOf(name) }))).flat();
}

/** Questions with what hangs on them: of a shared one the orders that wait for it are read. */
export const taskRows = ({ ledger }: BoardDeps, tasks: readonly AnyTask[]): Promise<TaskRow[]> =>
  each(tasks, async (task) => {
    const { heads, more } = isShared(task) ? await ordersOfCause(ledger, task.cause, READ) : { heads: isAboutEntry(task) ? [] : [task], more: false };
    return { task, orders: heads.length, more, money: moneyOf(heads) };
  });

/** One part of a page that may fail by itself: the others are shown nevertheless. */
export async function attempt<T>(work: Promise<T>): Promise<{ readonly value: T } | { readonly failed: string }> {
  try {
    return { value: await work };
  } catch (error) {
    return { failed: (error as Error).name };
  }
}
