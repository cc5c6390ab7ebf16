import { Duration } from 'aws-cdk-lib';
import { type EventPattern, type IEventBus, Rule, type Schedule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';
import { type Deployment, nameOf } from '../deployment.ts';
import { deadLetterQueue, type WorkQueue } from './queue.ts';

export interface EventRouteProps {
  /** The rule is `quotebridge-<stage>-<name>`, the dead-letter queue of its target has `-rule-dlq` after it. */
  readonly name: string;
  readonly to: WorkQueue;
  readonly description: string;
  readonly when: { readonly bus: IEventBus; readonly pattern: EventPattern } | { readonly schedule: Schedule };
}

/** A rule into a queue. What EventBridge cannot put there within a day goes to the target's own dead-letter queue. */
export class EventRoute extends Construct {
  constructor(scope: Construct, deployment: Deployment, { name, to, description, when }: EventRouteProps) {
    super(scope, `${name}-route`);
    const target = new SqsQueue(to.queue, {
      deadLetterQueue: deadLetterQueue(this, 'dlq', deployment, `${name}-rule-dlq`),
      maxEventAge: Duration.hours(24),
      retryAttempts: 185,
    });
    new Rule(this, 'rule', {
      ruleName: nameOf(deployment.config, name),
      description,
      ...('bus' in when ? { eventBus: when.bus, eventPattern: when.pattern } : { schedule: when.schedule }),
      targets: [target],
    });
  }
}
