import type { EventOf } from '../../contracts/envelope.ts';
import type { ErrorCode, OwnerGroup } from '../../contracts/errors.ts';
import { taskDigest } from '../../contracts/events.ts';
import type { Money } from '../../contracts/money.ts';
import { later } from './head.ts';
import { hashOf } from './identity.ts';

/** What a digest needs of an open question. */
export interface Asked {
  readonly id: string;
  readonly code: ErrorCode;
  readonly openedAt: string;
  readonly askedAt?: string | undefined;
  readonly dueAt: string;
  readonly level: number;
}

export interface DigestInput {
  readonly owner: OwnerGroup;
  readonly tasks: readonly Asked[];
  /** Orders that wait for the answers, and what they are worth. */
  readonly orders: number;
  /** There are others. */
  readonly more?: boolean | undefined;
  readonly money: readonly Money[];
  /** The last digest; undefined: there was none. */
  readonly last: Told | undefined;
  /** Seconds between two digests at least. */
  readonly every: number;
  /** The group works now: of answers that are late it is reminded in its working time. */
  readonly working: boolean;
  readonly now: string;
}

/** What a digest has told. */
export interface Told {
  readonly until: string;
  /** Names of the newest questions in it, which the next one does not take for new. */
  readonly newest: readonly string[];
}

/** Seconds for which a question may be missing from the index of the ledger, and with it from a digest. */
const STALE = 120;
/** Names that are remembered; of more, asked within two minutes, the rest is told twice. */
const REMEMBERED = 2000;

/** The question as this group is asked it. */
const nameOf = ({ id, openedAt, askedAt = openedAt }: Asked): string => `${id}@${askedAt}`;
const isRecent = ({ openedAt, askedAt = openedAt }: Asked, until: string): boolean => askedAt > later(until, -STALE);

/** What is to be remembered of a digest that was sent. */
export const toldBy = (tasks: readonly Asked[], until: string): Told => ({
  until,
  newest: tasks
    .filter((task) => isRecent(task, until))
    .slice(0, REMEMBERED)
    .map(nameOf),
});

/** Codes that a digest names. */
const TOP = 5;

/** Not more often than `every`; after a quiet time the first question is told at once. */
export const digestDue = ({ last, every, now }: Pick<DigestInput, 'last' | 'every' | 'now'>): boolean =>
  last === undefined || later(last.until, every) <= now;

/**
 * The event of one owner group; undefined: it is not time yet, or there is nothing to tell: nobody of the group is newly asked, and no
 * answer is overdue. Who is asked after another group is newly asked, too.
 * Its id is that of its time and its questions, so two sweepers that make the same digest send one event twice, not two, and one that was sent
 * again with other questions is another event.
 */
export function digestOf({ owner, tasks, orders, more, money, last, every, working, now }: DigestInput): EventOf<typeof taskDigest> | undefined {
  if (!digestDue({ last, every, now })) return undefined;
  const { until: since, newest } = last ?? { until: '1970-01-01T00:00:00.000Z', newest: [] };
  const isFresh = (task: Asked) => isRecent(task, since) && !newest.includes(nameOf(task));
  const number = (holds: (task: Asked) => boolean) => tasks.filter(holds).length;
  const [fresh, overdue] = [number(isFresh), number(({ dueAt }) => dueAt <= now)];
  if (fresh === 0 && (overdue === 0 || !working)) return undefined;
  const byCode = [...Map.groupBy(tasks, ({ code }) => code)].map(([code, of]) => ({ code, tasks: of.length }));
  return taskDigest.schema.parse({
    specversion: '1.0',
    id: `digest:${owner}:${since}:${hashOf(tasks.map(nameOf).sort()).slice(0, 12)}`,
    source: 'quotebridge',
    type: taskDigest.type,
    subject: owner,
    time: now,
    datacontenttype: 'application/json',
    dataschema: `urn:quotebridge:schema:${taskDigest.type}`,
    tenant: '*',
    data: {
      ...{ owner, since, until: now, open: tasks.length, fresh, overdue, orders, money, ...(more && { more }) },
      dueSoon: number(({ dueAt }) => dueAt > now && dueAt <= later(now, every)),
      escalated: number(({ level }) => level > 0),
      top: byCode.sort((a, b) => b.tasks - a.tasks || (a.code < b.code ? -1 : 1)).slice(0, TOP),
    },
  });
}
