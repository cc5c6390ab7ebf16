import { Duration } from 'aws-cdk-lib';
import { EventBus, type EventBusProps, type EventPattern, Rule, type Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type Deployment, nameOf } from '../deployment.ts';
import { deadLetterQueue, type WorkQueue } from './queue.ts';
import { watchRule } from './watch.ts';

/**
 * A bus and the dead-letter queue that the targets of its rules share: EventBridge notes the rule and the target at each message,
 * which is what a replay needs.
 */
export class RoutedBus extends EventBus {
  readonly deadLetters: Queue;

  constructor(scope: Construct, deployment: Deployment, name: string, props: EventBusProps = {}) {
    super(scope, `${name}-bus`, { eventBusName: nameOf(deployment.config, name), ...props });
    this.deadLetters = deadLetterQueue(scope, deployment, `${name}-rule-dlq`, 'It takes what rules could not deliver.');
  }
}

export interface EventRouteProps {
  /** The rule is `quotebridge-<stage>-<name>`. */
  readonly name: string;
  readonly description: string;
  readonly when: { readonly bus: EventBus; readonly pattern: EventPattern } | { readonly schedule: Schedule };
  readonly to: WorkQueue;
  readonly deadLetters: Queue;
}

/** A rule into a queue. What EventBridge cannot put there within a day goes to the target's dead-letter queue. */
export class EventRoute extends Construct {
  constructor(scope: Construct, deployment: Deployment, { name, description, when, to, deadLetters }: EventRouteProps) {
    super(scope, `${name}-route`);
    new Rule(this, 'rule', {
      ruleName: nameOf(deployment.config, name),
      description,
      ...('bus' in when ? { eventBus: when.bus, eventPattern: when.pattern } : { schedule: when.schedule }),
      targets: [new SqsQueue(to.queue, { deadLetterQueue: deadLetters, maxEventAge: Duration.hours(24), retryAttempts: 185 })],
    });
    watchRule(this, deployment, name, 'bus' in when ? when.bus.eventBusName : undefined);
  }
}
