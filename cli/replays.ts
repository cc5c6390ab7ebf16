import type { Command } from 'commander';
import type { Outcome, Replay } from '../lambdas/domain/replay.ts';
import { listReplays, readReplay } from '../lambdas/ledger/replays.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Refused } from './failure.ts';
import { count, facts, instant, relative, shortened, table } from './print.ts';
import { begin, follow, option, outcomesOf } from './replay-function.ts';
import { countsText, nextText, outcomesText, showText, verdictsText, WAIT, wentWell, whatText, worstFirst } from './replays-text.ts';

const SHOWN = 20;
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
    before: _before,
    probed: _probed,
    waitingSince: _waiting,
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
    countsText(one),
    shortened(one.reason, 60),
  ]);
  const text = table(['REPLAY', 'QUEUE', 'STATUS', 'BY', 'BEGUN', 'MESSAGES', 'REASON'], rows);
  return { view: { replays }, text: `${text}\n\n${commandLine('replays show ID', context.config.stage)}    shows what came of each message` };
}

/** A replay and what came of its messages; not ok where it did not do what was asked. */
async function replayOutput(context: Context, replay: Replay): Promise<Output> {
  const outcomes = worstFirst(await outcomesOf(context, replay.id));
  const events = outcomes.reduce((sum, one) => sum + (one.events ?? 0), 0);
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
    [replay.republish ? 'orders' : 'messages', `${countsText(replay)}${events > 0 ? `, ${count(events, 'event')}` : ''}`],
    [
      'not handled',
      replay.unhandled ? `up to ${replay.unhandled} of those sent: their consumer had not come to them yet, and they may still fail` : undefined,
    ],
    ['verdicts', replay.republish ? undefined : verdictsText(replay)],
  ]);
  const parts = [about, ...(outcomes.length > 0 ? [outcomesText(outcomes)] : []), nextText(replay, context.config.stage)];
  return { view: { replay: viewOf(replay), outcomes: outcomes.map(outcomeView) }, text: parts.join('\n\n'), ok: wentWell(replay) };
}

/** Begins a replay, and with `wait` follows it to its end. */
export async function beginOutput(context: Context, request: Parameters<typeof begin>[1], wait: boolean | undefined): Promise<Output> {
  const answer = await begin(context, request);
  const begun = `Replay ${answer.replay} of ${answer.queue} has begun${answer.dryRun ? ' (dry run)' : ''}.`;
  const text = `${begun}\n${showText(answer.replay, context.config.stage)}`;
  if (!wait) return { view: answer, text };
  // At once, and not where the answer goes: whoever stops waiting has to know what goes on.
  context.say(text);
  return replayOutput(context, await follow(context, answer.replay));
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
  replays.command('show').description('one replay, message by message').argument('<id>', 'id of the replay', option.replayId).action(act(show));
  replays
    .command('resume')
    .description('go on with a replay that stopped, failed or stands still, once its cause is gone')
    .argument('<id>', 'id of the replay', option.replayId)
    .requiredOption('--reason <text>', 'why it may go on', option.reason)
    .option('--wait', WAIT)
    .action(act(resume));
}
