import { Duration } from 'aws-cdk-lib';
import { AlarmRule, MathExpression, Metric, Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { functionAlarms, lineAlarm, queueAlarms, SINGLE_ALARMS, WORKFLOW_ALARMS } from '../../contracts/alarms.ts';
import { METRIC } from '../../contracts/metrics.ts';
import { queuesOf } from '../../contracts/queues.ts';
import { type Deployment, metricsNamespace, nameOf } from '../deployment.ts';
import { PERIOD, raiseAlarm, raiseComposite } from './alarm.ts';

/** One of our own metrics. @param service the function that counts, `<feature>-<function>` */
export const ownMetric = ({ config }: Deployment, service: string, metricName: string, statistic: string, period = PERIOD): Metric =>
  new Metric({ namespace: metricsNamespace(config), metricName, dimensionsMap: { service }, statistic, period });

/** A quarter of an hour: the sweeper measures once a minute, so a value that stays is no moment. */
const LASTING = 3;

/** Events that are refused within an hour. Single ones are for the morning; this many are a producer or a CPQ that has changed something. */
const REFUSED_AT_ONCE = 20;

/** What the sweeper sees of the orders as a whole. */
export function watchOrders(scope: Construct, deployment: Deployment): void {
  const { times, erps } = deployment.config.policy;
  const seen = (name: string) => ownMetric(deployment, 'operations-sweep', name, Stats.MAXIMUM);
  raiseAlarm(scope, deployment, {
    definition: SINGLE_ALARMS.overdue,
    metric: seen(METRIC.overdue),
    threshold: 1,
    periods: LASTING,
    // It is written every minute. Silence means that nobody looks, which is worse than one that is late.
    missing: TreatMissingData.BREACHING,
  });
  // The deadline has passed before this rings; what is asked of a person has been escalated by then, what waits for anything else has not.
  raiseAlarm(scope, deployment, { definition: SINGLE_ALARMS.late, metric: seen(METRIC.late), threshold: 1, periods: LASTING });
  raiseAlarm(scope, deployment, { definition: SINGLE_ALARMS.dead, metric: seen(METRIC.dead), threshold: 1, periods: LASTING });
  raiseAlarm(scope, deployment, {
    definition: SINGLE_ALARMS.erpUnavailable,
    metric: seen(METRIC.waiting('ERP_UNAVAILABLE')),
    threshold: 1,
    periods: LASTING,
  });
  // A single one is told: it is right, rare, and the ERP was slower than its connector says.
  raiseAlarm(scope, deployment, {
    definition: SINGLE_ALARMS.secondDraft,
    metric: ownMetric(deployment, 'quote-to-order-erp', METRIC.extraDrafts, Stats.SUM),
    threshold: 1,
    periods: 1,
  });
  // It is put right by whoever sees it: what is seen again and again is made again and again.
  raiseAlarm(scope, deployment, { definition: SINGLE_ALARMS.tasksAmiss, metric: seen(METRIC.tasksAmiss), threshold: 1, periods: LASTING });
  raiseAlarm(scope, deployment, { definition: SINGLE_ALARMS.tasksOverdue, metric: seen(METRIC.tasksOverdue), threshold: 1, periods: LASTING });
  for (const erp of Object.keys(erps))
    raiseAlarm(scope, deployment, {
      definition: lineAlarm(erp),
      metric: seen(METRIC.inLineAge(erp)),
      // Seconds. A run ends within its limit, and every end lets the oldest three in: who waits twice as long is passed over.
      threshold: 2 * times.runLimit,
      periods: 1,
    });
}

/** A replay that stopped or failed: it ends well for its function, and nothing of it is in a queue. */
export function watchReplays(scope: Construct, deployment: Deployment): void {
  raiseAlarm(scope, deployment, {
    definition: SINGLE_ALARMS.replay,
    metric: ownMetric(deployment, 'operations-replay', METRIC.replaysCutShort, Stats.SUM),
    threshold: 1,
    periods: 1,
  });
}

/** What is refused at the three places where an event can be. */
export function watchQuarantine(scope: Construct, deployment: Deployment): void {
  const period = Duration.hours(1);
  const at = (service: string) => ownMetric(deployment, service, METRIC.refused, Stats.SUM, period);
  raiseAlarm(scope, deployment, {
    definition: SINGLE_ALARMS.quarantine,
    metric: new MathExpression({
      expression: 'FILL(intake, 0) + FILL(cpq, 0) + FILL(run, 0)',
      label: 'events',
      period,
      usingMetrics: { intake: at('intake-intake'), cpq: at('intake-cpq'), run: at('quote-to-order-run') },
    }),
    threshold: REFUSED_AT_ONCE,
    periods: 1,
  });
}

/** The one alarm for whoever wants to hear only that the whole stands still: any of those that hold up every order. */
export function watchFlow(scope: Construct, deployment: Deployment): void {
  const { config } = deployment;
  const standsStill = [
    ...queuesOf(config.policy).flatMap((queue) => (['inbound event', 'run'].includes(queue.carries) ? [queueAlarms(queue).age] : [])),
    functionAlarms('intake-intake').errors,
    functionAlarms('quote-to-order-run').errors,
    functionAlarms('quote-to-order-erp').errors,
    WORKFLOW_ALARMS.failed,
    SINGLE_ALARMS.overdue,
    SINGLE_ALARMS.erpUnavailable,
    ...Object.keys(config.policy.erps).map(lineAlarm),
  ];
  // By name: two of the three stacks are deployed before this one, and CloudWatch wants all of them to be there.
  const ringing = ({ name }: { name: string }) => AlarmRule.fromString(`ALARM("${nameOf(config, name)}")`);
  raiseComposite(scope, deployment, SINGLE_ALARMS.notFlowing, AlarmRule.anyOf(...standsStill.map(ringing)));
}
