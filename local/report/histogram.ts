import { bins, duration } from './statistics.ts';

const WIDTH = 640;
const HEIGHT = 220;
const LEFT = 34;
const BOTTOM = 28;
const TOP = 14;

/** How long orders took, as an SVG picture that takes its colours from the page. */
export function histogram(seconds: readonly number[]): string {
  const bars = bins(seconds);
  const highest = Math.max(1, ...bars.map(({ count }) => count));
  const step = (WIDTH - LEFT) / Math.max(1, bars.length);
  const tall = (count: number) => ((HEIGHT - BOTTOM - TOP) * count) / highest;
  const drawn = bars.map(({ from, to, count }, at) => {
    const x = LEFT + at * step;
    const y = HEIGHT - BOTTOM - tall(count);
    const label = count > 0 ? `<text x="${(x + step / 2).toFixed(1)}" y="${(y - 3).toFixed(1)}" text-anchor="middle">${count}</text>` : '';
    const bar = `<rect x="${(x + 1).toFixed(1)}" y="${y.toFixed(1)}" width="${(step - 2).toFixed(1)}" height="${tall(count).toFixed(1)}"/>`;
    const axis = `<text x="${x.toFixed(1)}" y="${HEIGHT - 9}" text-anchor="middle">${from}</text>`;
    return `<g><title>${count} in ${from} to ${to} s</title>${bar}${label}${axis}</g>`;
  });
  const end = bars.at(-1)?.to;
  const last = end === undefined ? '' : `<text x="${WIDTH - 2}" y="${HEIGHT - 9}" text-anchor="end">${end} s</text>`;
  const title = bars.length > 0 ? `${seconds.length} orders by the time that they took, at most ${duration(Math.max(...seconds))}` : 'no order';
  const base = `<line x1="${LEFT}" y1="${HEIGHT - BOTTOM}" x2="${WIDTH}" y2="${HEIGHT - BOTTOM}"/>`;
  return `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">${base}${drawn.join('')}${last}</svg>`;
}
