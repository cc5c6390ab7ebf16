import { ERRORS, type ErrorCode } from '../../contracts/errors.ts';
import type { Money } from '../../contracts/money.ts';
import type { Head, State } from '../domain/head.ts';
import { round, sum } from '../domain/money.ts';
import { isOpen, type Quarantined } from '../ledger/quarantine.ts';

/** In the order in which an order goes through them. */
export const STATES = ['accepted', 'drafted', 'confirmed', 'completed', 'cancelled', 'reversed'] as const satisfies readonly State[];

const decimalsOf = (amount: string): number => amount.split('.')[1]?.length ?? 0;

/** With as many digits after the point as the amount that has most: `0.40` and `0.2` are `0.60`. */
const total = (amounts: readonly string[]): string => round(sum(amounts), Math.max(...amounts.map(decimalsOf)));

/** Totals before tax by currency, in alphabetical order: amounts of two currencies have no sum. */
export function moneyOf(heads: readonly Pick<Head, 'quote'>[]): Money[] {
  const byCurrency = Map.groupBy(heads, ({ quote }) => quote.currency);
  return [...byCurrency]
    .map(([currency, of]): Money => ({ amount: total(of.map(({ quote }) => quote.total)), currency }))
    .sort((a, b) => (a.currency < b.currency ? -1 : 1));
}

/** How many orders are in each state, and what they are worth. */
export function statesOf(heads: readonly Head[]) {
  const by = Map.groupBy(heads, ({ state }) => state);
  return STATES.map((state) => ({ state, orders: by.get(state)?.length ?? 0, money: moneyOf(by.get(state) ?? []) }));
}
export type StateCount = ReturnType<typeof statesOf>[number];

const described = (code: ErrorCode) => {
  const { title, owner, class: group, cure } = ERRORS[code];
  return { code, title, owner, class: group, cure };
};

const largestFirst = (a: { count: number; code: string }, b: { count: number; code: string }): number =>
  b.count - a.count || (a.code < b.code ? -1 : 1);

const oldest = (times: readonly string[]): string => times.reduce((a, b) => (a < b ? a : b));

/** What waits for the same reason, and so for the same group of people. */
export function waitingGroups(heads: readonly Head[]) {
  const by = Map.groupBy(
    heads.filter((head) => head.wait),
    (head) => head.wait?.code as ErrorCode,
  );
  const groups = [...by].map(([code, of]) => ({
    ...described(code),
    count: of.length,
    since: oldest(of.map((head) => head.wait?.since ?? '')),
    money: moneyOf(of),
    /** Whether somebody has to act; else the orders go on by themselves. */
    person: of.some((head) => head.wait?.kind === 'person'),
  }));
  return groups.sort(largestFirst);
}
export type WaitingGroup = ReturnType<typeof waitingGroups>[number];

/** Rejected events that nobody has resubmitted or dismissed, by reason. */
export function quarantineGroups(entries: readonly Quarantined[]) {
  const by = Map.groupBy(entries.filter(isOpen), ({ code }) => code);
  const groups = [...by].map(([code, of]) => ({
    ...described(code),
    count: of.length,
    since: oldest(of.map(({ at }) => at)),
    tenants: [...new Set(of.map(({ tenant }) => tenant))].sort(),
  }));
  return groups.sort(largestFirst);
}
export type QuarantineGroup = ReturnType<typeof quarantineGroups>[number];
