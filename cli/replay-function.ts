import { setTimeout } from 'node:timers/promises';
import { InvokeCommand, LambdaClient, ResourceNotFoundException } from '@aws-sdk/client-lambda';
import { InvalidArgumentError } from 'commander';
import * as z from 'zod';
import { reason } from '../contracts/people.ts';
import { type ReplayAnswer, replayId, type replayRequest } from '../contracts/replay.ts';
import { hasEnded, type Outcome, type Replay } from '../lambdas/domain/replay.ts';
import { allOutcomes } from '../lambdas/ledger/replay-outcomes.ts';
import { readReplay } from '../lambdas/ledger/replays.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import type { Context } from './context.ts';
import { Refused } from './failure.ts';
import { progressText, showText } from './replays-text.ts';

/** Milliseconds between two looks at a replay that is waited for. */
const LOOK_MS = 500;

const failure = z.object({ errorType: z.string(), errorMessage: z.string() });

type Wanted = Omit<z.input<typeof replayRequest>, 'by' | 'reason'>;

/** What helps after the function has refused something. */
export function nextStep({ resume, republish }: Wanted, message: string): string {
  const active = /^replay (\S+) of/.exec(message)?.[1];
  if (active !== undefined) return `replays show ${active}    shows how far it is`;
  if (resume !== undefined) return 'replays list    shows the replays';
  if (republish?.orderKey !== undefined) return 'orders list    shows the orders';
  if (republish) return 'events republish --help    shows what it takes';
  return 'dlq list    shows the dead-letter queues';
}

/** Has the function begin a replay. @throws {Refused} with the reason of the function */
export async function begin(context: Context, request: Omit<z.input<typeof replayRequest>, 'by'>): Promise<ReplayAnswer> {
  const { stage } = context.config;
  const FunctionName = `quotebridge-${stage}-operations-replay`;
  const Payload = JSON.stringify({ ...request, by: await context.actor() });
  const answer = await new LambdaClient(context.client).send(new InvokeCommand({ FunctionName, Payload })).catch((error: unknown) => {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new Refused(`Stage ${stage} has no function ${FunctionName}: it is of another version.`, 'Deploy it again.', { cause: error });
  });
  const text = answer.Payload?.transformToString() ?? '';
  if (answer.FunctionError === undefined) return JSON.parse(text) as ReplayAnswer;
  const { errorType, errorMessage } = failure.parse(JSON.parse(text));
  if (errorType !== 'ReplayRefused') throw new Error(`${FunctionName} failed: ${errorType}: ${errorMessage}`);
  throw new Refused(`Refused: ${errorMessage}.`, commandLine(nextStep(request, errorMessage), stage));
}

/**
 * Waits until the replay has ended, and says how far it is.
 * @throws {Refused} when whoever waits interrupts: the replay goes on
 */
export async function follow({ ledger, config, say }: Pick<Context, 'ledger' | 'config' | 'say'>, id: string): Promise<Replay> {
  const interrupted = new AbortController();
  const interrupt = () => interrupted.abort();
  process.once('SIGINT', interrupt);
  let said = '';
  try {
    for (;;) {
      const replay = await readReplay(ledger, id);
      if (!replay) throw new Error(`the ledger has no replay ${id}`);
      if (hasEnded(replay)) return replay;
      const progress = progressText(replay);
      if (progress !== said) say(progress);
      said = progress;
      await setTimeout(LOOK_MS, undefined, { signal: interrupted.signal });
    }
  } catch (error) {
    if (!interrupted.signal.aborted) throw error;
    throw new Refused(`Replay ${id} goes on without you.`, showText(id, config.stage), { cause: error });
  } finally {
    process.removeListener('SIGINT', interrupt);
  }
}

/** All that came of its messages, but for those that the filter did not choose. */
export async function outcomesOf({ ledger }: Context, id: string): Promise<Outcome[]> {
  const found: Outcome[] = [];
  for await (const outcomes of allOutcomes(ledger, id)) found.push(...outcomes.filter(({ outcome }) => outcome !== 'not chosen'));
  return found;
}

/** Option parsers. */
export const option = {
  replayId(text: string): string {
    if (!replayId.safeParse(text).success)
      throw new InvalidArgumentError('Expected the id of a replay, such as 20261127T012233-4F7K; `replays list` shows them.');
    return text;
  },
  reason(text: string): string {
    const { data, error } = reason.safeParse(text);
    if (data === undefined) throw new InvalidArgumentError(`--reason: ${error?.issues[0]?.message}.`);
    return data;
  },
  /** Who acts or looks after something: it is kept, and shown to others. */
  person(text: string): string {
    const value = text.trim();
    if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]{1,200}$/u.test(value))
      throw new InvalidArgumentError('Expected a name of 1 to 200 printable characters.');
    return value;
  },
  /** ISO 8601; without a zone it is UTC. */
  time(text: string): string {
    const at = Date.parse(/T.*(Z|[+-]\d\d:?\d\d)$/.test(text) || !text.includes('T') ? text : `${text}Z`);
    if (Number.isNaN(at)) throw new InvalidArgumentError('Expected a time such as 2026-11-27 or 2026-11-27T08:30 (UTC).');
    return new Date(at).toISOString();
  },
  number:
    (most: number) =>
    (text: string): number => {
      const value = Number(text);
      if (!Number.isInteger(value) || value < 1 || value > most) throw new InvalidArgumentError(`Expected a number, 1 to ${most}.`);
      return value;
    },
};
