import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ERRORS } from '../contracts/errors.ts';
import { type InboundEvent, inboundEvent } from '../contracts/intake.ts';
import { runbookOf } from '../contracts/runbooks.ts';
import { listQuarantine, markOpen, markResubmitted, NO_TENANT, type Quarantined, readQuarantined } from '../lambdas/ledger/quarantine.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';
import { tenantIn } from './find.ts';
import { count, facts, indent, instant, relative, shortened, table } from './print.ts';

interface Address {
  readonly tenant?: string;
}

/** `-` stands for events whose tenant cannot be told. */
const tenantsOf = (context: Context, tenant: string | undefined): string[] => {
  if (tenant === undefined) return [...Object.keys(context.config.policy.tenants), NO_TENANT];
  return [tenant === NO_TENANT ? tenant : tenantIn(context, tenant)];
};

const viewOf = (entry: Quarantined) => {
  const { id, tenant, code, detail, source, type, at, original, resubmittedAt, resubmittedBy } = entry;
  const { class: group, owner, title, cure } = ERRORS[code];
  return { id, tenant, code, class: group, owner, title, detail, cure, source, type, at, original, resubmittedAt, resubmittedBy };
};

async function list(context: Context, { tenant, all }: Address & { all?: boolean }): Promise<Output> {
  const lists = await Promise.all(tenantsOf(context, tenant).map((one) => listQuarantine(context.ledger, one)));
  const entries = lists.flat().sort((a, b) => (a.at < b.at ? -1 : 1));
  const events = entries.filter((entry) => all || entry.resubmittedAt === undefined).map(viewOf);
  if (events.length === 0) return { view: { events }, text: 'No event is in quarantine.' };
  const now = new Date();
  const rows = events.map((event) => [
    event.id,
    event.tenant,
    event.code,
    event.owner,
    event.type,
    relative(event.at, now),
    ...(all ? [event.resubmittedAt ? `${relative(event.resubmittedAt, now)} by ${event.resubmittedBy}` : ''] : []),
    shortened(event.detail),
  ]);
  const titles = ['ID', 'TENANT', 'CODE', 'OWNER', 'TYPE', 'REJECTED', ...(all ? ['RESUBMITTED'] : []), 'DETAIL'];
  const hint = `${commandLine('quarantine show ID', context.config.stage)}    shows the event and what to do`;
  return { view: { events }, text: `${table(titles, rows)}\n\n${count(events.length, 'event')}. ${hint}` };
}

async function find(context: Context, id: string, tenant: string | undefined): Promise<Quarantined> {
  const tried = await Promise.all(tenantsOf(context, tenant).map((one) => readQuarantined(context.ledger, one, id)));
  const entry = tried.find((one) => one !== undefined);
  if (!entry) throw new Refused(`No event ${id} is in quarantine.`, `${commandLine('quarantine list --all', context.config.stage)}    shows what is`);
  return entry;
}

/** The text that came in, wherever it is kept. It need not be JSON. */
const originalOf = async ({ documents }: Context, { original }: Quarantined): Promise<string> =>
  'text' in original ? original.text : documents.text(original.key);

const pretty = (text: string): string => {
  const event = eventIn(text);
  return event ? JSON.stringify(event, null, 2) : text;
};

async function show(context: Context, { tenant }: Address, id: string): Promise<Output> {
  const entry = await find(context, id, tenant);
  const event = viewOf(entry);
  const text = await originalOf(context, entry);
  const about = facts([
    ['event', event.id],
    ['tenant', event.tenant === NO_TENANT ? 'cannot be told' : event.tenant],
    ['rejected', `${instant(event.at)} UTC`],
    ['code', `${event.code} (${event.class}, ${event.owner}): ${event.title}`],
    ['detail', event.detail],
    ['from', [event.source, event.type].filter(Boolean).join(', ')],
    ['original', 'key' in event.original ? `s3://${context.documents.bucket}/${event.original.key}` : 'kept with the entry'],
    ['resubmitted', event.resubmittedAt && `${instant(event.resubmittedAt)} UTC by ${event.resubmittedBy}`],
    ['what to do', event.cure],
    ['runbook', runbookOf(event.code)],
  ]);
  return { view: { ...event, text }, text: `${about}\n\n${indent(pretty(text))}` };
}

/** The event of EventBridge that a text is, or undefined. */
function eventIn(text: string): InboundEvent | undefined {
  try {
    return inboundEvent.safeParse(JSON.parse(text)).data;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function corrected(file: string): InboundEvent {
  const event = eventIn(readFileSync(file, 'utf8'));
  if (!event) throw new Usage(`${file} is not an event: expected JSON with "source", "detail-type" and "detail".`);
  return event;
}

/** @throws {Refused} when what was kept is no event of the inbound bus. */
async function originalEvent(context: Context, entry: Quarantined): Promise<InboundEvent> {
  const { cure, title } = ERRORS[entry.code];
  if (entry.code === 'QUOTE_CONTENT_CHANGED') throw new Refused(`${entry.code}: ${title}. Submitted again it would be refused again.`, cure);
  const event = eventIn(await originalOf(context, entry));
  if (event) return event;
  throw new Refused(
    `The original of ${entry.id} is no event that the bus would take.`,
    `${cure}\n${commandLine(`quarantine resubmit ${entry.id} --file EVENT.json`, context.config.stage)}`,
  );
}

async function resubmit(context: Context, { tenant, file }: Address & { file?: string }, id: string): Promise<Output> {
  const entry = await find(context, id, tenant);
  const event = file === undefined ? await originalEvent(context, entry) : corrected(file);
  const by = await context.actor();
  // Marked first: rejected again, the entry is open again, which a mark that came later would hide.
  await markResubmitted(context.ledger, entry, by);
  try {
    await context.putInbound(event);
  } catch (error) {
    await markOpen(context.ledger, entry);
    throw error;
  }
  const text = `Event ${id} is on the inbound bus again${file === undefined ? '' : `, as ${file} has it`}.`;
  const view = { id, tenant: entry.tenant, code: entry.code, source: event.source, type: event['detail-type'], resubmittedBy: by };
  return { view, text: `${text}\n${commandLine('quarantine list', context.config.stage)}    shows whether it was rejected again` };
}

export function addQuarantine(program: Command): void {
  const quarantine = program.command('quarantine').description('events that were rejected, with the reason and the original');
  const at = (command: Command): Command => command.option('--tenant <tenant>', 'only this tenant; "-" for events whose tenant cannot be told');
  at(quarantine.command('list').description('what waits for a correction').option('--all', 'also what was resubmitted')).action(act(list));
  at(quarantine.command('show').description('one event: reason, cure, original').argument('<id>', 'id of the entry')).action(act(show));
  at(
    quarantine
      .command('resubmit')
      .description('put the original on the inbound bus again')
      .argument('<id>', 'id of the entry')
      .option('--file <file>', 'a corrected event instead: JSON with "source", "detail-type" and "detail"'),
  ).action(act(resubmit));
}
