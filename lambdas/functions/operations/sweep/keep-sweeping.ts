import { setTimeout } from 'node:timers/promises';
import { logger } from '../../../aws/logger.ts';
import { type MeasureDeps, measure } from './measure.ts';
import { type DigestDeps, sendDigests } from './send-digests.ts';
import { type SweepDeps, sweep } from './sweep.ts';

/** Milliseconds that one sweep may take. */
const ENOUGH_MS = 5000;

/**
 * Measures once, then sweeps. The schedule's smallest period is a minute; a stage that wants shorter ones sweeps on until its time is up.
 * @param left milliseconds that this invocation has left
 */
export async function keepSweeping(deps: SweepDeps & MeasureDeps & DigestDeps, left: () => number): Promise<void> {
  const everyMs = deps.policy.times.sweepEvery * 1000;
  // Orders wait for the sweep, nobody for the figures.
  await measure(deps).catch((error: Error) => logger.error('measuring failed', { error }));
  do {
    await sweep(deps);
    await sendDigests(deps).catch((error: Error) => logger.error('telling people what they are asked failed', { error }));
  } while (everyMs < 60_000 && left() > everyMs + ENOUGH_MS && (await setTimeout(everyMs, true)));
}
