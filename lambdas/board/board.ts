import { LedgerRestoring, mustBeBack } from '../ledger/epoch.ts';
import { ICON, SCRIPT, STYLE } from './assets.ts';
import { type BoardDeps, NotReady } from './deps.ts';
import { html } from './html.ts';
import { toOverview } from './pages.ts';
import { address } from './parts.ts';
import { BadQuery } from './query.ts';
import { answer, type BoardResponse, message, notAllowed, render, type Shown } from './response.ts';
import { routeOf, type Send, type Sent } from './routes.ts';
import { TO_CONFIRM } from './together-form.ts';
import { type Form, field, type Visitor } from './visitor.ts';

export interface BoardRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  /** Undefined: nobody has logged in. Whoever reaches the board may read. */
  readonly visitor?: Visitor | undefined;
  /** Of a POST, which whoever serves the board has checked to come from one of its own pages. */
  readonly form?: Form | undefined;
}

const NOT_READY_SECONDS = 3;

const FILES: Readonly<Record<string, readonly [type: string, text: string]>> = {
  '/board.css': ['text/css', STYLE],
  '/board.js': ['text/javascript', SCRIPT],
  '/board.svg': ['image/svg+xml', ICON],
};

/** Names of errors that mean that the stacks are not there yet, or are of another version. */
const NOT_DEPLOYED = ['NotReady', 'ResourceNotFoundException', 'QueueDoesNotExist'];

function failure(error: unknown, { method, path }: BoardRequest): Shown {
  if (error instanceof BadQuery)
    return message(400, 'The address is not understood', [
      html`<ul>${error.lines.map((line) => html`<li>${line}</li>`)}</ul>`,
      html`<p><a href="${address(path === '/search' ? '/' : path)}">Without it</a></p>`,
    ]);
  const { name, message: text } = error as Error;
  if (NOT_DEPLOYED.includes(name)) {
    const why = error instanceof NotReady ? text : 'Its stacks are not deployed yet, or are of another version.';
    return message(503, 'Nothing to show yet', html`<p>${why}</p><p>This page shows itself as soon as there is something.</p>`, {
      every: NOT_READY_SECONDS,
      headers: { 'retry-after': String(NOT_READY_SECONDS) },
    });
  }
  if (error instanceof LedgerRestoring)
    return message(
      503,
      'The ledger is being restored',
      html`<p>${text}. \`quotebridge doctor\` says how far it is, and how one that was cut is finished.</p>`,
      {
        every: NOT_READY_SECONDS,
        headers: { 'retry-after': String(NOT_READY_SECONDS) },
      },
    );
  const title = method === 'POST' ? 'It is not known what came of this' : 'This could not be read';
  const next = method === 'POST' ? 'Open the page again to see' : 'Try again in a moment';
  return message(500, title, [html`<p>${name}. ${next}; the log of the board has the rest.</p>`, toOverview]);
}

/** The page that a form stands on; forms of many tasks have no address that could be opened again. */
const pageOfForm = (path: string): string => (path.startsWith(TO_CONFIRM) ? '/tasks' : path.replace(/\/[^/]*$/, ''));

/** What a request is answered with. */
type Around = Pick<Sent, 'deps' | 'now' | 'failed'>;

/** Whoever wants to change something is known, and sends a form of a page that was shown to them, once. */
async function sent(send: Send, parts: readonly string[], { visitor, path, form = {} }: BoardRequest, around: Around): Promise<Shown> {
  const page = pageOfForm(path);
  if (!visitor)
    return message(403, 'Nobody is logged in', [
      html`<p role="alert">Nothing was changed: whoever decides has to be known, and a log-in ends after a working day.</p>`,
      html`<p><a href="${address('/login', { next: page })}">Log in and open it again</a></p>`,
    ]);
  const token = visitor.spend(path, field(form, 'token'));
  if (token === 'unknown')
    return message(403, 'The form is out of date', [
      html`<p role="alert">Nothing was changed: the form was made for somebody else, for something else or before the last log-in.</p>`,
      html`<p><a href="${page}">Open it again</a></p>`,
    ]);
  return send({ ...around, parts, visitor, form, repeated: token === 'used' });
}

async function routed(request: BoardRequest, around: Around): Promise<Shown> {
  const { path, query, visitor } = request;
  const { route, parts } = routeOf(path);
  if (!route) return message(404, 'No such page', [html`<p>The board has no page ${path}.</p>`, toOverview]);
  return route.send ? sent(route.send, parts, request, around) : route.show({ ...around, parts, query, visitor });
}

export interface BoardOptions {
  /** The collaborators, anew for each request. @throws {NotReady} when there is nothing to read yet */
  readonly open: () => Promise<BoardDeps>;
  /** Told of every failure that has no page of its own. */
  readonly failed: (error: unknown) => void;
  readonly now?: () => Date;
}

/** The operators' board: what a request is answered with, whoever serves it. A GET only reads. */
export function createBoard({ open, failed, now = () => new Date() }: BoardOptions) {
  return async (request: BoardRequest): Promise<BoardResponse> => {
    const { method, path, query, visitor } = request;
    const sends = routeOf(path).route?.send !== undefined;
    const allowed = sends ? ['POST'] : ['GET', 'HEAD'];
    if (!allowed.includes(method)) return notAllowed(allowed.join(', '));
    const [type, text] = FILES[path] ?? [];
    if (type !== undefined && text !== undefined) return answer(200, type, text);
    const frame = { visitor, address: sends ? pageOfForm(path) : address(path, query), now: now() };
    try {
      const deps = await open();
      const missing: string[] = [];
      await mustBeBack(deps.ledger, query.tenant, (line) => missing.push(line));
      return render(await routed(request, { deps, now: frame.now, failed }), { ...frame, stage: deps.defaults.stage, missing });
    } catch (error) {
      const response = render(failure(error, request), frame);
      if (response.status === 500) failed(error);
      return response;
    }
  };
}
