import { Stack, Validations } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { Bucket, CfnBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct, IConstruct } from 'constructs';

/**
 * Permissions are written out action by action: the `grant...` methods of the CDK give more than a function uses (every index, every
 * object version), and the table in test/infra/permissions.test.ts says exactly what each function may do.
 */
export function allow(fn: LambdaFunction, actions: readonly string[], resources: readonly string[]): void {
  fn.addToRolePolicy(new PolicyStatement({ actions: [...actions], resources: [...resources] }));
}

type TableAction = 'GetItem' | 'BatchGetItem' | 'ConditionCheckItem' | 'PutItem' | 'UpdateItem' | 'DeleteItem' | 'Query';

/** `Query` of an index is given for that index alone; a transaction needs the actions of its parts. */
export function allowTable(fn: LambdaFunction, table: ITable, actions: readonly TableAction[], indexes: readonly string[] = []): void {
  if (actions.length > 0)
    allow(
      fn,
      actions.map((action) => `dynamodb:${action}`),
      [table.tableArn],
    );
  if (indexes.length > 0)
    allow(
      fn,
      ['dynamodb:Query'],
      indexes.map((index) => `${table.tableArn}/index/${index}`),
    );
}

/** Writing items of these partitions alone; `*` stands for any text. */
export function allowPut(fn: LambdaFunction, table: ITable, partitions: readonly string[]): void {
  fn.addToRolePolicy(
    new PolicyStatement({
      actions: ['dynamodb:PutItem'],
      resources: [table.tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [...partitions] } },
    }),
  );
}

/** Where documents stand: what producers sent, and what the steps of a run worked out. */
const WRITERS = { intake: ['quotes/*', 'quarantine/*'], steps: ['workings/*'] } as const;

/** Reading of all documents and writing of the writer's own, as one policy for all functions that do both. Nobody may delete one. */
export function documentAccess(scope: Construct, documents: Bucket, writer: keyof typeof WRITERS): ManagedPolicy {
  const policy = new ManagedPolicy(scope, `document-access-of-${writer}`, {
    description: `Read documents, write those of ${writer}`,
    statements: [
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [documents.arnForObjects('*')] }),
      new PolicyStatement({ actions: ['s3:PutObject'], resources: WRITERS[writer].map((prefix) => documents.arnForObjects(prefix)) }),
      // Without it S3 answers 403 instead of 404 for a document that is not there.
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [documents.bucketArn] }),
    ],
  });
  const bucket = Stack.of(scope).getLogicalId(documents.node.defaultChild as CfnBucket);
  for (const names of ['*', ...WRITERS[writer]])
    acknowledge(
      policy,
      `AwsSolutions-IAM5[Resource::<${bucket}.Arn>/${names}]`,
      'A document is named by the hash of its content, so its name is not known before.',
    );
  return policy;
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

/** Accepts one finding of cdk-nag at one resource, such as `AwsSolutions-IAM5[Resource::*]`. */
export function acknowledge(at: IConstruct, id: string, reason: string): void {
  Validations.of(at).acknowledge({ id, reason });
}
