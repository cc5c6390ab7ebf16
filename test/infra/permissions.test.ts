import { expect, test } from 'vitest';
import { exampleConfig, Templates } from './templates.ts';

/**
 * Function x resource x action: everything that each function may do, besides writing its own log. LocalStack checks no permission,
 * so this table is read against the code in review.
 */
const readDocuments = { 's3:::documents': 'ListBucket', 's3:::documents/*': 'GetObject' };
const DOCUMENTS_OF_INTAKE = { ...readDocuments, 's3:::documents/quotes/*': 'PutObject', 's3:::documents/quarantine/*': 'PutObject' };
const DOCUMENTS_OF_STEPS = { ...readDocuments, 's3:::documents/workings/*': 'PutObject' };
/** A consumer also keeps the index of failures. */
const consume = (queue: string) => ({
  [`sqs:${queue}`]: 'ChangeMessageVisibility DeleteMessage GetQueueAttributes GetQueueUrl ReceiveMessage',
  'dynamodb:table/runtime': 'DeleteItem GetItem UpdateItem',
});
/** Of the example stage. */
const QUEUES = ['intake', 'cpq', 'run', 'cause', 'publish-retry', 'deliver-billing', 'deliver-cpq', 'sweep', 'replay'];

const PERMISSIONS: Record<string, Record<string, string>> = {
  'intake-intake': {
    ...consume('intake'),
    ...DOCUMENTS_OF_INTAKE,
    'dynamodb:table/ledger': 'PutItem',
    'events:event-bus/business': 'PutEvents',
    'sqs:cpq': 'SendMessage',
  },
  'intake-cpq': {
    ...consume('cpq'),
    'dynamodb:table/ledger': 'PutItem',
    'events:event-bus/inbound': 'PutEvents',
    'secretsmanager:secret:quotebridge/example/cpq/salesforce-??????': 'GetSecretValue',
  },
  'quote-to-order-run': {
    ...consume('run'),
    'dynamodb:table/ledger': 'GetItem PutItem',
    'dynamodb:table/ledger/index/admission': 'Query',
    'dynamodb:table/runtime': 'DeleteItem GetItem PutItem UpdateItem',
    'states:stateMachine:quote-to-order': 'StartExecution',
    'states:execution:quote-to-order:*': 'DescribeExecution',
    'sqs:run': `${consume('run')['sqs:run']} SendMessage`,
  },
  'quote-to-order-order': {
    ...DOCUMENTS_OF_STEPS,
    'dynamodb:table/ledger': 'GetItem PutItem',
    'dynamodb:table/ledger/index/admission': 'Query',
    'dynamodb:table/runtime': 'DeleteItem',
    'sqs:run': 'SendMessage',
  },
  'quote-to-order-erp': {
    ...DOCUMENTS_OF_STEPS,
    'dynamodb:table/ledger': 'GetItem PutItem',
    'dynamodb:table/runtime': 'DeleteItem GetItem PutItem UpdateItem',
    'secretsmanager:secret:quotebridge/example/erp/main-??????': 'GetSecretValue',
    'secretsmanager:secret:quotebridge/example/erp/test-??????': 'GetSecretValue',
  },
  'quote-to-order-tax': {
    ...DOCUMENTS_OF_STEPS,
    'dynamodb:table/ledger': 'GetItem PutItem',
    'dynamodb:table/runtime': 'DeleteItem GetItem PutItem UpdateItem',
  },
  'master-data-wake': {
    ...consume('cause'),
    'dynamodb:table/ledger': 'GetItem PutItem',
    'dynamodb:table/ledger/index/cause': 'Query',
    'sqs:run': 'SendMessage',
    'sqs:cause': `${consume('cause')['sqs:cause']} SendMessage`,
  },
  'delivery-publish': {
    ...consume('publish-retry'),
    '*': 'ListStreams',
    'dynamodb:table/ledger': 'GetItem',
    'dynamodb:table/ledger/stream/*': 'DescribeStream GetRecords GetShardIterator',
    'events:event-bus/business': 'PutEvents',
    'sqs:publish-retry': `${consume('publish-retry')['sqs:publish-retry']} SendMessage`,
    'sqs:publish-stream-dlq': 'GetQueueAttributes GetQueueUrl SendMessage',
  },
  'delivery-deliver': {
    ...consume('deliver-billing'),
    'dynamodb:table/ledger': 'UpdateItem',
    'secretsmanager:secret:quotebridge/example/subscriber/billing-??????': 'GetSecretValue',
  },
  'delivery-write-back': {
    ...consume('deliver-cpq'),
    'dynamodb:table/ledger': 'GetItem UpdateItem',
    'secretsmanager:secret:quotebridge/example/cpq/salesforce-??????': 'GetSecretValue',
  },
  'operations-sweep': {
    ...consume('sweep'),
    'dynamodb:table/runtime': 'DeleteItem GetItem PutItem UpdateItem',
    'events:event-bus/business': 'PutEvents',
    'dynamodb:table/ledger': 'BatchGetItem ConditionCheckItem GetItem PutItem Query',
    'dynamodb:table/ledger/index/admission': 'Query',
    'dynamodb:table/ledger/index/cause': 'Query',
    'dynamodb:table/ledger/index/sweep': 'Query',
    'dynamodb:table/ledger/index/tasks': 'Query',
    'sqs:run': 'SendMessage',
  },
  'operations-replay': {
    ...Object.fromEntries(QUEUES.map((queue) => [`sqs:${queue}`, 'GetQueueAttributes GetQueueUrl SendMessage'])),
    ...Object.assign({}, ...[...QUEUES, 'inbound-rule', 'business-rule', 'sweep-rule'].map((queue) => consume(`${queue}-dlq`))),
    'sqs:replay': `${consume('replay')['sqs:replay']} SendMessage`,
    'dynamodb:table/ledger': 'BatchGetItem GetItem PutItem Query',
    'dynamodb:table/ledger/index/day': 'Query',
    'dynamodb:table/ledger/index/sweep': 'Query',
    'dynamodb:table/runtime': 'BatchGetItem DeleteItem GetItem UpdateItem',
    'events:event-bus/business': 'PutEvents',
  },
};

