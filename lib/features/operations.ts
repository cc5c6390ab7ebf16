import { Duration, Stack } from 'aws-cdk-lib';
import { EventBus, Schedule } from 'aws-cdk-lib/aws-events';
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLettersOf, queuesOf } from '../../contracts/queues.ts';
import { env as replayEnv } from '../../lambdas/functions/operations/replay/env.ts';
import { env as sweepEnv } from '../../lambdas/functions/operations/sweep/env.ts';
import { alarmTopicName } from '../constructs/alarm.ts';
import { EventRoute } from '../constructs/event-route.ts';
import { TypedFunction } from '../constructs/function.ts';
import { allow, allowPut, allowSend, allowTable } from '../constructs/permissions.ts';
import { deadLetterQueue, WorkQueue } from '../constructs/queue.ts';
import { watchFlow, watchOrders, watchQuarantine, watchReplays } from '../constructs/watch-orders.ts';
import type { Stores } from '../data-stack.ts';
import { businessBusName, type Deployment, nameOf } from '../deployment.ts';

/** A rule can fire once a minute at most; where the stage sweeps more often, one call sweeps on until the next one is there. */
const sweepTimeout = 70;
/** A replay works page by page and hands the rest to its next call; one that died is taken up again after six times as long. */
const replayTimeout = 15;

/** A tick is worth little: the next one comes within the minute. */
const sweepHours = 0;

/** What watches over the rest: the sweeper finds orders that are due and were forgotten, alarms go to the topic. */
export class Operations extends Construct {
  readonly alarms: Topic;

  constructor(scope: Construct, deployment: Deployment, { ledger, runtime, runQueue }: Pick<Stores, 'ledger' | 'runtime'> & { runQueue: IQueue }) {
    super(scope, 'operations');
    const { config } = deployment;
    this.alarms = new Topic(this, 'alarms', { topicName: alarmTopicName(config), enforceSSL: true });
    // A policy of one's own replaces the default one, by which alarms may publish.
    this.alarms.grantPublish(new ServicePrincipal('cloudwatch.amazonaws.com'));
    if (config.alarmEmail !== undefined) this.alarms.addSubscription(new EmailSubscription(config.alarmEmail));

    const sweepQueue = new WorkQueue(this, deployment, { name: 'sweep', consumerTimeoutSeconds: sweepTimeout, hours: sweepHours });
    new EventRoute(this, deployment, {
      name: 'sweep',
      description: 'Wakes the sweeper',
      when: { schedule: Schedule.rate(Duration.minutes(1)) },
      to: sweepQueue,
      deadLetters: deadLetterQueue(this, deployment, 'sweep-rule-dlq', 'It takes what the schedule could not deliver.'),
    });
    const sweep = new TypedFunction(this, deployment, {
      feature: 'operations',
      name: 'sweep',
      env: sweepEnv,
      environment: {
        LEDGER_TABLE: ledger.tableName,
        RUNTIME_TABLE: runtime.tableName,
        RUN_QUEUE_URL: runQueue.queueUrl,
        BUSINESS_BUS: businessBusName(config),
      },
      timeoutSeconds: sweepTimeout,
    });
    allowTable(sweep, ledger, ['GetItem', 'BatchGetItem', 'ConditionCheckItem', 'Query', 'PutItem'], ['sweep', 'admission', 'tasks', 'cause']);
    allowTable(sweep, runtime, ['GetItem', 'PutItem', 'DeleteItem']);
    allow(sweep, ['events:PutEvents'], [EventBus.fromEventBusName(this, 'digest-bus', businessBusName(config)).eventBusArn]);
    allowSend(sweep, runQueue);
    sweepQueue.consumeWith(sweep, { runtime, batchSize: 1, maxConcurrency: 2 });
    watchOrders(this, deployment);
    watchQuarantine(this, deployment);
    watchFlow(this, deployment);
    this.replay(deployment, { ledger, runtime });
  }

  /** Sends dead letters to the queues that they were for. The other stacks' queues and their bus are known by name, which makes no circle. */
  private replay(deployment: Deployment, { ledger, runtime }: Pick<Stores, 'ledger' | 'runtime'>): void {
    const { config } = deployment;
    const queue = new WorkQueue(this, deployment, { name: 'replay', consumerTimeoutSeconds: replayTimeout });
    const replay = new TypedFunction(this, deployment, {
      feature: 'operations',
      name: 'replay',
      env: replayEnv,
      environment: {
        LEDGER_TABLE: ledger.tableName,
        RUNTIME_TABLE: runtime.tableName,
        BUSINESS_BUS: businessBusName(config),
        QUEUE_PREFIX: nameOf(config),
      },
      timeoutSeconds: replayTimeout,
    });
    const arns = (queues: readonly { name: string }[]) =>
      queues.map(({ name }) => Stack.of(this).formatArn({ service: 'sqs', resource: nameOf(config, name) }));
    const readable = deadLettersOf(config.policy).filter(({ takes }) => !('stream' in takes));
    allow(replay, ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:SendMessage'], arns(queuesOf(config.policy)));
    allow(
      replay,
      ['sqs:GetQueueUrl', 'sqs:GetQueueAttributes', 'sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility', 'sqs:DeleteMessage'],
      arns(readable),
    );
    allow(replay, ['events:PutEvents'], [EventBus.fromEventBusName(this, 'business-bus', businessBusName(config)).eventBusArn]);
    allowTable(replay, ledger, ['GetItem', 'BatchGetItem', 'Query'], ['day', 'sweep']);
    // It reads orders, and writes nothing but replays.
    allowPut(replay, ledger, ['RP', 'RP#*']);
    allowTable(replay, runtime, ['BatchGetItem']);
    queue.consumeWith(replay, { runtime, batchSize: 1, maxConcurrency: 2 });
    watchReplays(this, deployment);
  }
}
