import type { Policy } from './policy.ts';

/** What a message of a queue is, which says how it can be read and what sending it again would do. */
export type Carries =
  /** an event of EventBridge, of any producer: `inboundEvent` */
  | 'inbound event'
  /** one record of a CPQ to fetch: `cpqMessage` */
  | 'cpq record'
  /** `{orderKey}`, or a quote event as a rule of the business bus puts it there */
  | 'run'
  /** `{cause}` */
  | 'cause'
  /** an order event as a rule of the business bus puts it there, for one subscriber or the CPQ */
  | 'order event'
  /** `{orderKey, seq}`: a fact that could not be published */
  | 'fact'
  /** nothing: it only wakes */
  | 'tick'
  /** `{replay}`: a replay to go on with */
  | 'replay';

/** A queue with a consumer. Its full name is `quotebridge-<stage>-<name>`, its dead-letter queue has `-dlq` after it. */
export interface QueueDefinition {
  readonly name: string;
  readonly carries: Carries;
  /** Only of `deliver-<subscriber>`. */
  readonly subscriber?: string;
}

/** A queue that takes what could not be handled: of a queue, of the rules of a bus or schedule, or of the ledger's stream. */
export interface DeadLetterDefinition {
  readonly name: string;
  readonly takes: { readonly queue: QueueDefinition } | { readonly rules: string } | { readonly stream: string };
}

/** The write-back into the CPQ is a delivery like those of the subscribers, by a function of its own. */
export const CPQ = 'cpq';

const DELIVER = 'deliver-';
/** The queue of one subscriber, or of the CPQ, and back. */
export const deliveryQueue = (subscriber: string): string => `${DELIVER}${subscriber}`;
export const subscriberOf = (queue: string): string => queue.slice(DELIVER.length);

/** Every queue of a deployment: the names that infrastructure, tools, alarms and runbooks use. A test holds the templates to it. */
export function queuesOf({ subscribers }: Pick<Policy, 'subscribers'>): QueueDefinition[] {
  return [
    { name: 'intake', carries: 'inbound event' },
    { name: 'cpq', carries: 'cpq record' },
    { name: 'run', carries: 'run' },
    { name: 'cause', carries: 'cause' },
    { name: 'publish-retry', carries: 'fact' },
    ...[...Object.keys(subscribers), CPQ].map(
      (subscriber): QueueDefinition => ({ name: deliveryQueue(subscriber), carries: 'order event', subscriber }),
    ),
    { name: 'sweep', carries: 'tick' },
    { name: 'replay', carries: 'replay' },
  ];
}

/** Every dead-letter queue of a deployment. */
export const deadLettersOf = (policy: Pick<Policy, 'subscribers'>): DeadLetterDefinition[] => [
  ...queuesOf(policy).map((queue) => ({ name: `${queue.name}-dlq`, takes: { queue } })),
  { name: 'inbound-rule-dlq', takes: { rules: 'inbound' } },
  { name: 'business-rule-dlq', takes: { rules: 'business' } },
  { name: 'sweep-rule-dlq', takes: { rules: 'sweep' } },
  { name: 'publish-stream-dlq', takes: { stream: 'ledger' } },
];
