import type { ErrorCode } from '../../contracts/errors.ts';
import type { Head } from '../domain/head.ts';
import { sharedQuestions } from '../ledger/cause-tasks.ts';
import { newestOrders, waitingOrders } from '../ledger/queries.ts';
import { type OrderView, orderView } from '../views/order.ts';
import { count, money, quoteName, shortened } from '../views/text.ts';
import type { BoardDeps } from './deps.ts';
import { type Content, type Html, html } from './html.ts';
import { address, age, ago, badge, table } from './parts.ts';
import { MOST_DAYS, type OrdersQuery, SITUATIONS } from './query.ts';
import { expectTenant, READ } from './reads.ts';

const PAGE = 50;

/** `waiting` says more than the state that an order waits in. */
export const situationBadges = ({ state, situation }: Pick<OrderView, 'state' | 'situation'>): Content =>
  situation === 'at rest' ? badge(state) : [badge(state), ' ', badge(situation)];

/** Orders, one a row; the tenant only where there are several. */
export function ordersTable(id: string, caption: string, orders: readonly OrderView[], several: boolean, now: Date): Content {
  if (orders.length === 0) return html`<p>None.</p>`;
  const columns = [
    { title: 'Quote' },
    ...(several ? [{ title: 'Tenant' }] : []),
    { title: 'Total', number: true },
    { title: 'State' },
    { title: 'Waits for' },
    { title: 'ERP order' },
    { title: 'Accepted' },
  ];
  const rows = orders.map((order) => [
    html`<a href="/orders/${order.orderKey}">${shortened(quoteName(order), 24)}</a>`,
    ...(several ? [order.tenant] : []),
    money({ amount: order.quote.total, currency: order.quote.currency }),
    [situationBadges(order), order.lateSince && html` ${badge('late')}`],
    order.waiting && [order.waiting.code, html`<br><span class="small soft">${order.waiting.owner}, for ${age(order.waiting.since, now)}</span>`],
    order.erp.number ?? order.erp.reference,
    ago(order.createdAt, now),
  ]);
  return table({ id, caption, columns, rows });
}

export const select = (name: string, label: string, values: readonly string[], chosen: string | undefined, any: string): Html =>
  html`<label>${label}<select name="${name}"><option value="">${any}</option>${values.map(
    (value) => html`<option value="${value}"${value === chosen && html` selected`}>${value}</option>`,
  )}</select></label>`;

/** What the list is narrowed to; whoever fills it in is not disturbed. */
function filter({ policy }: BoardDeps, { state, code, tenant, days }: OrdersQuery, codes: readonly string[]): Html {
  const tenants = Object.keys(policy.tenants);
  return html`<form class="filter" action="/orders" method="get" aria-label="Filter">
${select('state', 'State', SITUATIONS, state, 'any')}
${select('code', 'Waits for', codes, code, 'anything')}
${tenants.length > 1 && select('tenant', 'Tenant', tenants, tenant, 'all')}
<label>Days<input name="days" type="number" min="1" max="${MOST_DAYS}" value="${days}"></label>
<button type="submit">Show</button></form>`;
}

function pages(query: OrdersQuery, all: number): Content {
  const last = Math.ceil(all / PAGE);
  if (last < 2) return undefined;
  const to = (page: number, text: string): Html => html`<a href="${address('/orders', { ...query, page })}">${text}</a>`;
  return html`<nav class="pages" aria-label="Pages">${query.page > 1 && to(query.page - 1, 'Previous page')}<span>Page ${query.page} of ${last}</span>${
    query.page < last && to(query.page + 1, 'Next page')
  }</nav>`;
}

const fits =
  ({ state, code, tenant }: OrdersQuery) =>
  (head: Head): boolean =>
    (state === undefined || state === 'waiting' || head.state === state) &&
    (code === undefined || head.wait?.code === code) &&
    (tenant === undefined || head.tenant === tenant);

/** A list that can be narrowed, page by page. @throws {BadQuery} when the configuration has no such tenant */
export async function orders(deps: BoardDeps, query: OrdersQuery, now: Date): Promise<{ above: Content; content: Content }> {
  const { ledger, policy, defaults } = deps;
  expectTenant(deps, query.tenant);
  const waits = query.state === 'waiting' || query.code !== undefined;
  const { heads, more } = waits ? await waitingOrders(ledger, READ) : await newestOrders(ledger, query.days, READ);
  const found = heads.filter(fits(query));
  const listed = found.slice((query.page - 1) * PAGE, query.page * PAGE);
  const shared = await sharedQuestions(ledger, listed);
  const shown = listed.map((head) => orderView(head, defaults, now, shared(head)));
  const of = waits ? 'waiting, whatever their age, longest first' : `accepted in the last ${count(query.days, 'day')} (UTC), newest first`;
  const read = more ? ` Only ${READ} were read: choose fewer days, or look for a number.` : '';
  const codes = [...new Set([...heads.flatMap(({ wait }) => wait?.code ?? []), ...(query.code ? [query.code] : [])])].sort() as ErrorCode[];
  return {
    above: filter(deps, query, codes),
    content: html`<section aria-label="Orders"><p>${count(found.length, 'order')} ${of}.${read}</p>
${ordersTable('orders-table', 'Orders', shown, Object.keys(policy.tenants).length > 1, now)}${pages(query, found.length)}</section>`,
  };
}
