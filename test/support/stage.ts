import { PutEventsCommand } from '@aws-sdk/client-eventbridge';
import type { InboundEvent } from '../../contracts/intake.ts';
import { sender } from '../../lambdas/aws/queue.ts';
import { createDocuments } from '../../lambdas/ledger/documents.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { clients, output } from './environment.ts';

/** The deployed stacks, as an operator or a producer of events reaches them. */
export function connectStage() {
  const sdk = clients();
  const bus = output('InboundBus');
  return {
    sdk,
    businessBus: output('BusinessBus'),
    stateMachineArn: output('StateMachineArn'),
    ledger: createLedger({ client: sdk.documents, table: output('LedgerTable') }),
    documents: createDocuments({ bucket: output('DocumentBucket'), client: sdk.s3 }),
    sendRun: sender<{ orderKey: string }>(output('RunQueueUrl'), sdk.sqs),
    sendCause: sender<{ cause: string }>(output('CauseQueueUrl'), sdk.sqs),
    /** Puts events on the inbound bus, as a producer does. @throws when the bus refuses one */
    put: async (...events: readonly InboundEvent[]): Promise<void> => {
      for (let from = 0; from < events.length; from += 10) {
        const Entries = events.slice(from, from + 10).map(({ source, 'detail-type': DetailType, detail }) => ({
          EventBusName: bus,
          Source: source,
          DetailType,
          Detail: typeof detail === 'string' ? detail : JSON.stringify(detail),
        }));
        const answer = await sdk.events.send(new PutEventsCommand({ Entries }));
        if (answer.FailedEntryCount) throw new Error(`the inbound bus refused ${JSON.stringify(answer.Entries)}`);
      }
    },
  };
}
export type Stage = ReturnType<typeof connectStage>;
