import type { Money } from '../contracts/money.ts';

interface Column {
  readonly title: string;
  readonly right?: boolean;
}

/** Text of vendors and producers may hold anything: nothing of it shall steer the terminal. */
export const plain = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ');

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

export const money = (value: Money | undefined): string => (value ? `${value.amount} ${value.currency}` : '');

/** The first characters of a text that would make a line of a table too long. */
export const shortened = (text: string, length = 100): string => (text.length > length ? `${text.slice(0, length - 1)}…` : text);

/** `1 order`, `2 orders`. */
export const count = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

const UNITS = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'min'],
  [1, 's'],
] as const;

/** `in 23 h`, `4 min ago`, `now`. */
export function relative(iso: string | undefined, now: Date): string {
  if (iso === undefined) return '';
  const seconds = Math.round((Date.parse(iso) - now.getTime()) / 1000);
  const [size, unit] = UNITS.find(([length]) => Math.abs(seconds) >= length) ?? [1, 's'];
  if (seconds === 0) return 'now';
  const amount = `${Math.round(Math.abs(seconds) / size)} ${unit}`;
  return seconds > 0 ? `in ${amount}` : `${amount} ago`;
}

/** Date and time without the zone, which the title of the column names: UTC. */
export const instant = (iso: string): string => iso.slice(0, 19).replace('T', ' ');
