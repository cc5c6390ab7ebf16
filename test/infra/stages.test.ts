import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { exampleConfig, physicalName, Templates } from './templates.ts';

const aws = new Templates(await exampleConfig());
const local = new Templates(await loadConfig('local', 'ministack'));
const localstack = new Templates(await loadConfig('local', 'localstack'));

const properties = (templates: Templates, type: string) => templates.ofType(type).map(({ resource }) => resource.Properties);

describe('what is kept', () => {
  const stores = (templates: Templates) => [...templates.ofType('AWS::DynamoDB::Table'), ...templates.ofType('AWS::S3::Bucket')];

  test('on AWS tables and documents stay when their stack is removed, and the ledger cannot be deleted by accident', () => {
    expect(stores(aws)).toHaveLength(3);
    for (const { resource } of stores(aws)) expect(resource.DeletionPolicy).toBe('Retain');
    const ledger = properties(aws, 'AWS::DynamoDB::Table').find(({ TableName }) => TableName.endsWith('-ledger'));
    expect(ledger).toMatchObject({ DeletionProtectionEnabled: true, PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true } });
  });

  test('a ledger that was restored is another table, which every function gets by its name; the old one stays', async () => {
    const restored = new Templates(await exampleConfig({ ledgerTable: 'ledger-r1' }));
    const tables = (of: Templates) =>
      of
        .ofType('AWS::DynamoDB::Table')
        .map(({ id, resource }) => [id.replace(/[0-9A-F]{8}$/, ''), resource.Properties.TableName, resource.DeletionPolicy]);
    expect(tables(aws)[0]).toEqual(['ledger', 'quotebridge-example-ledger', 'Retain']);
    expect(tables(restored)[0]).toEqual(['ledgerr1', 'quotebridge-example-ledger-r1', 'Retain']);
    const text = JSON.stringify([...restored.stacks.values()]);
    expect(text).not.toMatch(/quotebridge-example-ledger(?!-r1)/);
    // An export in use cannot be changed: the stacks could not be deployed one after the other.
    const exported = (of: Templates) =>
      [...of.stacks.values()].flatMap(({ Outputs = {} }) => Object.values(Outputs).flatMap(({ Export }) => Export?.Name ?? []));
    expect(exported(restored).filter((name) => name.includes('ledger'))).toEqual([]);
    expect(exported(restored)).toEqual(exported(aws));
  });

  test('on a laptop nothing stays', () => {
    for (const templates of [local, localstack])
      for (const { resource } of stores(templates)) {
        expect(resource.DeletionPolicy).toBe('Delete');
        expect(resource.Properties.DeletionProtectionEnabled ?? false).toBe(false);
      }
  });

  test('the ledger streams its new images and has the five sparse indexes, keys only', () => {
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
      ['tasks', ['taskOwner', 'taskDue'], 'KEYS_ONLY'],
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
