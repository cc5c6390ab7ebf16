import { mkdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { home } from '../../local/paths.ts';
import { alive, identify } from '../../local/processes.ts';
import { poll } from './poll.ts';

/**
 * One test at a time works with a dead-letter queue. A redrive of the console moves whatever the queue shows, also what a replay of another
 * test was about to send (files of tests run side by side, in processes of their own).
 */
export async function alone<T>(queue: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(home, { recursive: true });
  const lock = join(home, `alone-${queue}`);
  await poll(`no other test works with ${queue}`, () => take(lock), { seconds: 400, every: 200 });
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** A link is made or not in one step, and says who has made it. */
function take(lock: string): boolean {
  const { pid, started } = identify(process.pid);
  try {
    symlinkSync(`${pid} ${started}`, lock);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const [holder, since = ''] = readlinkSync(lock).split(' ');
    // A run that was broken off.
    if (!alive({ pid: Number(holder), started: since })) rmSync(lock, { force: true });
    return false;
  }
}
