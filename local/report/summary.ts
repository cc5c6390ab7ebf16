import { count, facts, indent, plain, table } from '../../cli/print.ts';
import type { Report, WaitingGroup } from './data.ts';
import { duration } from './statistics.ts';

/** Orders of one code that are shown; the CLI lists them all. */
const SHOWN = 5;
const DIFFERENCES = 20;

/** Lines of a list, up to a bound. */
function some(lines: readonly string[], most: number): string[] {
  return lines.length <= most ? [...lines] : [...lines.slice(0, most), `and ${lines.length - most} more`];
}

/** Orders of one code, each command once: one mapping may help several orders. */
function groupText({ code, title, class: group, owner, orders }: WaitingGroup): string {
  const same = [...Map.groupBy(orders, ({ command, detail }) => `${command} ${detail}`).values()];
  const rows = same.slice(0, SHOWN).flatMap((alike) => {
    const names = some(
      alike.map(({ quote }) => quote),
      SHOWN,
    ).join(', ');
    const { detail = '', command } = alike[0] ?? {};
    return [`${names}: ${plain(detail)}`, ...(command === undefined ? [] : [`  ${command}`])];
  });
  const more = same.length > SHOWN ? [`and ${same.length - SHOWN} more: npx quotebridge orders list --waiting`] : [];
  const about = [`${title}.`, orders[0]?.cure ?? ''];
  return [`${orders.length} ${code} (${group}, ${owner})`, indent([...about, indent([...rows, ...more].join('\n'))].join('\n'))].join('\n');
}

const sentText = ({ sent, events, repeated, merged, gaps }: Report['quotes']): string =>
  `${sent}, in ${count(events, 'change event')} out of order (${repeated} sent twice, ${merged} merged, ${gaps} without values)`;

const cycleText = ({ seconds, median, p95, run }: Report['cycle']): string => {
  if (median === undefined || p95 === undefined) return 'no order was completed';
  const own = run === undefined ? '' : `; the order's own run takes ${duration(run)}`;
  return `median ${duration(median)}, p95 ${duration(p95)} (${count(seconds.length, 'order')}, all sent at once${own})`;
};

const subscribersText = (subscribers: Report['subscribers']): string =>
  table(
    ['SUBSCRIBER', '>RECEIVED', '>APPLIED', '>REPEATED OR OLDER', '>REFUSED', '>DIFFERENCES'],
    subscribers.map((one) => [one.name, one.received, one.applied, one.ignored, one.refused, one.differences.length]),
  );

function differencesText(report: Report): string[] {
  const lists: [string, readonly string[]][] = [
    ['More than one order in the ERP for one key', report.erp.duplicates],
    ['The ERP and the ledger differ', report.erp.differences],
    ...report.subscribers.map(({ name, differences }): [string, readonly string[]] => [`${name} and the ledger differ`, differences]),
    ['Neither an order nor a reason', report.unaccounted],
  ];
  const present = lists.filter(([, list]) => list.length > 0);
  return present.map(([title, list]) => `${title}:\n${indent(some(list, DIFFERENCES).join('\n'))}`);
}

/** What a run found, for people. */
export function summaryText(report: Report): string {
  const waiting = report.waiting.reduce((sum, { orders }) => sum + orders.length, 0);
  const { firstOrder, total } = report.times;
  const about = facts([
    ['Quotes sent', sentText(report.quotes)],
    ['Orders in the ERP', `${report.erp.orders} (counted by key in its own database; keys with more than one: ${report.erp.duplicates.length})`],
    ['Waiting or failed', waiting === 0 ? 'none' : String(waiting)],
    ['Quote -> order', cycleText(report.cycle)],
    ['First ERP order', firstOrder === undefined ? undefined : `${duration(firstOrder)} after the start`],
    ['The whole run', duration(total)],
  ]);
  const groups = report.waiting.map((group) => indent(groupText(group)));
  const waits = groups.length > 0 ? [`Waiting or failed\n${groups.join('\n')}`] : [];
  const parts = [about, ...waits, `Events delivered\n${indent(subscribersText(report.subscribers))}`];
  return [...parts, ...differencesText(report), ...(report.gaveUp ? [`The run ended early: ${report.gaveUp}.`] : [])].join('\n\n');
}

/** The last line. */
export function verdictText({ ok, quotes, erp, waiting, unaccounted, subscribers }: Report): string {
  const waits = waiting.reduce((sum, { orders }) => sum + orders.length, 0);
  const differences = erp.differences.length + erp.duplicates.length + subscribers.reduce((sum, one) => sum + one.differences.length, 0);
  const what = `${count(quotes.sent, 'quote')}: ${count(erp.orders, 'order')} in the ERP, ${waits} waiting with a reason, ${unaccounted.length} unaccounted for, ${count(differences, 'difference')}`;
  return ok ? `${what}.` : `${what}. This run FAILED.`;
}
