import { METRIC } from '../../../../contracts/metrics.ts';
import type { Policy } from '../../../../contracts/policy.ts';
import { logger } from '../../../aws/logger.ts';
import { gauge } from '../../../aws/metrics.ts';
import { awaitsAnswer, type Head, later } from '../../../domain/head.ts';
import { decideSweep } from '../../../domain/protocol/index.ts';
import type { Admission } from '../../../ledger/admission.ts';
import { wakeForCause } from '../../../ledger/causes.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { dueForSweep } from '../../../ledger/queries.ts';
import { cancelUnanswered, escalateOrder, escalateOthers } from './escalate.ts';
import { isolation } from './isolated.ts';

export interface SweepDeps {
  readonly ledger: Ledger;
  readonly policy: Pick<Policy, 'erps' | 'times' | 'rules' | 'owners' | 'tenants'>;
  readonly admission: Admission;
  readonly send: (message: { orderKey: string }) => Promise<void>;
}

/**
 * An order that waits for a cause comes up before it is due: it is due now if the cause was answered, whether or not a message of that came,
 * or if nobody has answered in its time.
 */
async function isDue(deps: Pick<SweepDeps, 'ledger' | 'policy'>, head: Head): Promise<boolean> {
  if (!head.wait?.cause || head.run.active) return true;
  return (await wakeForCause(deps.ledger, head)) || (await cancelUnanswered(deps, head)) || (head.dueAt ?? '') <= deps.ledger.stamp();
}

/**
 * Sends `{orderKey}` for every order whose time has come, and fills free slots from the line: whatever message was lost, it is sent
 * again (rules 5 and 6). `sweepAt` moves on first, so an order is not sent with every sweep while its message is under way.
 */
export async function sweep({ ledger, policy, admission, send }: SweepDeps): Promise<{ due: number; woken: number }> {
  const slowly = (head: Head, now: string) => awaitsAnswer(head) || (head.wait?.cause && (head.dueAt ?? '') > now);
  const again = (head: Head, now: string) => (slowly(head, now) ? policy.times.lookAgain : 2 * policy.times.sweepEvery);
  // One order or ERP that fails holds up no other.
  const { attempt, end } = isolation();
  const overdueBefore = later(ledger.stamp(), -policy.times.runTimeout);
  /** Sent before, in vain: no run lasts as long. Who stands in line waits for a slot, which is measured there. */
  const isOverdue = ({ dueAt, admissionSince }: Head) => dueAt !== undefined && dueAt < overdueBefore && !admissionSince;
  await attempt(() => escalateOthers({ ledger, policy }));
  let due = 0;
  let overdue = 0;
  for (const orderKey of await dueForSweep(ledger, ledger.stamp())) {
    const sent = await attempt(async () => {
      const { answer, head } = await ledger.change(orderKey, (current, now) => decideSweep(current, now, again(current, now)));
      if (answer !== 'send' || !(await isDue({ ledger, policy }, head))) return 0;
      if (awaitsAnswer(head) && !(await escalateOrder({ ledger, policy }, head))) return 0;
      if (isOverdue(head)) overdue += 1;
      await send({ orderKey });
      return 1;
    });
    due += sent ?? 0;
  }
  gauge(METRIC.overdue, overdue);
  let woken = 0;
  for (const erp of Object.keys(policy.erps)) woken += (await attempt(() => admission.fill(erp))) ?? 0;
  if (due + woken > 0) logger.info('swept', { due, woken });
  end('orders or ERP instances could not be swept');
  return { due, woken };
}
