import { MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { deadLetterAlarm, functionAlarms, queueAlarms, routeAlarm, SINGLE_ALARMS, WORKFLOW_ALARMS } from '../../contracts/alarms.ts';
import { type Carries, queuesOf } from '../../contracts/queues.ts';
import { type Deployment, nameOf } from '../deployment.ts';
import { PERIOD, raiseAlarm } from './alarm.ts';

/** What every queue, function, workflow and rule is watched for. Their constructs call this, so none can be made without. */

/** A quarter of an hour. Shorter ones come and go with a deployment, a restart of a vendor or a burst. */
const LASTING = 3;

/**
 * Messages that are a backlog and no burst. A queue that has to be quick bears few: a record of the CPQ is fetched within seconds; a
 * fact is in the retry queue only if publishing failed; the sweeper is woken once a minute; replays go on one at a time.
 */
const BACKLOG: Readonly<Record<Carries, number>> = {
  'inbound event': 500,
  'cpq record': 100,
  run: 500,
  cause: 100,
  fact: 10,
  'order event': 10,
  tick: 5,
  replay: 5,
};

/** Seconds. Every consumer takes a message within seconds; four days are left from here until it is lost. */
const WAITED = 900;

export function watchQueue(queue: Queue, deployment: Deployment, name: string): void {
  const definition = queuesOf(deployment.config.policy).find((one) => one.name === name);
  if (!definition) throw new Error(`contracts/queues.ts has no queue ${name}`);
  const { depth, age } = queueAlarms(definition);
  raiseAlarm(queue, deployment, {
    definition: depth,
    // In flight counts too: who backs off hides its messages, so the queue of a subscriber that is down shows none. The minimum: a queue
    // that ran empty in between has no backlog.
    metric: new MathExpression({
      expression: 'visible + inFlight',
      label: 'messages',
      period: PERIOD,
      usingMetrics: {
        visible: queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MINIMUM, period: PERIOD }),
        inFlight: queue.metricApproximateNumberOfMessagesNotVisible({ statistic: Stats.MINIMUM, period: PERIOD }),
      },
    }),
    threshold: BACKLOG[definition.carries],
    periods: LASTING,
  });
  raiseAlarm(queue, deployment, {
    definition: age,
    // SQS leaves out messages that were received three times (its guide): this one is about a consumer that takes none.
    metric: queue.metricApproximateAgeOfOldestMessage({ statistic: Stats.MAXIMUM, period: PERIOD }),
    threshold: WAITED,
    periods: 1,
  });
}

/** One message is enough: somebody waits for it, and it is kept for 14 days. */
export function watchDeadLetters(queue: Queue, deployment: Deployment, name: string): void {
  raiseAlarm(queue, deployment, {
    definition: deadLetterAlarm(deployment.config.policy, name),
    metric: queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: PERIOD }),
    threshold: 1,
    periods: 1,
  });
}

/** Percent of the calls of a step that end in an error, where there are enough to tell. */
const share = (fn: LambdaFunction) =>
  new MathExpression({
    expression: 'IF(calls >= 20, 100 * errors / calls, 0)',
    label: 'percent of the calls',
    period: PERIOD,
    usingMetrics: {
      errors: fn.metricErrors({ statistic: Stats.SUM, period: PERIOD }),
      calls: fn.metricInvocations({ statistic: Stats.SUM, period: PERIOD }),
    },
  });

/** @param id `<feature>-<function>` */
export function watchFunction(fn: LambdaFunction, deployment: Deployment, id: string): void {
  const { errors, throttles, ofSteps } = functionAlarms(id);
  raiseAlarm(fn, deployment, {
    definition: errors,
    // A consumer answers with the messages that failed, so an error is a crash or a timeout; its messages come back by themselves, and
    // one is no reason to wake anybody. A step ends in an error whenever its order has to stop: most of them at once is the reason.
    ...(ofSteps ? { metric: share(fn), threshold: 50 } : { metric: fn.metricErrors({ statistic: Stats.SUM, period: PERIOD }), threshold: 1 }),
    periods: LASTING,
  });
  raiseAlarm(fn, deployment, {
    definition: throttles,
    // `erp` and `tax` have a cap on purpose, and the state machine tries again: only what lasts is too little.
    metric: fn.metricThrottles({ statistic: Stats.SUM, period: PERIOD }),
    threshold: 1,
    periods: LASTING,
  });
}

/**
 * Milliseconds. A fact is published in a second, and a publisher that crashes gives its batch up after ten tries, within minutes
 * (lib/features/delivery.ts): the alarm has to come before that.
 */
const LAG = 60_000;

export function watchLag(publisher: LambdaFunction, deployment: Deployment): void {
  const metric = publisher.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: PERIOD });
  raiseAlarm(publisher, deployment, { definition: SINGLE_ALARMS.lag, metric, threshold: LAG, periods: 1 });
}

/** Each one is looked at: an error of a step ends in Settle, which ends well. */
export function watchWorkflow(machine: StateMachine, deployment: Deployment): void {
  const sum = { statistic: Stats.SUM, period: PERIOD };
  const { failed, timedOut, aborted } = WORKFLOW_ALARMS;
  raiseAlarm(machine, deployment, { definition: failed, metric: machine.metricFailed(sum), threshold: 1, periods: 1 });
  raiseAlarm(machine, deployment, { definition: timedOut, metric: machine.metricTimedOut(sum), threshold: 1, periods: 1 });
  raiseAlarm(machine, deployment, { definition: aborted, metric: machine.metricAborted(sum), threshold: 1, periods: 1 });
}

/**
 * EventBridge gave an event up, after a day or because it may not send, or could not even put it into the dead-letter queue, which is the one
 * way to lose one; only then do the metrics have a value. @param bus of a rule that is not on the default bus
 */
export function watchRule(scope: Construct, deployment: Deployment, name: string, bus: string | undefined): void {
  const dimensionsMap = { ...(bus !== undefined && { EventBusName: bus }), RuleName: nameOf(deployment.config, name) };
  const of = (metricName: string) => new Metric({ namespace: 'AWS/Events', metricName, dimensionsMap, statistic: Stats.SUM, period: PERIOD });
  const metric = new MathExpression({
    expression: 'FILL(failed, 0) + FILL(lost, 0)',
    label: 'events given up',
    period: PERIOD,
    usingMetrics: { failed: of('FailedInvocations'), lost: of('InvocationsFailedToBeSentToDlq') },
  });
  raiseAlarm(scope, deployment, { definition: routeAlarm(name), metric, threshold: 1, periods: 1 });
}
