import { METRIC } from '../../../../contracts/metrics.ts';
import type { Policy } from '../../../../contracts/policy.ts';
import { logger } from '../../../aws/logger.ts';
import { gauge } from '../../../aws/metrics.ts';
import { abandoned } from '../../../domain/cause-task.ts';
import { type Head, isForgotten, SYSTEM, withNews } from '../../../domain/head.ts';
import { decideAsk } from '../../../domain/protocol/index.ts';
import { parkingOf } from '../../../domain/rules.ts';
import { askAboutCause, writeCauseTask } from '../../../ledger/cause-tasks.ts';
import { cureCause } from '../../../ledger/causes.ts';
import { askAboutEntry, changeEntryTask } from '../../../ledger/entry-tasks.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import type { Quarantined } from '../../../ledger/quarantine.ts';
import { closedItem, openItem, readTaskItem } from '../../../ledger/task-items.ts';
import { type Amiss, entriesAmiss, ordersAmiss, questionsAmiss } from '../../../ledger/task-proof.ts';
import { isolated } from './isolated.ts';

/** What one look puts right; after an upgrade or a restore there may be thousands, and orders wait for the sweep. */
const AT_ONCE = 100;

export interface ProveDeps {
  readonly ledger: Ledger;
  readonly policy: Pick<Policy, 'rules' | 'owners' | 'times'>;
}

const put = (ledger: Ledger, Item: Record<string, unknown> | undefined) => (Item ? [{ Put: { TableName: ledger.table, Item } }] : []);

/** Puts it right where that is safe: HEAD is read again and decides, under its compare-and-set. */
async function heal({ ledger, policy }: ProveDeps, amiss: Amiss): Promise<void> {
  const again = (head: Head) => ({ next: head, answer: null });
  switch (amiss.what) {
    case 'an order without a due time':
      await ledger.change(amiss.orderKey, (head, now) => (isForgotten(head) ? { next: withNews(head, now), answer: null } : { answer: null }));
      return;
    case 'an order without its question':
      await ledger.change(
        amiss.orderKey,
        (head, now) => decideAsk(head, now, parkingOf(policy, head)),
        (head) => put(ledger, openItem(head)),
      );
      return;
    case 'a question that no order has': {
      const item = await readTaskItem(ledger, amiss.orderKey, amiss.task);
      await ledger.change(
        amiss.orderKey,
        (head) => (head.task?.id === amiss.task ? { answer: null } : again(head)),
        () => put(ledger, item && closedItem(item, ledger.stamp())),
      );
      return;
    }
    case 'orders without the question of their cause': {
      const head = await ledger.read(amiss.orderKey);
      if (head?.wait?.cause === amiss.cause) await askAboutCause(ledger, policy, head);
      return;
    }
    case 'a question that is answered':
      await cureCause(ledger, amiss.task.cause);
      return;
    case 'a question that nobody waits for':
      await writeCauseTask(ledger, abandoned(amiss.task, ledger.stamp()));
      return;
    case 'a rejected event without its question':
      await ledger.change(amiss.orderKey, again, (head) => askAboutEntry(ledger.table, head, amiss.entry, parkingOf(policy, head), ledger.stamp()));
      return;
    case 'a question about an event that is dealt with':
      await changeEntryTask(ledger, amiss.task, { ...amiss.task, state: 'closed', closed: { by: SYSTEM, at: ledger.stamp() } });
  }
}

/**
 * The proof that nobody is forgotten, both ways: every parked order has a due time and, when a person is needed, exactly one open
 * question; every open question a parked order. The same of rejected events whose orders go on. What differs is put right and counted.
 * One look is at the orders and questions whose minute it is; `audit verify` looks at all.
 * @param heads orders that are not at rest, as read just now
 * @param entries what is open in quarantine
 */
export async function proveTasks(deps: ProveDeps, heads: readonly Head[], entries: readonly Quarantined[]): Promise<number> {
  const { ledger } = deps;
  const amiss = [...(await ordersAmiss(ledger, heads)), ...(await entriesAmiss(ledger, entries)), ...(await questionsAmiss(ledger))];
  gauge(METRIC.tasksAmiss, amiss.length);
  await isolated(amiss.slice(0, AT_ONCE), (one) => {
    logger.warn('a question and its order differ', { what: one.what, ...('orderKey' in one && { orderKey: one.orderKey }) });
    return heal(deps, one);
  });
  return amiss.length;
}
