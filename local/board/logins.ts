import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';

/** Wrong passwords of one person in a row, and for how long nobody gets in under that name then. */
const TRIES = 5;
const PAUSE_MS = 60_000;

export type LoginAnswer = { readonly name: string } | { readonly refused: 'wrong' } | { readonly refused: 'paused'; readonly seconds: number };

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** A password for each name, new with every environment: none is in the repository, and none outlives `npm run down`. */
export const newPasswords = (names: readonly string[]): Record<string, string> =>
  Object.fromEntries(names.map((name) => [name, randomBytes(12).toString('base64url')]));

/** Checks passwords in a time that says nothing of them, and not as often as somebody likes. */
export function createLogins(passwords: Readonly<Record<string, string>>, now: () => number = Date.now) {
  const known = new Map(Object.entries(passwords).map(([name, password]) => [name, digest(password)]));
  const nobody = digest(randomBytes(12).toString('base64url'));
  const missed = new Map<string, { times: number; until: number }>();

  function miss(name: string): LoginAnswer {
    const times = (missed.get(name)?.times ?? 0) + 1;
    missed.set(name, times < TRIES ? { times, until: 0 } : { times: 0, until: now() + PAUSE_MS });
    return { refused: 'wrong' };
  }

  function logIn(name: string, password: string): LoginAnswer {
    // Unknown names share one count, so that nobody fills the memory with them.
    const counted = known.has(name) ? name : '';
    const wait = (missed.get(counted)?.until ?? 0) - now();
    if (wait > 0) return { refused: 'paused', seconds: Math.ceil(wait / 1000) };
    if (!timingSafeEqual(digest(password), known.get(name) ?? nobody)) return miss(counted);
    missed.delete(name);
    return { name };
  }

  return { names: [...known.keys()], logIn };
}
export type Logins = ReturnType<typeof createLogins>;
