import { runbookOf } from '../contracts/runbooks.ts';
import type { Defaults } from '../lambdas/views/defaults.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import type { OrderDetail, OrderView } from '../lambdas/views/order.ts';
import { quoteName, stateText } from '../lambdas/views/text.ts';
import { count, facts, indent, instant, money, plain, relative, table } from './print.ts';

/** The tenant is only worth a column when there are several. */
const tenants = (orders: readonly OrderView[]): boolean => new Set(orders.map((order) => order.tenant)).size > 1;

function summary(orders: readonly OrderView[]): string {
  const bySituation = Map.groupBy(orders, (order) => (order.situation === 'at rest' ? order.state : order.situation));
  return `${count(orders.length, 'order')}: ${[...bySituation].map(([name, of]) => `${of.length} ${name}`).join(', ')}.`;
}

export function ordersText(orders: readonly OrderView[], days: number, now: Date, { stage }: Defaults): string {
  if (orders.length === 0) return `No order was accepted in the last ${count(days, 'day')} (UTC).`;
  const several = tenants(orders);
  const rows = orders.map((order) => [
    order.orderKey,
    ...(several ? [order.tenant] : []),
    quoteName(order),
    money({ amount: order.quote.total, currency: order.quote.currency }),
    stateText(order),
    order.erp.number ?? order.erp.reference,
    relative(order.createdAt, now),
    [order.waiting?.code, order.lateSince && `late since ${relative(order.lateSince, now)}`].filter(Boolean).join(', '),
  ]);
  const titles = ['ORDER KEY', ...(several ? ['TENANT'] : []), 'QUOTE', '>TOTAL', 'STATE', 'ERP ORDER', 'ACCEPTED', 'WAITS FOR'];
  const waiting = orders.some((order) => order.waiting) ? [`${commandLine('orders list --waiting', stage)}    shows what to do`] : [];
  return [table(titles, rows), '', summary(orders), ...waiting].join('\n');
}

/** What a waiting order needs, below its line. */
function nextText({ waiting, next, lateSince }: OrderView): string {
  const late = lateSince && `It is late: it was to be completed by ${instant(lateSince)} UTC.`;
  return [waiting?.detail, late, next?.cure, next?.command]
    .filter((line) => line !== undefined)
    .map(plain)
    .join('\n');
}

export function waitingText(orders: readonly OrderView[], now: Date): string {
  if (orders.length === 0) return 'No order waits.';
  const several = tenants(orders);
  const titles = ['ORDER KEY', ...(several ? ['TENANT'] : []), 'QUOTE', '>TOTAL', 'CODE', 'CLASS', 'OWNER', 'SINCE', 'DUE'];
  const rows = orders.map((order) => [
    order.orderKey,
    ...(several ? [order.tenant] : []),
    quoteName(order),
    money({ amount: order.quote.total, currency: order.quote.currency }),
    order.waiting?.code,
    order.waiting?.class,
    order.waiting?.owner,
    relative(order.waiting?.since, now),
    relative(order.waiting?.due, now),
  ]);
  const [head, ...lines] = table(titles, rows).split('\n');
  const blocks = lines.flatMap((line, at) => [line, indent(nextText(orders[at] as OrderView), 4)]);
  const byCode = [...Map.groupBy(orders, (order) => order.waiting?.code)].map(([code, of]) => `${of.length} ${code}`);
  return [head, ...blocks, '', `${count(orders.length, 'order')} waiting: ${byCode.join(', ')}.`].join('\n');
}

const stopsText = (stops: OrderDetail['stops']): string | undefined => {
  const all = Object.entries(stops).map(
    ([kind, { by, at, reason, decided }]) =>
      `${kind} by ${by} at ${instant(at)}${reason === undefined ? '' : `: ${reason}`}${decided === undefined ? '' : ` (decided: ${decided})`}`,
  );
  return all.length > 0 ? all.join('; ') : undefined;
};

const runText = ({ run }: OrderDetail): string => {
  if (run.n === 0) return 'none yet';
  const deaths = run.deaths > 0 ? `, ${run.deaths} in a row died` : '';
  return run.active ? `run ${run.n} since ${instant(run.startedAt)}${deaths}` : `${run.n}, the last began ${instant(run.startedAt)}${deaths}`;
};

/** One order, as HEAD has it. */
export function orderText(order: OrderDetail, now: Date, { stage }: Defaults): string {
  const { waiting, draft, order: confirmed, tax, open, lastError } = order;
  const text = facts([
    ['order', order.orderKey],
    ['quote', `${quoteName(order)} of ${order.tenant} (${order.quote.cpq}, ${order.quote.id})`],
    ['total', `${money({ amount: order.quote.total, currency: order.quote.currency })} before tax`],
    ['state', stateText(order)],
    ['route', `${order.route.region}/${order.route.businessUnit} -> ERP ${order.route.erp}`],
    ['draft', draft && !confirmed ? `${draft.ref}, ${money(draft.total)} with tax` : undefined],
    ['ERP order', confirmed && `${confirmed.number ?? confirmed.ref}, ${money(confirmed.total)} with tax${confirmed.stuck ? ', stuck' : ''}`],
    ['tax', tax && `${tax.amount} ${order.quote.currency}, document ${tax.document}, ${tax.status}`],
    ['late', order.lateSince && `since ${instant(order.lateSince)} UTC, ${relative(order.lateSince, now)}`],
    ['runs', runText(order)],
    ['in flight', open && `${open.action} since ${instant(open.at)}; can land until ${instant(open.settleAt)}`],
    ['in line', order.inLineSince && `for ERP ${order.route.erp} since ${relative(order.inLineSince, now)}`],
    ['stopped', stopsText(order.stops)],
    ['waits for', waiting && `${waiting.code} (${waiting.class}, ${waiting.owner}): ${waiting.title}`],
    ['runbook', waiting && runbookOf(waiting.code)],
    ['since', waiting && `${instant(waiting.since)} UTC, ${relative(waiting.since, now)}`],
    ['due', order.dueAt && `${instant(order.dueAt)} UTC, ${relative(order.dueAt, now)}`],
    ['last error', lastError && `${lastError.code} in ${lastError.step} of run ${lastError.run}: ${lastError.detail}`],
  ]);
  const next = order.next ? `\nWhat to do:\n${indent(nextText(order))}` : '';
  return `${text}${next}\n\n${commandLine(`lineage ${order.orderKey}`, stage)}    shows what happened`;
}
