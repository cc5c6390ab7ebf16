import type { Policy } from '../../../../contracts/policy.ts';
import { logger } from '../../../aws/logger.ts';
import { decideSweep } from '../../../domain/protocol/index.ts';
import type { Admission } from '../../../ledger/admission.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { dueForSweep } from '../../../ledger/queries.ts';

export interface SweepDeps {
  readonly ledger: Ledger;
  readonly policy: Pick<Policy, 'erps' | 'times'>;
  readonly admission: Admission;
  readonly send: (message: { orderKey: string }) => Promise<void>;
}

/**
 * Sends `{orderKey}` for every order whose time has come, and fills free slots from the line: whatever message was lost, it is sent
 * again (rules 5 and 6). `sweepAt` moves on first, so an order is not sent with every sweep while its message is under way.
 */
export async function sweep({ ledger, policy, admission, send }: SweepDeps): Promise<{ due: number; woken: number }> {
  const again = 2 * policy.times.sweepEvery;
  let due = 0;
  for (const orderKey of await dueForSweep(ledger, ledger.stamp())) {
    const { answer } = await ledger.change(orderKey, (head, now) => decideSweep(head, now, again));
    if (answer !== 'send') continue;
    await send({ orderKey });
    due += 1;
  }
  let woken = 0;
  for (const erp of Object.keys(policy.erps)) woken += await admission.fill(erp);
  if (due + woken > 0) logger.info('swept', { due, woken });
  return { due, woken };
}
