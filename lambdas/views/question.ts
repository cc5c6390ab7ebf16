import { ERRORS, type ErrorCode, type OwnerGroup } from '../../contracts/errors.ts';
import { QUESTIONS } from '../../contracts/questions.ts';
import type { CauseSubject } from '../../contracts/reference.ts';
import type { TaskOption } from '../../contracts/tasks.ts';
import { subjectOf } from '../domain/cause-task.ts';
import type { Head } from '../domain/head.ts';
import type { ApprovalMeasure, Ask } from '../domain/waiting.ts';
import type { TaskItem } from '../ledger/task-items.ts';
import { type AnyTask, isAboutEntry, isShared } from '../ledger/tasks.ts';
import { moneyOf } from './overview.ts';
import { money } from './text.ts';

/** What is asked about a cause where it is not: which record of the ERP is this? */
const OF_CAUSE: Readonly<Partial<Record<ErrorCode, (subject: CauseSubject) => string>>> = {
  CUSTOMER_BLOCKED: ({ erp, code }) =>
    `ERP ${erp} does not sell to the customer that ${code} is mapped to. Is that one released there, is another customer meant, does another ERP sell to it, or are its orders cancelled?`,
  PRODUCT_INACTIVE: ({ erp, kind, code }) =>
    kind === 'freight'
      ? `ERP ${erp} does not sell ${code}, the product that carries freight: look whether it is there, active and has a price. Is it put right, or are the orders with freight cancelled?`
      : `ERP ${erp} does not sell the product that ${code} is mapped to: look whether it is active there and has a price. Is it put right, or which one takes its place?`,
  TAX_COUNTRY_UNKNOWN: ({ code }) =>
    `Nobody has said what tax ${code} takes. Is its rate in our table now, or are the orders that go there cancelled?`,
  ERP_UNAVAILABLE: ({ erp }) =>
    `ERP ${erp} has not answered for as long as its orders try again by themselves: look whether it runs and can be reached. Is it back, or are they cancelled?`,
  ERP_AUTHENTICATION: ({ erp }) =>
    `ERP ${erp} does not let us in: look at the user and the password that we have for it. Are they right again, or are its orders cancelled?`,
  ERP_NOT_CONFIGURED: ({ erp }) =>
    `There is no ERP ${erp} in our configuration, and orders that are to go there. Is it back, shall another one make them, or are they cancelled?`,
};

/** @param cause what orders share that wait for it: the question names it */
export function questionOf(code: ErrorCode, cause?: string): string {
  if (cause !== undefined) {
    const subject = subjectOf(cause);
    return OF_CAUSE[code]?.(subject) ?? `Which ${subject.kind} of ERP ${subject.erp} is ${subject.code}?`;
  }
  return QUESTIONS[code] ?? 'Is the cause gone, so that the order can run again, or is it cancelled?';
}

/** What to call an answer, and what follows from it. */
export const OPTION_TEXTS: Readonly<Record<TaskOption, readonly [name: string, follows: string]>> = {
  retry: ['Run again', 'The cause is gone: the order goes on where it stopped.'],
  correct: ['Set the code', 'The code stands for this record of the ERP from now on: every order that waits for it goes on.'],
  reroute: ['Send to another ERP', 'The order is made in that ERP instance instead.'],
  approve: ['Approve', 'The order goes on; it is asked again only when it gets worse.'],
  reject: ['Reject', 'The order is undone: its draft and its tax document are cancelled.'],
  cancel: ['Cancel the order', 'What was made of it is undone; what the ERP has confirmed is asked about again.'],
  keep: ['Keep the order', 'The order stays as it is in the ERP; whoever wanted it cancelled is turned down.'],
  reversed: ['It is reversed', 'The order is read back from the ERP, and ends as reversed if the ERP says so too.'],
  amend: ['Make an amendment', 'This revision becomes an order of its own that names the earlier one, which stays.'],
  dismiss: ['Dismiss the other content', 'The order stays as it is; to change its price or quantity takes a new revision in the CPQ.'],
};

