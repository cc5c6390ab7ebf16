import type { BoardRequest } from '../../lambdas/board/board.ts';
import { html } from '../../lambdas/board/html.ts';
import { type BoardResponse, message, notAllowed, render, type Shown, seeOther } from '../../lambdas/board/response.ts';
import { type Form, field, LOG_OUT, type Visitor } from '../../lambdas/board/visitor.ts';
import { files } from '../paths.ts';
import type { LoginAnswer, Logins } from './logins.ts';
import { SESSION_SECONDS, type Sessions } from './sessions.ts';

export interface DoorRequest extends Omit<BoardRequest, 'visitor'> {
  /** The session that the browser names. */
  readonly session: string | undefined;
}

export interface DoorOptions {
  readonly logins: Logins;
  readonly sessions: Sessions;
  readonly board: (request: BoardRequest) => Promise<BoardResponse>;
  /** Name of the cookie: browsers give one to all ports of a host. */
  readonly cookie: () => string;
}

/** Where a log-in leads to: a page of this board and no other. */
const backTo = (next: string | undefined): string => (next !== undefined && /^\/(?![/\\])[!-~]{0,500}$/.test(next) ? next : '/');

const input = (names: readonly string[], next: string) =>
  html`<form class="login" action="/login" method="post"><input type="hidden" name="next" value="${next}">
<label>Who<select name="name" autocomplete="username">${names.map((name) => html`<option>${name}</option>`)}</select></label>
<label>Password<input name="password" type="password" autocomplete="current-password" maxlength="100" required></label>
<button type="submit">Log in</button></form>`;

const WRONG = 'That is not the password of this name.';

const trouble = (answer: Exclude<LoginAnswer, { name: string }>): string =>
  answer.refused === 'wrong' ? WRONG : `Too many wrong passwords. Try again in ${answer.seconds} s.`;

/** The local log-in before the board: who asks is known from here on. Without it everything can be read and nothing decided. */
export function createDoor({ logins, sessions, board, cookie }: DoorOptions) {
  const kept = (id: string, seconds: number) => ({
    'set-cookie': `${cookie()}=${id}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${seconds}`,
  });

  function loginPage(next: string, visitor: Visitor | undefined, status = 200, wrong?: string): BoardResponse {
    const shown: Shown = {
      title: 'Log in',
      status,
      content: html`<section>${wrong !== undefined && html`<p role="alert">${wrong}</p>`}${visitor && html`<p>You are logged in as ${visitor.name}.</p>`}
${input(logins.names, next)}<p class="soft small">Whoever decides has to be known; to look around nobody has to. The passwords are new with every <code>npm run up</code>,
which prints them; they stand in <code>${files.state}</code>: parts.board.facts.</p></section>`,
    };
    return render(shown, { visitor, address: next, now: new Date() });
  }

  function logIn(form: Form, visitor: Visitor | undefined, session: string | undefined): BoardResponse {
    const next = backTo(field(form, 'next'));
    const answer = logins.logIn(field(form, 'name') ?? '', field(form, 'password') ?? '');
    if ('refused' in answer) return loginPage(next, visitor, answer.refused === 'wrong' ? 403 : 429, trouble(answer));
    sessions.end(session);
    return seeOther(next, kept(sessions.begin(answer.name), SESSION_SECONDS));
  }

  function logOut(form: Form, visitor: Visitor | undefined, session: string | undefined): BoardResponse {
    if (visitor?.spend(LOG_OUT, field(form, 'token')) === 'unknown')
      return render(message(403, 'The form is out of date', html`<p>You are still logged in; open the page again.</p>`), {
        visitor,
        address: '/',
        now: new Date(),
      });
    sessions.end(session);
    return seeOther('/', kept('', 0));
  }

  return async ({ session, ...request }: DoorRequest): Promise<BoardResponse> => {
    const { method, path, query, form } = request;
    const visitor = sessions.find(session);
    if (path === '/login') {
      if (method === 'POST' && form) return logIn(form, visitor, session);
      return method === 'GET' || method === 'HEAD' ? loginPage(backTo(query.next), visitor) : notAllowed('GET, HEAD, POST');
    }
    if (path === '/logout') return method === 'POST' && form ? logOut(form, visitor, session) : notAllowed('POST');
    return board({ ...request, visitor });
  };
}
