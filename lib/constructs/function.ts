import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import type * as z from 'zod';
import type { StageConfig } from '../../config/schema.ts';
import type { Feature } from '../../contracts/features.ts';
import { type Deployment, metricsNamespace, nameOf, publish } from '../deployment.ts';
import { watchFunction } from './watch.ts';

export interface TypedFunctionProps<Env extends z.ZodObject> {
  readonly feature: Feature;
  /** Folder of the function under `lambdas/functions/<feature>/`. */
  readonly name: string;
  /** What the function's `env.ts` exports: the stack cannot forget or misspell a variable. */
  readonly env: Env;
  readonly environment: z.input<Env>;
  readonly timeoutSeconds: number;
  readonly reservedConcurrency?: number | undefined;
}

/** The one property in which the clouds differ: MiniStack passes error names on for custom runtimes only. */
const runtimeOf = (config: StageConfig): Runtime => (config.cloud === 'ministack' ? Runtime.PROVIDED_AL2023 : Runtime.NODEJS_24_X);

/** A function of `lambdas/functions`, with a role and a log group of its own and no permission but to write its log. */
export class TypedFunction<Env extends z.ZodObject> extends LambdaFunction {
  readonly timeoutSeconds: number;

  constructor(scope: Construct, deployment: Deployment, props: TypedFunctionProps<Env>) {
    const { config, code } = deployment;
    const id = `${props.feature}-${props.name}`;
    const functionName = nameOf(config, id);
    const logGroup = new LogGroup(scope, `${id}-log`, {
      logGroupName: `/aws/lambda/${functionName}`,
      retention: config.logRetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Made here, not by the construct's default, which attaches a managed policy that may write any log.
    const role = new Role(scope, `${id}-role`, { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
    logGroup.grantWrite(role);
    super(scope, id, {
      functionName,
      runtime: runtimeOf(config),
      architecture: config.architecture === 'arm64' ? Architecture.ARM_64 : Architecture.X86_64,
      handler: 'index.handler',
      code: Code.fromAsset(join(code, props.feature, props.name)),
      role,
      logGroup,
      memorySize: 512,
      timeout: Duration.seconds(props.timeoutSeconds),
      ...(props.reservedConcurrency === undefined ? {} : { reservedConcurrentExecutions: props.reservedConcurrency }),
      environment: {
        ...(props.environment as Record<string, string>),
        POWERTOOLS_SERVICE_NAME: id,
        POWERTOOLS_LOG_LEVEL: 'INFO',
        POWERTOOLS_METRICS_NAMESPACE: metricsNamespace(config),
        NODE_OPTIONS: '--enable-source-maps',
      },
    });
    this.timeoutSeconds = props.timeoutSeconds;
    watchFunction(this, deployment, id);
    publish(this, id, 'Function', this.functionName);
  }
}
