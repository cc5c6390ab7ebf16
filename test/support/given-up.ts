import { randomUUID } from 'node:crypto';
import type { ErrorCode } from '../../contracts/errors.ts';
import { createQueues } from '../../lambdas/aws/queues.ts';
import { createFailures } from '../../lambdas/ledger/failures.ts';
import { LOCAL_STAGE } from '../../local/state.ts';
import { output } from './environment.ts';
import { poll } from './poll.ts';
import type { Stage } from './stage.ts';

/** The dead-letter queues of the environment, as tests fill and empty them. */
export function createDeadLetters(stage: Stage) {
  const queues = createQueues(`quotebridge-${LOCAL_STAGE}`, stage.sdk.sqs);
  const failures = createFailures({ client: stage.sdk.documents, table: output('RuntimeTable') });
  return {
    queues,
    /** Puts messages into a dead-letter queue; with `code` as a consumer has noted them. */
    put: async (queue: string, bodies: readonly string[], code?: ErrorCode, attributes?: Readonly<Record<string, string>>): Promise<void> => {
      const source = queue.replace(/-dlq$/, '');
      for (const body of bodies) if (code) await failures.note(body, { queue: source, messageId: randomUUID(), code, detail: 'of a test' });
      const named = Object.entries(attributes ?? {}).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]);
      const taken = await queues.sendAll(
        queue,
        bodies.map((body) => ({ body, attributes: Object.fromEntries(named) })),
      );
      if (taken.size < bodies.length) throw new Error(`${queue} has taken only ${taken.size} messages`);
    },
    /** Bodies that the queue shows, of those that a test has put there. */
    left: async (queue: string, bodies: readonly string[]): Promise<string[]> => {
      const seen = await queues.peek(queue, 100);
      return seen.map(({ Body = '' }) => Body).filter((body) => bodies.includes(body));
    },
    /** Takes out what a test has put there, each body as often as it stands there once. Another test may look at it just now, which hides it. */
    remove: async (queue: string, bodies: readonly string[]): Promise<void> => {
      const left = new Set(bodies);
      await poll(
        `what the test put into ${queue} was taken out`,
        async () => {
          const all = await queues.receive(queue, 5);
          const [own, others] = [true, false].map((mine) => all.filter(({ Body = '' }) => left.has(Body) === mine));
          const handles = (messages: typeof all = []) => messages.map(({ ReceiptHandle = '' }) => ReceiptHandle);
          await Promise.all([queues.remove(queue, handles(own)), queues.hide(queue, handles(others), 0)]);
          for (const { Body = '' } of own ?? []) left.delete(Body);
          return left.size === 0;
        },
        { seconds: 120, every: 500 },
      );
    },
  };
}
