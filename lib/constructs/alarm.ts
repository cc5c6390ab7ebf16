import { Duration, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  ComparisonOperator,
  CompositeAlarm,
  type IAlarmAction,
  type IAlarmRule,
  type IMetric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import type { Construct } from 'constructs';
import type { StageConfig } from '../../config/schema.ts';
import type { AlarmDefinition } from '../../contracts/alarms.ts';
import { RUNBOOK, runbookPath } from '../../contracts/runbooks.ts';
import { type Deployment, nameOf } from '../deployment.ts';

/** Most alarms look at whole periods of this length: SQS reports once a minute, and may be late by a few. */
export const PERIOD = Duration.minutes(5);

export interface AlarmProps {
  /** What it says; there is no alarm without impact, owner and runbook. */
  readonly definition: AlarmDefinition;
  readonly metric: IMetric;
  /** It rings at this value and above. */
  readonly threshold: number;
  /** Periods in a row that have to be at the threshold. */
  readonly periods: number;
  /** What a period without a value means. Default: nothing happened, which is good. */
  readonly missing?: TreatMissingData;
}

/** The topic lives in the operations stack, which stands on the other two: their alarms know it by its name. */
export const alarmTopicName = (config: StageConfig): string => nameOf(config, 'alarms');

/** What somebody who gets the alarm reads: CloudWatch takes 1,024 characters. */
const descriptionOf = ({ docsUrl }: StageConfig, { impact, section }: AlarmDefinition): string =>
  `${impact} Owner: ${RUNBOOK[section].owner}. Runbook: ${docsUrl ?? 'docs'}/${runbookPath(section)}`;

/** That it rings, and that it is over. */
function tell(alarm: Alarm | CompositeAlarm, { config }: Deployment): void {
  const arn = Stack.of(alarm).formatArn({ service: 'sns', resource: alarmTopicName(config) });
  const topic: IAlarmAction = { bind: () => ({ alarmActionArn: arn }) };
  alarm.addAlarmAction(topic);
  alarm.addOkAction(topic);
}

/**
 * An alarm that says what it means to the business, who acts and where it is written what to do. It is made on AWS only: no local cloud
 * has metrics of queues and functions, so none could ever ring there, and MiniStack fails the deployment of one with metric math.
 */
export function raiseAlarm(scope: Construct, deployment: Deployment, { definition, metric, threshold, periods, missing }: AlarmProps): void {
  const { config } = deployment;
  if (config.cloud !== 'aws') return;
  const alarm = new Alarm(scope, `${definition.name}-alarm`, {
    alarmName: nameOf(config, definition.name),
    alarmDescription: descriptionOf(config, definition),
    metric,
    threshold,
    evaluationPeriods: periods,
    comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    treatMissingData: missing ?? TreatMissingData.NOT_BREACHING,
  });
  tell(alarm, deployment);
}

/** An alarm on other alarms. @param rule of alarms by their full names: those of other stacks, and those that were raised in this scope before */
export function raiseComposite(scope: Construct, deployment: Deployment, definition: AlarmDefinition, rule: IAlarmRule): void {
  const { config } = deployment;
  if (config.cloud !== 'aws') return;
  const alarm = new CompositeAlarm(scope, `${definition.name}-alarm`, {
    compositeAlarmName: nameOf(config, definition.name),
    alarmDescription: descriptionOf(config, definition),
    alarmRule: rule,
  });
  // CloudWatch refuses a rule with an alarm that is not there, and CloudFormation sees no reference in a name.
  alarm.node.addDependency(...scope.node.children.filter((one) => one instanceof Alarm));
  tell(alarm, deployment);
}
