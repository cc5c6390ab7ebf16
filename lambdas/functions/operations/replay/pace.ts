/** Spreads messages over time: so many per second, whoever sends them. */
export function createPace(perSecond: number, pause: (milliseconds: number) => Promise<void>, now = Date.now) {
  let free = now();
  return async (count: number): Promise<void> => {
    const wait = free - now();
    free = Math.max(free, now()) + (count * 1000) / perSecond;
    if (wait > 0 && count > 0) await pause(wait);
  };
}
