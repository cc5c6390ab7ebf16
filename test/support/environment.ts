import { existsSync, readFileSync } from 'node:fs';
import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { localClient, s3 } from '../../local/cloud/clients.ts';
import { files } from '../../local/paths.ts';
import { type EnvironmentState, type Part, running } from '../../local/state.ts';

/** The environment that the tests run against: that of `npm test`, or a running `npm run up`. @throws when there is none */
export function environment(): EnvironmentState {
  const state = running();
  if (state?.status !== 'ready') throw new Error('no local environment is running: start one with `npm run up`, or run `npm test`');
  return state;
}

/** A server of the environment: `cloud`, `erp`, ... @throws when the environment does not hold it */
export function part(name: string): Part {
  const found = environment().parts[name];
  if (!found) throw new Error(`the local environment has no ${name}; it has ${Object.keys(environment().parts).join(', ')}`);
  return found;
}

/** The outputs of all stacks by name, e.g. `LedgerTable`. */
export function outputs(): Record<string, string> {
  if (!existsSync(files.outputs)) throw new Error(`${files.outputs} is missing: nothing is deployed`);
  const stacks = JSON.parse(readFileSync(files.outputs, 'utf8')) as Record<string, Record<string, string>>;
  return Object.assign({}, ...Object.values(stacks));
}

/** One output. @throws when no stack has it */
export function output(name: string): string {
  const value = outputs()[name];
  if (value === undefined) throw new Error(`no stack has the output ${name}`);
  return value;
}

/** SDK clients of the environment's cloud. */
export function clients(endpoint = part('cloud').url) {
  const options = localClient(endpoint);
  const dynamo = new DynamoDBClient(options);
  return {
    cloudFormation: new CloudFormationClient(options),
    dynamo,
    documents: DynamoDBDocumentClient.from(dynamo, { marshallOptions: { removeUndefinedValues: true } }),
    events: new EventBridgeClient(options),
    lambda: new LambdaClient(options),
    logs: new CloudWatchLogsClient(options),
    s3: s3(endpoint),
    secrets: new SecretsManagerClient(options),
    sfn: new SFNClient({ ...options, disableHostPrefix: true }),
    // Queue URLs name "localhost", which may be another port's or a container's: always ask the endpoint.
    sqs: new SQSClient({ ...options, useQueueUrlAsEndpoint: false }),
  };
}
