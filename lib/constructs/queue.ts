import { Duration } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { triesWithin } from '../../contracts/back-off.ts';
import { type Deployment, nameOf, publish } from '../deployment.ts';
import { acknowledge, allowTable } from './permissions.ts';
import { watchDeadLetters, watchQueue } from './watch.ts';

/** A message keeps its age when it moves on, so the dead-letter queue has to keep longer than the source. */
const sourceRetention = Duration.days(4);
const deadLetterRetention = Duration.days(14);

/**
 * A queue that takes what could not be handled; it is read by people and by replay, never by a function.
 * @param purpose needed where no queue but a rule or a stream sends to it, which cdk-nag does not see.
 */
export function deadLetterQueue(scope: Construct, deployment: Deployment, name: string, purpose?: string): Queue {
  const queue = new Queue(scope, name, {
    queueName: nameOf(deployment.config, name),
    retentionPeriod: deadLetterRetention,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
  if (purpose !== undefined) acknowledge(queue, 'AwsSolutions-SQS3', `This queue is a dead-letter queue. ${purpose}`);
  watchDeadLetters(queue, deployment, name);
  return queue;
}

export interface WorkQueueProps {
  /** The queue is `quotebridge-<stage>-<name>`, its dead-letter queue has `-dlq` after it. */
  readonly name: string;
  /** Timeout of the function that consumes it. */
  readonly consumerTimeoutSeconds: number;
  /** Hours that a message is tried before it goes to the dead-letter queue; 1, unless said: as long as an outage of AWS's own services lasts. */
  readonly hours?: number;
}

/**
 * A function that answers hides a failed message for as long as it is old, 15 minutes at most: so many tries make `hours`. One that dies
 * at each try, or is throttled, hides it for the visibility timeout only: its tries have to make an hour as well.
 */
const receives = (hours: number, visibilitySeconds: number): number => Math.max(triesWithin(3600 * hours), Math.ceil(3600 / visibilitySeconds));

/** One asynchronous hop: a queue, its dead-letter queue, and how a function consumes it. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, deployment: Deployment, { name, consumerTimeoutSeconds, hours = 1 }: WorkQueueProps) {
    super(scope, `${name}-queue`);
    this.deadLetters = deadLetterQueue(this, deployment, `${name}-dlq`);
    // AWS advises six times the timeout: room for throttled batches to be tried again before others see their messages.
    const visibilitySeconds = 6 * consumerTimeoutSeconds;
    this.queue = new Queue(this, 'queue', {
      queueName: nameOf(deployment.config, name),
      retentionPeriod: sourceRetention,
      visibilityTimeout: Duration.seconds(visibilitySeconds),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: receives(hours, visibilitySeconds) },
    });
    watchQueue(this.queue, deployment, name);
    publish(this, name, 'QueueUrl', this.queue.queueUrl);
    publish(this, name, 'DeadLetterQueueUrl', this.deadLetters.queueUrl);
  }

  /**
   * The function answers with the messages that failed (`ReportBatchItemFailures`); the others are done.
   * @param runtime the table with the index of failures, which every consumer keeps
   */
  consumeWith(
    consumer: LambdaFunction,
    { runtime, batchSize, maxConcurrency }: { runtime: ITable; batchSize: number; maxConcurrency: number },
  ): void {
    allowTable(consumer, runtime, ['GetItem', 'UpdateItem', 'DeleteItem']);
    consumer.addEventSource(new SqsEventSource(this.queue, { batchSize, maxConcurrency, reportBatchItemFailures: true }));
  }
}
