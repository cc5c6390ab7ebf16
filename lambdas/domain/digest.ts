import type { EventOf } from '../../contracts/envelope.ts';
import type { ErrorCode, OwnerGroup } from '../../contracts/errors.ts';
import { taskDigest } from '../../contracts/events.ts';
import type { Money } from '../../contracts/money.ts';
import { later } from './head.ts';

/** What a digest needs of an open question. */
export interface Asked {
  readonly code: ErrorCode;
  readonly openedAt: string;
  readonly dueAt: string;
  readonly level: number;
}

export interface DigestInput {
  readonly owner: OwnerGroup;
  readonly tasks: readonly Asked[];
  /** Orders that wait for the answers, and what they are worth. */
  readonly orders: number;
  readonly money: readonly Money[];
  /** Until when the last digest told; undefined: there was none. */
  readonly toldUntil: string | undefined;
  /** Seconds between two digests at least. */
  readonly every: number;
  readonly now: string;
}

/** Codes that a digest names. */
const TOP = 5;

/** Not more often than `every`; after a quiet time the first question is told at once. */
export const digestDue = ({ toldUntil, every, now }: Pick<DigestInput, 'toldUntil' | 'every' | 'now'>): boolean =>
  toldUntil === undefined || later(toldUntil, every) <= now;

/**
 * The event of one owner group; undefined: it is not time yet, or there is nothing to tell: no question is new, escalated or overdue.
 * Its id is that of its time, so two sweepers that make the same digest send one event twice, not two.
 */
export function digestOf({ owner, tasks, orders, money, toldUntil, every, now }: DigestInput): EventOf<typeof taskDigest> | undefined {
  if (!digestDue({ toldUntil, every, now })) return undefined;
  const since = toldUntil ?? '1970-01-01T00:00:00.000Z';
  const number = (holds: (task: Asked) => boolean) => tasks.filter(holds).length;
  const [fresh, overdue] = [number(({ openedAt }) => openedAt > since), number(({ dueAt }) => dueAt <= now)];
  if (fresh === 0 && overdue === 0) return undefined;
  const byCode = [...Map.groupBy(tasks, ({ code }) => code)].map(([code, of]) => ({ code, tasks: of.length }));
  return taskDigest.schema.parse({
    specversion: '1.0',
    id: `digest:${owner}:${since}`,
    source: 'quotebridge',
    type: taskDigest.type,
    subject: owner,
    time: now,
    datacontenttype: 'application/json',
    dataschema: `urn:quotebridge:schema:${taskDigest.type}`,
    tenant: '*',
    data: {
      ...{ owner, since, until: now, open: tasks.length, fresh, overdue, orders, money },
      dueSoon: number(({ dueAt }) => dueAt > now && dueAt <= later(now, every)),
      escalated: number(({ level }) => level > 0),
      top: byCode.sort((a, b) => b.tasks - a.tasks || (a.code < b.code ? -1 : 1)).slice(0, TOP),
    },
  });
}
