import { type Content, html } from './html.ts';
import { type Page, page } from './page.ts';

export interface BoardResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a route answers with: a page, or where to go instead. */
export type Shown = (Page & { readonly status?: number; readonly headers?: Readonly<Record<string, string>> }) | { readonly location: string };

/**
 * Nothing from elsewhere, no script and no style but the board's own files, in no frame, kept by nobody. Elsewhere is told no address
 * either; under `no-referrer` browsers would not say where a form comes from.
 */
const HEADERS = {
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
} as const;

export const answer = (status: number, type: string, body: string, headers: Readonly<Record<string, string>> = {}): BoardResponse => ({
  status,
  headers: { ...HEADERS, 'content-type': `${type}; charset=utf-8`, ...headers },
  body,
});

/** For clients that are not browsers, and for browsers that were led astray. */
export const plainAnswer = (status: number, text: string, headers?: Readonly<Record<string, string>>): BoardResponse =>
  answer(status, 'text/plain', `${text}\n`, headers);

/** See other: what a form was answered with, so that a reload sends nothing again. */
export const seeOther = (location: string, headers?: Readonly<Record<string, string>>): BoardResponse =>
  answer(303, 'text/plain', '', { location, ...headers });

export const notAllowed = (allow: string): BoardResponse => plainAnswer(405, `Here one asks with ${allow}.`, { allow });

export function render(shown: Shown, frame: Parameters<typeof page>[1]): BoardResponse {
  if ('location' in shown) return seeOther(shown.location);
  const { status = 200, headers, ...content } = shown;
  return answer(status, 'text/html', page(content, frame), headers);
}

/** A page that says what is wrong and what to do. */
export const message = (status: number, title: string, text: Content, more: Partial<Extract<Shown, Page>> = {}): Shown => ({
  title,
  content: html`<section>${text}</section>`,
  status,
  ...more,
});
