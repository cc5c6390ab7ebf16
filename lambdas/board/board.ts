import { type FoundQuote, orderKeyIn } from '../ledger/find.ts';
import { commandLine } from '../views/next-command.ts';
import { orderView } from '../views/order.ts';
import { ICON, SCRIPT, STYLE } from './assets.ts';
import { type BoardDeps, NotReady } from './deps.ts';
import { type Content, html } from './html.ts';
import { order } from './order.ts';
import { orders, ordersTable } from './orders.ts';
import { overview } from './overview.ts';
import { type Page, page } from './page.ts';
import { address, command } from './parts.ts';
import { BadQuery, ordersQuery, overviewQuery, parse, searchQuery } from './query.ts';
import { search } from './reads.ts';

export interface BoardRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
}

export interface BoardResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Seconds between two reads of a page that somebody looks at. */
const OVERVIEW_SECONDS = 15;
const ORDER_SECONDS = 5;
const NOT_READY_SECONDS = 3;

/** Nothing from elsewhere, no script and no style but the board's own files, in no frame, kept by nobody. */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

const FILES: Readonly<Record<string, readonly [type: string, text: string]>> = {
  '/board.css': ['text/css; charset=utf-8', STYLE],
  '/board.js': ['text/javascript; charset=utf-8', SCRIPT],
  '/board.svg': ['image/svg+xml', ICON],
};

const answer = (status: number, type: string, body: string, headers: Record<string, string> = {}): BoardResponse => ({
  status,
  headers: { ...HEADERS, 'content-type': type, ...headers },
  body,
});

const shown = (content: Page, status = 200, headers: Record<string, string> = {}): BoardResponse =>
  answer(status, 'text/html; charset=utf-8', page(content), headers);

/** A page that says what is wrong and what to do. */
const message = (
  status: number,
  title: string,
  text: Content,
  now: Date,
  more: Partial<Page> = {},
  headers: Record<string, string> = {},
): BoardResponse => shown({ title, content: html`<section>${text}</section>`, now, ...more }, status, headers);

const toOverview = html`<p><a href="/">Overview</a> · <a href="/orders">Orders</a></p>`;

/** One order is shown at once; of several somebody has to choose. */
function found(all: readonly FoundQuote[], text: string, { defaults }: BoardDeps, now: Date): BoardResponse {
  const heads = all.flatMap((quote) => quote.heads.toReversed());
  const wanted = heads.find(({ orderKey }) => orderKey === orderKeyIn(text)) ?? (all.length === 1 ? heads[0] : undefined);
  if (wanted) return answer(303, 'text/plain; charset=utf-8', '', { location: `/orders/${wanted.orderKey}` });
  const at = { stage: defaults.stage, search: text };
  if (heads.length > 0) {
    const list = ordersTable(
      'found-table',
      'Orders found',
      heads.map((head) => orderView(head, defaults)),
      true,
      now,
    );
    return shown({ ...at, title: `${text} names ${all.length} quotes`, content: html`<section aria-label="Orders found">${list}</section>`, now });
  }
  const why =
    all.length > 0
      ? 'Its CPQ has announced it, but nobody has accepted it yet.'
      : 'It is neither the key of an order, nor the number or id of a quote that came in.';
  const next = [html`<p>${why} A rejected event stands in quarantine:</p>`, command(commandLine('quarantine list', defaults.stage)), toOverview];
  return message(404, `No order of ${text}`, next, now, at);
}

async function orderPage(deps: BoardDeps, text: string, now: Date): Promise<BoardResponse> {
  const key = orderKeyIn(text);
  const head = key === undefined ? undefined : await deps.ledger.read(key);
  const { stage } = deps.defaults;
  if (!head) return message(404, 'No such order', [html`<p>The ledger has no order ${text}.</p>`, toOverview], now, { stage });
  return shown({ ...(await order(deps, head, now)), at: 'orders', stage, every: ORDER_SECONDS, now });
}

async function route({ path, query }: BoardRequest, deps: BoardDeps, now: Date): Promise<BoardResponse> {
  const { stage } = deps.defaults;
  if (path === '/') {
    const { days } = parse(overviewQuery, query);
    return shown({ title: 'Overview', at: 'overview', stage, content: await overview(deps, days, now), every: OVERVIEW_SECONDS, now });
  }
  if (path === '/orders')
    return shown({ title: 'Orders', at: 'orders', stage, ...(await orders(deps, parse(ordersQuery, query), now)), every: OVERVIEW_SECONDS, now });
  if (path === '/search') {
    const { q, tenant } = parse(searchQuery, query);
    return found(await search(deps, q, tenant), q, deps, now);
  }
  const [, key] = /^\/orders\/([^/]{1,100})$/.exec(path) ?? [];
  if (key !== undefined) return orderPage(deps, key, now);
  return message(404, 'No such page', [html`<p>The board has no page ${path}.</p>`, toOverview], now, { stage });
}

/** Names of errors that mean that the stacks are not there yet, or are of another version. */
const NOT_DEPLOYED = ['NotReady', 'ResourceNotFoundException', 'QueueDoesNotExist'];

function failure(error: unknown, path: string, now: Date): BoardResponse {
  if (error instanceof BadQuery)
    return message(
      400,
      'The address is not understood',
      [
        html`<ul>${error.lines.map((line) => html`<li>${line}</li>`)}</ul>`,
        html`<p><a href="${address(path === '/search' ? '/' : path)}">Without it</a></p>`,
      ],
      now,
    );
  const { name, message: text } = error as Error;
  if (NOT_DEPLOYED.includes(name)) {
    const why = error instanceof NotReady ? text : 'Its stacks are not deployed yet, or are of another version.';
    return message(
      503,
      'Nothing to show yet',
      html`<p>${why}</p><p>This page shows itself as soon as there is something.</p>`,
      now,
      { every: NOT_READY_SECONDS },
      { 'retry-after': String(NOT_READY_SECONDS) },
    );
  }
  return message(500, 'This could not be read', [html`<p>${name}. The log of the board has the rest; try again in a moment.</p>`, toOverview], now);
}

export interface BoardOptions {
  /** The collaborators, anew for each request. @throws {NotReady} when there is nothing to read yet */
  readonly open: () => Promise<BoardDeps>;
  /** Told of every failure that has no page of its own. */
  readonly failed: (error: unknown) => void;
  readonly now?: () => Date;
}

/** The operators' board: what a request is answered with, whoever serves it. It only reads. */
export function createBoard({ open, failed, now = () => new Date() }: BoardOptions) {
  return async (request: BoardRequest): Promise<BoardResponse> => {
    const { method, path } = request;
    if (method !== 'GET' && method !== 'HEAD')
      return answer(405, 'text/plain; charset=utf-8', 'The board only shows: GET or HEAD.\n', { allow: 'GET, HEAD' });
    const [type, text] = FILES[path] ?? [];
    if (type !== undefined && text !== undefined) return answer(200, type, text);
    try {
      return await route(request, await open(), now());
    } catch (error) {
      const response = failure(error, path, now());
      if (response.status === 500) failed(error);
      return response;
    }
  };
}
