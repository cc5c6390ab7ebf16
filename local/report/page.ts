import type { Report, WaitingGroup } from './data.ts';
import { histogram } from './histogram.ts';
import { duration } from './statistics.ts';

/** Text of vendors may hold anything. */
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll("'", '&#39;');

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8882; --bar: #2b7de9; --bad: #c62828; --good: #2e7d32; }
@media (prefers-color-scheme: dark) { :root { --bar: #6aa9ff; --bad: #ff8a80; --good: #81c784; } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
.verdict { font-weight: 600; } .good { color: var(--good); } .bad { color: var(--bad); }
.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin: 1rem 0; }
.numbers div { background: var(--soft); border-radius: .5rem; padding: .75rem; }
.numbers b { display: block; font-size: 1.6rem; line-height: 1.2; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .35rem .75rem .35rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.number, th.number { text-align: right; } code { font-size: .85em; overflow-wrap: anywhere; }
details { border-bottom: 1px solid var(--line); padding: .5rem 0; } summary { cursor: pointer; }
svg { width: 100%; height: auto; } svg rect { fill: var(--bar); } svg line { stroke: currentColor; } svg text { fill: currentColor; font: 11px system-ui, sans-serif; }
`;

const numbers = (pairs: readonly (readonly [string, string | number])[]): string =>
  `<div class="numbers">${pairs.map(([name, value]) => `<div><b>${escaped(String(value))}</b>${escaped(name)}</div>`).join('')}</div>`;

const row = (cells: readonly (string | number)[], tag: 'td' | 'th'): string =>
  `<tr>${cells.map((cell) => `<${tag}${typeof cell === 'number' || cell.startsWith('>') ? ' class="number"' : ''}>${escaped(String(cell).replace(/^>/, ''))}</${tag}>`).join('')}</tr>`;

/** A title that begins with `>` belongs to a column of numbers. */
const table = (titles: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
  `<div class="scroll"><table>${row(titles, 'th')}${rows.map((cells) => row(cells, 'td')).join('')}</table></div>`;

function groupPart({ code, title, class: group, owner, orders }: WaitingGroup): string {
  const items = orders.map(({ quote, orderKey, detail, command }) => {
    const next = command === undefined ? '' : `<br><code>${escaped(command)}</code>`;
    return `<li><b>${escaped(quote)}</b> <code>${escaped(orderKey)}</code>: ${escaped(detail)}${next}</li>`;
  });
  const cure = escaped(orders[0]?.cure ?? '');
  return `<details><summary><b>${orders.length} ${escaped(code)}</b> (${escaped(group)}, ${escaped(owner)}): ${escaped(title)}</summary><p>${cure}</p><ul>${items.join('')}</ul></details>`;
}

const list = (title: string, lines: readonly string[]): string =>
  lines.length === 0
    ? ''
    : `<h2 class="bad">${escaped(title)}</h2><ul>${lines.map((line) => `<li><code>${escaped(line)}</code></li>`).join('')}</ul>`;

function differences({ erp, subscribers, unaccounted }: Report): string {
  return [
    list('More than one order in the ERP for one key', erp.duplicates),
    list('The ERP and the ledger differ', erp.differences),
    ...subscribers.map((one) => list(`${one.name} and the ledger differ`, one.differences)),
    list('Neither an order nor a reason', unaccounted),
  ].join('');
}

function head(report: Report): string {
  const waits = report.waiting.reduce((sum, { orders }) => sum + orders.length, 0);
  const good = 'Every quote is one order in the ERP or has a reason; the ERP and all subscribers know what the ledger knows.';
  const verdict = report.ok ? good : `Something is not as it should be${report.gaveUp ? `: ${report.gaveUp}` : ', see below'}.`;
  const { sent, events, repeated, merged, gaps } = report.quotes;
  const counts = numbers([
    ['quotes sent', sent],
    ['sent twice', repeated],
    ['orders in the ERP', report.erp.orders],
    ['waiting or failed', waits],
    ['keys with two orders', report.erp.duplicates.length],
    ['unaccounted for', report.unaccounted.length],
  ]);
  const how = `${events} change events announced them out of order, ${merged} of them for several quotes, ${gaps} without values. Orders are counted in the database of the ERP, not in the ledger.`;
  return `<h1>Quotebridge: quotes to orders</h1><p>${escaped(report.at)}</p><p class="verdict ${report.ok ? 'good' : 'bad'}">${escaped(verdict)}</p>${counts}<p>${escaped(how)}</p>`;
}

function cycle({ cycle: { seconds, median, p95, run }, times }: Report): string {
  const known = ([name, value]: readonly [string, number | undefined]): [string, string][] => (value === undefined ? [] : [[name, duration(value)]]);
  const pairs: (readonly [string, number | undefined])[] = [
    ['median', median],
    ['95 % within', p95],
    ["of it an order's own run", run],
    ['until the first order', times.firstOrder],
    ['the whole run', times.total],
  ];
  return `<h2>Quote to order</h2>${numbers(pairs.flatMap(known))}${histogram(seconds)}<p>Seconds from the acceptance in the CPQ to the completed order. All quotes are sent at once, so most of it is waiting for a turn: the ERP is given a few orders at a time.</p>`;
}

/** The report as a page that needs nothing else: no script, no font, no picture from elsewhere. */
export function page(report: Report): string {
  const { waiting, subscribers, versions, erp } = report;
  const delivered = subscribers.map((one) => [one.name, one.received, one.applied, one.ignored, one.refused, one.differences.length]);
  const parts = [
    head(report),
    differences(report),
    cycle(report),
    `<h2>Waiting or failed</h2>${waiting.length === 0 ? '<p>None.</p>' : waiting.map(groupPart).join('')}`,
    `<h2>Events delivered</h2>${table(['Subscriber', '>Received', '>Applied', '>Repeated or older', '>Refused', '>Differences'], delivered)}`,
    `<h2>Sales in the ERP by state</h2>${table(['State', '>Sales'], Object.entries(erp.states))}`,
    `<h2>Versions</h2>${table(['Part', 'Version'], Object.entries(versions))}`,
  ];
  const meta = '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">';
  return `<!doctype html>\n<html lang="en"><head>${meta}<title>Quotebridge: quotes to orders</title><style>${STYLE}</style></head><body>${parts.join('\n')}</body></html>\n`;
}
