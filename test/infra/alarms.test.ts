import { describe, expect, test } from 'vitest';
import { loadConfig } from '../../config/index.ts';
import { type AlarmDefinition, alarmsOf } from '../../contracts/alarms.ts';
import { RUNBOOK, runbookPath } from '../../contracts/runbooks.ts';
import { exampleConfig, type Resource, Templates } from './templates.ts';

const config = await exampleConfig();
const aws = new Templates(config);
const definitions = alarmsOf(config);

const ALARM = 'AWS::CloudWatch::Alarm';
const COMPOSITE = 'AWS::CloudWatch::CompositeAlarm';
const nameOf = ({ Properties }: Resource) => String(Properties.AlarmName).replace('quotebridge-example-', '');
const alarms = [...aws.ofType(ALARM), ...aws.ofType(COMPOSITE)].map(({ stack, resource }) => ({
  stack,
  name: nameOf(resource),
  properties: resource.Properties,
}));
const simple = alarms.filter(({ properties }) => properties.AlarmRule === undefined);
const byName = (name: string) => simple.find((one) => one.name === name)?.properties;
const named = (type: string, property: string) =>
  aws.ofType(type).map(({ resource }) => String(resource.Properties[property]).replace('quotebridge-example-', ''));

interface Dimension {
  readonly Name: string;
  readonly Value: unknown;
}
interface Query {
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: { readonly MetricName: string; readonly Dimensions: readonly Dimension[] } };
}

/** `MetricName of ...` for each metric that an alarm looks at, with what its dimensions will be. */
function watched({ stack, properties }: (typeof alarms)[number]): string[] {
  const of = (metric: string, dimensions: readonly Dimension[]) =>
    `${metric} ${dimensions.map(({ Name, Value }) => `${Name}=${aws.resolve(stack, Value).replace(/^.*quotebridge-example-/, '')}`).join(' ')}`;
  if (properties.Metrics === undefined) return [of(properties.MetricName, properties.Dimensions)];
  return (properties.Metrics as Query[]).flatMap(({ MetricStat }) =>
    MetricStat ? [of(MetricStat.Metric.MetricName, MetricStat.Metric.Dimensions)] : [],
  );
}
const everything = simple.flatMap((one) => watched(one));

describe('nothing is without its alarms', () => {
  const deadLetter = (name: string) => name.endsWith('-dlq');
  const queues = named('AWS::SQS::Queue', 'QueueName');

  test.each(queues.filter((name) => !deadLetter(name)))('queue %s: depth with what is in flight, and age', (name) => {
    for (const metric of ['ApproximateNumberOfMessagesVisible', 'ApproximateNumberOfMessagesNotVisible', 'ApproximateAgeOfOldestMessage'])
      expect(everything).toContain(`${metric} QueueName=${name}.QueueName`);
  });

  test.each(queues.filter(deadLetter))('dead-letter queue %s: one message rings', (name) => {
    expect(everything).toContain(`ApproximateNumberOfMessagesVisible QueueName=${name}.QueueName`);
    expect(byName(`${name}-not-empty`)).toMatchObject({ Threshold: 1, EvaluationPeriods: 1 });
  });

  test.each(named('AWS::Lambda::Function', 'FunctionName'))('function %s: errors and throttles', (name) => {
    for (const metric of ['Errors', 'Throttles']) expect(everything).toContain(`${metric} FunctionName=${name}`);
  });

  test.each(['ExecutionsFailed', 'ExecutionsTimedOut', 'ExecutionsAborted'])('the state machine: %s', (metric) => {
    expect(everything.filter((one) => one.startsWith(`${metric} StateMachineArn=`))).toHaveLength(1);
  });

  test('replays: one that stops or fails', () => {
    expect(everything).toContain('ReplaysCutShort service=operations-replay');
    expect(byName('replay-cut-short')).toMatchObject({ Threshold: 1, EvaluationPeriods: 1, Statistic: 'Sum' });
  });

  test.each(named('AWS::Events::Rule', 'Name'))('rule %s: what EventBridge gave up', (name) => {
    const bus = { salesforce: expect.stringContaining('aws.partner/'), sweep: undefined }[name];
    const found = everything.filter((one) => one.startsWith('FailedInvocations') && one.endsWith(`RuleName=${name}`));
    expect(found).toHaveLength(1);
    expect(found[0]?.includes('EventBusName=')).toBe(name !== 'sweep');
    if (bus) expect(found[0]).toEqual(bus);
  });

  test('the publisher: how far it is behind the ledger', () => {
    expect(everything).toContain('IteratorAge FunctionName=delivery-publish');
  });
});

