import { CloudWatchLogsClient, type FilteredLogEvent, paginateDescribeLogGroups, paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import type { Command } from 'commander';
import { orderKeyIn } from '../lambdas/ledger/find.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Refused } from './failure.ts';
import { findQuote, type QuoteAddress } from './find.ts';
import { count, plain, table } from './print.ts';

/** Clocks differ, and an event is handled before the ledger has its order. */
const BEFORE_MS = 60_000;
const PAGE = 1000;

/** A line of a function's log as people read it; what is not of our logger stands in `message` as it is. */
function lineView(name: string, { timestamp = 0, message = '' }: FilteredLogEvent) {
  const parsed = fieldsOf(message);
  const { level, message: text, run, step, code, detail } = parsed;
  const word = (value: unknown) => (value === undefined ? undefined : String(value));
  return {
    at: new Date(timestamp).toISOString(),
    function: name,
    level: word(level),
    message: typeof text === 'string' ? text : message.trim(),
    run: word(run),
    step: word(step),
    code: word(code),
    detail: word(detail),
    fields: parsed,
  };
}

function fieldsOf(message: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(message);
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

async function groupsOf(client: CloudWatchLogsClient, prefix: string): Promise<string[]> {
  const names: string[] = [];
  for await (const page of paginateDescribeLogGroups({ client }, { logGroupNamePrefix: prefix }))
    names.push(...(page.logGroups ?? []).flatMap(({ logGroupName }) => logGroupName ?? []));
  return names;
}

async function linesOf(client: CloudWatchLogsClient, logGroupName: string, name: string, orderKey: string, startTime: number) {
  const filter = { logGroupName, startTime, filterPattern: `"${orderKey}"`, limit: PAGE };
  const lines: ReturnType<typeof lineView>[] = [];
  for await (const page of paginateFilterLogEvents({ client }, filter)) lines.push(...(page.events ?? []).map((event) => lineView(name, event)));
  return lines;
}

async function logs(context: Context, address: QuoteAddress, order: string): Promise<Output> {
  const { heads } = await findQuote(context, order, address);
  const head = heads.find(({ orderKey }) => orderKey === orderKeyIn(order)) ?? heads.at(-1);
  if (!head)
    throw new Refused(`Quote ${order} has no order yet.`, `${commandLine(`lineage ${order}`, context.config.stage)}    shows what is known of it`);
  const client = new CloudWatchLogsClient(context.client);
  const prefix = `/aws/lambda/quotebridge-${context.config.stage}-`;
  const groups = await groupsOf(client, prefix);
  const since = Date.parse(head.createdAt) - BEFORE_MS;
  const found = await Promise.all(groups.map((group) => linesOf(client, group, group.slice(prefix.length), head.orderKey, since)));
  const lines = found.flat().sort((a, b) => (a.at < b.at ? -1 : 1));
  const rows = lines.map((line) => [
    line.at.slice(0, 23).replace('T', ' '),
    line.level,
    line.function,
    line.run,
    line.step,
    [line.message, line.code, line.detail].filter(Boolean).join(' '),
  ]);
  const summary = `${count(lines.length, 'line')} of order ${plain(head.orderKey)} in ${count(groups.length, 'log group')}.`;
  const text = lines.length > 0 ? `${table(['TIME (UTC)', 'LEVEL', 'FUNCTION', '>RUN', 'STEP', 'MESSAGE'], rows)}\n\n${summary}` : summary;
  return { view: { orderKey: head.orderKey, groups, lines }, text };
}

export function addLogs(program: Command): void {
  program
    .command('logs')
    .description("what the functions logged of an order; for a quote's number, of its highest revision")
    .argument('<order>', 'order key, quote id or number')
    .option('--tenant <tenant>', 'tenant of the quote (default: the first of the configuration)')
    .option('--cpq <cpq>', 'CPQ connection of the quote (default: all of the tenant)')
    .action(act(logs));
}
