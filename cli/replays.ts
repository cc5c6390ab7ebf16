import type { Command } from 'commander';
import { hasEnded, type Outcome, type Replay } from '../lambdas/domain/replay.ts';
import { listReplays, readReplay } from '../lambdas/ledger/replays.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Refused } from './failure.ts';
import { count, facts, instant, relative, shortened, table } from './print.ts';
import { begin, follow, option, outcomesOf } from './replay-function.ts';

const SHOWN = 20;
/** Messages that are listed one by one; `--json` has all. */
const LISTED = 50;

const words = (counts: Readonly<Partial<Record<string, number>>>): string =>
  Object.entries(counts)
    .map(([name, n]) => `${n} ${name}`)
    .join(', ') || 'none yet';

const whatText = ({ republish, filter, queue }: Replay): string => {
  const chosen = Object.entries({ ...filter, ...republish }).map(([name, value]) => `${name} ${value}`);
  return `${republish ? `facts to ${queue}` : queue}${chosen.length > 0 ? `: ${chosen.join(', ')}` : ''}`;
};

/** What the audit keeps of a replay, for people; how the function hands it on is its own. */
function viewOf(replay: Replay) {
  const {
    lease: _lease,
    leaseUntil: _until,
    message: _message,
    recent: _recent,
    tries: _tries,
    cursor: _cursor,
    phase: _phase,
    quietSince: _quiet,
    ...view
  } = replay;
  return view;
}
const outcomeView = ({ handle: _handle, failureId: _failure, ...view }: Outcome) => view;

async function list(context: Context, { limit = SHOWN }: { limit?: number }): Promise<Output> {
  const replays = (await listReplays(context.ledger, limit)).map(viewOf);
  if (replays.length === 0) return { view: { replays }, text: 'Nothing was replayed yet.' };
  const now = new Date();
  const rows = replays.map((one) => [
    one.id,
    one.queue,
    `${one.status}${one.dryRun ? ', dry run' : ''}`,
    one.by,
    relative(one.createdAt, now),
    words(one.counts),
    shortened(one.reason, 60),
  ]);
  const text = table(['REPLAY', 'QUEUE', 'STATUS', 'BY', 'BEGUN', 'MESSAGES', 'REASON'], rows);
  return { view: { replays }, text: `${text}\n\n${commandLine('replays show ID', context.config.stage)}    shows what came of each message` };
}

function outcomesText(outcomes: readonly Outcome[]): string {
  const rows = outcomes
    .slice(0, LISTED)
    .map((one) => [
      one.id,
      one.outcome,
      one.events === undefined ? one.verdict : count(one.events, 'event'),
      one.code ?? one.failure,
      one.tenant,
      one.orderKey,
      one.why,
    ]);
  const more = outcomes.length > LISTED ? `\n${outcomes.length - LISTED} more; --json has all` : '';
  return `${table(['MESSAGE', 'OUTCOME', 'VERDICT', 'CODE', 'TENANT', 'ORDER KEY', 'WHY'], rows)}${more}`;
}

/** Milliseconds after which a replay that nobody has claimed stands still: one whose function died is taken up again before. */
const STILL_MS = 120_000;

/** @param now milliseconds */
export function nextText({ id, status, queue, republish, leaseUntil }: Replay, stage: string, now = Date.now()): string {
  const resume = (why: string) => `${commandLine(`replays resume ${id} --reason TEXT`, stage)}    ${why}`;
  if (status === 'stopped' || status === 'failed') return resume('goes on with it, once its cause is gone');
  if (!hasEnded({ status }) && now - Date.parse(leaseUntil) > STILL_MS) return resume('goes on with it: nobody does at present');
  if (!hasEnded({ status })) return `${commandLine(`replays show ${id}`, stage)}    shows how far it is`;
  return commandLine(republish ? 'replays list' : `dlq peek ${queue}`, stage);
}

/** A replay and what came of its messages; not ok where it did not do what was asked. */
async function replayOutput(context: Context, replay: Replay): Promise<Output> {
  const outcomes = await outcomesOf(context, replay.id);
  const about = facts([
    ['replay', `${replay.id}${replay.dryRun ? ' (dry run: nothing was sent)' : ''}`],
    ['of', whatText(replay)],
    ['by', replay.by],
    ['reason', replay.reason],
    ['resumed', replay.resumed?.map(({ by, reason, at }) => `${instant(at)} UTC by ${by}: ${reason}`).join('; ')],
    ['pace', `at most ${replay.perSecond} a second`],
    ['begun', `${instant(replay.createdAt)} UTC`],
    ['ended', replay.endedAt && `${instant(replay.endedAt)} UTC`],
    ['status', `${replay.status}${replay.why === undefined ? '' : `: ${replay.why}`}`],
    ['messages', words(replay.counts)],
    ['verdicts', replay.republish ? undefined : words(replay.verdicts)],
  ]);
  const parts = [about, ...(outcomes.length > 0 ? [outcomesText(outcomes)] : []), nextText(replay, context.config.stage)];
  const ok = replay.status !== 'stopped' && replay.status !== 'failed' && !replay.counts['failed again'];
  return { view: { replay: viewOf(replay), outcomes: outcomes.map(outcomeView) }, text: parts.join('\n\n'), ok };
}

/** Begins a replay, and with `wait` follows it to its end. */
export async function beginOutput(context: Context, request: Parameters<typeof begin>[1], wait: boolean | undefined): Promise<Output> {
  const answer = await begin(context, request);
  if (wait) return replayOutput(context, await follow(context, answer.replay));
  const text = `Replay ${answer.replay} of ${answer.queue} has begun${answer.dryRun ? ' (dry run)' : ''}.`;
  return { view: answer, text: `${text}\n${commandLine(`replays show ${answer.replay}`, context.config.stage)}    shows how far it is` };
}

async function show(context: Context, _options: object, id: string): Promise<Output> {
  const replay = await readReplay(context.ledger, id);
  if (!replay) throw new Refused(`There is no replay ${id}.`, commandLine('replays list', context.config.stage));
  // To look at one that stopped is no failure of the look.
  return { ...(await replayOutput(context, replay)), ok: true };
}

const resume = (context: Context, { reason, wait }: { reason: string; wait?: boolean }, id: string): Promise<Output> =>
  beginOutput(context, { resume: id, reason }, wait);

export function addReplays(program: Command): void {
  const replays = program.command('replays').description('what was replayed: by whom, why, and what came of each message');
  replays.command('list').description('the last replays').option('--limit <n>', `how many (default: ${SHOWN})`, option.number(500)).action(act(list));
  replays.command('show').description('one replay, message by message').argument('<id>', 'id of the replay').action(act(show));
  replays
    .command('resume')
    .description('go on with a replay that stopped, failed or stands still, once its cause is gone')
    .argument('<id>', 'id of the replay')
    .requiredOption('--reason <text>', 'why it may go on', option.reason)
    .option('--wait', 'follow it to its end; exit code 1 when it stopped, failed, or messages failed again')
    .action(act(resume));
}