describe('an alarm', () => {
  test('is one of the table, under its name, and the other way round', () => {
    const built = alarms.map(({ name }) => name).sort();
    expect(new Set(built).size).toBe(built.length);
    expect(built).toEqual(definitions.map(({ name }) => name).sort());
  });

  test.each(definitions)('$name says impact, owner and runbook, and goes to the topic', (definition: AlarmDefinition) => {
    const properties = alarms.find(({ name }) => name === definition.name)?.properties;
    const { section, impact } = definition;
    expect(properties.AlarmDescription).toBe(`${impact} Owner: ${RUNBOOK[section].owner}. Runbook: ${config.docsUrl}/${runbookPath(section)}`);
    expect(properties.AlarmDescription.length).toBeLessThanOrEqual(1024);
    expect(impact).toMatch(/^[\w-].{20,}\.$/);
    for (const actions of [properties.AlarmActions, properties.OKActions])
      expect(actions.map((action: unknown) => aws.resolve('', action))).toEqual(['arn:aws:sns:eu-central-1:111122223333:quotebridge-example-alarms']);
  });

  test('without a docsUrl names the file', async () => {
    const plain = new Templates(await exampleConfig({ docsUrl: undefined }));
    const [first] = plain.ofType(ALARM);
    expect(first?.resource.Properties.AlarmDescription).toMatch(/ Runbook: docs\/runbooks\/[\w-]+\.md#[\w-]+$/);
  });

  test('rings at its threshold and above, and says what a period without a value means', () => {
    for (const { name, properties } of simple) {
      expect(properties.ComparisonOperator, name).toBe('GreaterThanOrEqualToThreshold');
      expect(properties.Threshold, name).toBeGreaterThan(0);
      // A silent sweeper is an alarm; everywhere else nothing counted means that nothing happened.
      expect(properties.TreatMissingData, name).toBe(name === 'orders-overdue' ? 'breaching' : 'notBreaching');
    }
  });
});

test('the functions write their metrics where the alarms look for them', () => {
  for (const { resource } of aws.ofType('AWS::Lambda::Function'))
    expect(resource.Properties.Environment.Variables.POWERTOOLS_METRICS_NAMESPACE).toBe('quotebridge-example');
  const own = simple.flatMap(({ properties }) => [
    properties,
    ...(properties.Metrics ?? []).map((one: { MetricStat?: { Metric: object } }) => one.MetricStat?.Metric),
  ]);
  const namespaces = new Set(own.flatMap((metric) => metric?.Namespace ?? []));
  expect(namespaces).toEqual(new Set(['AWS/SQS', 'AWS/Lambda', 'AWS/States', 'AWS/Events', 'quotebridge-example']));
});

test('the composite names alarms that exist, and goes into the stack that is deployed last', () => {
  const [composite, ...others] = alarms.filter(({ properties }) => properties.AlarmRule !== undefined);
  expect(others).toEqual([]);
  expect(composite?.stack).toBe('quotebridge-example-operations');
  const members = [...String(composite?.properties.AlarmRule).matchAll(/ALARM\("quotebridge-example-([\w-]+)"\)/g)].map(([, name]) => name);
  expect(members.length).toBeGreaterThan(5);
  expect(simple.map(({ name }) => name)).toEqual(expect.arrayContaining(members));
  // CloudWatch wants its members to be there first: those of its own stack it has to wait for.
  const own = aws.ofType(ALARM).filter(({ stack, resource }) => stack === composite?.stack && members.includes(nameOf(resource)));
  expect(own.length).toBeGreaterThan(2);
  expect(aws.ofType(COMPOSITE)[0]?.resource.DependsOn).toEqual(expect.arrayContaining(own.map(({ id }) => id)));
});

test('steps end in an error whenever an order stops, so their errors count as a share of the calls', () => {
  for (const name of ['erp', 'order', 'tax'])
    expect(JSON.stringify(byName(`quote-to-order-${name}-errors`).Metrics)).toContain('100 * errors / calls');
});

test.each(['ministack', 'localstack'])('%s gets none: no alarm could ring there', async (cloud) => {
  const local = new Templates(await loadConfig('local', cloud));
  expect([...local.ofType(ALARM), ...local.ofType(COMPOSITE)]).toEqual([]);
});

describe('the dashboard', () => {
  const [dashboard, ...others] = aws.ofType('AWS::CloudWatch::Dashboard');
  const body = aws.resolve(dashboard?.stack ?? '', dashboard?.resource.Properties.DashboardBody);

  test('is one, on AWS only', async () => {
    expect(others).toEqual([]);
    expect(dashboard?.resource.Properties.DashboardName).toBe('quotebridge-example-flow');
    expect(new Templates(await loadConfig('local', 'ministack')).ofType('AWS::CloudWatch::Dashboard')).toEqual([]);
  });

  test('shows every queue, dead-letter queue and function, and every alarm', () => {
    JSON.parse(body);
    for (const name of [...named('AWS::SQS::Queue', 'QueueName'), ...named('AWS::Lambda::Function', 'FunctionName')])
      expect(body).toContain(`"quotebridge-example-${name}"`);
    for (const { name } of alarms) expect(body).toContain(`:alarm:quotebridge-example-${name}"`);
  });
});
