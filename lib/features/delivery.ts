import { Duration } from 'aws-cdk-lib';
import { EventBus, Match } from 'aws-cdk-lib/aws-events';
import { FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Construct } from 'constructs';
import { writesBack } from '../../contracts/policy.ts';
import { CPQ, deliveryQueue } from '../../contracts/queues.ts';
import { env as deliverEnv } from '../../lambdas/functions/delivery/deliver/env.ts';
import { env as publishEnv } from '../../lambdas/functions/delivery/publish/env.ts';
import { env as writeBackEnv } from '../../lambdas/functions/delivery/write-back/env.ts';
import { EventRoute, type RoutedBus } from '../constructs/event-route.ts';
import { TypedFunction } from '../constructs/function.ts';
import { acknowledge, allow, allowSecrets, allowTable } from '../constructs/permissions.ts';
import { deadLetterQueue, WorkQueue } from '../constructs/queue.ts';
import { watchLag } from '../constructs/watch.ts';
import type { Stores } from '../data-stack.ts';
import { businessBusName, type Deployment } from '../deployment.ts';

const publishTimeout = 30;
/** A batch of webhooks side by side, each with a deadline of 8 seconds. */
const deliverTimeout = 20;
/** A subscriber that is down for twelve hours misses nothing. */
const deliverHours = 12;
/** A login, a record that is read and written with their deadlines, and once more where somebody changed it meanwhile. */
const writeBackTimeout = 60;
/** As long as a CPQ may be away when its records are fetched. */
const cpqHours = 4;

/** Forwards every new fact of the ledger to the business bus. It lives with the ledger, whose stream it reads. */
export class Publisher extends Construct {
  constructor(scope: Construct, deployment: Deployment, { ledger, runtime }: Pick<Stores, 'ledger' | 'runtime'>) {
    super(scope, 'delivery');
    const { config } = deployment;
    const businessBus = EventBus.fromEventBusName(this, 'business-bus', businessBusName(config));
    const retryQueue = new WorkQueue(this, deployment, { name: 'publish-retry', consumerTimeoutSeconds: publishTimeout });
    const publish = new TypedFunction(this, deployment, {
      feature: 'delivery',
      name: 'publish',
      env: publishEnv,
      environment: {
        LEDGER_TABLE: ledger.tableName,
        RUNTIME_TABLE: runtime.tableName,
        BUSINESS_BUS: businessBusName(config),
        PUBLISH_RETRY_QUEUE_URL: retryQueue.queue.queueUrl,
      },
      timeoutSeconds: publishTimeout,
    });
    allowTable(publish, ledger, ['GetItem']);
    allow(publish, ['events:PutEvents'], [businessBus.eventBusArn]);
    allow(publish, ['sqs:SendMessage'], [retryQueue.queue.queueArn]);
    publish.addEventSource(
      new DynamoEventSource(ledger, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        filters: [FilterCriteria.filter({ eventName: FilterRule.isEqual('INSERT'), dynamodb: { Keys: { sk: { S: FilterRule.beginsWith('F#') } } } })],
        // The function never answers with failures: only a crash is retried, and no longer than it takes to see it.
        retryAttempts: 10,
        maxRecordAge: Duration.hours(6),
        bisectBatchOnError: false,
        // Which part of the stream was given up; the facts themselves stay in the ledger and can be published again.
        onFailure: new SqsDlq(deadLetterQueue(this, deployment, 'publish-stream-dlq', 'It takes the place in the stream that was given up.')),
      }),
    );
    acknowledge(
      publish.role ?? publish,
      'AwsSolutions-IAM5[Resource::*]',
      'dynamodb:ListStreams takes no resource; Lambda asks for it to read a stream.',
    );
    watchLag(publish, deployment);
    retryQueue.consumeWith(publish, { runtime, batchSize: 10, maxConcurrency: 2 });
  }
}

export interface DeliveryProps extends Pick<Stores, 'ledger' | 'runtime'> {
  readonly businessBus: RoutedBus;
}

/** Events of orders to everybody who subscribed: one queue and dead-letter queue each, so that one who is down delays nobody else. */
export class Delivery extends Construct {
  constructor(scope: Construct, deployment: Deployment, { ledger, runtime, businessBus }: DeliveryProps) {
    super(scope, 'delivery');
    const { config } = deployment;
    const subscribers = Object.entries(config.policy.subscribers);
    const queues = subscribers.map(([name, { events }]) => {
      const queue = new WorkQueue(this, deployment, { name: deliveryQueue(name), consumerTimeoutSeconds: deliverTimeout, hours: deliverHours });
      new EventRoute(this, deployment, {
        name: deliveryQueue(name),
        description: `Events that ${name} subscribed`,
        when: { bus: businessBus, pattern: { detailType: Match.anyOf(...events.map((prefix) => Match.prefix(prefix))) } },
        to: queue,
        deadLetters: businessBus.deadLetters,
      });
      return queue;
    });
    const deliver = new TypedFunction(this, deployment, {
      feature: 'delivery',
      name: 'deliver',
      env: deliverEnv,
      environment: { LEDGER_TABLE: ledger.tableName, RUNTIME_TABLE: runtime.tableName },
      timeoutSeconds: deliverTimeout,
    });
    allowTable(deliver, ledger, ['UpdateItem']);
    allowSecrets(
      deliver,
      subscribers.map(([, { secretName }]) => secretName),
    );
    for (const queue of queues) queue.consumeWith(deliver, { runtime, batchSize: 10, maxConcurrency: config.concurrency.deliver });
    this.writeBack(deployment, { ledger, runtime, businessBus });
  }

  /** What became of a quote, into its record in the CPQ. */
  private writeBack(deployment: Deployment, { ledger, runtime, businessBus }: DeliveryProps): void {
    const { config } = deployment;
    const queue = new WorkQueue(this, deployment, { name: deliveryQueue(CPQ), consumerTimeoutSeconds: writeBackTimeout, hours: cpqHours });
    const connections = Object.values(config.policy.tenants).flatMap(({ cpqs }) => Object.entries(cpqs).filter(([, cpq]) => writesBack(cpq)));
    const names = [...new Set(connections.map(([name]) => name))].sort();
    new EventRoute(this, deployment, {
      name: deliveryQueue(CPQ),
      description: 'Events of orders whose quote has a record in a CPQ that shows them',
      // Every order event says of which CPQ its quote is: where none shows orders, none fits.
      when: {
        bus: businessBus,
        pattern: {
          detailType: Match.prefix('order.'),
          detail: { data: { quote: { cpq: names.length > 0 ? names : Match.doesNotExist() } } },
        },
      },
      to: queue,
      deadLetters: businessBus.deadLetters,
    });
    const writeBack = new TypedFunction(this, deployment, {
      feature: 'delivery',
      name: 'write-back',
      env: writeBackEnv,
      environment: { LEDGER_TABLE: ledger.tableName, RUNTIME_TABLE: runtime.tableName },
      timeoutSeconds: writeBackTimeout,
    });
    allowTable(writeBack, ledger, ['GetItem', 'UpdateItem']);
    allowSecrets(
      writeBack,
      connections.flatMap(([, { secretName }]) => secretName ?? []),
    );
    queue.consumeWith(writeBack, { runtime, batchSize: 10, maxConcurrency: config.concurrency.cpq });
  }
}
