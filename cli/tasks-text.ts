import type { QuoteDocument } from '../contracts/quote.ts';
import type { Answered } from '../lambdas/domain/protocol/index.ts';
import { commandLine, shellWord } from '../lambdas/views/next-command.ts';
import { optionTexts, reasonOf, subjectText, type Waiting } from '../lambdas/views/question.ts';
import { buyerOf, meantBy, partyText } from '../lambdas/views/quote.ts';
import type { TaskView } from '../lambdas/views/task.ts';
import { quoteName, stateText } from '../lambdas/views/text.ts';
import { count, facts, indent, instant, money, plain, relative, table } from './print.ts';

/** Lines of a quote that are shown with a task. */
const LINES = 10;

const about = ({ cause, order, tenant }: TaskView): string => (cause ? `${cause.kind} ${cause.code} of ${tenant}` : order ? quoteName(order) : '');
const worth = ({ money: sums }: TaskView): string => sums.map(money).join(', ');
const orders = ({ orders: n, more }: Pick<TaskView, 'orders' | 'more'>): string => `${more ? 'at least ' : ''}${count(n, 'order')}`;

/** Tasks in a table, each with what is asked in the next line. @param asked of each; left out: its question alone */
export function tasksTable(tasks: readonly TaskView[], now: Date, asked = tasks.map(({ question }) => plain(question))): string {
  const titles = ['TASK', 'OWNER', 'DUE', 'ABOUT', '>ORDERS', '>WORTH', 'CODE', 'ASSIGNED'];
  const rows = tasks.map((task) => [
    ...[task.id, task.owner, `${relative(task.dueAt, now)}${task.overdue ? ', overdue' : ''}`, about(task)],
    ...[`${task.orders}${task.more ? '+' : ''}`, worth(task), task.code, task.assignee],
  ]);
  const [head, ...lines] = table(titles, rows).split('\n');
  return [head, ...lines.flatMap((line, at) => [line, indent(asked[at] ?? '', 4)])].join('\n');
}

export function tasksText(tasks: readonly TaskView[], now: Date, stage: string): string {
  if (tasks.length === 0) return 'Nobody is asked anything.';
  const late = tasks.filter(({ overdue }) => overdue).length;
  const sum = `${count(tasks.length, 'open task')}${late > 0 ? `, ${late} overdue` : ''}.`;
  return `${tasksTable(tasks, now)}\n\n${sum} ${commandLine('tasks show TASK', stage)}    shows the facts and the answers`;
}

const escalationText = ({ escalation: { next, atLast, cancelsFrom }, level }: TaskView): string => {
  const cancels =
    cancelsFrom && `; from ${instant(cancelsFrom)} UTC on the policy cancels each order whose own time is over, if it stops with this once more`;
  const last = atLast ? `the policy decides: ${atLast}` : `it stays open, overdue${cancels ?? ''}`;
  const then = [...next.map((group) => `${group} is asked`), last];
  return `${level > 0 ? `step ${level} is taken; ` : ''}then ${then.join(', then ')}`;
};

const askText = ({ ask, code }: TaskView): string | undefined =>
  ask && `${subjectText(code, ask)}${ask.text === undefined ? '' : `: ${ask.text}`}${ask.requestedBy ? `, asked for by ${ask.requestedBy}` : ''}`;

/** The first of the orders that wait for the answer. */
function heldUpText({ heldUp, orders: all, more }: TaskView, now: Date): string {
  const rows = heldUp.map((order) => [
    ...[quoteName(order), order.orderKey, stateText(order)],
    ...[money({ amount: order.quote.total, currency: order.quote.currency }), relative(order.waiting?.since, now)],
  ]);
  const title = more || all > heldUp.length ? `Orders held up, the first ${heldUp.length} of ${all}${more ? ' or more' : ''}:` : 'Orders held up:';
  return `${title}\n${indent(table(['QUOTE', 'ORDER', 'STATE', '>WORTH', 'WAITS SINCE'], rows))}`;
}

function linesText({ lines, currency }: QuoteDocument): string {
  const rows = lines.slice(0, LINES).map((line) => [line.product, line.description, line.quantity, line.listPrice, line.netPrice, line.amount]);
  const title = lines.length > LINES ? `Lines of the quote, the first ${LINES} of ${lines.length}:` : 'Lines of the quote:';
  return `${title}\n${indent(table(['PRODUCT', 'DESCRIPTION', '>QUANTITY', '>LIST PRICE', '>NET PRICE', `>AMOUNT (${currency})`], rows))}`;
}

