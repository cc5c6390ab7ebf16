import { type FoundQuote, orderKeyIn } from '../ledger/find.ts';
import { commandLine } from '../views/next-command.ts';
import { orderView } from '../views/order.ts';
import type { BoardDeps } from './deps.ts';
import { html } from './html.ts';
import { order } from './order.ts';
import { orders, ordersTable } from './orders.ts';
import { overview } from './overview.ts';
import { command } from './parts.ts';
import { ordersQuery, overviewQuery, parse, searchQuery } from './query.ts';
import { search } from './reads.ts';
import { message, type Shown } from './response.ts';
import type { Asked } from './routes.ts';

/** Seconds between two reads of a page that somebody looks at. */
const LIST_SECONDS = 15;
const ORDER_SECONDS = 5;

export const toOverview = html`<p><a href="/">Overview</a> · <a href="/orders">Orders</a> · <a href="/tasks">Tasks</a></p>`;

export const overviewPage = async ({ deps, query, now }: Asked): Promise<Shown> => ({
  title: 'Overview',
  at: 'overview',
  content: await overview(deps, parse(overviewQuery, query).days, now),
  every: LIST_SECONDS,
});

export const ordersPage = async ({ deps, query, now }: Asked): Promise<Shown> => ({
  title: 'Orders',
  at: 'orders',
  ...(await orders(deps, parse(ordersQuery, query), now)),
  every: LIST_SECONDS,
});

export async function orderPage({ deps, parts: [text = ''], now }: Asked): Promise<Shown> {
  const key = orderKeyIn(text);
  const head = key === undefined ? undefined : await deps.ledger.read(key);
  if (!head) return message(404, 'No such order', [html`<p>The ledger has no order ${text}.</p>`, toOverview]);
  return { ...(await order(deps, head, now)), at: 'orders', every: ORDER_SECONDS };
}

/** One order is shown at once; of several somebody has to choose. */
function found(all: readonly FoundQuote[], text: string, { defaults }: BoardDeps, now: Date): Shown {
  const heads = all.flatMap((quote) => quote.heads.toReversed());
  const wanted = heads.find(({ orderKey }) => orderKey === orderKeyIn(text)) ?? (all.length === 1 ? heads[0] : undefined);
  if (wanted) return { location: `/orders/${wanted.orderKey}` };
  if (heads.length > 0) {
    const views = heads.map((head) => orderView(head, defaults));
    const list = ordersTable('found-table', 'Orders found', views, true, now);
    const content = html`<section aria-label="Orders found">${list}</section>`;
    return { title: `${text} names ${all.length} quotes`, content, search: text };
  }
  const why =
    all.length > 0
      ? 'Its CPQ has announced it, but nobody has accepted it yet.'
      : 'It is neither the key of an order, nor the number or id of a quote that came in.';
  const next = [html`<p>${why} A rejected event stands in quarantine:</p>`, command(commandLine('quarantine list', defaults.stage)), toOverview];
  return message(404, `No order of ${text}`, next, { search: text });
}

export async function searchPage({ deps, query, now }: Asked): Promise<Shown> {
  const { q, tenant } = parse(searchQuery, query);
  return found(await search(deps, q, tenant), q, deps, now);
}
