import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { home, root } from '../paths.ts';
import { type Report, report } from './data.ts';
import { histogram } from './histogram.ts';
import { duration } from './statistics.ts';

const WIDTH = 760;
const LEFT = 32;
const ROW = 25;
const CHART = 240;

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** What a reader of the README wants to know of a run. */
function rows({ quotes, erp, waiting, subscribers, cycle, times }: Report): (readonly [string, string])[] {
  const held = waiting.reduce((total, { orders }) => total + orders.length, 0);
  const acknowledged = subscribers.reduce((total, { applied }) => total + applied, 0);
  const apart = erp.differences.length + subscribers.reduce((total, { differences }) => total + differences.length, 0);
  return [
    ['Quotes sent', `${quotes.sent}, of which ${quotes.repeated} twice, out of order`],
    ['Orders in the ERP', `${erp.orders}, counted in its own database; with more than one sale: ${erp.duplicates.length}`],
    ['Waiting, with reason', `${held}: ${waiting.map(({ code, orders }) => `${orders.length} ${code}`).join(', ')}`],
    ['Events applied', `${acknowledged} by ${subscribers.length} subscribers; differences to the ledger: ${apart}`],
    ['An order takes', cycle.run === undefined ? '-' : `${duration(cycle.run)} by itself (median), once it is its turn`],
    ['The whole run', duration(times.total)],
  ];
}

/** Long lists wrap at word ends. */
const wrapped = (text: string, characters = 58): string[] =>
  text.match(new RegExp(`.{1,${characters}}(?= |$)`, 'g'))?.map((line) => line.trim()) ?? [];

/** The picture of a run for the README: figures and the histogram of cycle times, as an SVG without anything from elsewhere. */
export function picture(data: Report): string {
  const lines = rows(data).flatMap(([name, value]) => wrapped(value).map((text, at) => [at === 0 ? name : '', text] as const));
  const texts = lines.map(([name, value], at) => {
    const y = 82 + at * ROW;
    return `<text x="${LEFT}" y="${y}" class="name">${name}</text><text x="${LEFT + 190}" y="${y}">${escaped(value)}</text>`;
  });
  const below = 82 + lines.length * ROW + 16;
  const chart = histogram(data.cycle.seconds).replace(
    '<svg ',
    `<svg x="${LEFT}" y="${below + 12}" width="${WIDTH - 2 * LEFT}" height="${CHART}" class="chart" `,
  );
  const height = below + CHART + 30;
  const style =
    'text{font:14px ui-sans-serif,system-ui,sans-serif;fill:#e6edf3}.name{fill:#7d8590}.title{font-size:17px;font-weight:600}.chart text{font-size:11px;fill:#7d8590}.chart rect{fill:#2f81f7}.chart line{stroke:#484f58}';
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" role="img" aria-label="The figures of one run of npm start">`,
    `<style>${style}</style><rect width="${WIDTH}" height="${height}" rx="10" fill="#0d1117"/>`,
    `<text x="${LEFT}" y="42" class="title">npm start</text><text x="${WIDTH - LEFT}" y="42" text-anchor="end" class="name">${data.at.slice(0, 10)}, ${escaped(`ERP: Tryton ${data.versions.Tryton?.split(' ')[0] ?? ''}`)}</text>`,
    ...texts,
    `<text x="${LEFT}" y="${below + 6}" class="name">Seconds from acceptance in the CPQ to the completed order, all quotes sent at once</text>`,
    chart,
    '</svg>\n',
  ].join('\n');
}

/** `npm run picture`: keeps the last run's report as docs/images/run.json and draws it. */
if (import.meta.main) {
  const folder = join(root, 'docs', 'images');
  const data = report.parse(JSON.parse(readFileSync(join(home, 'report', 'report.json'), 'utf8')));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'run.json'), `${JSON.stringify(data, null, 2)}\n`);
  writeFileSync(join(folder, 'run.svg'), picture(data));
}
