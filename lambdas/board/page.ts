import { type Content, type Html, html } from './html.ts';
import { address } from './parts.ts';
import { LOG_OUT, type Visitor } from './visitor.ts';

export interface Page {
  readonly title: string;
  /** The entry of the navigation that it belongs to. */
  readonly at?: 'overview' | 'orders' | 'tasks' | undefined;
  /** What was looked for. */
  readonly search?: string | undefined;
  /** Before what changes: forms, which somebody may be filling in. */
  readonly above?: Content;
  /** What the script reads anew while the page is looked at. */
  readonly content: Content;
  /** Seconds between two reads; undefined: the page stays as it is. */
  readonly every?: number | undefined;
}

/** What stands around every page. */
export interface Frame {
  readonly stage?: string | undefined;
  readonly visitor?: Visitor | undefined;
  /** Where the page is found: a log-in leads back to it. */
  readonly address: string;
  readonly now: Date;
  /** What the page could not read, in sentences: it is incomplete. */
  readonly missing?: readonly string[];
}

const NAVIGATION = [
  ['overview', '/', 'Overview'],
  ['orders', '/orders', 'Orders'],
  ['tasks', '/tasks', 'Tasks'],
] as const;

const navigation = (at: Page['at']): Html =>
  html`<nav aria-label="Main"><ul>${NAVIGATION.map(
    ([name, href, text]) => html`<li><a href="${href}"${name === at && html` aria-current="true"`}>${text}</a></li>`,
  )}</ul></nav>`;

/** The token of a form, which no other page knows. */
export const token = (value: string): Html => html`<input type="hidden" name="token" value="${value}">`;

const who = (visitor: Visitor | undefined, back: string): Html =>
  visitor
    ? html`<form class="who" action="/logout" method="post">${token(visitor.issue(LOG_OUT))}<span>${visitor.name}</span><button type="submit">Log out</button></form>`
    : html`<p class="who"><a href="${address('/login', { next: back })}">Log in</a></p>`;

/** A whole page. It loads its own style and script and nothing else. */
export function page({ title, at, search = '', above, content, every }: Page, { stage, visitor, address: back, now, missing = [] }: Frame): string {
  const time = now.toISOString();
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Quotebridge</title>
<link rel="icon" href="/board.svg" type="image/svg+xml">
<link rel="stylesheet" href="/board.css">
<script src="/board.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header>
<p class="brand"><a href="/">Quotebridge</a>${stage !== undefined && html` <span class="stage">stage ${stage}</span>`}</p>
${navigation(at)}
<form role="search" action="/search" method="get">
<label class="unseen" for="q">Quote number, quote id or order key</label>
<input id="q" name="q" type="search" value="${search}" placeholder="Quote number or order key" maxlength="200" autocomplete="off" spellcheck="false" required>
<button type="submit">Find</button>
</form>
${who(visitor, back)}
</header>
<main id="main" tabindex="-1">
<h1>${title}</h1>
${above}
<div id="live"${every !== undefined && html` data-every="${every}"`}>
${missing.map((line) => html`<p role="note">${line}</p>`)}
${content}
<p class="read">As of <time datetime="${time}">${time.slice(0, 10)} ${time.slice(11, 19)} UTC</time>.</p>
</div>
<p class="refresh" hidden><button type="button" id="pause" aria-pressed="false">Pause updates</button> <span id="trouble" role="status"></span></p>
</main>
<p class="unseen" role="status" id="said"></p>
</body>
</html>
`.text;
}
