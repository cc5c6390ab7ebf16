import { BatchGetCommand } from '@aws-sdk/lib-dynamodb';
import type { Policy } from '../../contracts/policy.ts';
import { type DeadLetterDefinition, type QueueDefinition, queuesOf } from '../../contracts/queues.ts';
import type { Head } from '../domain/head.ts';
import { type Labels, labelsOf } from '../domain/labels.ts';
import type { Replay, Verdict } from '../domain/replay.ts';
import { type Found, known, type Reading, readMessage, refused } from '../domain/replay-verdict.ts';
import { type Failure, type Failures, failureId } from './failures.ts';
import { deliveryKey, factKey, headKey, headOf, replayKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** A message of a dead-letter queue, as SQS has it. `attributes`: names and texts of its message attributes. */
export interface RawMessage {
  readonly id: string;
  readonly body: string;
  /** First sent; ISO 8601. */
  readonly sentAt: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** What is known of a dead letter. */
export interface DeadLetter extends RawMessage, Labels {
  /** The queue that it would be sent to, without the prefix of the stage. */
  readonly target?: string | undefined;
  readonly failureId?: string | undefined;
  readonly failure?: Failure | undefined;
  readonly verdict: Verdict;
}

export interface DeadLettersDeps {
  readonly ledger: Ledger;
  readonly failures: Pick<Failures, 'readAll'>;
  readonly policy: Pick<Policy, 'subscribers' | 'tenants'>;
  /** `quotebridge-<stage>` */
  readonly prefix: string;
}

/** Facts that were not streamed are in the ledger, and in no message. */
const STREAM = refused(
  'it only says which part of the stream was given up: quotebridge events republish --since TIME publishes the facts, --order KEY those of an old order that is at rest',
);

/**
 * The queue that a message goes back to. EventBridge notes the target at a message that a rule could not deliver:
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/rule-dlq.html
 */
function targetOf({ takes }: DeadLetterDefinition, { attributes }: RawMessage, { policy, prefix }: DeadLettersDeps): QueueDefinition | Verdict {
  if ('queue' in takes) return takes.queue;
  if ('stream' in takes) return STREAM;
  const name = attributes.TARGET_ARN?.split(':').at(-1);
  const target = queuesOf(policy).find((queue) => `${prefix}-${queue.name}` === name);
  return (
    target ?? refused(name === undefined ? 'it does not say which target it was for (TARGET_ARN)' : `its target ${name} is no queue of this stage`)
  );
}

type Key = Readonly<Record<'pk' | 'sk', string>>;
const nameOf = ({ pk, sk }: Key): string => `${pk} ${sk}`;

function keysOf({ needs }: Reading): Key[] {
  const { head, fact, delivery, replay } = needs;
  return [
    ...(head === undefined ? [] : [headKey(head)]),
    ...(fact === undefined ? [] : [factKey(fact.orderKey, fact.seq)]),
    ...(delivery === undefined ? [] : [deliveryKey(delivery.orderKey, delivery.subscriber)]),
    ...(replay === undefined ? [] : [replayKey(replay)]),
  ];
}

/** Items by their keys, read consistently. */
async function itemsOf({ client, table }: Ledger, wanted: readonly Key[]): Promise<Map<string, Record<string, unknown>>> {
  const unique = [...new Map(wanted.map((key) => [nameOf(key), key])).values()];
  const found = new Map<string, Record<string, unknown>>();
  for (let from = 0; from < unique.length; from += 100) {
    let keys: Record<string, unknown>[] = unique.slice(from, from + 100);
    while (keys.length > 0) {
      const page = await client.send(new BatchGetCommand({ RequestItems: { [table]: { Keys: keys, ConsistentRead: true } } }));
      for (const item of page.Responses?.[table] ?? []) found.set(nameOf(item as Key), item);
      keys = (page.UnprocessedKeys?.[table]?.Keys ?? []) as Record<string, unknown>[];
    }
  }
  return found;
}

function foundOf({ needs }: Reading, items: ReadonlyMap<string, Record<string, unknown>>): Found {
  const at = (key: Key | undefined) => (key === undefined ? undefined : items.get(nameOf(key)));
  const head = at(needs.head === undefined ? undefined : headKey(needs.head));
  const delivery = at(needs.delivery && deliveryKey(needs.delivery.orderKey, needs.delivery.subscriber));
  return {
    head: head && (headOf(head) as Head),
    fact: at(needs.fact && factKey(needs.fact.orderKey, needs.fact.seq)) !== undefined,
    acknowledged: delivery?.sequence as number | undefined,
    replay: at(needs.replay === undefined ? undefined : replayKey(needs.replay)) as Replay | undefined,
  };
}

/** What is known of messages of one dead-letter queue, and what sending each again would do. At most 100 at once. */
export async function deadLetters(deps: DeadLettersDeps, queue: DeadLetterDefinition, messages: readonly RawMessage[]): Promise<DeadLetter[]> {
  const { ledger, failures, policy } = deps;
  const read = messages.map((message) => {
    const target = targetOf(queue, message, deps);
    if ('verdict' in target) return { message, reading: known(target) };
    const reading = readMessage(target, message.body, policy);
    return { message, reading, target: target.name, failureId: failureId(target.name, message.body) };
  });
  const [items, noted] = await Promise.all([
    itemsOf(
      ledger,
      read.flatMap(({ reading }) => keysOf(reading)),
    ),
    failures.readAll(read.flatMap((one) => one.failureId ?? [])),
  ]);
  return read.map(({ message, reading, target, failureId }) => {
    const found = foundOf(reading, items);
    const { tenant = found.head?.tenant, correlationId = found.head?.correlationId, ...labels } = labelsOf(message.body);
    const failure = failureId === undefined ? undefined : noted.get(failureId);
    const verdict = reading.judge(found, ledger.stamp());
    return { ...message, ...labels, tenant, correlationId, target, failureId, failure, verdict };
  });
}
