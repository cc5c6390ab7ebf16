import { causeOf } from '../../../../contracts/reference.ts';
import { logger } from '../../../aws/logger.ts';
import type { Head } from '../../../domain/head.ts';
import { executionName } from '../../../domain/identity.ts';
import { decideHold, decideQueueUp, decideRaise, decideStart, decideTakeOver } from '../../../domain/protocol/index.ts';
import { parkingOf } from '../../../domain/rules.ts';
import { askOrWake, versionOf } from '../../../ledger/causes.ts';
import { OrderUnknown } from '../../../ledger/ledger.ts';
import type { RunDeps } from './deps.ts';

/** Idle and due: a slot first, then the next run number. Without a slot the order stands in line, in the ledger (rule 6). */
async function admit(deps: RunDeps, head: Head): Promise<Head | undefined> {
  const { ledger, admission, policy } = deps;
  const n = head.run.n + 1;
  let slot = await admission.acquire(head, n);
  if (slot === undefined) {
    const { answer } = await ledger.change(head.orderKey, (current, now) => decideQueueUp(current, now, policy.times));
    // The last run may have ended between the two: look once more, or nobody would wake this one.
    slot = answer === 'in line' ? await admission.acquire(head, n) : undefined;
    if (slot === undefined) return undefined;
  }
  const taken = slot;
  const { answer, head: after } = await ledger.change(head.orderKey, (current, now) =>
    current.run.n + 1 === n ? decideRaise(current, taken, policy.hash, now, policy.times) : { answer: 'drop' as const },
  );
  const inUse = after.run.active && after.run.n === n && after.run.slot === taken;
  if (!inUse) await admission.release(head, n, taken);
  return answer === 'drop' ? undefined : after;
}

/** An active run whose execution has ended died without its last write: the order is taken over, its slot is free. */
async function takeOver({ ledger, admission, policy }: RunDeps, head: Head): Promise<void> {
  const { n, slot } = head.run;
  const { answer } = await ledger.change(head.orderKey, (current, now) => decideTakeOver(current, n, now, policy.times, parkingOf(policy, current)));
  if (answer === 'not dead') return;
  logger.warn('run died', { orderKey: head.orderKey, run: n });
  await admission.release(head, n, slot);
}

/** The ERP that the order is pinned to is not in the policy any more: nobody can work on it until it is. */
async function withoutErp({ ledger, policy, send }: RunDeps, { orderKey, tenant, route: { erp } }: Head): Promise<void> {
  logger.error('ERP instance is not in the policy', { orderKey, erp, code: 'ERP_NOT_CONFIGURED' });
  const cause = causeOf(tenant, erp, 'configuration', erp);
  const on = { cause, version: await versionOf(ledger, cause) };
  const { answer, head } = await ledger.change(orderKey, (current, now) =>
    current.route.erp === erp ? decideHold(current, on, now, parkingOf(policy, current)) : { answer: 'drop' as const },
  );
  if (answer === 'held' && (await askOrWake(ledger, policy, head))) await send({ orderKey });
}

/** The starter (rule 5): what the message says matters little, what HEAD says decides. */
export async function start(deps: RunDeps, orderKey: string): Promise<void> {
  const head = await deps.ledger.read(orderKey);
  if (!head) throw new OrderUnknown(`no order ${orderKey} in the ledger`);
  const decision = decideStart(head, deps.ledger.stamp());
  if (decision === 'drop') return;
  // A run that is active has to come to its end, or be taken over, whatever the policy says now.
  if (decision === 'admit' && !deps.policy.erps[head.route.erp]) return withoutErp(deps, head);
  const running = decision === 'admit' ? await admit(deps, head) : head;
  if (!running?.run.active) return;
  const { n } = running.run;
  const execution = await deps.executions.ensure(executionName(orderKey, running.epoch, n), { orderKey, run: n });
  if (execution === 'finished') await takeOver(deps, running);
  // Who comes from the line looks whether there is room for more: a wake may have met an order that was woken already.
  if (head.admissionSince && decision === 'admit') await deps.admission.fill(head.route.erp);
}