/** How a question ended that nobody has answered. */
export function unansweredText(task: AnyTask): string {
  if (isAboutEntry(task)) return 'The event was submitted again';
  return isShared(task) ? 'No order waits for an answer any more: each went on without one, or was cancelled' : 'The order went on without an answer';
}

export interface Waiting {
  /** The orders that wait for the answer. */
  readonly heads: readonly Head[];
  /** There are others, which were not counted. */
  readonly more: boolean;
}

function allThatWait({ heads, more }: Waiting): string {
  if (more) return `all orders that wait for it, at least ${heads.length}`;
  return heads.length === 1 ? 'the one order that waits for it' : `all ${heads.length} orders that wait for it`;
}

function worthText({ heads, more }: Waiting): string {
  const sums = moneyOf(heads).map(money).join(', ');
  return sums && ` (${more ? 'at least ' : ''}${sums} before tax)`;
}

/** What to call an answer, and what follows from it, where the question is about a cause: all orders are meant that wait for it. */
const FOR_ALL: Readonly<Partial<Record<TaskOption, (waiting: Waiting) => readonly [name: string, follows: string]>>> = {
  retry: () => [OPTION_TEXTS.retry[0], 'The cause is gone: every order that waits for it goes on where it stopped.'],
  reroute: () => [
    OPTION_TEXTS.reroute[0],
    'Every order that waits for it is made in that ERP instance. One of which something stands in this one, or may stand since a call was once without an answer, stays and asks again.',
  ],
  cancel: (waiting) => [
    `Cancel ${allThatWait(waiting)}`,
    `This cancels ${allThatWait(waiting)}${worthText(waiting)}, and undoes what was made of them.`,
  ],
};

/** The group that is asked after this approval; undefined: it is the last one. */
const nextToApprove = (task: AnyTask): OwnerGroup | undefined => (isShared(task) ? undefined : task.ask?.approvers?.[task.approved.length + 1]);

/** @param shared the orders of a question about a cause; undefined: it is about one order */
export const optionTexts = (option: TaskOption, shared: Waiting | undefined): readonly [name: string, follows: string] =>
  (shared && FOR_ALL[option]?.(shared)) ?? OPTION_TEXTS[option];

/** ... of a question that is open: the first of several approvers does not have the order go on. */
export function offeredTexts(option: TaskOption, task: AnyTask, shared: Waiting | undefined): readonly [name: string, follows: string] {
  const next = option === 'approve' ? nextToApprove(task) : undefined;
  return next ? [OPTION_TEXTS.approve[0], `${next} is asked next; the order goes on when all have approved.`] : optionTexts(option, shared);
}

/** What follows from one answer to many questions about one order each, and for how many where that differs. */
export function offeredToMany(option: TaskOption, tasks: readonly AnyTask[]): string {
  const ends = [...Map.groupBy(tasks, (task) => offeredTexts(option, task, undefined)[1])];
  return ends.map(([follows, of]) => (ends.length === 1 ? follows : `Of ${of.length}: ${follows}`)).join(' ');
}

/** Shares of one; the other measures are amounts in the currency of the quote. */
const SHARES: readonly (ApprovalMeasure | undefined)[] = ['discount', 'margin'];

/** The value to be approved, an amount with its currency; undefined: the question is about no value. */
export function askedValue({ ask, quote }: Pick<TaskItem, 'ask' | 'quote'>): string | undefined {
  if (ask?.value === undefined) return undefined;
  return ask.measure === undefined || SHARES.includes(ask.measure) ? ask.value : money({ amount: ask.value, currency: quote.currency });
}

/** What a question is about, in words: the rule of the matrix by its title, if it has one here; else what the code says. */
export const subjectText = (code: ErrorCode, { subject }: Pick<Ask, 'subject'>, title?: string): string =>
  title ?? (subject.startsWith(`${code}:`) ? ERRORS[code].title : subject);

/** Why it is asked, in the words of the table of errors. */
export const reasonOf = (code: ErrorCode, detail: string | undefined): string => `${ERRORS[code].title}${detail ? `: ${detail}` : ''}`;
