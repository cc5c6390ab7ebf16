import { ERRORS, type ErrorCode, type OwnerGroup, RETRIES, type Retry, triesAgain } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import type { OrderRules } from '../../contracts/rules.ts';
import { afterWorking } from './calendar.ts';
import { type Head, latest } from './head.ts';
import { hashOf } from './identity.ts';
import { memberOf } from './owners.ts';
import type { Around, Chain, Parking } from './protocol/index.ts';
import { steadySinceOf } from './waiting.ts';

/** What an order is, as far as its rules depend on it. */
export interface Place {
  readonly tenant: string;
  readonly region: string;
  readonly businessUnit: string;
}

export const placeOf = (head: Head): Place => ({ tenant: head.tenant, ...head.route });

type Overlay = Partial<OrderRules>;

/** Records are merged by key, anything else is replaced whole. */
const MERGED = ['retry', 'asking', 'approvals'] as const satisfies (keyof OrderRules)[];

function overlaid(wider: OrderRules, narrower: Overlay): OrderRules {
  const merged = MERGED.map((key) => [key, { ...wider[key], ...narrower[key] }]);
  return { ...wider, ...narrower, ...Object.fromEntries(merged) };
}

/** Each level that an order has, with its name and what it says; widest first. */
function levelsOf({ rules }: Pick<Policy, 'rules'>, { region, businessUnit, tenant }: Place): [string, Overlay][] {
  return [
    [`region ${region}`, rules.regions[region] ?? {}],
    [`business unit ${businessUnit}`, rules.businessUnits[businessUnit] ?? {}],
    [`tenant ${tenant}`, rules.tenants[tenant] ?? {}],
  ];
}

/** default -> region -> business unit -> tenant: the last that says something wins. */
export const rulesOf = (policy: Pick<Policy, 'rules'>, place: Place): OrderRules =>
  levelsOf(policy, place).reduce((wider, [, narrower]) => overlaid(wider, narrower), policy.rules.default);

/** One rule of an order, and the level that says it: `default`, `region EU`, `business unit trade`, `tenant acme`; `built in`: no level does. */
export interface Origin {
  /** `afterPivot`, or with its key where records are merged: `retry.ERP_BUSY`. */
  readonly rule: string;
  readonly value: unknown;
  readonly from: string;
}

const isMerged = (key: string): key is (typeof MERGED)[number] => MERGED.some((one) => one === key);

const single = (overlay: Overlay): [string, unknown][] =>
  Object.entries(overlay).flatMap(([key, value]): [string, unknown][] =>
    isMerged(key) ? Object.entries(value ?? {}).map(([inner, one]) => [`${key}.${inner}`, one]) : [[key, value]],
  );

/** Every rule of an order with where it comes from, in alphabetical order. A rule of the matrix that a level takes away has the value null. */
export function originsOf(policy: Pick<Policy, 'rules'>, place: Place): Origin[] {
  const found = new Map<string, Origin>();
  const levels: [string, Overlay][] = [['built in', { retry: RETRIES }], ['default', policy.rules.default], ...levelsOf(policy, place)];
  for (const [from, overlay] of levels) for (const [rule, value] of single(overlay)) if (value !== undefined) found.set(rule, { rule, value, from });
  return [...found.values()].sort((a, b) => (a.rule < b.rule ? -1 : 1));
}

/** How an order tries again by itself after this code; undefined: it does not. */
export function retryOf({ retry }: Pick<OrderRules, 'retry'>, code: ErrorCode): Retry | undefined {
  const rule = ERRORS[code].retry;
  return triesAgain(rule) ? (retry[code] ?? retry[rule] ?? RETRIES[rule]) : undefined;
}

/** Varies with the order and how often it came, and is the same whenever it is asked: decisions stay pure. */
function jittered({ seconds, jitter }: Retry, orderKey: string, times: number): number {
  const share = Number.parseInt(hashOf([orderKey, times]).slice(0, 8), 16) / 0xffff_ffff;
  return seconds * (1 + jitter * (2 * share - 1));
}

/** What a person who is asked with this code gets. */
const askingOf = ({ asking, askingOtherwise }: OrderRules, code: ErrorCode) => asking[code] ?? askingOtherwise;

/** ISO 8601: until when the group is to answer, in its working time. */
export const answerDue = ({ owners }: Pick<Policy, 'owners'>, rules: OrderRules, code: ErrorCode, group: OwnerGroup, now: string): string =>
  afterWorking(owners[group].calendar, now, askingOf(rules, code).due);

/** The policy as the decisions of the protocol ask for it. */
export const parkingOf = (policy: Pick<Policy, 'rules' | 'owners' | 'times'>, head: Head): Parking => {
  const rules = rulesOf(policy, placeOf(head));
  return {
    lookAgain: policy.times.lookAgain,
    triesAgain: (code, times) => {
      const retry = retryOf(rules, code);
      return retry && times <= retry.times ? jittered(retry, head.orderKey, times) : undefined;
    },
    answerDue: (code, group, now) => answerDue(policy, rules, code, group, now),
  };
};

/** Who is asked after whom about this code. */
export const chainOf = (policy: Pick<Policy, 'rules'>, place: Place, code: ErrorCode): Chain => askingOf(rulesOf(policy, place), code);

/**
 * ISO 8601: when the rules of an order cancel it that waits for the answer to a question it shares with others; undefined: they do not. Its
 * own whole chain has to pass while it stops with nothing else, as though it had been asked alone: whom the question is handed to, and when,
 * is up to who asked first, and no deadline cuts it short.
 * @param from nothing before this counts: of a backup everybody has their time again
 */
export function cancelAtLast(policy: Pick<Policy, 'rules' | 'owners'>, head: Head, from = ''): string | undefined {
  const { wait } = head;
  if (wait?.cause === undefined) return undefined;
  const rules = rulesOf(policy, placeOf(head));
  const { escalate, atLast } = askingOf(rules, wait.code);
  if (atLast !== 'cancel') return undefined;
  const asked = [ERRORS[wait.code].owner, ...escalate];
  return asked.reduce((at, group) => answerDue(policy, rules, wait.code, group, at), latest(steadySinceOf(wait), from));
}

/** The ERP instances that orders of a tenant can go to. */
export const erpsOf = ({ tenants }: Pick<Policy, 'tenants'>, tenant: string): string[] => [
  ...new Set((tenants[tenant]?.routes ?? []).map(({ erp }) => erp)),
];

/** What a decision about an order needs of the policy. An order may go to the ERP instances of its tenant. */
export const aroundOf = (policy: Pick<Policy, 'rules' | 'owners' | 'times' | 'tenants'>, head: Head): Around => ({
  memberOf: (group, person) => memberOf(policy, group, person),
  erps: erpsOf(policy, head.tenant),
  parking: parkingOf(policy, head),
});
