import type { Policy } from '../../contracts/policy.ts';
import type { Head } from '../domain/head.ts';
import { originsOf, placeOf } from '../domain/rules.ts';

/** First digits of hashes of a policy: of the one that the stacks were deployed with, and of the one in the configuration of this folder. */
export interface PolicyHashes {
  readonly deployed: string | undefined;
  readonly here: string;
}

/** The rules of one order, each with the level that says it, and whether they are those that its last run followed. */
export function policyView(head: Head, policy: Pick<Policy, 'rules'>, { deployed, here }: PolicyHashes) {
  const { n, policyHash } = head.run;
  return {
    orderKey: head.orderKey,
    ...placeOf(head),
    policy: { here, deployed, lastRun: n === 0 ? undefined : policyHash },
    deadline: head.deadline,
    rules: originsOf(policy, placeOf(head)),
  };
}
export type PolicyView = ReturnType<typeof policyView>;
