import { ICON, SCRIPT, STYLE } from './assets.ts';
import { type BoardDeps, NotReady } from './deps.ts';
import { html } from './html.ts';
import { toOverview } from './pages.ts';
import { address } from './parts.ts';
import { BadQuery } from './query.ts';
import { answer, type BoardResponse, message, notAllowed, render, type Shown } from './response.ts';
import { type Route, routeOf } from './routes.ts';
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

function failure(error: unknown, path: string): Shown {
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
  return message(500, 'This could not be read', [html`<p>${name}. The log of the board has the rest; try again in a moment.</p>`, toOverview]);
}

/** Whoever wants to change something is known, and sends a form of a page that was shown to them, once. */
async function sent(send: NonNullable<Route['send']>, parts: readonly string[], request: BoardRequest, deps: BoardDeps, now: Date): Promise<Shown> {
  const { visitor, path, form = {} } = request;
  if (!visitor)
    return message(403, 'Nobody is logged in', html`<p>Whoever decides has to be known. <a href="/login">Log in</a>, then open the page again.</p>`);
  const token = visitor.spend(path, field(form, 'token'));
  if (token === 'unknown')
    return message(403, 'The form is out of date', [
      html`<p>It was not made for you, or for something else. Nothing was changed; open the page again.</p>`,
      html`<p><a href="${path.startsWith(TO_CONFIRM) ? '/tasks' : path.replace(/\/[^/]*$/, '')}">Open it again</a></p>`,
    ]);
  return send({ deps, now, parts, visitor, form, repeated: token === 'used' });
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
    const reads = method === 'GET' || method === 'HEAD';
    const [type, text] = FILES[path] ?? [];
    if (type !== undefined && text !== undefined) return reads ? answer(200, type, text) : notAllowed('GET, HEAD');
    const found = routeOf(path);
    const allowed = found && [found.route.show && 'GET, HEAD', found.route.send && 'POST'].filter(Boolean).join(', ');
    const { show, send } = found?.route ?? {};
    if (allowed !== undefined && !(reads ? show : method === 'POST' && send)) return notAllowed(allowed);
    if (!found && !reads) return notAllowed('GET, HEAD');
    const at = now();
    const frame = { visitor, address: address(path, query), now: at };
    try {
      const deps = await open();
      const parts = found?.parts ?? [];
      const shown =
        reads && show ? await show({ deps, now: at, parts, query, visitor }) : send ? await sent(send, parts, request, deps, at) : noPage(path);
      return render(shown, { ...frame, stage: deps.defaults.stage });
    } catch (error) {
      const response = render(failure(error, path), frame);
      if (response.status === 500) failed(error);
      return response;
    }
  };
}

const noPage = (path: string): Shown => message(404, 'No such page', [html`<p>The board has no page ${path}.</p>`, toOverview]);
