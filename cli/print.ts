import { plain } from '../lambdas/views/text.ts';

export { count, instant, money, plain, relative, shortened } from '../lambdas/views/text.ts';

interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** An aligned table. A title that begins with `>` makes its column right-aligned: for numbers. */
export function table(titles: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  const columns: Column[] = titles.map((title) => (title.startsWith('>') ? { title: title.slice(1), right: true } : { title }));
  const lines = [columns.map(({ title }) => title), ...rows.map((row) => row.map((cell) => plain(String(cell ?? ''))))];
  const widths = columns.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0)));
  const pad = (cell: string, at: number) => (columns[at]?.right ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0));
  return lines.map((line) => line.map(pad).join('  ').trimEnd()).join('\n');
}

/** Pairs of name and value, the values aligned; what is undefined is left out. */
export function facts(pairs: readonly (readonly [string, string | undefined])[]): string {
  const present = pairs.filter((pair): pair is readonly [string, string] => pair[1] !== undefined);
  const width = Math.max(...present.map(([name]) => name.length));
  return present.map(([name, value]) => `${name.padEnd(width)}  ${plain(value)}`).join('\n');
}

export const indent = (text: string, by = 2): string => text.replaceAll(/^(?=.)/gm, ' '.repeat(by));
