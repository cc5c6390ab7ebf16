import type { OwnerGroup } from '../../../contracts/errors.ts';
import { isSamePerson, type TaskOption } from '../../../contracts/tasks.ts';
import { handedTo } from '../assignment.ts';
import { type Head, pastPivot, SYSTEM, undecidedStop } from '../head.ts';
import type { Approval, ApprovalMeasure, Signature, Task } from '../waiting.ts';
import { amending } from './amend.ts';
import { decideCancel } from './news.ts';
import { stopQuestion } from './reversed.ts';
import { answerBy, type Parking } from './wait.ts';

/** What a person answers to a question. */
export interface Answer {
  /** Id of the task. */
  readonly task: string;
  /** `openedAt` of the task as the person saw it; another one means that it was answered and asked anew since. Left out: any. */
  readonly openedAt?: string | undefined;
  readonly option: TaskOption;
  /** As the ledger keeps people: "cli:anna". */
  readonly by: string;
  readonly reason: string;
  /** reroute: the ERP instance. */
  readonly to?: string | undefined;
}

/** What the policy says about people and places. */
export interface Around {
  /** As whom a person acts in a group: itself, or the member it stands in for; undefined: it has no say. */
  memberOf(group: OwnerGroup, person: string): string | undefined;
  readonly erps: readonly string[];
  readonly parking: Parking;
}

/** One option, done: the head that it leaves, still with its question; or why it cannot be done. */
export type OptionOutcome = { readonly head: Head } | { readonly asks: Task } | { readonly why: string };
export type Option = (head: Head, task: Task, answer: Answer, now: string, around: Around) => OptionOutcome;

const retry: Option = (head) => ({ head });

const isRequester = ({ ask }: Task, person: string | undefined): boolean =>
  ask?.requestedBy !== undefined && person !== undefined && isSamePerson(person, ask.requestedBy);

/** By the groups that the question names, one after the other, each by another person. */
const approve: Option = (head, task, { by, reason }, now, { memberOf, parking }) => {
  const groups = task.ask?.approvers ?? [task.owner];
  const member = memberOf(task.owner, by);
  const people = [by, member ?? by];
  if (people.some((person) => isRequester(task, person))) return { why: 'nobody approves what they asked for themselves' };
  const twice = task.approved.find((one) => [one.by, one.for ?? one.by].some((signed) => people.some((person) => isSamePerson(signed, person))));
  if (twice)
    return { why: `${twice.by} has approved already${twice.for ? ` for ${twice.for}` : ''}, and each of several approvers is another person` };
  const standsIn = member !== undefined && member !== by && member !== SYSTEM;
  const signature: Signature = {
    group: task.owner,
    by,
    at: now,
    reason,
    ...(standsIn && { for: member }),
    ...(task.ask?.value && { value: task.ask.value }),
  };
  const approved = [...task.approved, signature];
  const next = groups[approved.length];
  const { ofBackup: _asked, ...asked } = task;
  if (next) return { asks: { ...asked, approved, ...handedTo(next, 0, now, answerBy(head, parking.answerDue(task.code, next, now), now)) } };
  const { rule, measure, value, lines } = task.ask ?? {};
  const approval: Approval = { contentHash: head.contentHash, rule, measure, value, lines, by: approved };
  return { head: { ...head, approvals: { ...head.approvals, [task.ask?.subject ?? task.code]: approval } } };
};

/** Policy undo: the order is stopped, and what was made of it is undone. */
const reject: Option = (head, _task, { by, reason }, now) => {
  if (pastPivot(head)) return { why: 'the ERP has confirmed the order: it can only be reversed there' };
  return { head: { ...head, stops: { ...head.stops, policy: { by, at: now, reason } } } };
};

const cancel: Option = (head, _task, { by, reason }, now) => ({ head: decideCancel(head, by, now, reason).next ?? head });

/** The cancellation or withdrawal that came after the pivot is turned down. */
const keep: Option = (head, task) => {
  const kind = undecidedStop(head);
  const stop = kind && head.stops[kind];
  if (!stop || stopQuestion(kind) !== task.code) return { why: 'nobody asks for the order to be stopped any more' };
  return { head: { ...head, stops: { ...head.stops, [kind]: { ...stop, decided: 'keep' } } } };
};

/** A person's word only brings about the run that asks the ERP: it is reversed when the ERP says so, else the question comes again with what is left. */
const reversed: Option = (head) => ({ head });

/** The order goes on beside the one that the ERP has, and names it. */
const amend: Option = (head, task) => {
  const amended = task.ask?.subject;
  if (!amended) return { why: 'the question names no earlier order' };
  if (pastPivot(head)) return { why: 'the ERP has confirmed the order, or is about to' };
  return { head: amending(head, amended) };
};

/** What these measure depends on what an ERP says of its prices and its customer. */
const OF_AN_ERP: readonly (ApprovalMeasure | undefined)[] = ['price deviation', 'exposure', 'order'];

/** Another ERP makes the order, or has made it: nothing that was read in the first one counts, nor what was approved of it. */
export function routedTo(head: Head, erp: string): Head {
  const isKept = ({ measure }: { readonly measure?: ApprovalMeasure | undefined }) => !OF_AN_ERP.includes(measure);
  const approvals = Object.fromEntries(Object.entries(head.approvals).filter(([, approval]) => isKept(approval)));
  const unanswered = head.unanswered?.filter(({ ask = {} }) => isKept(ask));
  return { ...head, route: { ...head.route, erp }, prepared: {}, approvals, ...(unanswered && { unanswered }) };
}

/** Why no order can be sent from one ERP to another; undefined: it can, if the order itself can. */
export function whyNotRoute(from: string, to: string, erps: readonly string[]): string | undefined {
  if (!erps.includes(to)) return `there is no ERP instance "${to}"; there are ${erps.join(', ')}`;
  return to === from ? `it goes to ${to} already` : undefined;
}

/** Only while it is certain that nothing of the order stands in an ERP: in another one nobody would look for it. */
export function reroute(head: Head, to: string, erps: readonly string[]): { readonly head: Head } | { readonly why: string } {
  const why = whyNotRoute(head.route.erp, to, erps);
  if (why) return { why };
  if (head.state !== 'accepted' || head.draft || head.order) return { why: `a draft or order stands in ${head.route.erp}: cancel it first` };
  if (head.open || head.everUnknown) return { why: `a call to ${head.route.erp} was once without an answer: what it made would be left behind` };
  return { head: routedTo(head, to) };
}

/** What each option does to HEAD. `correct` has set the mapping before: what is left is another run. */
export const OPTIONS: Readonly<Partial<Record<TaskOption, Option>>> = {
  retry,
  correct: retry,
  approve,
  reject,
  cancel,
  keep,
  reroute: (head, _task, { to = '' }, _now, { erps }) => reroute(head, to, erps),
  reversed,
  amend,
};
