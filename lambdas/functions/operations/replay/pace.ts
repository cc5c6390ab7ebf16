import type { ReplayDeps } from './deps.ts';

/** Spreads messages over time: so many per second, whoever sends them. */
export function createPace(perSecond: number, { ledger, pause }: Pick<ReplayDeps, 'ledger' | 'pause'>) {
  const now = (): number => Date.parse(ledger.stamp());
  let free = now();
  return async (count: number): Promise<void> => {
    const wait = free - now();
    free = Math.max(free, now()) + (count * 1000) / perSecond;
    if (wait > 0 && count > 0) await pause(wait);
  };
}
