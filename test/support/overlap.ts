/** The largest number of intervals that overlap. One that ends when another begins does not overlap it. */
export function mostAtOnce(intervals: readonly { from: string; to: string }[]): number {
  const changes = intervals.flatMap(({ from, to }) => [
    { at: from, by: 1 },
    { at: to, by: -1 },
  ]);
  changes.sort((a, b) => (a.at === b.at ? a.by - b.by : a.at < b.at ? -1 : 1));
  let now = 0;
  return Math.max(...changes.map(({ by }) => (now += by)));
}
