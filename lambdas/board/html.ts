import { plain } from '../views/text.ts';

/** Text that is HTML already. Only `html` makes it: whatever else is put into a page is escaped. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** What a template takes. `undefined` and `false` are nothing, so that `condition && html...` reads well. */
export type Content = Html | string | number | undefined | false | readonly Content[];

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Text of vendors and producers may hold anything: no markup either. */
const escaped = (text: string): string => plain(text.toWellFormed()).replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '');

function textOf(content: Content): string {
  if (content instanceof Html) return content.text;
  if (typeof content === 'string') return escaped(content);
  if (typeof content === 'number') return String(content);
  return content ? content.map(textOf).join('') : '';
}

/** A template whose values are escaped unless they are HTML of this template themselves. Attributes need their quotes. */
export const html = (strings: TemplateStringsArray, ...values: readonly Content[]): Html =>
  new Html(strings.map((part, at) => part + textOf(values[at])).join(''));
