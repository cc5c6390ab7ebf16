import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The five parts of a section, in their order. */
export const PARTS = ['For the business', 'See it', 'Do', 'Over when', 'Call the vendor'] as const;

/** Sections that explain how something is done, to which others point. */
const HOW_TO = 'How to ';

export interface Section {
  readonly feature: string;
  readonly title: string;
  readonly text: string;
}

/** One shell command of a page; `aws`: it needs AWS and its own command line. */
export interface Command {
  readonly page: string;
  readonly line: string;
  readonly aws: boolean;
}

export const pages = globSync('docs/runbooks/*.md', { cwd: root })
  .sort()
  .map((path) => ({ path, feature: basename(path, '.md'), text: readFileSync(join(root, path), 'utf8') }));

const all = pages.flatMap(({ feature, text }) =>
  text
    .split(/^## /m)
    .slice(1)
    .map((part): Section => ({ feature, title: part.split('\n', 1)[0] ?? '', text: part.slice(part.indexOf('\n') + 1) })),
);

export const sections = all.filter(({ title }) => !title.startsWith(HOW_TO));
export const howTos = all.filter(({ title }) => title.startsWith(HOW_TO));

/** The commands of a text, line by line, in the order of the page. */
export const commandsIn = (page: string, text: string): Command[] =>
  [...text.matchAll(/^```sh( aws)?\n([\s\S]*?)^```$/gm)].flatMap(([, aws, body = '']) =>
    body
      .trim()
      .split('\n')
      .map((line) => ({ page, line, aws: aws !== undefined })),
  );

export const commands = pages.flatMap(({ path, text }) => commandsIn(path, text));
