import { deadLettersOf, queuesOf } from '../../contracts/queues.ts';
import { commandLine } from '../../lambdas/views/next-command.ts';
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
