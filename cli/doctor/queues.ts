import { deadLettersOf, queuesOf } from '../../contracts/queues.ts';
import type { Replay } from '../../lambdas/domain/replay.ts';
import { listReplays } from '../../lambdas/ledger/replays.ts';
import { commandLine } from '../../lambdas/views/next-command.ts';
import { standsStill } from '../../lambdas/views/replays.ts';
import type { Context } from '../context.ts';
import { count } from '../print.ts';
import { bad, type Check, look, ok } from './finding.ts';

/** More than this in one queue is a burst or a consumer that does not keep up; either way somebody should know. */
const MANY = 1000;

const named = (filled: readonly { name: string; messages: number }[]): string => filled.map(({ name, messages }) => `${name} ${messages}`).join(', ');

/** What stands in the queues. Counts only, which read access may have; they are approximate, as SQS's are. */
export const queues =
  ({ config, queues: sqs }: Context): Check =>
  async () => {
    const all = await Promise.all(
      queuesOf(config.policy).map(async ({ name }) => {
        const { visible, inFlight, delayed } = await sqs.depth(name);
        return { name, messages: visible + inFlight + delayed };
      }),
    );
    const filled = all.filter(({ messages }) => messages > 0);
    const crowded = filled.filter(({ messages }) => messages > MANY);
    if (crowded.length > 0)
      return look(
        'queues',
        `${named(crowded)}`,
        'Look again in a minute: a number that does not fall means a consumer that fails (its log says why).',
      );
    return ok('queues', filled.length === 0 ? `all ${all.length} empty` : `on their way: ${named(filled)}`);
  };

/** A message in a dead-letter queue is something that did not happen. */
export const deadLetters =
  ({ config, queues: sqs }: Context): Check =>
  async () => {
    const all = await Promise.all(
      deadLettersOf(config.policy).map(async ({ name }) => {
        const { visible, inFlight } = await sqs.depth(name);
        return { name, messages: visible + inFlight };
      }),
    );
    const filled = all.filter(({ messages }) => messages > 0);
    if (filled.length === 0) return ok('dead letters', `all ${all.length} queues empty`);
    const total = filled.reduce((sum, { messages }) => sum + messages, 0);
    return bad(
      'dead letters',
      `${count(total, 'message')}: ${named(filled)}`,
      `${commandLine('dlq list', config.stage)}    shows why, and how to send them again`,
    );
  };

/** A replay goes on within a minute or two, also when its function died. */
const STILL_MS = 5 * 60_000;
const RECENT_MS = 24 * 3600_000;
const LOOKED_AT = 50;

/** Replays that somebody has to look at: cut short, or without an invocation that works on them. The newest of each queue counts. */
export function cutShort(replays: readonly Replay[], now: number): Replay[] {
  const recent = replays.filter(({ createdAt }) => now - Date.parse(createdAt) < RECENT_MS);
  const newest = [...Map.groupBy(recent, ({ queue }) => queue).values()].flatMap(
    (of) => of.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))[0] ?? [],
  );
  return newest.filter((replay) => standsStill(replay, now, STILL_MS) || replay.status === 'stopped' || replay.status === 'failed');
}

/** Whether the replays of operators came to their end: what one had not sent stays undone. */
export const replays =
  ({ config, ledger }: Context): Check =>
  async () => {
    const cut = cutShort(await listReplays(ledger, LOOKED_AT), Date.parse(ledger.stamp()));
    if (!cut[0]) return ok('replays', 'none cut short in the last 24 h');
    const named = cut.map(({ id, queue, status }) => `${id} of ${queue} ${status}`).join(', ');
    return bad('replays', named, `${commandLine(`replays show ${cut[0].id}`, config.stage)}    shows why, and how to go on`);
  };
