import { randomUUID } from 'node:crypto';
import { CreateStackCommand, DeleteStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { waitUntilFunctionActiveV2 } from '@aws-sdk/client-lambda';
import { CreateStateMachineCommand, DeleteStateMachineCommand, DescribeExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { CreateQueueCommand, DeleteQueueCommand } from '@aws-sdk/client-sqs';
import { onTestFinished } from 'vitest';
import { clients } from '../support/environment.ts';
import { poll } from '../support/poll.ts';

// What the probes make in the cloud, each under a name of its own, and removed after the test.

export const sdk = clients();
export const unique = (name: string): string => `probe-${name}-${randomUUID().slice(0, 8)}`;
/** A machine with one state. */
export const states = (only: object) => ({ StartAt: 'Only', States: { Only: only } });

type Service = 'lambda.amazonaws.com' | 'states.amazonaws.com';

const roleOf = (Service: Service, may: readonly string[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }] },
    Policies: [{ PolicyName: 'probe', PolicyDocument: { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: [...may], Resource: '*' }] } }],
  },
});

export async function createMachine(definition: object): Promise<string> {
  const { output: roleArn } = await createStack(
    { Role: roleOf('states.amazonaws.com', ['*']) },
    { Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] } } },
  );
  const text = JSON.stringify({ QueryLanguage: 'JSONata', ...definition });
  const { stateMachineArn = '' } = await sdk.sfn.send(new CreateStateMachineCommand({ name: unique('machine'), definition: text, roleArn }));
  onTestFinished(async () => void (await sdk.sfn.send(new DeleteStateMachineCommand({ stateMachineArn }))));
  return stateMachineArn;
}

/** Runs a machine to its end. */
export async function execute(definition: object) {
  const stateMachineArn = await createMachine(definition);
  const { executionArn: arn = '' } = await sdk.sfn.send(new StartExecutionCommand({ stateMachineArn, input: '{}' }));
  const ended = await poll('the execution ended', async () => {
    const now = await sdk.sfn.send(new DescribeExecutionCommand({ executionArn: arn }));
    return now.status !== 'RUNNING' && now;
  });
  return { arn, status: ended.status, output: ended.output, error: ended.error };
}

/** A function of the managed Node runtime, made by CloudFormation, which takes its code as text. @param may actions that its role allows. @returns its ARN */
export async function createFunction(code: string, may: readonly string[] = ['*']): Promise<string> {
  const properties = { Runtime: 'nodejs24.x', Handler: 'index.handler', Role: { 'Fn::GetAtt': ['Role', 'Arn'] }, Code: { ZipFile: code } };
  const { output } = await createStack(
    { Role: roleOf('lambda.amazonaws.com', may), Function: { Type: 'AWS::Lambda::Function', Properties: properties } },
    { Arn: { Value: { 'Fn::GetAtt': ['Function', 'Arn'] } } },
  );
  await waitUntilFunctionActiveV2({ client: sdk.lambda, maxWaitTime: 30 }, { FunctionName: output });
  return output;
}

export const arnOf = (queueUrl: string): string => `arn:aws:sqs:us-east-1:000000000000:${queueUrl.split('/').at(-1)}`;

export async function createQueue(Attributes: Record<string, string> = {}): Promise<string> {
  const { QueueUrl = '' } = await sdk.sqs.send(new CreateQueueCommand({ QueueName: unique('queue'), Attributes }));
  onTestFinished(async () => void (await sdk.sqs.send(new DeleteQueueCommand({ QueueUrl }))));
  return QueueUrl;
}

/** @returns the status that the stack ends in, and its first output */
export async function createStack(Resources: object, Outputs: object = {}): Promise<{ status: string; output: string }> {
  const StackName = unique('stack');
  await sdk.cloudFormation.send(
    new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources, Outputs }), Capabilities: ['CAPABILITY_IAM'] }),
  );
  onTestFinished(async () => void (await sdk.cloudFormation.send(new DeleteStackCommand({ StackName }))));
  const stack = await poll('the stack is settled', async () => {
    const [now] = (await sdk.cloudFormation.send(new DescribeStacksCommand({ StackName }))).Stacks ?? [];
    return now && !now.StackStatus?.endsWith('IN_PROGRESS') && now;
  });
  return { status: stack.StackStatus ?? '', output: stack.Outputs?.[0]?.OutputValue ?? '' };
}

/** Whether a call is accepted, rather than refused with this error; any other error is the probe's own and is thrown. */
export async function accepted(as: string | RegExp, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    const { name, message } = error as Error;
    if (typeof as === 'string' ? name === as : as.test(`${name} ${message}`)) return false;
    throw error;
  }
}
