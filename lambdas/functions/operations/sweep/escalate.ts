import { METRIC } from '../../../../contracts/metrics.ts';
import type { Policy } from '../../../../contracts/policy.ts';
import { count } from '../../../aws/metrics.ts';
import { handedTo } from '../../../domain/assignment.ts';
import { type CauseTask, escalated, placeOfCause } from '../../../domain/cause-task.ts';
import type { Head } from '../../../domain/head.ts';
import { answerBy, decideCauseDefault, decideEscalate } from '../../../domain/protocol/index.ts';
import { answerDue, aroundOf, cancelAtLast, chainOf, placeOf, rulesOf } from '../../../domain/rules.ts';
import { writeCauseTask } from '../../../ledger/cause-tasks.ts';
import { unanswered, versionOf } from '../../../ledger/causes.ts';
import { changeEntryTask } from '../../../ledger/entry-tasks.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import type { TaskItem } from '../../../ledger/task-items.ts';
import { isAboutEntry, isShared, openTasks } from '../../../ledger/tasks.ts';
import { isolated } from './isolated.ts';

export interface EscalateDeps {
  readonly ledger: Ledger;
  readonly policy: Pick<Policy, 'times' | 'rules' | 'owners' | 'tenants'>;
}

/**
 * The answer to an order's question is late: the next group is asked, or the default decided.
 * @returns whether the order is to run now; one whose question stays open is not: nothing has changed for it
 */
export async function escalateOrder({ ledger, policy }: EscalateDeps, head: Head): Promise<boolean> {
  const { answer } = await ledger.change(head.orderKey, (current, now) =>
    decideEscalate(current, now, chainOf(policy, placeOf(current), current.task?.code ?? 'EFFECT_UNKNOWN'), aroundOf(policy, current)),
  );
  if (answer === 'escalated') count(METRIC.tasksEscalated);
  if (answer === 'decided') count(METRIC.tasksByDefault);
  return answer === 'decided';
}

/** A question of a backup has its time again: it may have been answered since. @returns whether it was given it */
async function restored({ ledger, policy }: EscalateDeps, task: CauseTask): Promise<boolean> {
  const from = (await ledger.restoreOf(task.tenant))?.runsFrom;
  if (from === undefined || (task.askedAt ?? task.openedAt) >= from) return false;
  const dueAt = answerBy(task, answerDue(policy, rulesOf(policy, placeOfCause(task)), task.code, task.owner, from), from);
  await writeCauseTask(ledger, { ...task, askedAt: from, dueAt, version: task.version + 1 });
  return true;
}

async function escalateCause({ ledger, policy }: EscalateDeps, task: CauseTask): Promise<void> {
  if (await restored({ ledger, policy }, task)) return;
  const place = placeOfCause(task);
  const now = ledger.stamp();
  const next = escalated(task, now, chainOf(policy, place, task.code), (owner) => answerDue(policy, rulesOf(policy, place), task.code, owner, now));
  if (next && (await writeCauseTask(ledger, next))) count(METRIC.tasksEscalated);
}

/**
 * Nobody has answered the question that an order shares with others, until its own time was over: its own rules decide about it, and about it
 * alone, when it has looked once more. An answer that comes at the same time wins, or comes to an order that is cancelled already.
 * @returns whether it is to run now
 */
export async function cancelUnanswered({ ledger, policy }: EscalateDeps, head: Head): Promise<boolean> {
  const from = (await ledger.restoreOf(head.tenant))?.runsFrom;
  const at = cancelAtLast(policy, head, from);
  if (at === undefined || at > ledger.stamp()) return false;
  const { answer } = await ledger.change(
    head.orderKey,
    async (current, now) => {
      const decision = decideCauseDefault(current, cancelAtLast(policy, current, from), now);
      const { cause = '', causeVersion = 0 } = current.wait ?? {};
      return decision.next && (await versionOf(ledger, cause)) > causeVersion ? { answer: 'answered' as const } : decision;
    },
    (next) => [unanswered(ledger, next)],
  );
  if (answer === 'cancelled') count(METRIC.tasksByDefault);
  return answer === 'cancelled' || answer === 'looks once more';
}

/** No policy decides about a rejected event: after the last group its question stays open. */
async function escalateEntry({ ledger, policy }: EscalateDeps, task: TaskItem): Promise<void> {
  const head = await ledger.read(task.orderKey);
  const owner = head && chainOf(policy, placeOf(head), task.code).escalate[task.level];
  if (!owner) return;
  const now = ledger.stamp();
  const dueAt = answerDue(policy, rulesOf(policy, placeOf(head)), task.code, owner, now);
  const next = { ...task, ...handedTo(owner, task.level + 1, now, dueAt) };
  if (await changeEntryTask(ledger, task, next)) count(METRIC.tasksEscalated);
}

/** The late questions that no order is due for: those about causes and about rejected events. @returns how many are late */
export async function escalateOthers(deps: EscalateDeps): Promise<number> {
  const late = (await openTasks(deps.ledger, { dueBy: deps.ledger.stamp() })).filter((task) => isShared(task) || isAboutEntry(task));
  await isolated(late, (task) => (isShared(task) ? escalateCause(deps, task) : escalateEntry(deps, task)));
  return late.length;
}
