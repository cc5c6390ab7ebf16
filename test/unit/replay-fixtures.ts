import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '../../contracts/envelope.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import { deadLettersOf, queuesOf } from '../../contracts/queues.ts';
import { createQueues } from '../../lambdas/aws/queues.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Outcome, Replay } from '../../lambdas/domain/replay.ts';
import { begin } from '../../lambdas/functions/operations/replay/begin.ts';
import type { ReplayDeps } from '../../lambdas/functions/operations/replay/deps.ts';
import { work } from '../../lambdas/functions/operations/replay/work.ts';
import { createFailures, failureId } from '../../lambdas/ledger/failures.ts';
import { headItem } from '../../lambdas/ledger/keys.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { readOutcomes } from '../../lambdas/ledger/replay-outcomes.ts';
import { readReplay } from '../../lambdas/ledger/replays.ts';
import { inSeconds, NOW } from './domain-fixtures.ts';
import { memoryQueues } from './queue-fixtures.ts';
import { memoryTable } from './table-fixtures.ts';

export const subscribers = { billing: { secretName: 's', events: ['order.'] }, analytics: { secretName: 's', events: ['order.completed'] } };
export const policy = {
  subscribers,
  tenants: {
    acme: {
      cpqs: { salesforce: { vendor: 'salesforce', region: 'EU', businessUnit: 'main' } },
      routes: [{ region: 'EU', businessUnit: '*', erp: 'erp' }],
    },
  },
} as unknown as Policy;

/** The id of the message by which a replay goes on. */
const MESSAGE = 'its own';

export const request = { by: 'cli:alice', reason: 'the subscriber is back', perSecond: 1000 };

/** The replay function on queues and tables in memory, under a clock that `pause` moves on. */
export function replayWorld(...heads: readonly Head[]) {
  const queues = memoryQueues(...[...queuesOf(policy), ...deadLettersOf(policy)].map(({ name }) => name));
  const table = memoryTable(...heads.map(headItem));
  const runtime = memoryTable();
  const clock = { seconds: 0 };
  const now = () => new Date(inSeconds(clock.seconds));
  queues.clock.now = () => now().getTime();
  const ledger = createLedger({ client: table.client, table: 'ledger', now });
  const published: CloudEvent<unknown>[] = [];
  const invocation = { left: 15_000 };
  /** Messages that a consumer's queue is said to hold: nobody consumes here. */
  const consumer = { backlog: () => 0 };
  const own = createQueues('quotebridge-test', queues.client);
  const depth: typeof own.depth = async (name) =>
    name.endsWith('-dlq') ? own.depth(name) : { url: name, visible: consumer.backlog(), inFlight: 0, delayed: 0 };
  const deps: ReplayDeps = {
    ledger,
    policy,
    prefix: 'quotebridge-test',
    failures: createFailures({ client: runtime.client, table: 'runtime', now }),
    queues: { ...own, depth },
    publish: async (events) => void published.push(...events),
    left: () => invocation.left,
    pause: async (milliseconds) => {
      clock.seconds += milliseconds / 1000;
    },
    place: { account: '123456789012', region: 'eu-central-1' },
  };

  const outcomes = async (id: string): Promise<Outcome[]> => (await readOutcomes(ledger, id, 10_000)).outcomes;
  const replay = async (id: string): Promise<Replay> => {
    const found = await readReplay(ledger, id);
    if (!found) throw new Error(`no replay ${id}`);
    return found;
  };

  return {
    ...{ deps, ledger, queues, table, runtime, clock, consumer, published, invocation, outcomes, replay },
    /** What the index of failures has of a message. */
    note: (queue: string, body: string, failure: { code: ErrorCode; tenant?: string; orderKey?: string; at?: string }) => {
      const at = failure.at ?? NOW;
      runtime.put({
        id: failureId(queue, body),
        queue,
        messageId: randomUUID(),
        detail: '',
        attempts: 5,
        tries: 5,
        firstAt: at,
        lastAt: at,
        ...failure,
      });
    },
    begin: (input: object): Promise<string> => begin(deps, { ...request, ...input }).then((answer) => answer.replay),
    resume: (id: string, input: object): Promise<string> =>
      begin(deps, { by: request.by, reason: 'its cause is gone', resume: id, ...input }).then((answer) => answer.replay),
    /** As the function is called for each message of its queue, until there is none. */
    async workOff(most = 20): Promise<void> {
      for (let n = 0; n < most; n++) {
        const messages = queues.take('replay');
        if (messages.length === 0) return;
        for (const body of messages) await work(deps, (JSON.parse(body) as { replay: string }).replay, MESSAGE);
        clock.seconds += 1;
      }
      throw new Error('the replay does not come to an end');
    },
    work: (id: string, messageId = MESSAGE) => work(deps, id, messageId),
  };
}
