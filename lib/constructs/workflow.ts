import { readFileSync } from 'node:fs';
import { ArnFormat, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { Construct } from 'constructs';
import { type Deployment, nameOf } from '../deployment.ts';
import { acknowledge, allow } from './permissions.ts';
import { watchWorkflow } from './watch.ts';

export interface WorkflowProps {
  /** File name in `statemachines/`, without `.asl.json`; the state machine is `quotebridge-<stage>-<name>`. */
  readonly name: string;
  /** Placeholder in the definition -> function. */
  readonly functions: Readonly<Record<string, LambdaFunction>>;
  readonly timeoutSeconds: number;
}

/** A state machine from its ASL file; it may call its functions and nothing else. */
export class Workflow extends StateMachine {
  private readonly executions: string;

  /** Executions are named when they start, so whoever reads one may read all of this state machine. */
  readonly executionsArn: string;

  constructor(scope: Construct, deployment: Deployment, { name, functions, timeoutSeconds }: WorkflowProps) {
    const { config } = deployment;
    const role = new Role(scope, `${name}-machine-role`, { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    role.addToPolicy(
      new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: Object.values(functions).map(({ functionArn }) => functionArn) }),
    );
    super(scope, `${name}-machine`, {
      stateMachineName: nameOf(config, name),
      definitionBody: DefinitionBody.fromString(definition(name, timeoutSeconds)),
      definitionSubstitutions: Object.fromEntries(Object.entries(functions).map(([placeholder, { functionName }]) => [placeholder, functionName])),
      role,
      ...(config.cloud === 'aws' ? observed(scope, name, nameOf(config, name), config.logRetentionDays) : {}),
    });
    this.executionsArn = this.stack.formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: `${nameOf(config, name)}:*`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.executions = `${nameOf(config, name)}:*`;
    watchWorkflow(this, deployment);
    if (config.cloud === 'aws')
      acknowledge(role, 'AwsSolutions-IAM5[Resource::*]', 'Log delivery and X-Ray take no resource: the Step Functions guide gives both with "*".');
  }

  /** An execution is named when it starts, so whoever may look at one may look at all of this state machine. */
  allowDescribe(fn: LambdaFunction): void {
    const arn = this.stack.formatArn({
      service: 'states',
      resource: 'execution',
      resourceName: this.executions,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    allow(fn, ['states:DescribeExecution'], [arn]);
    acknowledge(fn.role ?? fn, `AwsSolutions-IAM5[Resource::${arn}]`, 'The name of an execution is made when it starts: order key, epoch and run.');
  }
}

/** The run time limit is the stage's; everything else stands in the file. */
function definition(name: string, timeoutSeconds: number): string {
  const file = new URL(`../../statemachines/${name}.asl.json`, import.meta.url);
  return JSON.stringify({ ...JSON.parse(readFileSync(file, 'utf8')), TimeoutSeconds: timeoutSeconds });
}

/** Every step is logged, without its data: executions hold order keys and error names only, and stay so. */
const observed = (scope: Construct, name: string, machine: string, retention: number) => ({
  tracingEnabled: true,
  logs: {
    level: LogLevel.ALL,
    includeExecutionData: false,
    // The prefix keeps the resource policy of CloudWatch Logs from growing with each state machine (AWS's advice).
    destination: new LogGroup(scope, `${name}-machine-log`, {
      logGroupName: `/aws/vendedlogs/states/${machine}`,
      retention,
      removalPolicy: RemovalPolicy.DESTROY,
    }),
  },
});
