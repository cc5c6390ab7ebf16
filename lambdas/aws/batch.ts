import type { SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { LONGEST_WAIT, waitAt } from '../../contracts/back-off.ts';
import { jsonOf, labelsOf } from '../domain/labels.ts';
import { Rejected } from '../domain/rejected.ts';
import { createFailures, type Failure, type Failures } from '../ledger/failures.ts';
import { documentClient } from '../ledger/table.ts';
import { failureOf, isPoison } from './failure-of.ts';
import { logger, shown } from './logger.ts';
import { type Hide, hider } from './queue.ts';

/** How often a message that is refused for good is tried, and the seconds between two of these tries. */
const POISON_TRIES = 3;
const POISON_WAIT = 5;
/**
 * Seconds between the receives that are left then: several such messages come together, in one batch, and leave the function to their
 * neighbours. Without a pause the p95 of these was three times as long (bench/poison.ts).
 */
const PASSING_WAIT = 1;
/**
 * Milliseconds for which a message is passed on untried. A redriven one has another id, or, where it keeps its id, was tried longer ago:
 * it is tried again. So is one that passes slowly.
 */
const PASSED_ON = 60_000;

export interface ConsumerDeps {
  readonly failures: Pick<Failures, 'read' | 'note' | 'forget'>;
  readonly hide: Hide;
  /** Milliseconds. */
  readonly now?: () => number;
}

/** `arn:aws:sqs:<region>:<account>:quotebridge-<stage>-<name>` -> `<name>`, as in contracts/queues.ts. */
export const queueNameOf = ({ eventSourceARN }: Pick<SQSRecord, 'eventSourceARN'>): string =>
  eventSourceARN.replace(/^.*:quotebridge-[a-z0-9]+-/, '');

/**
 * How every queue is consumed: a batch side by side, since no order is promised. A message that fails is noted in the index of
 * failures, hidden until its next try and reported alone; it holds back no other. Only SQS itself moves it to the dead-letter queue, by
 * the number of receives: the console's redrive knows the way back of no other. What is refused for good is tried three times and then
 * passed through the receives that are left.
 */
export function createConsumer({ failures, hide, now = Date.now }: ConsumerDeps) {
  /** The index and the time of the next try are a help: a message neither fails nor succeeds by them. */
  const helpful = async <T>(what: string, work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: Error) => {
      logger.error(`${what} failed`, { error });
      return undefined;
    });

  const isGivenUp = (before: Failure, { messageId }: SQSRecord): boolean =>
    isPoison(before) && before.messageId === messageId && before.tries >= POISON_TRIES && now() - Date.parse(before.lastAt) < PASSED_ON;

  async function failed(record: SQSRecord, error: unknown): Promise<void> {
    const { messageId, body } = record;
    const queue = queueNameOf(record);
    const { code, detail, retryAfter = 0 } = failureOf(error);
    const failure = { queue, messageId, code, detail, ...labelsOf(body) };
    const tries = (await helpful('the note of a failure', failures.note(body, failure))) ?? 1;
    const age = (now() - Number(record.attributes.SentTimestamp)) / 1000;
    const later = Math.max(waitAt(age), Math.min(retryAfter, LONGEST_WAIT));
    const wait = isPoison(failure) ? (tries < POISON_TRIES ? POISON_WAIT : PASSING_WAIT) : later;
    logger.error('message failed', { ...failure, tries, nextTrySeconds: wait, error: shown(error) });
    await helpful('hiding a message', hide(record, wait));
  }

  /** Whether the message is done. */
  async function one(record: SQSRecord, action: (text: string, record: SQSRecord) => Promise<void>): Promise<boolean> {
    const queue = queueNameOf(record);
    // Receive counts survive a redrive on some clouds: they only say when the index is worth a look.
    const again = Number(record.attributes.ApproximateReceiveCount) > 1;
    const before = again ? await helpful('reading the index of failures', failures.read(queue, record.body)) : undefined;
    if (before && isGivenUp(before, record)) {
      await helpful('hiding a message', hide(record, PASSING_WAIT));
      return false;
    }
    try {
      await action(record.body, record);
    } catch (error) {
      await failed(record, error);
      return false;
    }
    if (before) await helpful('clearing the index of failures', failures.forget(queue, record.body));
    return true;
  }

  async function eachText(event: SQSEvent, action: (text: string, record: SQSRecord) => Promise<void>): Promise<SQSBatchResponse> {
    const done = await Promise.all(event.Records.map((record) => one(record, action)));
    return { batchItemFailures: event.Records.filter((_, at) => !done[at]).map(({ messageId }) => ({ itemIdentifier: messageId })) };
  }

  return {
    eachText,
    /** The same for messages in JSON; one that is not is refused for good. */
    eachMessage: (event: SQSEvent, action: (body: unknown, record: SQSRecord) => Promise<void>): Promise<SQSBatchResponse> =>
      eachText(event, async (text, record) => {
        const body = jsonOf(text);
        if (body === undefined) throw new Rejected('MESSAGE_MALFORMED', 'not JSON');
        await action(body, record);
      }),
  };
}

/** The consumer of a function, with its index of failures in the runtime table. */
export const consumer = (runtimeTable: string) =>
  createConsumer({ failures: createFailures({ client: documentClient(), table: runtimeTable }), hide: hider() });
