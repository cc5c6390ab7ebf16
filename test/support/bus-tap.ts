import { randomUUID } from 'node:crypto';
import { DeleteRuleCommand, PutRuleCommand, PutTargetsCommand, RemoveTargetsCommand } from '@aws-sdk/client-eventbridge';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
} from '@aws-sdk/client-sqs';
import { type InboundEvent, inboundEvent } from '../../contracts/intake.ts';
import type { Stage } from './stage.ts';

/** A queue of a test that gets a copy of everything on the business bus, until `stop()`. */
export async function tapBusinessBus({ sdk, businessBus }: Stage) {
  const name = `test-tap-${randomUUID()}`;
  const rule = { Name: name, EventBusName: businessBus };
  const { QueueUrl } = await sdk.sqs.send(new CreateQueueCommand({ QueueName: name }));
  const { Attributes } = await sdk.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  await sdk.events.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify({ source: [{ prefix: '' }] }) }));
  await sdk.events.send(new PutTargetsCommand({ Rule: name, EventBusName: rule.EventBusName, Targets: [{ Id: 'tap', Arn: Attributes?.QueueArn }] }));
  const seen: InboundEvent[] = [];
  return {
    /** All events until now. */
    events: async (): Promise<readonly InboundEvent[]> => {
      for (;;) {
        const { Messages = [] } = await sdk.sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
        if (Messages.length === 0) return seen;
        seen.push(...Messages.map(({ Body = '' }) => inboundEvent.parse(JSON.parse(Body))));
        const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: String(at), ReceiptHandle }));
        await sdk.sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      }
    },
    stop: async (): Promise<void> => {
      await sdk.events.send(new RemoveTargetsCommand({ Rule: name, EventBusName: rule.EventBusName, Ids: ['tap'] }));
      await sdk.events.send(new DeleteRuleCommand(rule));
      await sdk.sqs.send(new DeleteQueueCommand({ QueueUrl }));
    },
  };
}
