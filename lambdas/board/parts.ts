import type { Money } from '../../contracts/money.ts';
import { instant, money, relative } from '../views/text.ts';
import { type Content, type Html, html } from './html.ts';

/** A state is told by its word; the sign and the colour only help. */
const SIGNS: Readonly<Record<string, readonly [sign: string, tone: string]>> = {
  accepted: ['○', 'calm'],
  drafted: ['◔', 'calm'],
  confirmed: ['◕', 'calm'],
  completed: ['✓', 'good'],
  cancelled: ['–', 'quiet'],
  reversed: ['↶', 'quiet'],
  waiting: ['!', 'warn'],
  late: ['!', 'warn'],
  empty: ['✓', 'good'],
  'not read': ['!', 'warn'],
  broken: ['!', 'bad'],
  stopped: ['!', 'warn'],
  failed: ['!', 'bad'],
  'stands still': ['!', 'bad'],
  overdue: ['!', 'bad'],
  decided: ['✓', 'good'],
  'not decided': ['!', 'warn'],
};

export const badge = (word: string): Html => {
  const [sign, tone] = SIGNS[word] ?? ['·', 'calm'];
  return html`<span class="badge ${tone}"><span aria-hidden="true">${sign}</span> ${word}</span>`;
};

/** How long ago, with the instant itself for machines and for whoever points at it. */
export const ago = (iso: string, now: Date): Html => html`<time datetime="${iso}" title="${instant(iso)} UTC">${relative(iso, now)}</time>`;

/** How long it lasts already: `9 min`; what only just began, by whosever clock: `0 s`. */
export function age(iso: string, now: Date): Html {
  const [, length = '0 s'] = /^(.+) ago$/.exec(relative(iso, now)) ?? [];
  return html`<time datetime="${iso}" title="since ${instant(iso)} UTC">${length}</time>`;
}

/** The instant and how long ago. */
export const when = (iso: string, now: Date): Html => html`<time datetime="${iso}">${instant(iso)} UTC</time>, ${relative(iso, now)}`;

/** Amounts of several currencies, one below the other. */
export const sums = (amounts: readonly Money[]): Content => amounts.map((amount) => html`<span class="sum">${money(amount)}</span>`);

const isNothing = (content: Content): boolean =>
  content === undefined || content === false || content === '' || (Array.isArray(content) && content.every(isNothing));

export interface Column {
  readonly title: string;
  readonly number?: boolean;
}

interface Table {
  readonly id: string;
  readonly caption: string;
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Content[])[];
}

/**
 * A table that a narrow screen shows as one card for each row, with the titles beside the values; the roles keep it a table for screen
 * readers, which forget about tables that are not displayed as one. The first cell of a row names it.
 */
export function table({ id, caption, columns, rows }: Table): Html {
  const numeric = (at: number) => (columns[at]?.number ? 'number' : '');
  const head = columns.map(({ title }, at) => html`<th role="columnheader" scope="col" class="${numeric(at)}">${title}</th>`);
  const cell = (content: Content, at: number) =>
    at === 0
      ? html`<th role="rowheader" scope="row">${content}</th>`
      : html`<td role="cell" class="${numeric(at)}" data-title="${columns[at]?.title}">${!isNothing(content) && html`<div>${content}</div>`}</td>`;
  const body = rows.map((cells) => html`<tr role="row">${cells.map(cell)}</tr>`);
  return html`<table role="table" class="cards" id="${id}"><caption class="unseen">${caption}</caption>
<thead role="rowgroup"><tr role="row">${head}</tr></thead><tbody role="rowgroup">${body}</tbody></table>`;
}

/** A command line with a button that copies it, which the script shows. */
export const command = (line: string): Html =>
  html`<div class="command"><code>${line}</code><button type="button" data-copy hidden>Copy<span class="unseen"> the command</span></button></div>`;

/** Names and values; what is undefined is left out. @param wide the name of a value that is long */
export const pairs = (all: readonly (readonly [string, Content])[], wide?: string): Html =>
  html`<dl>${all
    .filter(([, value]) => !isNothing(value))
    .map(([name, value]) => html`<div${name === wide && html` class="wide"`}><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;

export const section = (id: string, title: string, content: Content): Html =>
  html`<section aria-labelledby="${id}-title" id="${id}"><h2 id="${id}-title">${title}</h2>${content}</section>`;

/** Of a path and its query; what is undefined is left out. */
export function address(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined);
  const text = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)])).toString();
  return text === '' ? path : `${path}?${text}`;
}
