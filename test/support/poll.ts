import { setTimeout as pause } from 'node:timers/promises';
import { cloud } from './capabilities.ts';

/** LocalStack takes about three times as long as the embedded cloud for the same orders on 2 cores, when all tests run at once. */
export const slowness = cloud === 'localstack' ? 3 : 1;

export interface PollOptions {
  /** When to give up, on the embedded cloud. */
  seconds?: number;
  /** Milliseconds between two looks, on the embedded cloud: LocalStack has one core for all that is asked of it. */
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
  const every = slowness * (options.every ?? 100);
  const seconds = slowness * (options.seconds ?? 90);
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
