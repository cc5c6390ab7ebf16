import type { ErrorCode } from '../../contracts/errors.ts';
import { OWNER_GROUPS, optionsOf } from '../../contracts/tasks.ts';
import { type AnyTask, isAboutEntry, isShared, openTasks } from '../ledger/tasks.ts';
import { questionOf } from '../views/question.ts';
import { overdue, type TaskGroup, type TaskRow } from '../views/tasks.ts';
import { count, quoteName, shortened } from '../views/text.ts';
import { type Content, type Html, html } from './html.ts';
import { select } from './orders.ts';
import { address, age, ago, badge, sums, table } from './parts.ts';
import { parse, type TasksQuery, tasksQuery } from './query.ts';
import { expectTenant, READ, taskRows } from './reads.ts';
import type { Shown } from './response.ts';
import type { Asked } from './routes.ts';
import { togetherForm } from './together-form.ts';
import type { Visitor } from './visitor.ts';

const PAGE = 50;
const SECONDS = 15;

export const dueText = (task: Pick<AnyTask, 'dueAt'>, now: Date): Content => [overdue(task, now) && [badge('overdue'), ' '], ago(task.dueAt, now)];

/** What the question is about: the quote, or what many orders wait for. */
const subject = (task: AnyTask): string => (isShared(task) ? questionOf(task.code, task.cause) : quoteName(task));

function row({ task, orders, more, money }: TaskRow, now: Date): Content[] {
  const detail = isShared(task) ? undefined : task.detail;
  return [
    html`<a href="/tasks/${task.id}">${shortened(subject(task), 60)}</a>${detail && html`<br><span class="small soft">${shortened(detail)}</span>`}`,
    task.code,
    [task.owner, task.assignee && html`<br><span class="small soft">${task.assignee}</span>`],
    isShared(task) ? `${more ? 'at least ' : ''}${count(orders, 'order')}` : isAboutEntry(task) ? 'no order' : '1 order',
    sums(money),
    age(task.openedAt, now),
    dueText(task, now),
  ];
}

const COLUMNS = [
  { title: 'Question about' },
  { title: 'Why' },
  { title: 'Who is asked' },
  { title: 'Holds up', number: true },
  { title: 'Worth', number: true },
  { title: 'Open for' },
  { title: 'Due' },
];

const fits =
  ({ code, tenant, due, assigned }: TasksQuery, visitor: Visitor | undefined, now: Date) =>
  (task: AnyTask): boolean =>
    (code === undefined || task.code === code) &&
    (tenant === undefined || task.tenant === tenant) &&
    (due === undefined || overdue(task, now)) &&
    (assigned === undefined || task.assignee === (assigned === 'me' ? visitor?.actor : undefined));

function filter(query: TasksQuery, codes: readonly string[], tenants: readonly string[], visitor: Visitor | undefined): Html {
  return html`<form class="filter" action="/tasks" method="get" aria-label="Filter">
${select('owner', 'Who is asked', OWNER_GROUPS, query.owner, 'any group')}
${select('code', 'Why', codes, query.code, 'anything')}
${tenants.length > 1 && select('tenant', 'Tenant', tenants, query.tenant, 'all')}
${select('due', 'Due', ['overdue'], query.due, 'any time')}
${select('assigned', 'Assigned to', visitor ? ['me', 'nobody'] : ['nobody'], query.assigned, 'anybody')}
<button type="submit">Show</button></form>`;
}

function pages(query: TasksQuery, all: number): Content {
  const last = Math.ceil(all / PAGE);
  if (last < 2) return undefined;
  const to = (page: number, text: string): Html => html`<a href="${address('/tasks', { ...query, page })}">${text}</a>`;
  return html`<nav class="pages" aria-label="Pages">${query.page > 1 && to(query.page - 1, 'Previous page')}<span>Page ${query.page} of ${last}</span>${
    query.page < last && to(query.page + 1, 'Next page')
  }</nav>`;
}

/** The tasks of the filter that one answer could do for: of one code, each about an order of its own. */
function alike(found: readonly AnyTask[], { code }: TasksQuery): AnyTask[] {
  return code === undefined || optionsOf(code).length === 0 ? [] : found.filter((task) => !isShared(task));
}

/** Open questions, those whose answer is due first before the others. @throws {BadQuery} */
export async function tasksPage({ deps, query: asked, visitor, now }: Asked): Promise<Shown> {
  const query = parse(tasksQuery, asked);
  expectTenant(deps, query.tenant);
  const read = await openTasks(deps.ledger, { owner: query.owner }, READ + 1);
  const found = read.slice(0, READ).filter(fits(query, visitor, now));
  const late = found.filter((task) => overdue(task, now)).length;
  const codes = [...new Set([...read.map(({ code }) => code), ...(query.code ? [query.code] : [])])].sort() as ErrorCode[];
  const rows = await taskRows(deps, found.slice((query.page - 1) * PAGE, query.page * PAGE));
  const list =
    rows.length === 0
      ? html`<p>None.</p>`
      : table({ id: 'tasks-table', caption: 'Open tasks', columns: COLUMNS, rows: rows.map((one) => row(one, now)) });
  return {
    title: 'Tasks',
    at: 'tasks',
    every: SECONDS,
    above: [filter(query, codes, Object.keys(deps.policy.tenants), visitor), togetherForm(alike(found, query), query.code, visitor)],
    content: html`<section aria-label="Tasks"><p>${count(found.length, 'open task')}, ${late} overdue; due first comes first.${
      read.length > READ && ` Only ${READ} were read.`
    }</p>${list}${pages(query, found.length)}</section>`,
  };
}

/** The part of the overview: who has to answer how much. */
export function tasksPart(groups: readonly TaskGroup[], more: boolean, now: Date): Content {
  if (groups.length === 0) return html`<p>${badge('empty')} Nobody is asked anything.</p>`;
  const columns = [
    { title: 'Who is asked' },
    { title: 'Tasks', number: true },
    { title: 'Overdue', number: true },
    { title: 'Orders', number: true },
    { title: 'Worth', number: true },
    { title: 'First is due' },
  ];
  const rows = groups.map(({ owner, tasks, overdue: late, orders, money, dueAt }) => [
    html`<a href="${address('/tasks', { owner })}">${owner}</a>`,
    tasks,
    late > 0 ? html`<a href="${address('/tasks', { owner, due: 'overdue' })}">${late}</a>` : 0,
    orders,
    sums(money),
    dueText({ dueAt }, now),
  ]);
  return [
    table({ id: 'owners-table', caption: 'Open tasks, by who is asked', columns, rows }),
    more && html`<p class="soft">There may be more than ${READ} open tasks; those that are due first were read.</p>`,
  ];
}
