import type { OwnerGroup } from '../../../../contracts/errors.ts';
import type { Policy } from '../../../../contracts/policy.ts';
import { OWNER_GROUPS } from '../../../../contracts/tasks.ts';
import type { Publish } from '../../../aws/bus.ts';
import { isWorking } from '../../../domain/calendar.ts';
import { digestDue, digestOf, toldBy } from '../../../domain/digest.ts';
import type { Digests } from '../../../ledger/digests.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { openTasks, ordersBehind } from '../../../ledger/tasks.ts';
import { moneyOf } from '../../../views/overview.ts';
import { isolated } from './isolated.ts';

export interface DigestDeps {
  readonly ledger: Ledger;
  readonly policy: Pick<Policy, 'owners'>;
  readonly digests: Digests;
  readonly publish: Publish;
}

async function sendDigest({ ledger, policy, digests, publish }: DigestDeps, owner: OwnerGroup): Promise<boolean> {
  const now = ledger.stamp();
  const times = { last: await digests.last(owner), every: policy.owners[owner].digestEvery, now };
  if (!digestDue(times)) return false;
  const tasks = await openTasks(ledger, { owner });
  const { orders, more } = await ordersBehind(ledger, tasks);
  const working = isWorking(policy.owners[owner].calendar, now);
  const digest = digestOf({ owner, working, tasks, orders: orders.length, more, money: moneyOf(orders), ...times });
  if (!digest) return false;
  await publish([digest]);
  // After it: one that is sent twice has one id.
  await digests.told(owner, toldBy(tasks, now));
  return true;
}

/** Tells each group what it is asked: at once after a quiet time, then in digests, so that a thousand questions are not a thousand messages. */
export async function sendDigests(deps: DigestDeps): Promise<number> {
  let sent = 0;
  await isolated(OWNER_GROUPS, async (owner) => {
    if (await sendDigest(deps, owner)) sent += 1;
  });
  return sent;
}
