import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Reliability, type Row, reliability, type Search, type Together, type Verdict } from './figures.ts';
import { CAMPAIGNS, type CampaignName } from './settings.ts';
import { INTRODUCTION, NOT_PROMISED, STORIES } from './stories.ts';

const docs = join(import.meta.dirname, '..', '..', '..', 'docs');
const figuresFile = join(docs, 'reliability.json');
const pageFile = join(docs, 'reliability.md');

const minutes = (seconds: number): string => (seconds < 90 ? `${seconds} s` : `${Math.round(seconds / 60)} min`);
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
const inWords = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([code, count]) => `${count} x ${code}`)
    .join(', ') || '0';

type Named<Judged> = readonly [CampaignName, Row & { readonly verdict: Judged }];
const makesOrders = (row: readonly [CampaignName, Row]): row is Named<Verdict> => 'orders' in row[1].verdict;
const searches = (row: readonly [CampaignName, Row]): row is Named<Search> => 'looked' in row[1].verdict;

const titleOf = (name: CampaignName): string => `[${STORIES[name].title}](#${name})`;
const whenOf = ({ seconds, at }: Row): string[] => [minutes(seconds), at.slice(0, 10)];

function ordersTable(rows: readonly Named<Verdict>[]): string {
  const head = ['campaign', 'orders', 'completed', 'cancelled', 'waiting for a person', 'duplicates', 'lost', 'touched', 'took', 'on'];
  const cells = rows.map(([name, { verdict: v, ...row }]) => [
    titleOf(name),
    ...[v.orders, v.completed, v.cancelled].map(String),
    inWords(v.waiting),
    ...[v.duplicates, v.lost, v.touched].map(String),
    ...whenOf({ verdict: v, ...row }),
  ]);
  return table(head, cells);
}

function searchTable(rows: readonly Named<Search>[]): string {
  const cells = rows.map(([name, { verdict: v, ...row }]) => [
    titleOf(name),
    `${v.looked} ${v.at}`,
    String(v.violations),
    ...whenOf({ verdict: v, ...row }),
  ]);
  return table(['campaign', 'looked at', 'violations', 'took', 'on'], cells);
}

const summary = (rows: readonly (readonly [CampaignName, Row])[]): string =>
  [rows.some(makesOrders) && ordersTable(rows.filter(makesOrders)), rows.some(searches) && searchTable(rows.filter(searches))]
    .filter(Boolean)
    .join('\n\n');

const section = ([name, row]: readonly [CampaignName, Row]): string =>
  `## ${name}\n${STORIES[name].story}\n\n${table(
    ['', ''],
    [
      ...row.lines,
      ['run', `${row.at.slice(0, 16).replace('T', ' ')} UTC, ${minutes(row.seconds)}, commit ${row.commit}`],
      ['on', `${row.machine}; ${row.cloud}`],
    ],
  )}\n\nThe same plan again: \`npm run campaigns -- ${name} --seed ${row.seed}\`\n`;

const allTogether = ({ held, seed, seconds, at, commit, machine }: Together): string =>
  `All ${held} campaigns held in one run of ${minutes(seconds)}: \`npm run campaigns -- --seed ${seed}\`, ended ${at.slice(0, 16).replace('T', ' ')} UTC, commit ${commit}; ${machine}.\n`;

/** docs/reliability.md as it has to be for these figures. */
export function reliabilityPage({ rows, together }: Reliability): string {
  const named = CAMPAIGNS.flatMap((name) => (rows[name] ? [[name, rows[name]] as const] : []));
  return [INTRODUCTION, ...(together ? [allTogether(together)] : []), `${summary(named)}\n`, ...named.map(section), NOT_PROMISED].join('\n');
}

export const readFigures = (): Reliability => reliability.parse(JSON.parse(readFileSync(figuresFile, 'utf8')));

function write(figures: Reliability): void {
  writeFileSync(figuresFile, `${JSON.stringify(figures, null, 2)}\n`);
  writeFileSync(pageFile, reliabilityPage(figures));
}

/** Replaces the row of one campaign, and the page. */
export function writeFigures(name: CampaignName, row: Row): void {
  const figures = readFigures();
  write({ ...figures, rows: { ...figures.rows, [name]: row } });
}

/** Replaces what is said of the run of all of them, and the page. */
export const writeTogether = (together: Together): void => write({ ...readFigures(), together });

if (import.meta.main) writeFileSync(pageFile, reliabilityPage(readFigures()));
