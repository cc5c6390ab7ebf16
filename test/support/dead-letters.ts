import { GetQueueAttributesCommand, ListMessageMoveTasksCommand, type Message, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { createQueues } from '../../lambdas/aws/queues.ts';
import { createFailures, type Failure } from '../../lambdas/ledger/failures.ts';
import { LOCAL_STAGE } from '../../local/state.ts';
import { alone } from './alone.ts';
import { has } from './capabilities.ts';
import { output } from './environment.ts';
import { poll } from './poll.ts';
import type { Stage } from './stage.ts';

const SECONDS = 150;

/** One queue and its dead-letter queue, as an operator reaches them in the SQS console. */
export function queueOf({ sdk }: Stage, name: string) {
  const queues = createQueues(`quotebridge-${LOCAL_STAGE}`, sdk.sqs);
  const failures = createFailures({ client: sdk.documents, table: output('RuntimeTable') });
  const dead = `${name}-dlq`;

  const arnOf = async (queue: string): Promise<string> => {
    const { Attributes } = await sdk.sqs.send(new GetQueueAttributesCommand({ QueueUrl: await queues.urlOf(queue), AttributeNames: ['QueueArn'] }));
    return Attributes?.QueueArn ?? '';
  };
  const sendTo = async (queue: string, ...bodies: readonly string[]): Promise<void> => {
    await queues.sendAll(
      queue,
      bodies.map((body) => ({ body })),
    );
  };

  /** Takes the dead letters with one of these texts away, after each was handed over; all others are shown again. */
  async function take(bodies: readonly string[], handOver: (...found: readonly string[]) => Promise<void>): Promise<number> {
    const page = await queues.receive(dead, 20);
    const [mine, others] = [true, false].map((wanted) => page.filter(({ Body = '' }) => bodies.includes(Body) === wanted));
    const handles = (messages: Message[] = []) => messages.map(({ ReceiptHandle = '' }) => ReceiptHandle);
    await queues.hide(dead, handles(others), 0);
    await handOver(...(mine ?? []).map(({ Body = '' }) => Body));
    await queues.remove(dead, handles(mine));
    return mine?.length ?? 0;
  }

  /**
   * `StartMessageMoveTask` moves all that is there and visible, and a queue has one task at a time. Another test may look at the messages
   * just now.
   */
  async function move(bodies: readonly string[], to: string | undefined): Promise<void> {
    const moved = async (): Promise<boolean> => {
      await moveOnce(to);
      // What another test looks at just now is neither moved nor seen.
      const hidden = async () => (await queues.depth(dead)).inFlight > 0;
      if (await hidden()) return false;
      const left = (await queues.peek(dead, 100)).filter(({ Body = '' }) => bodies.includes(Body));
      return left.length === 0 && !(await hidden());
    };
    await alone(dead, () => poll(`${dead} was redriven`, moved, { seconds: SECONDS }));
  }

  async function moveOnce(to: string | undefined): Promise<void> {
    const SourceArn = await arnOf(dead);
    const DestinationArn = to && (await arnOf(to));
    await poll(`a move task of ${dead} has begun`, () => sdk.sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn })), {
      seconds: SECONDS,
    });
    await poll(
      `the move tasks of ${dead} are done`,
      async () => {
        const { Results = [] } = await sdk.sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }));
        const [newest] = Results.toSorted((a, b) => (b.StartedTimestamp ?? 0) - (a.StartedTimestamp ?? 0));
        expect(newest?.Status).not.toBe('FAILED');
        return Results.every(({ Status }) => Status !== 'RUNNING');
      },
      { seconds: SECONDS },
    );
  }

  return {
    name,
    send: (body: string): Promise<void> => sendTo(name, body),
    /** A message that failed long ago: in the dead-letter queue, without a source that the cloud knows. */
    bury: (body: string, copies = 1): Promise<void> => sendTo(dead, ...Array<string>(copies).fill(body)),
    /** Waits until SQS has moved the message to the dead-letter queue. */
    untilDead: (fits: (body: string) => boolean): Promise<Message> =>
      poll(`${dead} has the message`, async () => (await queues.peek(dead, 100)).find(({ Body = '' }) => fits(Body)), {
        seconds: SECONDS,
        every: 500,
      }),
    failure: (body: string): Promise<Failure | undefined> => failures.read(name, body),
    /**
     * The console's redrive, to the source or to a queue of one's choice. Where the cloud has none: receive, send, delete.
     * @param copies how many there are of each of these messages
     */
    redrive: async (bodies: readonly string[], { to, copies = 1 }: { to?: string; copies?: number } = {}): Promise<void> => {
      if (has('redrive of a queue')) {
        // The cloud's message keeps its id: it is passed on untried for a minute after its last try.
        await poll('the last try was long ago', async () => {
          const lastTries = await Promise.all(bodies.map(async (body) => Date.parse((await failures.read(name, body))?.lastAt ?? '') || 0));
          return Date.now() - Math.max(...lastTries) > 60_000;
        });
        return move(bodies, to);
      }
      let left = bodies.length * copies;
      await poll(
        `${left} messages were redriven from ${dead}`,
        async () => {
          left -= await take(bodies, (...found) => sendTo(to ?? name, ...found));
          return left <= 0;
        },
        { seconds: SECONDS },
      );
    },
    /** Waits until nothing is in the queue: what was redriven has been consumed. */
    untilEmpty: (): Promise<true> =>
      poll(
        `${name} is empty`,
        async () => {
          const { visible, inFlight, delayed } = await queues.depth(name);
          return visible + inFlight + delayed === 0 || undefined;
        },
        { seconds: SECONDS },
      ),
    /** A test leaves nothing behind that somebody would have to look at. */
    clear: async (body: string): Promise<void> => {
      // Another test may look at it just now, which hides it.
      await poll(`the message was taken out of ${dead}`, async () => (await take([body], async () => {})) > 0, { seconds: SECONDS, every: 500 });
      await failures.forget(name, body);
    },
  };
}
