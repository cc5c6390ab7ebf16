import type { Decision, Head } from '../../../lambdas/domain/head.ts';
import type { IntentAnswer, IntentRequest } from '../../../lambdas/domain/protocol/index.ts';
import type { Scope } from './machine.ts';
import { type Rules, real } from './rules.ts';

export interface Mutant {
  /** What is wrong with it, in a sentence. */
  readonly says: string;
  readonly rules: Partial<Rules>;
  /** The invariant that finds it. */
  readonly shows: RegExp;
  /** The smallest scope in which it shows. */
  readonly scope: Scope;
}

/** Decides on a HEAD that was changed by `lie`, and puts back in the result what the decision did not touch. */
export function lying<Answer>(head: Head, lie: Partial<Head>, decide: (head: Head) => Decision<Answer>): Decision<Answer> {
  const decision = decide({ ...head, ...lie });
  if (!decision.next) return decision;
  const untouched = Object.keys(lie).filter((key) => decision.next?.[key as keyof Head] === lie[key as keyof Head]);
  const back = Object.fromEntries(untouched.map((key) => [key, head[key as keyof Head]]));
  return { ...decision, next: { ...decision.next, ...back } };
}

type Intent = (head: Head, request: IntentRequest) => Decision<IntentAnswer>;
export const intentOn =
  (lie: (head: Head, request: IntentRequest) => Partial<Head>): Intent =>
  (head, request) =>
    head.run.active && !head.open ? lying(head, lie(head, request), (other) => real.intent(other, request)) : real.intent(head, request);
