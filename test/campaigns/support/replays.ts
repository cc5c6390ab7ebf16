import { setTimeout as pause } from 'node:timers/promises';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import type { ReplayAnswer } from '../../../contracts/replay.ts';
import type { Queues } from '../../../lambdas/aws/queues.ts';
import { hasEnded, type Outcome, type Replay } from '../../../lambdas/domain/replay.ts';
import { readOutcomes } from '../../../lambdas/ledger/replay-outcomes.ts';
import { readReplay } from '../../../lambdas/ledger/replays.ts';
import { output } from '../../support/environment.ts';
import { killCaller } from '../../support/function-process.ts';
import type { LedgerFaults } from '../../support/intercept.ts';
import { poll } from '../../support/poll.ts';
import type { Stage } from '../../support/stage.ts';

/** As `quotebridge dlq replay`, or `aws lambda invoke`, begins a replay. */
async function invoke({ sdk }: Stage, request: object): Promise<ReplayAnswer> {
  const Payload = JSON.stringify({ by: 'a campaign', reason: 'everything again', ...request });
  const answer = await sdk.lambda.send(new InvokeCommand({ FunctionName: output('OperationsReplayFunction'), Payload }));
  const text = answer.Payload?.transformToString() ?? '';
  if (answer.FunctionError) throw new Error(`the replay function: ${text}`);
  return JSON.parse(text) as ReplayAnswer;
}

export const beginReplay = async (stage: Stage, queue: string, perSecond: number): Promise<string> =>
  (await invoke(stage, { queue, perSecond })).replay;

/** Waits until each replay is done; one that gave up after its function died again and again goes on where it was. @returns how often that was */
export async function untilDone(stage: Stage, ids: readonly string[], seconds: number): Promise<{ replays: Replay[]; resumed: number }> {
  let resumed = 0;
  const look = async () => {
    const replays = await Promise.all(ids.map((id) => readReplay(stage.ledger, id)));
    for (const one of replays.filter((found) => found && hasEnded(found) && found.status !== 'done')) {
      if (one?.status === 'stopped') throw new Error(`replay ${one.id} of ${one.queue} stopped: ${one.why}`);
      resumed += 1;
      await invoke(stage, { resume: one?.id }).catch(() => undefined); // killed at once: the next look resumes it again
    }
    const done = replays.filter((found): found is Replay => found?.status === 'done');
    return done.length === ids.length && { replays: done, resumed };
  };
  return poll(`${ids.length} replays are done`, look, { seconds, every: 1000 });
}

/** All that came of the messages of a replay. */
export async function outcomesOf({ ledger }: Stage, id: string): Promise<Outcome[]> {
  const found: Outcome[] = [];
  let after: string | undefined;
  do {
    const page = await readOutcomes(ledger, id, 500, after);
    found.push(...page.outcomes);
    after = page.next;
  } while (after !== undefined);
  return found;
}

/** As the redrive of the SQS console moves messages back to their source, here where a cloud lacks it: received, sent, deleted. @returns their ids */
export async function redrive(queues: Queues, queue: string, count: number): Promise<string[]> {
  const moved: string[] = [];
  while (moved.length < count) {
    const messages = await queues.receive(queue, 60, count - moved.length);
    if (messages.length === 0) break; // the replay was faster
    await queues.sendAll(
      queue.replace(/-dlq$/, ''),
      messages.map(({ Body = '' }) => ({ body: Body })),
    );
    await queues.remove(
      queue,
      messages.map(({ ReceiptHandle = '' }) => ReceiptHandle),
    );
    moved.push(...messages.map(({ MessageId = '' }) => MessageId));
  }
  return moved;
}

interface Hunt {
  readonly most: number;
  /** Of the calls that come by. */
  readonly share: number;
  /** Milliseconds between two kills, at most. */
  readonly apartMs: number;
  readonly next: () => number;
}

/** Kills whichever process makes a call that the generator draws, before the call is done or after, until `stop()`. @returns how many */
export function hunt({ faults, url }: LedgerFaults, { most, share, apartMs, next }: Hunt): () => Promise<number> {
  const stopped = new AbortController();
  let killed = 0;
  const hunting = (async () => {
    while (killed < most && !stopped.signal.aborted) {
      const action = next() < 0.5 ? ('hold-request' as const) : ('hold-answer' as const);
      const id = await faults.plan({ match: {}, action, ms: 3000, share: { of: share, seed: Math.floor(next() * 1e9) } });
      const hit = await faults.hit(id, 2000).catch(() => undefined);
      if (hit) {
        killCaller(hit.clientPort, url);
        killed += 1;
      }
      await faults.remove(id);
      await pause(next() * apartMs);
    }
  })();
  return async () => {
    stopped.abort();
    await hunting;
    return killed;
  };
}
