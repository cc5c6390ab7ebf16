import { ERRORS, type ErrorCode, RETRIES, type Retry, triesAgain } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import type { OrderRules } from '../../contracts/rules.ts';
import { type Head, later } from './head.ts';
import { hashOf } from './identity.ts';
import type { Parking } from './protocol/index.ts';

/** What an order is, as far as its rules depend on it. */
export interface Place {
  readonly tenant: string;
  readonly region: string;
  readonly businessUnit: string;
}

export const placeOf = (head: Head): Place => ({ tenant: head.tenant, ...head.route });

type Overlay = Partial<OrderRules>;
/** Widest first. */
export type Level = 'default' | 'region' | 'business unit' | 'tenant';

/** Records are merged by key, anything else is replaced whole. */
const MERGED = ['retry', 'asking', 'approvals'] as const satisfies (keyof OrderRules)[];

function overlaid(wider: OrderRules, narrower: Overlay): OrderRules {
  const merged = MERGED.map((key) => [key, { ...wider[key], ...narrower[key] }]);
  return { ...wider, ...narrower, ...Object.fromEntries(merged) };
}

/** The levels that say something about this order, widest first. */
export function levelsOf({ rules }: Pick<Policy, 'rules'>, place: Place): [Level, Overlay][] {
  const found: [Level, Overlay | undefined][] = [
    ['region', rules.regions[place.region]],
    ['business unit', rules.businessUnits[place.businessUnit]],
    ['tenant', rules.tenants[place.tenant]],
  ];
  return found.filter((level): level is [Level, Overlay] => level[1] !== undefined);
}

/** default -> region -> business unit -> tenant: the last that says something wins. */
export const rulesOf = (policy: Pick<Policy, 'rules'>, place: Place): OrderRules =>
  levelsOf(policy, place).reduce((wider, [, narrower]) => overlaid(wider, narrower), policy.rules.default);

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

/** The policy as the decisions of the protocol ask for it. */
export const parkingOf = (policy: Pick<Policy, 'rules' | 'owners' | 'times'>, head: Head): Parking => {
  const rules = rulesOf(policy, placeOf(head));
  return {
    lookAgain: policy.times.lookAgain,
    triesAgain: (code, times) => {
      const retry = retryOf(rules, code);
      return retry && times <= retry.times ? jittered(retry, head.orderKey, times) : undefined;
    },
    answerDue: (code, _group, now) => later(now, (rules.asking[code] ?? rules.askingOtherwise).due),
  };
};
