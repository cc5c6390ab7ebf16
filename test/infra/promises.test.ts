import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { exampleConfig, physicalName, type Resource, Templates } from './templates.ts';

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

describe('what is kept', () => {
  const stores = (templates: Templates) => [...templates.ofType('AWS::DynamoDB::Table'), ...templates.ofType('AWS::S3::Bucket')];

  test('on AWS tables and documents stay when their stack is removed, and the ledger cannot be deleted by accident', () => {
    expect(stores(aws)).toHaveLength(3);
    for (const { resource } of stores(aws)) expect(resource.DeletionPolicy).toBe('Retain');
    const ledger = properties(aws, 'AWS::DynamoDB::Table').find(({ TableName }) => TableName.endsWith('-ledger'));
    expect(ledger).toMatchObject({ DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
  });

  test('on a laptop nothing stays', () => {
    for (const templates of [local, localstack])
      for (const { resource } of stores(templates)) {
        expect(resource.DeletionPolicy).toBe('Delete');
        expect(resource.Properties.DeletionProtectionEnabled ?? false).toBe(false);
      }
  });

  test('the ledger streams its new images and has the four sparse indexes, keys only', () => {
    const ledger = properties(aws, 'AWS::DynamoDB::Table').find(({ TableName }) => TableName.endsWith('-ledger'));
    expect(ledger.StreamSpecification.StreamViewType).toBe('NEW_IMAGE');
    interface Index {
      readonly IndexName: string;
      readonly KeySchema: readonly { readonly AttributeName: string }[];
      readonly Projection: { readonly ProjectionType: string };
    }
    const indexes = (ledger.GlobalSecondaryIndexes as Index[]).map(({ IndexName, KeySchema, Projection }) => [
      IndexName,
      KeySchema.map(({ AttributeName }) => AttributeName),
      Projection.ProjectionType,
    ]);
    expect(indexes).toEqual([
      ['sweep', ['sweepShard', 'sweepAt'], 'KEYS_ONLY'],
      ['cause', ['cause', 'causeSince'], 'KEYS_ONLY'],
      ['admission', ['admission', 'admissionSince'], 'KEYS_ONLY'],
      ['day', ['day', 'dayKey'], 'KEYS_ONLY'],
    ]);
  });

  test('runtime state has a partition key only, and runs out by itself', () => {
    const runtime = properties(aws, 'AWS::DynamoDB::Table').find(({ TableName }) => TableName.endsWith('-runtime'));
    expect(runtime.KeySchema).toEqual([{ AttributeName: 'id', KeyType: 'HASH' }]);
    expect(runtime.TimeToLiveSpecification).toEqual({ AttributeName: 'expiration', Enabled: true });
  });

  test('quotes are archived on AWS, and on AWS only', () => {
    expect(properties(aws, 'AWS::Events::Archive')[0].EventPattern).toEqual({ 'detail-type': [{ prefix: 'quote.' }] });
    for (const templates of [local, localstack]) expect(templates.ofType('AWS::Events::Archive')).toEqual([]);
  });
});

describe('names', () => {
  const named = (templates: Templates) =>
    [...templates.stacks.values()].flatMap(({ Resources }) => Object.values(Resources).flatMap(({ Properties }) => physicalName(Properties) ?? []));

  test('every name contains the stage', () => {
    for (const [templates, stage] of [[aws, 'example'] as const, [local, 'local'] as const]) {
      const partner = (name: string) => name.startsWith('aws.partner/');
      const strangers = named(templates).filter((name) => !partner(name) && !name.includes(`quotebridge-${stage}`));
      expect(strangers).toEqual([]);
      for (const stack of templates.stacks.keys()) expect(stack).toMatch(new RegExp(`^quotebridge-${stage}-`));
    }
  });

  test('two stages fit in one account: no name and no export is in both', async () => {
    const second = new Templates(await exampleConfig({ stage: 'second', salesforceEventSource: undefined }));
    const exported = (templates: Templates) =>
      [...templates.stacks.values()].flatMap(({ Outputs = {} }) => Object.values(Outputs).flatMap(({ Export }) => Export?.Name ?? []));
    const all = (templates: Templates) => new Set([...named(templates), ...exported(templates), ...templates.stacks.keys()]);
    expect(all(second).intersection(all(aws))).toEqual(new Set());
  });
});

describe('the clouds differ in one property of the functions', () => {
  const runtimes = (templates: Templates) => new Set(properties(templates, 'AWS::Lambda::Function').map(({ Runtime }) => Runtime));

  test('the embedded cloud runs a custom runtime, the others Node 24', () => {
    expect(runtimes(aws)).toEqual(new Set(['nodejs24.x']));
    expect(runtimes(localstack)).toEqual(new Set(['nodejs24.x']));
    expect(runtimes(local)).toEqual(new Set(['provided.al2023']));
  });

  test('on AWS the state machine is traced and logs every step without its data, on local clouds it does not try', () => {
    expect(properties(aws, 'AWS::StepFunctions::StateMachine')[0]).toMatchObject({
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: { Level: 'ALL', IncludeExecutionData: false },
    });
    for (const templates of [local, localstack])
      expect(properties(templates, 'AWS::StepFunctions::StateMachine')[0]).not.toHaveProperty('LoggingConfiguration');
  });

  test('Settle runs in a function without a cap, since a throttled Settle fails its execution', () => {
    const byName = (name: string) => properties(aws, 'AWS::Lambda::Function').find(({ FunctionName }) => FunctionName.endsWith(name));
    expect(byName('quote-to-order-erp').ReservedConcurrentExecutions).toBe(20);
    expect(byName('quote-to-order-order').ReservedConcurrentExecutions).toBeUndefined();
  });
});

describe('entrances', () => {
  test('everything on the inbound bus reaches the intake, whatever its source', () => {
    const rule = properties(local, 'AWS::Events::Rule').find(({ Name }) => Name === 'quotebridge-local-inbound');
    expect(rule.EventPattern).toEqual({ source: [{ prefix: '' }] });
  });

  test('a Salesforce event relay is a second bus with the name of its source, into the same queue', () => {
    const buses = properties(aws, 'AWS::Events::EventBus').map(({ Name, EventSourceName }) => [Name, EventSourceName]);
    const source = 'aws.partner/salesforce.com/00D0000000EXAMPLE/0YL000000000001';
    expect(buses).toContainEqual([source, source]);
    const rule = aws.ofType('AWS::Events::Rule').find(({ resource }) => resource.Properties.Name === 'quotebridge-example-salesforce');
    expect(aws.resolve(rule?.stack ?? '', rule?.resource.Properties.Targets[0].Arn)).toMatch(/:quotebridge-example-intake$/);
  });

  test('accounts of producers may put events on the inbound bus, and nothing else', () => {
    const [policy, ...others] = aws.ofType('AWS::Events::EventBusPolicy');
    expect(others).toEqual([]);
    expect(aws.resolve(policy?.stack ?? '', policy?.resource.Properties.EventBusName)).toBe('quotebridge-example-inbound');
    expect(policy?.resource.Properties.Statement).toMatchObject({ Effect: 'Allow', Action: 'events:PutEvents' });
    expect(local.ofType('AWS::Events::EventBusPolicy')).toEqual([]);
  });
});
