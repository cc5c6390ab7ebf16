import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Visitor } from '../../lambdas/board/visitor.ts';

/** A working day: whoever decides logs in once. */
export const SESSION_SECONDS = 8 * 3600;
/** More than people: an older session ends when one too many begins. */
const SESSIONS = 200;

interface Session {
  readonly visitor: Visitor;
  readonly until: number;
}

const keyOf = (id: string): string => createHash('sha256').update(id).digest('base64url');

/**
 * A token is a random text and its keyed hash over the form that it is for, so that showing a page a thousand times stores nothing. What
 * was spent is kept as long as the session.
 */
function visitorOf(name: string): Visitor {
  const secret = randomBytes(32);
  const spent = new Set<string>();
  const signed = (form: string, nonce: string) => createHmac('sha256', secret).update(`${form}\n${nonce}`).digest();
  return {
    actor: `board:${name}`,
    name,
    issue: (form) => {
      const nonce = randomBytes(16).toString('base64url');
      return `${nonce}.${signed(form, nonce).toString('base64url')}`;
    },
    spend: (form, token = '') => {
      const [nonce = '', mark = ''] = token.split('.');
      const [given, wanted] = [Buffer.from(mark, 'base64url'), signed(form, nonce)];
      if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 'unknown';
      if (spent.has(nonce)) return 'used';
      spent.add(nonce);
      return 'fresh';
    },
  };
}

/** Who is logged in; in memory, so it ends with the environment. */
export function createSessions(now: () => number = Date.now) {
  const sessions = new Map<string, Session>();

  function find(id: string | undefined): Visitor | undefined {
    const session = id === undefined ? undefined : sessions.get(keyOf(id));
    return session && session.until > now() ? session.visitor : undefined;
  }

  /** @returns the id, which only the browser of this person keeps */
  function begin(name: string): string {
    const id = randomBytes(32).toString('base64url');
    for (const [key, { until }] of sessions) if (until <= now() || sessions.size >= SESSIONS) sessions.delete(key);
    sessions.set(keyOf(id), { visitor: visitorOf(name), until: now() + SESSION_SECONDS * 1000 });
    return id;
  }

  const end = (id: string | undefined): void => {
    if (id !== undefined) sessions.delete(keyOf(id));
  };

  return { find, begin, end };
}
export type Sessions = ReturnType<typeof createSessions>;
