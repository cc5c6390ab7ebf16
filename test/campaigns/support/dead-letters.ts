import { SendMessageBatchCommand } from '@aws-sdk/client-sqs';
import type { InboundEvent } from '../../../contracts/intake.ts';
import { causeOf } from '../../../contracts/reference.ts';
import type { Queues } from '../../../lambdas/aws/queues.ts';
import type { NorthwindQuote } from '../../../local/northwind/quotes.ts';
import { shuffled } from '../../../local/northwind/random.ts';
import { LOCAL_STAGE } from '../../../local/state.ts';
import { subscribers } from '../../support/receivers.ts';
import type { Stage } from '../../support/stage.ts';
import type { SentOrder } from './verdict.ts';

export const PREFIX = `quotebridge-${LOCAL_STAGE}`;

export interface Known extends SentOrder {
  readonly quote: NorthwindQuote;
  /** What the producer sent. */
  readonly sent: InboundEvent;
  /** What the business bus carried for it: the accepted quote, and the events of its order until now. */
  readonly accepted: InboundEvent;
  readonly told: readonly InboundEvent[];
}

interface Letter {
  /** Without the prefix of the stage. */
  readonly queue: string;
  readonly body: unknown;
  /** Of a rule's dead-letter queue: the queue that it could not reach. */
  readonly target?: string;
}

/** Ten messages about one order, one for every hop that it took, as each would stand in the dead-letter queue of that hop. */
function lettersOf({ tenant, orderKey, quote, sent, accepted, told }: Known, at: number, next: () => number): Letter[] {
  const any = (): InboundEvent => told[Math.floor(next() * told.length)] ?? accepted;
  // By its own number: the bus may have carried an event twice, so how many there are says nothing.
  const sequence = (event: InboundEvent): number => (event.detail as { data: { sequence?: number } }).data.sequence ?? 1;
  const customer = quote.content.parties[0]?.customer ?? '';
  const byRule: Letter =
    at % 2 === 0 ? { queue: 'business-rule-dlq', body: accepted, target: 'run' } : { queue: 'inbound-rule-dlq', body: sent, target: 'intake' };
  return [
    { queue: 'intake-dlq', body: sent },
    { queue: 'run-dlq', body: accepted },
    { queue: 'run-dlq', body: { orderKey } },
    { queue: 'cause-dlq', body: { cause: causeOf(tenant.name, tenant.erp.instance, 'customer', customer) } },
    { queue: 'publish-retry-dlq', body: { orderKey, seq: sequence(any()) } },
    ...subscribers().map((name): Letter => ({ queue: `deliver-${name}-dlq`, body: any() })),
    byRule,
  ];
}

/** As EventBridge notes why it gave up: https://docs.aws.amazon.com/eventbridge/latest/userguide/rule-dlq.html */
function attributesOf({ queue, target }: Letter) {
  if (target === undefined) return undefined;
  const texts = {
    RULE_ARN: `arn:aws:events:us-east-1:000000000000:rule/${queue}`,
    TARGET_ARN: `arn:aws:sqs:us-east-1:000000000000:${PREFIX}-${target}`,
    ERROR_CODE: 'NO_RESOURCE',
    ERROR_MESSAGE: 'The queue does not exist',
  };
  return Object.fromEntries(Object.entries(texts).map(([name, StringValue]) => [name, { DataType: 'String', StringValue }]));
}

/** Puts the letters of all orders into their queues, in any order. @returns message ids by queue */
export async function bury(stage: Stage, queues: Queues, orders: readonly Known[], next: () => number): Promise<Map<string, Set<string>>> {
  const letters = shuffled(
    orders.flatMap((order, at) => lettersOf(order, at, next)),
    next,
  );
  const buried = new Map<string, Set<string>>();
  for (const [queue, all] of Map.groupBy(letters, (letter) => letter.queue)) {
    const ids = new Set<string>();
    const QueueUrl = await queues.urlOf(queue);
    for (let from = 0; from < all.length; from += 10) {
      const Entries = all.slice(from, from + 10).map((letter, at) => ({
        Id: String(at),
        MessageBody: JSON.stringify(letter.body),
        MessageAttributes: attributesOf(letter),
      }));
      const { Successful = [] } = await stage.sdk.sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
      for (const { MessageId = '' } of Successful) ids.add(MessageId);
    }
    buried.set(queue, ids);
  }
  return buried;
}
