import { ERRORS } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import { runbookOf } from '../../contracts/runbooks.ts';
import type { TaskOption } from '../../contracts/tasks.ts';
import { placeOfCause, subjectOf } from '../domain/cause-task.ts';
import { type Head, hasStop, pastPivot } from '../domain/head.ts';
import { hashOf } from '../domain/identity.ts';
import { membersText } from '../domain/owners.ts';
import { type Chain, defaultOf } from '../domain/protocol/index.ts';
import { cancelAtLast, chainOf, placeOf } from '../domain/rules.ts';
import { type AnyTask, answersTo, isAboutEntry, isShared } from '../ledger/tasks.ts';
import type { Defaults } from './defaults.ts';
import { commandLine } from './next-command.ts';
import { orderView } from './order.ts';
import { moneyOf } from './overview.ts';
import { askedValue, offeredTexts, questionOf, unansweredText, type Waiting } from './question.ts';

/** Orders of a shared question that are shown with it. */
const SHOWN = 10;

/** What an answer takes besides a reason. */
const VALUES: Readonly<Partial<Record<TaskOption, string>>> = { correct: ' --target CODE', reroute: ' --to ERP' };

/**
 * A mark of the question as it is shown, with what is to be approved: an approval repeats it, so that nobody approves what they have not
 * seen. Another value, other lines or another group that is asked make another mark, also while the question stays open.
 */
export function seenOf(task: AnyTask): string {
  const { id, openedAt, askedAt } = task;
  const what = isShared(task) ? {} : { detail: task.detail, ask: task.ask };
  return hashOf({ id, openedAt, askedAt, ...what }).slice(0, 6);
}

export function decideCommand(task: AnyTask, option: TaskOption, stage: string | undefined): string {
  const seen = option === 'approve' ? ` --seen ${seenOf(task)}` : '';
  return commandLine(`tasks decide ${task.id} ${option}${seen}${VALUES[option] ?? ''} --reason TEXT`, stage);
}

/** The mapping that a correction sets; of a question about one order the link of the account that it names. */
export const mappedBy = (task: AnyTask): ReturnType<typeof subjectOf> =>
  isShared(task) ? subjectOf(task.cause) : { tenant: task.tenant, erp: task.erp, kind: 'customer', code: task.ask?.account ?? '' };

/** What the policy decides when the last group has not answered; undefined: the question stays open. One that orders share stays open for all. */
export const atLastOf = (task: AnyTask, chain: Chain, head: Head | undefined): TaskOption | undefined =>
  isShared(task) ? undefined : defaultOf(task, chain, head?.byDefault);

/** When the policy cancels the first of the orders that share a question, by its own rules; undefined: none of them. */
export const cancelsFrom = (task: AnyTask, heads: readonly Head[], policy: Pick<Policy, 'rules' | 'owners'>): string | undefined =>
  isShared(task)
    ? heads
        .filter((head) => (head.wait?.causeVersion ?? 0) >= task.causeVersion && !hasStop(head) && !pastPivot(head))
        .flatMap((head) => cancelAtLast(policy, head) ?? [])
        .sort()[0]
    : undefined;

/** Who is asked after whom. @param head the order that it is about; of a shared question any, or none */
export function chainOfTask(policy: Pick<Policy, 'rules'>, task: AnyTask, head: Head | undefined): Chain {
  const place = isShared(task) || !head ? placeOfCause(task) : placeOf(head);
  return chainOf(policy, place, task.code);
}

/** A question to people, with what they need to answer it. */
export function taskView(task: AnyTask, waiting: Waiting, policy: Pick<Policy, 'rules' | 'owners'>, defaults: Defaults, now: Date) {
  const { heads, more } = waiting;
  const { id, code, owner, state, openedAt, askedAt = openedAt, dueAt, level, assignee, assigned } = task;
  const [head] = heads;
  const shared = isShared(task);
  const options = answersTo(task);
  const heldUp = isAboutEntry(task) ? [] : heads;
  const chain = chainOfTask(policy, task, head);
  return {
    ...{ id, code, state, tenant: task.tenant, owner, assignee, assigned, openedAt, askedAt, dueAt, level },
    title: ERRORS[code].title,
    question: questionOf(code, shared ? task.cause : undefined),
    detail: shared ? undefined : task.detail,
    mayAnswer: membersText(policy, owner),
    overdue: state === 'open' && dueAt <= now.toISOString(),
    /** Who is asked next, what the policy decides when nobody has answered, and from when on it cancels orders that share the question. */
    escalation: { next: chain.escalate.slice(level), atLast: atLastOf(task, chain, head), cancelsFrom: cancelsFrom(task, heldUp, policy) },
    options: options.map((option) => {
      const [name, follows] = offeredTexts(option, task, shared ? waiting : undefined);
      return { option, name, follows, command: decideCommand(task, option, defaults.stage) };
    }),
    mapping: mappedBy(task),
    orders: heldUp.length,
    more,
    money: moneyOf(heldUp),
    cause: shared ? { cause: task.cause, ...subjectOf(task.cause) } : undefined,
    /** The first of those that a shared question holds up. */
    heldUp: shared ? heads.slice(0, SHOWN).map((one) => orderView(one, defaults, now, task)) : [],
    order: shared || !head ? undefined : orderView(head, defaults, now),
    ask: shared || !task.ask || !options.includes('approve') ? undefined : { ...task.ask, text: askedValue(task) },
    approved: shared ? [] : task.approved,
    answered: shared ? task.decided : task.closed,
    unanswered: unansweredText(task),
    /** The command that shows the rejected event that it is about. */
    event: isAboutEntry(task) ? commandLine(`quarantine show ${task.entry}`, defaults.stage) : undefined,
    runbook: runbookOf(code),
  };
}
export type TaskView = ReturnType<typeof taskView>;