/** Resources with a wildcard, and why no narrower one exists; the reasons stand beside the statements in lib/. */
const WILDCARDS = ['*', 'states:execution:quote-to-order:*'];

const config = await exampleConfig();
const templates = new Templates(config);

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly NotAction?: unknown;
  readonly Condition?: unknown;
}

const list = <T>(value: T | readonly T[]): readonly T[] => (Array.isArray(value) ? value : [value as T]);

/** `arn:aws:sqs:eu-central-1:111122223333:quotebridge-example-run` -> `sqs:run`. */
const short = (arn: string): string =>
  arn
    .replace(/^arn:aws:/, '')
    .replace(`${config.env.region}:${config.env.account}:`, '')
    .replace(`-${config.env.account}-${config.env.region}`, '')
    .replace(`quotebridge-${config.stage}-`, '');

/** Statements of every policy that is attached to the role, inline or managed. */
function statementsOf(stack: string, roleId: string): { stack: string; statement: Statement }[] {
  const inline = templates.ofType('AWS::IAM::Policy').filter((policy) => policy.stack === stack);
  const attached = inline.filter(({ resource }) => resource.Properties.Roles.some((role: { Ref: string }) => role.Ref === roleId));
  const role = templates.stacks.get(stack)?.Resources[roleId];
  const managed = (role?.Properties.ManagedPolicyArns ?? []).map((arn: unknown) => {
    const id = templates.resolve(stack, arn);
    const found = templates.ofType('AWS::IAM::ManagedPolicy').find((policy) => policy.id === id);
    if (!found) throw new Error(`${roleId} has a policy that is not ours: ${id}`);
    return found;
  });
  return [...attached, ...managed].flatMap(({ stack, resource }) =>
    resource.Properties.PolicyDocument.Statement.map((statement: Statement) => ({ stack, statement })),
  );
}

