/** The value below which this share of the values lies (nearest rank); undefined when there are none. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

interface Bin {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** 1, 2 or 5 times a power of ten: widths that people read easily. */
function niceWidth(range: number, bins: number): number {
  const rough = range / bins;
  const power = 10 ** Math.floor(Math.log10(rough));
  return power * ([1, 2, 5].find((step) => step * power >= rough) ?? 10);
}

/** At most `most` bins of one width from 0 on, which hold all values. */
export function bins(values: readonly number[], most = 12): Bin[] {
  const highest = Math.max(0, ...values);
  if (highest === 0) return [];
  const width = niceWidth(highest, most);
  const edge = (at: number) => Number((at * width).toPrecision(6)); // 3 * 0.2 is 0.6000000000000001
  const placed = Map.groupBy(values, (value) => Math.max(0, Math.ceil(value / width) - 1));
  return Array.from({ length: Math.ceil(highest / width) }, (_, at) => ({ from: edge(at), to: edge(at + 1), count: placed.get(at)?.length ?? 0 }));
}

const whole = (seconds: number): string =>
  seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;

/** `4.2 s`, `1 min 05 s`. */
export const duration = (seconds: number): string => (seconds < 10 ? `${seconds.toFixed(1)} s` : whole(Math.round(seconds)));
