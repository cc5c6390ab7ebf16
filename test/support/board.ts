import { part } from './environment.ts';

export interface BoardAnswer {
  readonly status: number;
  /** Of a form that was taken: where the browser is led to. */
  readonly location: string | undefined;
  readonly body: string;
  /** What a person reads: no markup, spaces as one. */
  readonly text: string;
}

export type Fields = Readonly<Record<string, string | readonly string[]>>;

/** What a person reads of a page. */
export const textOf = (body: string): string =>
  body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll(/\s+/g, ' ');

/** The token of the form that goes to an address. @throws when the page has no such form */
export function tokenOf(body: string, action: string): string {
  for (const [form] of body.matchAll(/<form[^>]*>[\s\S]*?<\/form>/g)) {
    const token = form.includes(`action="${action}"`) && /name="token" value="([^"]+)"/.exec(form)?.[1];
    if (token) return token;
  }
  throw new Error(`the page has no form that goes to ${action}: ${textOf(body).slice(0, 500)}`);
}

async function ask(url: string, init: RequestInit): Promise<BoardAnswer & { readonly cookie: string | undefined }> {
  const answer = await fetch(url, { redirect: 'manual', ...init });
  const body = await answer.text();
  const cookie = answer.headers.get('set-cookie')?.split(';')[0];
  return { status: answer.status, location: answer.headers.get('location') ?? undefined, body, text: textOf(body), cookie };
}

function formOf(fields: Fields): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) for (const one of [value].flat()) form.append(name, one);
  return form;
}

/** Somebody before the board, without a browser: reads its pages and sends its forms. @param cookie of a session; left out: not logged in */
export function boardVisitor(base: string, cookie?: string) {
  const headers = { ...(cookie !== undefined && { cookie }), origin: base };
  const get = (path: string) => ask(`${base}${path}`, { headers });
  const post = (path: string, fields: Fields) => ask(`${base}${path}`, { method: 'POST', headers, body: formOf(fields) });
  /** The token of a form on a page, which is good for one answer. */
  const token = async (page: string, action: string): Promise<string> => tokenOf((await get(page)).body, action);
  return {
    get,
    post,
    token,
    /** Opens the task and sends its form. @param path of the task; `token`: of a page that was opened before */
    decide: async (
      path: string,
      { token: known, ...fields }: { readonly option: string; readonly reason: string; readonly token?: string } & Fields,
    ) => post(`${path}/decide`, { ...fields, token: known ?? (await token(path, `${path}/decide`)) }),
  };
}
export type BoardVisitor = ReturnType<typeof boardVisitor>;

/** Logs in to a board. @throws when it does not let this person in */
export async function logInTo(base: string, name: string, password: string): Promise<BoardVisitor> {
  const { status, cookie } = await ask(`${base}/login`, { method: 'POST', headers: { origin: base }, body: formOf({ name, password }) });
  if (status !== 303 || cookie === undefined) throw new Error(`the board does not let ${name} in: ${status}`);
  return boardVisitor(base, cookie);
}

/** Logs in to the board of the environment. @param name as `npm run up` prints it */
export function logIn(name: string): Promise<BoardVisitor> {
  const { url, facts } = part('board');
  return logInTo(url, name, facts?.[name] ?? '');
}
