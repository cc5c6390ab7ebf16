import type { Head } from './head.ts';

/**
 * May the slot of run `run` be given back although its lease is not over? A function that died between its last write and giving the slot
 * back leaves a lease whose run is over. A slot is taken before its run is raised, so young leases are left alone. Times are in seconds.
 */
export const isAbandoned = (head: Head | undefined, run: number, ageSeconds: number, runLimit: number): boolean =>
  ageSeconds >= runLimit && (!head?.run.active || head.run.n !== run);
