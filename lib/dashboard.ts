import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  Metric,
  SearchExpression,
  Stats,
  TextWidget,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import { alarmsOf, functionIds, queueAlarms } from '../contracts/alarms.ts';
import { FEATURES, type Feature } from '../contracts/features.ts';
import { METRIC } from '../contracts/metrics.ts';
import { deadLettersOf, queuesOf } from '../contracts/queues.ts';
import { RUNBOOK } from '../contracts/runbooks.ts';
import { PERIOD } from './constructs/alarm.ts';
import { ownMetric } from './constructs/watch-orders.ts';
import { type Deployment, metricsNamespace, nameOf } from './deployment.ts';

/** CloudWatch's grid is 24 wide. */
const WIDTH = 24;
const HEIGHT = 6;

const row = (widgets: readonly GraphWidget[]): IWidget[] => [...widgets];
const graph = (title: string, width: number, left: IMetric[], label?: string): GraphWidget =>
  new GraphWidget({ title, width, height: HEIGHT, left, ...(label !== undefined && { leftYAxis: { label, showUnits: false, min: 0 } }) });

/** Every metric of which the name has this word in it: codes come and go, and CloudWatch looks for words. */
const everyOne = ({ config }: Deployment, service: string, word: string, statistic: string, period = PERIOD): IMetric =>
  new SearchExpression({
    expression: `SEARCH('{"${metricsNamespace(config)}",service} service="${service}" MetricName=${word}', '${statistic}', ${period.toSeconds()})`,
    label: '',
    period,
  });

/** What happens to orders as a whole; the same for every stage. */
function flow(deployment: Deployment): IWidget[][] {
  const own = (service: string, name: string, statistic: string, label: string) => ownMetric(deployment, service, name, statistic).with({ label });
  const sweeper = (name: string, label: string) => own('operations-sweep', name, Stats.MAXIMUM, label);
  const { erps } = deployment.config.policy;
  return [
    row([
      graph('Flow, in 5 minutes', 12, [
        own('quote-to-order-run', METRIC.accepted, Stats.SUM, 'quotes accepted'),
        own('quote-to-order-order', METRIC.completed, Stats.SUM, 'orders completed'),
        own('delivery-publish', METRIC.published, Stats.SUM, 'facts published'),
      ]),
      graph('Orders', 12, [
        sweeper(METRIC.unfinished, 'unfinished'),
        sweeper(METRIC.late, 'late'),
        sweeper(METRIC.overdue, 'overdue'),
        sweeper(METRIC.dead, 'last run died'),
        ...Object.keys(erps).map((erp) => sweeper(METRIC.inLine(erp), `in line for ${erp}`)),
      ]),
    ]),
    row([
      graph('Waiting, by code', 12, [everyOne(deployment, 'operations-sweep', 'Waiting', Stats.MAXIMUM)]),
      graph('Oldest order that waits, by code', 12, [everyOne(deployment, 'operations-sweep', 'Oldest', Stats.MAXIMUM)], 'seconds'),
    ]),
  ];
}

const queueMetric = ({ config }: Deployment, name: string, metricName: string): IMetric =>
  new Metric({
    namespace: 'AWS/SQS',
    metricName,
    dimensionsMap: { QueueName: nameOf(config, name) },
    statistic: Stats.MAXIMUM,
    period: PERIOD,
    label: name,
  });

function functionGraphs({ config }: Deployment, ids: readonly string[], width: number): GraphWidget[] {
  const of = (metricName: string, statistic: string) =>
    ids.map(
      (id) =>
        new Metric({
          namespace: 'AWS/Lambda',
          metricName,
          dimensionsMap: { FunctionName: nameOf(config, id) },
          statistic,
          period: PERIOD,
          label: id,
        }),
    );
  return [graph('Functions: duration, p95', width, of('Duration', Stats.p(95)), 'ms'), graph('Functions: errors', width, of('Errors', Stats.SUM))];
}

/** One box of the picture: its queues, what they gave up, its functions. The vendors are seen at the functions that call them: `cpq`, `erp`, `tax`, `deliver`. */
function feature(deployment: Deployment, name: Feature): IWidget[][] {
  const { policy } = deployment.config;
  const queues = queuesOf(policy).filter((queue) => RUNBOOK[queueAlarms(queue).depth.section].feature === name);
  const deadLetters = deadLettersOf(policy).filter(({ takes }) => 'queue' in takes && queues.some((queue) => queue.name === takes.queue.name));
  const ids = functionIds.filter((id) => id.startsWith(`${name}-`));
  if (ids.length === 0) return [];
  const visible = 'ApproximateNumberOfMessagesVisible';
  const width = WIDTH / 4;
  return [
    [new TextWidget({ markdown: `## ${name}`, width: WIDTH, height: 1 })],
    row([
      graph(
        'Queues: messages',
        width,
        queues.map((queue) => queueMetric(deployment, queue.name, visible)),
      ),
      graph(
        'Dead letters',
        width,
        deadLetters.map((queue) => queueMetric(deployment, queue.name, visible)),
      ),
      ...functionGraphs(deployment, ids, width),
    ]),
  ];
}

/** Dead letters of rules and of the stream belong to no queue; what was refused belongs to three functions. */
function refusedAndLost(deployment: Deployment): IWidget[] {
  const others = deadLettersOf(deployment.config.policy).filter(({ takes }) => !('queue' in takes));
  const hour = Duration.hours(1);
  return row([
    graph(
      'Dead letters of rules and of the stream',
      12,
      others.map(({ name }) => queueMetric(deployment, name, 'ApproximateNumberOfMessagesVisible')),
    ),
    graph('Refused events in an hour, by code', 12, [
      ...['intake-intake', 'intake-cpq', 'quote-to-order-run'].map((service) => everyOne(deployment, service, 'Quarantined', Stats.SUM, hour)),
    ]),
  ]);
}

/** The dashboard of a stage, feature by feature. AWS only: local clouds have neither these metrics nor the alarms. */
export function addDashboard(scope: Construct, deployment: Deployment): void {
  const { config } = deployment;
  if (config.cloud !== 'aws') return;
  const arn = (name: string) =>
    Stack.of(scope).formatArn({
      service: 'cloudwatch',
      resource: 'alarm',
      resourceName: nameOf(config, name),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  const alarms = alarmsOf(config).map(({ name }) => Alarm.fromAlarmArn(scope, `${name}-on-dashboard`, arn(name)));
  new Dashboard(scope, 'dashboard', {
    dashboardName: nameOf(config, 'flow'),
    defaultInterval: Duration.hours(3),
    widgets: [
      ...flow(deployment),
      refusedAndLost(deployment),
      ...FEATURES.flatMap((name) => feature(deployment, name)),
      [new AlarmStatusWidget({ title: 'Alarms', alarms, width: WIDTH, height: 2 * HEIGHT })],
    ],
  });
}
