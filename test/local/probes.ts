import { ListArchivesCommand, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand } from '@aws-sdk/client-lambda';
import { GetExecutionHistoryCommand, RedriveExecutionCommand, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ListQueuesCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { expect } from 'vitest';
import { localClient } from '../../local/cloud/clients.ts';
import type { Capability } from '../support/capabilities.ts';
import { part } from '../support/environment.ts';
import { accepted, arnOf, createFunction, createMachine, createQueue, createStack, execute, sdk, states, unique } from './probe-tools.ts';

/** Whether the cloud has a capability, as seen now. An answer that is an error is the caller's to read. */
export const probes: Record<Capability, () => Promise<boolean>> = {
  'archive by CloudFormation': async () => {
    const name = unique('archive');
    const source = 'arn:aws:events:us-east-1:000000000000:event-bus/default';
    const archive = { Type: 'AWS::Events::Archive', Properties: { ArchiveName: name, SourceArn: source } };
    const made = await accepted('ValidationError', () => createStack({ Archive: archive }));
    const { Archives = [] } = await sdk.events.send(new ListArchivesCommand({ NamePrefix: name }));
    return made && Archives.length === 1;
  },

  'custom resources': async () => {
    const code = `exports.handler = async (event) => {
      const body = JSON.stringify({ ...event, Status: 'SUCCESS', PhysicalResourceId: 'made', Data: { Answer: 'called' } });
      await fetch(event.ResponseURL, { method: 'PUT', body });
    };`;
    const arn = await createFunction(code);
    const resource = { Type: 'Custom::Probe', Properties: { ServiceToken: arn } };
    const queue = {
      Type: 'AWS::SQS::Queue',
      Properties: { QueueName: { 'Fn::Sub': [`${unique('made')}-\${A}`, { A: { 'Fn::GetAtt': ['Probe', 'Answer'] } }] } },
    };
    const outputs = { Name: { Value: { 'Fn::GetAtt': ['Queue', 'QueueName'] } } };
    const { status, output } = await createStack({ Probe: resource, Queue: queue }, outputs);
    return status === 'CREATE_COMPLETE' && output.endsWith('-called');
  },

  'execution timeout': async () => {
    const { status } = await execute({ TimeoutSeconds: 1, ...states({ Type: 'Wait', Seconds: 3, End: true }) });
    return status === 'TIMED_OUT';
  },

  'heartbeat of a task': async () => {
    const QueueUrl = await createQueue();
    const task = {
      Type: 'Task',
      Resource: 'arn:aws:states:::sqs:sendMessage.waitForTaskToken',
      Arguments: { QueueUrl, MessageBody: '{% $states.context.Task.Token %}' },
      HeartbeatSeconds: 1,
      TimeoutSeconds: 4,
      End: true,
    };
    return (await execute(states(task))).error === 'States.HeartbeatTimeout';
  },

  'IAM is enforced': async () => {
    const code = `exports.handler = async () => ({
      accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY, sessionToken: process.env.AWS_SESSION_TOKEN,
    });`;
    const { Payload } = await sdk.lambda.send(new InvokeCommand({ FunctionName: await createFunction(code, ['sqs:ListQueues']) }));
    const role = new SQSClient({ ...localClient(part('cloud').url), credentials: JSON.parse(Buffer.from(Payload ?? []).toString()) });
    await role.send(new ListQueuesCommand());
    const QueueUrl = await createQueue();
    return !(await accepted(/^AccessDenied/, () => role.send(new SendMessageCommand({ QueueUrl, MessageBody: 'probe' }))));
  },

  'named error of a managed Node function': async () => {
    const FunctionName = await createFunction("class Busy extends Error { name = 'Busy' } exports.handler = async () => { throw new Busy('x'); };");
    const { Payload } = await sdk.lambda.send(new InvokeCommand({ FunctionName }));
    return JSON.parse(Buffer.from(Payload ?? []).toString()).errorType === 'Busy';
  },

  'output of a Parallel': async () => {
    const branch = states({ Type: 'Pass', End: true });
    const { output } = await execute(states({ Type: 'Parallel', Branches: [branch], Output: { put: 'here' }, End: true }));
    return output === '{"put":"here"}';
  },

  'PutEvents rejects a bad entry': async () => {
    const { FailedEntryCount } = await sdk.events.send(
      new PutEventsCommand({ Entries: [{ Source: 'probe', DetailType: 'probe', Detail: 'no JSON' }] }),
    );
    return FailedEntryCount === 1;
  },

  'redrive of a queue': async () => {
    const SourceArn = arnOf(await createQueue());
    await createQueue({ RedrivePolicy: JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 }) });
    return accepted('InvalidAction', () => sdk.sqs.send(new StartMessageMoveTaskCommand({ SourceArn })));
  },

  'redrive of an execution': async () => {
    const { arn } = await execute(states({ Type: 'Fail', Error: 'Probe' }));
    return accepted(/NotImplemented|InternalFailure|InvalidAction|UnknownOperation|not (yet )?implemented/i, () =>
      sdk.sfn.send(new RedriveExecutionCommand({ executionArn: arn })),
    );
  },

  'rule target DLQ': async () => {
    const [Name, dead] = [unique('rule'), await createQueue()];
    const dlq = { Arn: arnOf(dead) };
    await sdk.events.send(new PutRuleCommand({ Name, EventPattern: JSON.stringify({ source: [Name] }) }));
    const target = { Id: 'gone', Arn: 'arn:aws:sqs:us-east-1:000000000000:there-is-no-such-queue', DeadLetterConfig: dlq };
    await sdk.events.send(new PutTargetsCommand({ Rule: Name, Targets: [target] }));
    await sdk.events.send(new PutEventsCommand({ Entries: [{ Source: Name, DetailType: 'probe', Detail: '{}' }] }));
    const { Messages = [] } = await sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl: dead, WaitTimeSeconds: 3 }));
    return Messages.length > 0;
  },

  'StartExecution is idempotent while running': async () => {
    const stateMachineArn = await createMachine(states({ Type: 'Wait', Seconds: 2, End: true }));
    const start = () => sdk.sfn.send(new StartExecutionCommand({ stateMachineArn, name: 'same', input: '{}' }));
    const first = await start();
    return accepted('ExecutionAlreadyExists', async () => expect((await start()).executionArn).toBe(first.executionArn));
  },

  'states of a Parallel in the history': async () => {
    const branch = { StartAt: 'Inside', States: { Inside: { Type: 'Pass', End: true } } };
    const { arn } = await execute(states({ Type: 'Parallel', Branches: [branch], End: true }));
    const { events = [] } = await sdk.sfn.send(new GetExecutionHistoryCommand({ executionArn: arn }));
    return events.some((event) => event.stateEnteredEventDetails?.name === 'Inside');
  },

  'uuid in JSONata': async () => /[0-9a-f-]{36}/.test((await execute(states({ Type: 'Pass', Output: '{% $uuid() %}', End: true }))).output ?? ''),
};
