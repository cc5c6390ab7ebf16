import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { ERRORS } from '../contracts/errors.ts';
import { type InboundEvent, inboundEvent } from '../contracts/intake.ts';
import { runbookOf } from '../contracts/runbooks.ts';
import { decideTask } from '../lambdas/ledger/decide.ts';
import { dismiss, entryTaskId, markResubmitted } from '../lambdas/ledger/entry-tasks.ts';
import { isOpen, listQuarantine, markOpen, NO_TENANT, type Quarantined, readQuarantined } from '../lambdas/ledger/quarantine.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';
import { tenantIn } from './find.ts';
import { count, facts, indent, instant, relative, shortened, table } from './print.ts';
import { option as parse } from './replay-function.ts';
import { decideDepsOf } from './tasks-answer.ts';
import { answerText } from './tasks-text.ts';

interface Address {
  readonly tenant?: string;
}

/** `-` stands for events whose tenant cannot be told. */
const tenantsOf = (context: Context, tenant: string | undefined): string[] => {
  if (tenant === undefined) return [...Object.keys(context.config.policy.tenants), NO_TENANT];
  return [tenant === NO_TENANT ? tenant : tenantIn(context, tenant)];
};

const viewOf = (entry: Quarantined) => {
  const { id, tenant, code, detail, source, type, at, original, resubmittedAt, resubmittedBy, dismissed, orderKey } = entry;
  const { class: group, owner, title, cure } = ERRORS[code];
  const task = orderKey === undefined ? undefined : entryTaskId(entry);
  return { id, tenant, code, class: group, owner, title, detail, cure, source, type, at, original, resubmittedAt, resubmittedBy, dismissed, task };
};

/** How it was closed; undefined: it is open. @param when an instant, for people */
function endText({ dismissed, resubmittedAt, resubmittedBy }: Quarantined, when: (at: string) => string): string | undefined {
  if (dismissed) return `dismissed ${when(dismissed.at)} by ${dismissed.by}: ${dismissed.reason}`;
  return resubmittedAt && `resubmitted ${when(resubmittedAt)} by ${resubmittedBy}`;
}
const atInstant = (at: string): string => `on ${instant(at)} UTC`;

async function list(context: Context, { tenant, all }: Address & { all?: boolean }): Promise<Output> {
  const lists = await Promise.all(tenantsOf(context, tenant).map((one) => listQuarantine(context.ledger, one)));
  const entries = lists.flat().sort((a, b) => (a.at < b.at ? -1 : 1));
  const shown = entries.filter((entry) => all || isOpen(entry));
  const events = shown.map(viewOf);
  if (events.length === 0) return { view: { events }, text: 'No event is in quarantine.' };
  const now = new Date();
  const rows = shown
    .map((entry) => [entry, viewOf(entry)] as const)
    .map(([entry, event]) => [
      event.id,
      event.tenant,
      event.code,
      event.owner,
      event.type,
      relative(event.at, now),
      ...(all ? [shortened(endText(entry, (at) => relative(at, now)) ?? '')] : []),
      shortened(event.detail),
    ]);
  const titles = ['ID', 'TENANT', 'CODE', 'OWNER', 'TYPE', 'REJECTED', ...(all ? ['CLOSED'] : []), 'DETAIL'];
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
    ['closed', endText(entry, atInstant)],
    ['task', event.task && commandLine(`tasks show ${event.task}`, context.config.stage)],
    ['what to do', isOpen(entry) ? event.cure : undefined],
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

export async function resubmit(context: Context, { tenant, file }: Address & { file?: string }, id: string): Promise<Output> {
  const entry = await find(context, id, tenant);
  const event = file === undefined ? await originalEvent(context, entry) : corrected(file);
  const by = await context.actor();
  // Marked first: rejected again, the entry is open again, which a mark that came later would hide.
  const marked = await markResubmitted(context.ledger, entry, by);
  if (marked && !marked.done) throw ended(context, marked.entry);
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

const ended = ({ config }: Context, entry: Quarantined): Refused =>
  new Refused(
    `Event ${entry.id} is closed: ${endText(entry, atInstant)}. Nothing changes.`,
    commandLine(`quarantine show ${entry.id}`, config.stage),
  );

/** Where a person is asked about the entry this is the answer, and only who is asked may give it. */
export async function dismissEntry(context: Context, { tenant, reason }: Address & { reason: string }, id: string): Promise<Output> {
  const entry = await find(context, id, tenant);
  const by = await context.actor();
  const { task } = viewOf(entry);
  const answer = task === undefined || !isOpen(entry) ? undefined : await decideTask(decideDepsOf(context), { task, option: 'dismiss', by, reason });
  if (answer && answer.answer !== 'decided')
    throw new Refused(`Event ${id}: ${answerText(answer)}.`, commandLine(`tasks show ${task}`, context.config.stage));
  const done = answer ? undefined : await dismiss(context.ledger, entry, by, reason);
  if (done && !done.done) throw ended(context, done.entry);
  return {
    view: { id, tenant: entry.tenant, code: entry.code, dismissedBy: by, reason },
    text: `Event ${id} is dismissed: nothing more comes of it. It stays in the list with --all.`,
  };
}

export function addQuarantine(program: Command): void {
  const quarantine = program.command('quarantine').description('events that were rejected, with the reason and the original');
  const at = (command: Command): Command => command.option('--tenant <tenant>', 'only this tenant; "-" for events whose tenant cannot be told');
  at(quarantine.command('list').description('what waits for a correction').option('--all', 'also what was resubmitted or dismissed')).action(
    act(list),
  );
  at(quarantine.command('show').description('one event: reason, cure, original').argument('<id>', 'id of the entry')).action(act(show));
  at(
    quarantine
      .command('resubmit')
      .description('put the original on the inbound bus again')
      .argument('<id>', 'id of the entry')
      .option('--file <file>', 'a corrected event instead: JSON with "source", "detail-type" and "detail"'),
  ).action(act(resubmit));
  at(
    quarantine
      .command('dismiss')
      .description('nothing more comes of the event: it is closed, and kept')
      .argument('<id>', 'id of the entry')
      .requiredOption('--reason <text>', 'why; kept in the ledger', parse.reason),
  ).action(act(dismissEntry));
}
