import type { Money } from '../../contracts/money.ts';
import { STEERING } from '../../contracts/people.ts';
import type { OrderView } from './order.ts';

const STEERING_ALL = new RegExp(`${STEERING.source}+`, 'gu');

/**
 * Text of vendors and producers may hold anything: nothing of it shall steer what shows it, be it by control characters, be it by those
 * that turn the direction of what follows.
 */
export const plain = (text: string): string => text.replaceAll(STEERING_ALL, ' ');

/** What people call the quote; a revision is named from the second on. */
export const quoteName = ({ quote }: Pick<OrderView, 'quote'>): string =>
  `${quote.number ?? quote.id}${quote.revision > 1 ? ` rev ${quote.revision}` : ''}`;

/** The state, and the situation where it says more: `drafted, waiting`. */
export const stateText = ({ state, situation }: Pick<OrderView, 'state' | 'situation'>): string =>
  situation === 'at rest' ? state : `${state}, ${situation}`;

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
