import { Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IConstruct } from 'constructs';

/**
 * Permissions are written out action by action: the `grant...` methods of the CDK give more than a function uses (every index, every
 * object version), and the table in test/infra/permissions.test.ts says exactly what each function may do.
 */
export function allow(fn: LambdaFunction, actions: readonly string[], resources: readonly string[]): void {
  fn.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
}

type TableAction = 'GetItem' | 'BatchGetItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'ConditionCheckItem' | 'Query';

/** `Query` of an index is given for that index alone; a transaction needs the actions of its parts. */
export function allowTable(fn: LambdaFunction, table: ITable, actions: readonly TableAction[], indexes: readonly string[] = []): void {
  const own = actions.map((action) => `dynamodb:${action}`);
  allow(fn, own, [table.tableArn]);
  if (indexes.length > 0)
    allow(
      fn,
      ['dynamodb:Query'],
      indexes.map((index) => `${table.tableArn}/index/${index}`),
    );
}

/** Objects have no names before they exist, so the resource is every object of the bucket. */
export function allowObjects(fn: LambdaFunction, bucket: IBucket, actions: readonly ('GetObject' | 'PutObject')[]): void {
  allow(
    fn,
    actions.map((action) => `s3:${action}`),
    [bucket.arnForObjects('*')],
  );
}

export const allowSend = (fn: LambdaFunction, ...queues: IQueue[]): void =>
  allow(
    fn,
    ['sqs:SendMessage'],
    queues.map(({ queueArn }) => queueArn),
  );

/** Secrets Manager puts six random characters behind the name. */
export function allowSecrets(fn: LambdaFunction, names: readonly string[]): void {
  const stack = Stack.of(fn);
  const arns = [...new Set(names)].sort().map((name) => stack.formatArn({ service: 'secretsmanager', resource: `secret:${name}-??????` }));
  if (arns.length > 0) allow(fn, ['secretsmanager:GetSecretValue'], arns);
}

/** Accepts one finding of cdk-nag at one resource; the reason stands in the validation report. */
export function acknowledge(at: IConstruct, finding: string, reason: string): void {
  Validations.of(at).acknowledge({ id: `AwsSolutions-IAM5[${finding}]`, reason });
}
