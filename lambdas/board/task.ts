import type { QuoteDocument } from '../../contracts/quote.ts';
import { isMapping } from '../../contracts/reference.ts';
import { type CauseTask, subjectOf } from '../domain/cause-task.ts';
import type { Head } from '../domain/head.ts';
import { membersText } from '../domain/owners.ts';
import { placeOf, rulesOf } from '../domain/rules.ts';
import type { Fact } from '../ledger/append.ts';
import { lineage } from '../ledger/queries.ts';
import type { TaskItem } from '../ledger/task-items.ts';
import { type AnyTask, answersTo, findTask, isAboutEntry, isShared, ordersOfCause } from '../ledger/tasks.ts';
import { commandLine } from '../views/next-command.ts';
import { orderDetail, orderView } from '../views/order.ts';
import { moneyOf } from '../views/overview.ts';
import { askedValue, OPTION_TEXTS, questionOf, reasonOf, subjectText, unansweredText, type Waiting } from '../views/question.ts';
import { buyerOf, meantBy, partyText } from '../views/quote.ts';
import { atLastOf, cancelsFrom, chainOfTask } from '../views/task.ts';
import { count, quoteName } from '../views/text.ts';
import type { BoardDeps } from './deps.ts';
import { type Content, type Html, html } from './html.ts';
import { saleText } from './order.ts';
import { ordersTable } from './orders.ts';
import { toOverview } from './pages.ts';
import { command, pairs, section, sums, table, when } from './parts.ts';
import { attempt } from './reads.ts';
import { message, type Shown } from './response.ts';
import type { Asked } from './routes.ts';
import { formsPart } from './task-forms.ts';
import { dueText } from './tasks.ts';
import type { Visitor } from './visitor.ts';

/** Orders of a shared question that its page shows; the list of orders has the rest. */
const SHOWN = 20;

/** What people write is for those who decide: a name is shown to whoever has logged in. */
const customerText = (quote: QuoteDocument, visitor: Visitor | undefined): string | undefined => {
  const buyer = buyerOf(quote);
  return buyer && (visitor ? partyText(buyer) : buyer.customer);
};

function linesPart({ lines, currency }: QuoteDocument): Html {
  const number = true;
  const columns = [
    { title: 'Product' },
    { title: 'Description' },
    { title: 'Quantity', number },
    { title: 'List price', number },
    { title: 'Net price', number },
    { title: `Amount (${currency})`, number },
  ];
  const rows = lines.map((line) => [line.product, line.description, line.quantity, line.listPrice, line.netPrice, line.amount]);
  return html`<details id="lines"><summary>${count(lines.length, 'line')} of the quote</summary>${table({ id: 'lines-table', caption: 'Lines', columns, rows })}</details>`;
}

/** What an approval is asked for: the rule, and the value that is approved. */
function askText(task: TaskItem, head: Head, { policy }: BoardDeps): Content {
  const { ask } = task;
  if (!ask || !answersTo(task).includes('approve')) return undefined;
  const title = subjectText(task.code, ask, rulesOf(policy, placeOf(head)).approvals[ask.subject]?.title);
  return [title, ask.value !== undefined && html`: <b>${askedValue(task)}</b>`, ask.requestedBy && `, asked for by ${ask.requestedBy}`];
}

const approvedText = ({ approved }: TaskItem): string => approved.map(({ by, group, at }) => `${by} (${group}) at ${at.slice(0, 16)}Z`).join(', ');

async function orderFacts(task: TaskItem, head: Head, deps: BoardDeps, visitor: Visitor | undefined, now: Date): Promise<Content> {
  const detail = orderDetail(head, deps.defaults);
  const quote = await attempt(deps.quoteOf(head));
  const known = 'value' in quote ? quote.value : undefined;
  return [
    pairs([
      ['Order', html`<a href="/orders/${head.orderKey}">${quoteName(detail)}</a>, ${detail.state}: its whole way`],
      ['Worth', sums(moneyOf([head]))],
      ['Customer', known ? customerText(known, visitor) : 'could not be read just now'],
      ['Payment term', known?.paymentTerm],
      ['Tenant', head.tenant],
      ['ERP', `${head.route.erp} (${head.route.region}/${head.route.businessUnit})`],
      ['In the ERP', saleText(detail, deps.saleLink) ?? 'nothing yet'],
      ['To be approved', askText(task, head, deps)],
      ['Approved so far', approvedText(task)],
      [
        'Asked to stop',
        Object.entries(detail.stops).map(
          ([kind, { by, reason, decided }]) => `${kind} by ${by}${reason ? `: ${reason}` : ''}${decided ? `; decided: ${decided}` : ''}. `,
        ),
      ],
      ['Accepted', when(head.createdAt, now)],
      ['The rejected event', isAboutEntry(task) && command(commandLine(`quarantine show ${task.entry}`, deps.defaults.stage))],
    ]),
    visitor && known && linesPart(known),
  ];
}

