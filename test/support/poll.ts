import { setTimeout as pause } from 'node:timers/promises';

export interface PollOptions {
  /** When to give up. */
  seconds?: number;
  /** Milliseconds between two looks. */
  every?: number;
}

/**
 * Looks again and again until `probe` returns something that is neither undefined, null nor false.
 * @param what completes the sentence "waited N s until ..." of the failure
 * @throws when the deadline passes, with the last error of the probe as its cause; an error of the probe means "not yet"
 */
export async function poll<T>(
  what: string,
  probe: () => Promise<T | undefined | null | false> | T | undefined | null | false,
  options: PollOptions = {},
): Promise<T> {
  const { seconds = 30, every = 100 } = options;
  const end = Date.now() + seconds * 1000;
  for (;;) {
    let cause: unknown;
    try {
      const found = await probe();
      if (found !== undefined && found !== null && found !== false) return found;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > end) throw new Error(`waited ${seconds} s until ${what}`, { cause });
    await pause(every);
  }
}