/** Each answer as a command; where it takes a code of the ERP, what that is and where the others are. */
function answersText({ options, mapping: { tenant, erp, kind, code: mapped } }: TaskView, stage: string): string {
  const others = commandLine(`reference list ${kind} --tenant ${shellWord(tenant)} --erp ${shellWord(erp)}`, stage);
  const code = [
    `CODE is what ERP ${erp} itself calls the ${kind} ${mapped} of the quote: look it up there.`,
    `${others}    shows what others are called`,
  ];
  const lines = options.flatMap(({ option, name, follows, command }) => [
    `${name}: ${follows}`,
    ...[command, ...(option === 'correct' ? code : [])].map((line) => indent(line)),
  ]);
  return `Answers:\n${indent(lines.join('\n'))}`;
}

/** @param quote of the first order that waits, or why it could not be read */
export function taskText(task: TaskView, now: Date, stage: string, quote?: QuoteDocument | Error): string {
  const { order, answered, assignee, assigned, openedAt, askedAt } = task;
  const open = task.state === 'open';
  const read = quote instanceof Error ? undefined : quote;
  const buyer = read && buyerOf(read);
  const text = facts([
    ['task', `${task.id} (${task.state})`],
    ['why', `${task.code}: ${reasonOf(task.code, task.detail)}`],
    ['about', about(task)],
    [
      'order',
      order && `${order.orderKey} of ${order.tenant}, ${order.state}, ERP ${order.erp.instance} ${order.erp.number ?? order.erp.reference ?? ''}`,
    ],
    ['in the quote', task.cause && read && meantBy(task.cause.kind, task.cause.code, read)],
    ['customer', order && buyer && partyText(buyer)],
    ['payment term', order && read?.paymentTerm],
    ['facts missing', quote instanceof Error ? `the quote could not be read: ${quote.message}` : undefined],
    ['holds up', open ? [orders(task), task.orders > 0 && `${worth(task)} before tax`].filter(Boolean).join(', ') : undefined],
    ['rejected event', task.event],
    ['to approve', askText(task)],
    ['approved by', task.approved.length > 0 ? task.approved.map(({ by, group }) => `${by} (${group})`).join(', ') : undefined],
    ['asked', `${task.owner}: ${task.mayAnswer}`],
    ['assigned to', assigned ? `${assignee ?? 'nobody'}, by ${assigned.by} at ${instant(assigned.at)} UTC: ${assigned.reason}` : assignee],
    ['asked since', `${instant(askedAt)} UTC, ${relative(askedAt, now)}`],
    ['first asked', askedAt === openedAt ? undefined : `${instant(openedAt)} UTC, ${relative(openedAt, now)}, before it came to ${task.owner}`],
    ['due', open ? `${instant(task.dueAt)} UTC, ${relative(task.dueAt, now)}${task.overdue ? ', overdue' : ''}` : undefined],
    ['if nobody answers', open ? escalationText(task) : undefined],
    ['runbook', task.runbook],
    [
      'answered',
      answered &&
        `${answered.option ?? task.unanswered} by ${answered.by} at ${instant(answered.at)} UTC${answered.reason ? `: ${answered.reason}` : ''}`,
    ],
  ]);
  if (!open) return text;
  const held = task.heldUp.length > 0 ? ['', heldUpText(task, now)] : [];
  const lines = order && read ? ['', linesText(read)] : [];
  const more = order && `\n${commandLine(`lineage ${order.orderKey}`, stage)}    shows what happened`;
  return [plain(task.question), '', text, ...lines, ...held, '', answersText(task, stage), ...(more ? [more] : [])].join('\n');
}

/** One answer to one task, in a sentence. @param shared the orders of a question about a cause */
export function answerText(answer: Answered | { readonly answer: 'unknown' }, shared?: Waiting): string {
  switch (answer.answer) {
    case 'decided':
      return `decided: ${optionTexts(answer.decided.option, shared)[1]}`;
    case 'approved in part':
      return `approved; ${answer.next} is asked next, and the order waits for that`;
    case 'already decided':
      return `already decided: ${answer.decided.option} by ${answer.decided.by} at ${instant(answer.decided.at)} UTC, "${answer.decided.reason}"; nothing changes`;
    case 'too late':
      return `too late: nobody had answered, and the policy decided ${answer.decided.option} at ${instant(answer.decided.at)} UTC; nothing changes`;
    case 'not open any more':
      return `not open any more: ${answer.why}`;
    case 'not allowed':
      return `not allowed: the answers to this question are ${answer.options.join(', ')}`;
    case 'not authorised':
      return `not authorised: ${answer.why}`;
    case 'not possible':
      return `not possible: ${answer.why}`;
    case 'only corrected':
      return `only corrected: ${answer.what}, and that stays; the question itself was ${answerText(answer.instead, shared)}`;
    case 'unknown':
      return 'there is no such task';
  }
}
