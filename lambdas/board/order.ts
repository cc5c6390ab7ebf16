import type { ErrorCode } from '../../contracts/errors.ts';
import { RUNBOOK, RUNBOOK_OF_CODE, runbookPath } from '../../contracts/runbooks.ts';
import type { ExecutionTiming } from '../aws/history.ts';
import { causeTaskId } from '../domain/cause-task.ts';
import type { Head } from '../domain/head.ts';
import { sharedQuestion } from '../ledger/cause-tasks.ts';
import { lineage } from '../ledger/queries.ts';
import { type RevisionView, revisionView } from '../views/lineage.ts';
import type { NextStep } from '../views/next-command.ts';
import { commandLine } from '../views/next-command.ts';
import { type OrderDetail, orderDetail } from '../views/order.ts';
import { questionOf } from '../views/question.ts';
import { count, instant, money, quoteName } from '../views/text.ts';
import type { BoardDeps } from './deps.ts';
import { executionLink } from './execution-link.ts';
import { type Content, type Html, html } from './html.ts';
import { situationBadges } from './orders.ts';
import { age, ago, badge, command, pairs, section, table, when } from './parts.ts';
import { attempt } from './reads.ts';
import { runs } from './runs.ts';
import { dueText } from './tasks.ts';
import { waterfall } from './waterfall.ts';

/** Runs that are shown, the newest; and those of which the cloud's history is read. A parked order may run every day for months. */
const SHOWN = 20;
const TIMED = 5;

/** What to put into the command, and where it is found. */
function blankText({ text, kind, erp }: NonNullable<NextStep['blank']>, { codesLink, defaults: { stage } }: BoardDeps): Html {
  const link = codesLink(erp, kind);
  const client = link ? html`<a href="${link.href}" rel="noreferrer">Its own client</a>` : 'Its own client';
  const mapped = html`<code>${commandLine('reference list', stage)}</code> shows what is mapped.`;
  return html`<p class="small soft">In the place of <code>${text}</code> put the code of the ${kind} in ERP ${erp}. ${client} shows it; ${mapped} ${link?.note}</p>`;
}

function howItGoesOn({ waiting, next }: OrderDetail, deps: BoardDeps, now: Date): Content {
  if (!waiting || !next) return undefined;
  const due = waiting.due && html` It is due ${ago(waiting.due, now)}.`;
  if (next.command === undefined) return html`<p><b>Nothing has to be done.</b> ${next.cure}${due}</p>`;
  return [
    html`<p><b>What to do:</b> ${next.cure}</p>`,
    command(next.command),
    next.blank && blankText(next.blank, deps),
    html`<p class="small soft">Then it goes on by itself, and this page shows it.</p>`,
  ];
}

function runbook(code: ErrorCode, docsUrl: string | undefined): Html {
  const section = RUNBOOK_OF_CODE[code];
  const { title } = RUNBOOK[section];
  const path = runbookPath(section);
  const [file] = path.split('#');
  const name =
    docsUrl === undefined ? html`<code>docs/${file}</code>, section ${title}` : html`<a href="${docsUrl}/${path}" rel="noreferrer">${title}</a>`;
  return html`<p class="small soft">Runbook: ${name}</p>`;
}

/** The question that somebody has to answer, its own or that of its cause. */
function taskLink({ task, wait }: Head, now: Date): Content {
  const shared = wait?.kind === 'person' && wait.cause;
  if (!task && !shared) return undefined;
  const link = html`<a href="/tasks/${task ? task.id : causeTaskId(wait?.cause ?? '')}">${questionOf(wait?.code ?? 'ORDER_UNKNOWN', shared || undefined)}</a>`;
  return html`<p><b>To decide:</b> ${link}${task && html` ${task.owner}, due ${dueText(task, now)}${task.assignee && `, looked after by ${task.assignee}`}`}${shared && ' for all orders that wait for it'}</p>`;
}

/** Why it stands still, in the words of the table of errors, and what to do about it. */
function whyPart(order: OrderDetail, head: Head, deps: BoardDeps, now: Date): Content {
  const { waiting, lastError } = order;
  if (!waiting)
    return (
      order.inLineSince &&
      section(
        'why',
        'Why it stands in line',
        html`<p>ERP ${order.erp.instance} is given a few orders at a time; this one waits for its turn for ${age(order.inLineSince, now)}.</p>`,
      )
    );
  const who = waiting.for === 'person' ? `${waiting.owner} has to act` : `${waiting.owner} owns it`;
  return html`<section class="why" aria-labelledby="why-title" id="why"><h2 id="why-title">Why it waits</h2>
<p class="lead">${waiting.title}${waiting.detail && html`: <b>${waiting.detail}</b>`}.</p>
<p>${badge('waiting')} <code>${waiting.code}</code> for ${age(waiting.since, now)}; ${who} (${waiting.class})${lastError && `; found in ${lastError.step} of run ${lastError.run}`}.</p>
${taskLink(head, now)}${howItGoesOn(order, deps, now)}${runbook(waiting.code, deps.docsUrl)}</section>`;
}

const linkTo = (orderKey: string | undefined): Content => orderKey && html`<a href="/orders/${orderKey}">${orderKey}</a>`;

export function saleText({ order, draft, route }: OrderDetail, saleLink: BoardDeps['saleLink']): Content {
  const sale = order ?? draft;
  if (!sale) return undefined;
  const name = `${order ? `order ${order.number ?? order.ref}` : `draft ${sale.ref}`}`;
  const link = saleLink(route.erp, sale.ref);
  return [
    link ? html`<a href="${link.href}" rel="noreferrer">${name} in the ERP's own client</a>` : name,
    `, ${money(sale.total)} with tax${order?.stuck ? ' (stuck)' : ''}`,
    link?.note && html`<br><span class="small soft">${link.note}</span>`,
  ];
}