async function causeFacts(task: CauseTask, { heads, more }: Waiting, deps: BoardDeps, visitor: Visitor | undefined, now: Date): Promise<Content> {
  const { tenant, erp, kind, code } = subjectOf(task.cause);
  const quote = visitor && heads[0] && (await attempt(deps.quoteOf(heads[0])));
  const shown = heads.slice(0, SHOWN).map((head) => orderView(head, deps.defaults, now, task));
  return [
    pairs([
      [isMapping(kind) ? 'Code' : 'About', html`${kind} <code>${code}</code>`],
      ['In the quote', quote && ('value' in quote ? meantBy(kind, code, quote.value) : 'could not be read just now')],
      ['Tenant', tenant],
      ['ERP', kind !== 'country' && erp],
      ['Holds up', `${more ? 'at least ' : ''}${count(heads.length, 'order')}`],
      ['Worth', sums(moneyOf(heads))],
    ]),
    html`<h3 class="below">Orders that wait for it</h3>`,
    ordersTable('cause-orders', 'Orders that wait for it', shown, false, now),
    heads.length > SHOWN && html`<p class="soft">The oldest ${SHOWN} of ${heads.length}.</p>`,
  ];
}

/** Who is asked now, until when, and what follows when nobody answers. */
function askedPart(task: AnyTask, { policy }: BoardDeps, heads: readonly Head[], now: Date): Content {
  const [head] = heads;
  const chain = chainOfTask(policy, task, head);
  const atLast = atLastOf(task, chain, head);
  const cancels = cancelsFrom(task, heads, policy);
  const [next] = chain.escalate.slice(task.level);
  const after = next ?? (atLast ? `the policy decides: ${OPTION_TEXTS[atLast][0]}` : 'nobody else: it stays open');
  return pairs([
    ['Who may answer', `${task.owner}: ${membersText(policy, task.owner)}`],
    [
      'Looked after by',
      task.assigned
        ? html`${task.assignee ?? 'nobody'}, by ${task.assigned.by}, ${when(task.assigned.at, now)}: <q>${task.assigned.reason}</q>`
        : (task.assignee ?? 'nobody yet'),
    ],
    ['Due', dueText(task, now)],
    ['Open since', when(task.openedAt, now)],
    ['This group asked since', task.askedAt !== undefined && when(task.askedAt, now)],
    [
      'Cancelled by the policy',
      cancels !== undefined && html`each order whose own time is over, from ${when(cancels, now)} on, if it stops with this once more`,
    ],
    ['Then asked', task.level > 0 ? `${after} (step ${task.level} of its escalation is taken)` : after],
  ]);
}

function closedPart(task: AnyTask, now: Date): Content {
  if (task.state === 'open') return undefined;
  const closed = isShared(task) ? task.decided : task.closed;
  const what = closed?.option ? OPTION_TEXTS[closed.option][0] : unansweredText(task);
  return html`<section class="done" role="status" aria-labelledby="done-title"><h2 id="done-title">${closed?.option ? 'Decided' : 'Not open any more'}: ${what}</h2>
${closed && html`<p>By ${closed.by}, ${when(closed.at, now)}${closed.reason && html`: <q>${closed.reason}</q>`}</p>`}</section>`;
}

function earlierPart(facts: readonly Fact[], now: Date): Content {
  const decided = facts.flatMap(({ event: { data, time, type }, actor }) =>
    type === 'order.decided.v1' && data.decision
      ? [[OPTION_TEXTS[data.decision.option][0], data.decision.code, actor, when(time, now), data.decision.reason]]
      : [],
  );
  if (decided.length === 0) return html`<p>Nobody has decided anything about this order before.</p>`;
  const columns = [{ title: 'Decision' }, { title: 'About' }, { title: 'By' }, { title: 'When' }, { title: 'Why' }];
  return table({ id: 'decisions-table', caption: 'Decisions about this order', columns, rows: decided });
}

async function shownTask(task: AnyTask, { deps, visitor, now }: Asked): Promise<Shown> {
  const head = isShared(task) ? undefined : await deps.ledger.read(task.orderKey);
  const waiting = isShared(task) ? await ordersOfCause(deps.ledger, task.cause) : undefined;
  const facts = isShared(task)
    ? waiting && (await causeFacts(task, waiting, deps, visitor, now))
    : head && (await orderFacts(task, head, deps, visitor, now));
  const detail = isShared(task) ? undefined : task.detail;
  return {
    title: `Task: ${isShared(task) ? `${subjectOf(task.cause).kind} ${subjectOf(task.cause).code}` : quoteName(task)}`,
    at: 'tasks',
    content: [
      closedPart(task, now),
      html`<section class="why" aria-labelledby="question-title"><h2 id="question-title">${questionOf(task.code, isShared(task) ? task.cause : undefined)}</h2>
<p><code>${task.code}</code> ${reasonOf(task.code, detail)}.</p></section>`,
      section('facts', 'What there is to know', facts),
      task.state === 'open' && section('decide', 'Decide', formsPart(task, { head, waiting }, deps, visitor)),
      section('asked', 'Who is asked', askedPart(task, deps, waiting?.heads ?? (head ? [head] : []), now)),
      head && section('decisions', 'Decided before', earlierPart((await lineage(deps.ledger, head.orderKey)).facts, now)),
    ],
  };
}

/** One question, with what is needed to answer it. */
export async function taskPage(asked: Asked): Promise<Shown> {
  const [id = ''] = asked.parts;
  const task = await findTask(asked.deps.ledger, id);
  return task ? shownTask(task, asked) : message(404, 'No such task', [html`<p>The ledger has no task ${id}.</p>`, toOverview]);
}
