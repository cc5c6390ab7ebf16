import { ERRORS, triesAgain } from '../../../contracts/errors.ts';
import type { Policy } from '../../../contracts/policy.ts';
import type { OrderRules } from '../../../contracts/rules.ts';
import { optionsOf, type TaskOption } from '../../../contracts/tasks.ts';
import { type Assignment, assignmentOf, handedTo } from '../assignment.ts';
import { awaitsAnswer, type Decision, due, type Head, SYSTEM } from '../head.ts';
import type { Task } from '../waiting.ts';
import { type Answered, decide } from './decide.ts';
import { askedOn, runMeanwhile } from './looks.ts';
import type { Around } from './options.ts';
import { answerBy, type Parking, waitFor } from './wait.ts';

/** Who is asked after whom, and what is decided when nobody answers. */
export type Chain = Pick<OrderRules['askingOtherwise'], 'escalate' | 'atLast'>;

/** overdue: nobody is left to ask and the policy names no default, or has decided it before; the question stays open. */
export type EscalateAnswer = 'not due' | 'escalated' | 'decided' | 'overdue';

/** why: somebody is not of the group. */
export type AssignAnswer = 'assigned' | 'not open any more' | { readonly why: string };

export const nobodyAnswered = (dueAt: string): string => `nobody answered until ${dueAt.slice(0, 16)}Z: the default of the policy`;

/** The question stays open; the order waits for nothing more than a look that is owed, or what passes by itself. */
function overdue(head: Head, now: string): Decision<'overdue'> {
  const run = runMeanwhile(head, now);
  return run === undefined ? { answer: 'overdue' } : { next: due(head, run), answer: 'overdue' };
}

/**
 * What the policy decides when the last group has not answered; undefined: the question stays open. So it does when the policy has decided
 * it before, and nobody has answered it since: that did not help, and would not the next time. What was refused is not tried again unasked.
 */
export function defaultOf({ id, code }: Pick<Task, 'id' | 'code'>, { atLast }: Chain, byDefault: Head['byDefault'] = []): TaskOption | undefined {
  if (atLast === 'retry' && !triesAgain(ERRORS[code].retry)) return undefined;
  return atLast !== undefined && !byDefault.includes(id) && optionsOf(code).includes(atLast) ? atLast : undefined;
}

/**
 * The answer to a question is late: the next group of its chain is asked; after the last one the default of the policy is decided, once,
 * and never since the order is late: that is no failure. News that came meanwhile goes first.
 */
export function decideEscalate(head: Head, now: string, chain: Chain, around: Around): Decision<EscalateAnswer> {
  const { task } = head;
  if (!task || task.dueAt > now || !awaitsAnswer(head)) return { answer: 'not due' };
  const owner = chain.escalate[task.level];
  if (owner) {
    const dueAt = answerBy(head, around.parking.answerDue(task.code, owner, now), now);
    const next = askedOn(head, { ...task, ...handedTo(owner, task.level + 1, now, dueAt) }, now);
    return { next, fact: { type: 'order.escalated.v1', actor: SYSTEM }, answer: 'escalated' };
  }
  const atLast = defaultOf(task, chain, head.byDefault);
  if (atLast === undefined) return overdue(head, now);
  // The deadline of the order has moved it on, and there is nobody to move it to: what the policy decides has the whole time of the last group.
  const whole = around.parking.answerDue(task.code, task.owner, task.askedAt ?? task.openedAt);
  if (task.dueAt === head.deadline && whole > now) return { next: askedOn(head, { ...task, dueAt: whole }, now), answer: 'not due' };
  const { answer, ...write } = decide(head, { task: task.id, option: atLast, by: SYSTEM, reason: nobodyAnswered(task.dueAt) }, now, around);
  return isDecided(answer) ? { ...write, answer: 'decided' } : overdue(head, now);
}

const isDecided = ({ answer }: Answered): boolean => answer === 'decided' || answer === 'approved in part';

/** Somebody of the group that is asked now looks after it. */
export function decideAssign(head: Head, task: string, to: Assignment, now: string, policy: Pick<Policy, 'owners'>): Decision<AssignAnswer> {
  if (head.task?.id !== task) return { answer: 'not open any more' };
  const assigned = assignmentOf(policy, head.task.owner, to, now);
  return 'why' in assigned ? { answer: assigned } : { next: { ...head, task: { ...head.task, ...assigned } }, answer: 'assigned' };
}

/** The order waits for a person, and its question is missing: it is asked. An order of before there were questions has none. */
export function decideAsk(head: Head, now: string, parking: Parking): Decision<'asked' | 'not waiting'> {
  const { wait } = head;
  if (wait?.kind !== 'person' || wait.cause !== undefined || head.run.active) return { answer: 'not waiting' };
  if (head.task) return { next: head, answer: 'asked' };
  const { head: waiting, dueAt } = waitFor(head, { ...wait, detail: wait.detail ?? '' }, now, parking);
  return { next: due(waiting, dueAt), fact: { type: 'order.parked.v1', actor: SYSTEM }, answer: 'asked' };
}