function aboutPart(order: OrderDetail, { saleLink, bucket }: BoardDeps, now: Date): Html {
  const { tax, run, open, stops } = order;
  return pairs(
    [
      ['Order key', html`<code>${order.orderKey}</code>`],
      ['Tenant', order.tenant],
      ['Quote', `${quoteName(order)} (${order.quote.cpq}, ${order.quote.id})`],
      ['Total', `${money({ amount: order.quote.total, currency: order.quote.currency })} before tax`],
      ['Accepted', when(order.createdAt, now)],
      ['ERP', `${order.route.erp} (${order.route.region}/${order.route.businessUnit})`],
      ['In the ERP', saleText(order, saleLink) ?? 'nothing yet'],
      ['Tax', tax && `${tax.amount} ${order.quote.currency}, document ${tax.document}, ${tax.status}`],
      [
        'Runs',
        run.n === 0 ? 'none yet' : `${run.n}${run.active ? ', the last is under way' : ''}${run.deaths > 0 ? `, ${run.deaths} in a row died` : ''}`,
      ],
      ['In flight', open && `${open.action} since ${instant(open.at)} UTC`],
      ['To be completed', order.deadline && [when(order.deadline, now), order.lateSince && html` ${badge('late')}`]],
      ['Due', order.dueAt && when(order.dueAt, now)],
      [
        'Stopped',
        Object.entries(stops).map(([kind, { by, at, reason }]) => `${kind} by ${by} at ${instant(at)} UTC${reason ? `: ${reason}` : ''}. `),
      ],
      ['Replaces', linkTo(order.predecessor)],
      ['Replaced by', linkTo(order.supersededBy)],
      ['Quote document', html`<code>s3://${bucket}/${order.document.key}</code>`],
    ],
    'Quote document',
  );
}

function deliveriesPart({ deliveries }: RevisionView, now: Date): Content {
  const late = deliveries.filter(({ behind }) => behind > 0);
  const rows = deliveries.map((one) => [
    one.subscriber,
    one.behind > 0
      ? html`<span class="badge warn"><span aria-hidden="true">!</span> ${count(one.behind, 'event')} behind</span>`
      : html`<span class="badge good"><span aria-hidden="true">✓</span> up to date</span>`,
    `${one.acknowledged} of ${one.newest}`,
    one.attempts,
    one.at && ago(one.at, now),
  ]);
  const columns = [
    { title: 'Subscriber' },
    { title: 'Knows' },
    { title: 'Acknowledged sequence', number: true },
    { title: 'Deliveries', number: true },
    { title: 'Last' },
  ];
  return [
    html`<p>${late.length === 0 ? 'Every subscriber has the newest event that it wants.' : `Behind: ${late.map(({ subscriber }) => subscriber).join(', ')}.`}</p>`,
    table({ id: 'deliveries-table', caption: 'What the subscribers have acknowledged', columns, rows }),
  ];
}

async function readTimings({ timings }: BoardDeps, { executions }: RevisionView): Promise<Map<number, ExecutionTiming>> {
  const read = await Promise.all(executions.slice(-TIMED).map(async ({ run, arn }) => [run, await attempt(timings(arn))] as const));
  return new Map(read.flatMap(([run, answer]) => ('value' in answer && answer.value ? [[run, answer.value] as const] : [])));
}

const executionPart =
  ({ executions }: RevisionView, endpoint: string | undefined) =>
  (run: number): Content => {
    const execution = executions.find((one) => one.run === run);
    if (!execution) return undefined;
    const { href, command: line } = executionLink(execution.arn, endpoint);
    return html`<details id="run-${run}"><summary class="small">Execution of run ${run}</summary><p class="small">${
      href === undefined ? html`<code>${execution.arn}</code>` : html`<a href="${href}" rel="noreferrer">${execution.name} in the console of AWS</a>`
    }</p>${line && command(line)}</details>`;
  };

/** One order from the quote to the last webhook. */
export async function order(deps: BoardDeps, head: Head, now: Date): Promise<{ title: string; content: Content }> {
  const { defaults, policy, bucket, stateMachineArn, ledger, endpoint } = deps;
  const items = await lineage(ledger, head.orderKey);
  const revision = revisionView(head, items, { defaults, policy, bucket, stateMachineArn });
  const detail = orderDetail(head, defaults, await sharedQuestion(ledger, head));
  const timings = await readTimings(deps, revision);
  const parts = waterfall({ order: revision, open: head.open, timings, now }, Math.max(0, head.run.n - SHOWN + 1));
  const hidden = head.run.n >= SHOWN && html`<p class="soft">The newest ${SHOWN} of ${head.run.n} runs.</p>`;
  const chain = revision.chain.intact
    ? undefined
    : html`<p>${badge('broken')} The chain of facts is broken at ${revision.chain.brokenAt}: a fact was changed after it was written.</p>`;
  return {
    title: `Order of ${quoteName(detail)}`,
    content: [
      html`<p>${situationBadges(detail)}</p>`,
      whyPart(detail, head, deps, now),
      section('about', 'Where it is', aboutPart(detail, deps, now)),
      section('happened', 'What happened', [chain, hidden, runs(parts, executionPart(revision, endpoint))]),
      section('known', 'Who knows of it', deliveriesPart(revision, now)),
      section('more', 'More', [
        command(commandLine(`lineage ${head.orderKey}`, defaults.stage)),
        command(commandLine(`logs ${head.orderKey}`, defaults.stage)),
      ]),
    ],
  };
}