function permissionsOf(stack: string, roleId: string): Record<string, string> {
  const found = new Map<string, Set<string>>();
  for (const { stack: where, statement } of statementsOf(stack, roleId)) {
    expect(statement.Effect).toBe('Allow');
    expect(statement.NotAction).toBeUndefined();
    for (const resource of list(statement.Resource).map((value) => short(templates.resolve(where, value))))
      for (const action of list(statement.Action)) found.set(resource, (found.get(resource) ?? new Set()).add(action.replace(/^.*:/, '')));
  }
  return Object.fromEntries([...found].map(([resource, actions]) => [resource, [...actions].sort().join(' ')]));
}

const functions = templates.ofType('AWS::Lambda::Function').map(({ stack, resource }) => ({
  stack,
  name: short(resource.Properties.FunctionName),
  roleId: resource.Properties.Role['Fn::GetAtt'][0] as string,
}));

test('each function may do what the table says, and nothing else', () => {
  const actual = Object.fromEntries(
    functions.map(({ stack, name, roleId }) => {
      const { [`logs:log-group:/aws/lambda/${name}:*`]: log, ...others } = permissionsOf(stack, roleId);
      expect(log, name).toBe('CreateLogStream PutLogEvents');
      return [name, others];
    }),
  );
  expect(actual).toEqual(PERMISSIONS);
});

test.each([
  ['operations-replay', 'replays', ['RP', 'RP#*']],
  ['intake-intake', 'quarantined events', ['X#*']],
  ['intake-cpq', 'quarantined events', ['X#*']],
])('%s writes nothing into the ledger but %s', (named, _what, partitions) => {
  const { stack = '', roleId = '' } = functions.find(({ name }) => name === named) ?? {};
  const puts = statementsOf(stack, roleId).filter(({ statement }) => list(statement.Action).includes('dynamodb:PutItem'));
  expect(puts.map(({ statement }) => statement.Condition)).toEqual([{ 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': partitions } }]);
});

test('each function has a role of its own', () => {
  expect(new Set(functions.map(({ stack, roleId }) => `${stack}/${roleId}`)).size).toBe(functions.length);
});

test('a resource is named, or its wildcard has a reason', () => {
  const wildcards = functions.flatMap(({ stack, roleId }) => Object.keys(permissionsOf(stack, roleId)).filter((name) => name.includes('*')));
  const unexplained = wildcards.filter(
    (name) => !WILDCARDS.includes(name) && !name.startsWith('s3:::documents/') && !name.startsWith('logs:') && !name.endsWith('/stream/*'),
  );
  expect(unexplained).toEqual([]);
});

test('the state machine may call its three functions and write its log', () => {
  const [machine] = templates.ofType('AWS::StepFunctions::StateMachine');
  if (!machine) throw new Error('there is no state machine');
  expect(permissionsOf(machine.stack, machine.resource.Properties.RoleArn['Fn::GetAtt'][0])).toEqual({
    'lambda:function:quote-to-order-erp': 'InvokeFunction',
    'lambda:function:quote-to-order-order': 'InvokeFunction',
    'lambda:function:quote-to-order-tax': 'InvokeFunction',
    '*': expect.stringContaining('CreateLogDelivery'),
  });
});

test('nobody may delete from the ledger or update what makes a fact, whatever another policy allows', () => {
  const ledger = templates.ofType('AWS::DynamoDB::Table').find(({ resource }) => resource.Properties.TableName.endsWith('-ledger'));
  const [deleted, updated] = ledger?.resource.Properties.ResourcePolicy.PolicyDocument.Statement ?? [];
  expect(deleted).toMatchObject({ Effect: 'Deny', Principal: '*' });
  expect(deleted.Action).toEqual(expect.arrayContaining(['dynamodb:DeleteItem', 'dynamodb:BatchWriteItem']));
  expect(updated).toMatchObject({ Effect: 'Deny', Action: 'dynamodb:UpdateItem' });
  expect(updated.Condition['ForAnyValue:StringEquals']['dynamodb:Attributes']).toContain('event');
});
