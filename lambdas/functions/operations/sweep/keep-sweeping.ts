import { setTimeout } from 'node:timers/promises';
import { logger } from '../../../aws/logger.ts';
import { type MeasureDeps, measure } from './measure.ts';
import { type DigestDeps, sendDigests } from './send-digests.ts';
import { type SweepDeps, sweep } from './sweep.ts';

/** Milliseconds that one sweep may take, at least: it may take twice as long as the one before. */
const ENOUGH_MS = 5000;

/**
 * Measures once, then sweeps. The schedule's smallest period is a minute; a stage that wants shorter ones sweeps on until its time is up.
 * @param left milliseconds that this invocation has left
 */
export async function keepSweeping(deps: SweepDeps & MeasureDeps & DigestDeps, left: () => number): Promise<void> {
  const everyMs = deps.policy.times.sweepEvery * 1000;
  // Orders wait for the sweep, nobody for the figures.
  await measure(deps).catch((error: Error) => logger.error('measuring failed', { error }));
  let mayTake: number;
  do {
    const began = left();
    await sweep(deps);
    await sendDigests(deps).catch((error: Error) => logger.error('telling people what they are asked failed', { error }));
    mayTake = Math.max(ENOUGH_MS, 2 * (began - left()));
  } while (everyMs < 60_000 && left() > everyMs + mayTake && (await setTimeout(everyMs, true)));
}
