import { Duration } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Deployment, nameOf, publish } from '../deployment.ts';
import { acknowledge } from './permissions.ts';

/** A message keeps its age when it moves on, so the dead-letter queue has to keep longer than the source. */
const sourceRetention = Duration.days(4);
const deadLetterRetention = Duration.days(14);

/**
 * A queue that takes what could not be handled; it is read by people and by replay, never by a function.
 * @param purpose needed where no queue but a rule or a stream sends to it, which cdk-nag does not see.
 */
export function deadLetterQueue(scope: Construct, { config }: Deployment, name: string, purpose?: string): Queue {
  const queue = new Queue(scope, name, {
    queueName: nameOf(config, name),
    retentionPeriod: deadLetterRetention,
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
  });
  if (purpose !== undefined) acknowledge(queue, 'AwsSolutions-SQS3', `This queue is a dead-letter queue. ${purpose}`);
  return queue;
}

export interface WorkQueueProps {
  /** The queue is `quotebridge-<stage>-<name>`, its dead-letter queue has `-dlq` after it. */
  readonly name: string;
  /** Timeout of the function that consumes it. */
  readonly consumerTimeoutSeconds: number;
  /** Receives after which a message goes to the dead-letter queue. */
  readonly maxReceiveCount?: number;
}

/** One asynchronous hop: a queue, its dead-letter queue, and how a function consumes it. */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, deployment: Deployment, { name, consumerTimeoutSeconds, maxReceiveCount = 5 }: WorkQueueProps) {
    super(scope, `${name}-queue`);
    this.deadLetters = deadLetterQueue(this, deployment, `${name}-dlq`);
    this.queue = new Queue(this, 'queue', {
      queueName: nameOf(deployment.config, name),
      retentionPeriod: sourceRetention,
      // AWS advises six times the timeout: room for throttled batches to be tried again before others see their messages.
      visibilityTimeout: Duration.seconds(6 * consumerTimeoutSeconds),
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount },
    });
    publish(this, name, 'QueueUrl', this.queue.queueUrl);
    publish(this, name, 'DeadLetterQueueUrl', this.deadLetters.queueUrl);
  }

  /** The function answers with the messages that failed (`ReportBatchItemFailures`); the others are done. */
  consumeWith(consumer: LambdaFunction, { batchSize, maxConcurrency }: { batchSize: number; maxConcurrency: number }): void {
    consumer.addEventSource(new SqsEventSource(this.queue, { batchSize, maxConcurrency, reportBatchItemFailures: true }));
  }
}
