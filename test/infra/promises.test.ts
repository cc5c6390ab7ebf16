import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { exampleConfig, type Resource, Templates } from './templates.ts';

const aws = new Templates(await exampleConfig());
const local = new Templates(await loadConfig('local', 'ministack'));
const localstack = new Templates(await loadConfig('local', 'localstack'));

const day = 24 * 3600;
const queueName = ({ resource }: { resource: Resource }): string => resource.Properties.QueueName;
const properties = (templates: Templates, type: string) => templates.ofType(type).map(({ resource }) => resource.Properties);

describe.each([
  ['an AWS stage', aws],
  ['the embedded cloud', local],
  ['LocalStack', localstack],
])('%s', (_name, templates) => {
  const queues = templates.ofType('AWS::SQS::Queue');
  const isDeadLetters = (name: string) => name.endsWith('-dlq');

  test('every queue has a dead-letter queue of its own, and a limit of receives', () => {
    const sources = queues.filter((queue) => !isDeadLetters(queueName(queue)));
    expect(sources.length).toBeGreaterThan(5);
    for (const { stack, resource } of sources) {
      const { QueueName, RedrivePolicy } = resource.Properties;
      expect(templates.resolve(stack, RedrivePolicy.deadLetterTargetArn)).toMatch(new RegExp(`:${QueueName}-dlq$`));
      expect(RedrivePolicy.maxReceiveCount).toBeGreaterThanOrEqual(5);
    }
  });

  test('a dead-letter queue keeps for 14 days, its source for 4', () => {
    for (const queue of queues) expect(queue.resource.Properties.MessageRetentionPeriod).toBe((isDeadLetters(queueName(queue)) ? 14 : 4) * day);
  });

  test('a message stays hidden for at least six times as long as its function may take', () => {
    const mappings = templates.ofType('AWS::Lambda::EventSourceMapping').filter(({ resource }) => !resource.Properties.StartingPosition);
    expect(mappings.length).toBeGreaterThan(5);
    for (const { stack, resource } of mappings) {
      const arn = templates.resolve(stack, resource.Properties.EventSourceArn);
      const name = templates.resolve(stack, resource.Properties.FunctionName);
      const queue = queues.find((candidate) => arn.endsWith(`:${queueName(candidate)}`));
      const consumer = properties(templates, 'AWS::Lambda::Function').find(({ FunctionName }) => FunctionName === name);
      expect(queue?.resource.Properties.VisibilityTimeout, name).toBeGreaterThanOrEqual(6 * consumer.Timeout);
    }
  });

  test('every consumer of a queue answers for single messages and has a bound on parallel calls', () => {
    const mappings = properties(templates, 'AWS::Lambda::EventSourceMapping').filter(({ StartingPosition }) => !StartingPosition);
    for (const mapping of mappings) {
      expect(mapping.FunctionResponseTypes).toEqual(['ReportBatchItemFailures']);
      expect(mapping.ScalingConfig.MaximumConcurrency).toBeGreaterThanOrEqual(2);
    }
  });

  test('every target of a rule is a queue, and has a dead-letter queue and a bound on retries', () => {
    const rules = templates.ofType('AWS::Events::Rule');
    expect(rules.length).toBeGreaterThan(3);
    for (const { stack, resource } of rules)
      for (const target of resource.Properties.Targets) {
        expect(templates.resolve(stack, target.Arn)).toMatch(/^arn:aws:sqs:/);
        expect(templates.resolve(stack, target.DeadLetterConfig.Arn)).toMatch(/-rule-dlq$/);
        expect(target.RetryPolicy.MaximumEventAgeInSeconds).toBeLessThanOrEqual(day);
      }
  });

  test('the schedule gives its event no text, which one of the local clouds would never send', () => {
    const scheduled = properties(templates, 'AWS::Events::Rule').filter(({ ScheduleExpression }) => ScheduleExpression);
    expect(scheduled).toHaveLength(1);
    expect(scheduled[0].Targets[0].Input).toBeUndefined();
  });

  test('the stream is read from its beginning, facts only, with bounded retries and nothing that splits a batch', () => {
    const [stream] = properties(templates, 'AWS::Lambda::EventSourceMapping').filter(({ StartingPosition }) => StartingPosition);
    expect(stream.StartingPosition).toBe('TRIM_HORIZON');
    const patterns = stream.FilterCriteria.Filters.map(({ Pattern }: { Pattern: string }) => JSON.parse(Pattern));
    expect(patterns).toEqual([{ eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix: 'F#' }] } } } }]);
    expect(stream.MaximumRetryAttempts).toBeLessThanOrEqual(10);
    expect(stream.MaximumRecordAgeInSeconds).toBeLessThan(day);
    expect(stream.BisectBatchOnFunctionError).toBe(false);
    expect(stream.FunctionResponseTypes).toBeUndefined();
    expect(stream.DestinationConfig.OnFailure.Destination).toBeDefined();
  });

  test('queues are encrypted and refuse requests without TLS', () => {
    const protectedQueues = templates.ofType('AWS::SQS::QueuePolicy').flatMap(({ stack, resource }) =>
      resource.Properties.PolicyDocument.Statement.filter(denyWithoutTls).map((statement: { Resource: unknown }) => {
        expect(statement).toMatchObject({ Action: 'sqs:*', Principal: { AWS: '*' } });
        return templates.resolve(stack, statement.Resource).replace(/^.*:/, '');
      }),
    );
    expect(protectedQueues.sort()).toEqual(queues.map(queueName).sort());
    for (const { resource } of queues) expect(resource.Properties.SqsManagedSseEnabled).toBe(true);
  });

  test('the document bucket is private, encrypted, versioned, and refuses requests without TLS', () => {
    const [bucket, ...others] = properties(templates, 'AWS::S3::Bucket');
    expect(others).toEqual([]);
    expect(bucket.VersioningConfiguration).toEqual({ Status: 'Enabled' });
    expect(bucket.BucketEncryption.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault.SSEAlgorithm).toBe('AES256');
    expect(Object.values(bucket.PublicAccessBlockConfiguration)).toEqual([true, true, true, true]);
    const [policy] = properties(templates, 'AWS::S3::BucketPolicy');
    expect(policy.PolicyDocument.Statement.filter(denyWithoutTls)).toHaveLength(1);
  });

  test('every log has a retention period, and there is one for each function', () => {
    const logs = properties(templates, 'AWS::Logs::LogGroup');
    const names = logs.map(({ LogGroupName }) => LogGroupName);
    for (const { FunctionName } of properties(templates, 'AWS::Lambda::Function')) expect(names).toContain(`/aws/lambda/${FunctionName}`);
    for (const { RetentionInDays } of logs) expect(RetentionInDays).toBeGreaterThan(0);
  });

  test('every stack says its functions, queues and stores in its outputs', () => {
    const outputs = Object.assign({}, ...[...templates.stacks.values()].map(({ Outputs }) => Outputs));
    const names = Object.keys(outputs);
    expect(names).toEqual(expect.arrayContaining(['LedgerTable', 'RuntimeTable', 'DocumentBucket', 'InboundBus', 'BusinessBus', 'StateMachineArn']));
    expect(names).toEqual(expect.arrayContaining(['RunQueueUrl', 'DeliverBillingQueueUrl', 'QuoteToOrderErpFunction', 'AlarmTopicArn']));
  });

  test('nothing needs a custom resource, an alias or a pipe, which local clouds lack', () => {
    const types = [...templates.stacks.values()].flatMap(({ Resources }) => Object.values(Resources).map(({ Type }) => Type));
    expect(types.filter((type) => /Custom|Alias|Version$|Pipes|ApiGatewayV2/.test(type))).toEqual([]);
  });
});

function denyWithoutTls(statement: { Effect: string; Condition?: { Bool?: Record<string, string> } }): boolean {
  return statement.Effect === 'Deny' && statement.Condition?.Bool?.['aws:SecureTransport'] === 'false';
}
