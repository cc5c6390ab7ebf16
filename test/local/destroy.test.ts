import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { ListEventBusesCommand, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand } from '@aws-sdk/client-sfn';
import { ListQueuesCommand } from '@aws-sdk/client-sqs';
import { expect, test } from 'vitest';
import { clients } from '../support/environment.ts';
import { cloudUrl, newHome, run, started } from './small.ts';

type Sdk = ReturnType<typeof clients>;

/** Names of everything of the project that is in a cloud, by kind. */
async function resources({ dynamo, events, lambda, logs, s3, sfn, sqs }: Sdk) {
  const found = {
    tables: (await dynamo.send(new ListTablesCommand({}))).TableNames,
    buckets: (await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name),
    functions: (await lambda.send(new ListFunctionsCommand({}))).Functions?.map(({ FunctionName }) => FunctionName),
    machines: (await sfn.send(new ListStateMachinesCommand({}))).stateMachines?.map(({ name }) => name),
    queues: (await sqs.send(new ListQueuesCommand({}))).QueueUrls?.map((url) => url.split('/').at(-1)),
    buses: (await events.send(new ListEventBusesCommand({}))).EventBuses?.map(({ Name }) => Name),
    rules: (await events.send(new ListRulesCommand({}))).Rules?.map(({ Name }) => Name),
    logs: (await logs.send(new DescribeLogGroupsCommand({}))).logGroups?.map(({ logGroupName }) => logGroupName?.split('/').at(-1)),
  };
  return Object.fromEntries(Object.entries(found).map(([kind, names = []]) => [kind, names.filter((name) => name?.startsWith('quotebridge-'))]));
}

test('destroying the stacks leaves nothing of them, though the bucket held documents', async () => {
  const home = newHome();
  const sdk = clients(cloudUrl(await started(home)));
  const deployed = await run(home, 'deploy').ended;
  expect(deployed.code, deployed.output).toBe(0);

  const before = await resources(sdk);
  for (const [kind, names] of Object.entries(before)) if (kind !== 'rules') expect(names, kind).not.toEqual([]);
  for (const Body of ['first version', 'second version']) await sdk.s3.send(new PutObjectCommand({ Bucket: before.buckets?.[0], Key: 'kept', Body }));

  const destroyed = await run(home, 'destroy').ended;
  expect(destroyed.code, destroyed.output).toBe(0);
  expect(await resources(sdk)).toEqual(Object.fromEntries(Object.keys(before).map((kind) => [kind, []])));
}, 300_000);
