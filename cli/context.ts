import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { loadConfig } from '../config/index.ts';
import type { StageConfig } from '../config/schema.ts';
import type { InboundEvent } from '../contracts/intake.ts';
import type { RunMessage } from '../contracts/workflow.ts';
import { type Send, sender } from '../lambdas/aws/queue.ts';
import { createQueues, type Queues } from '../lambdas/aws/queues.ts';
import { createDocuments, type Documents } from '../lambdas/ledger/documents.ts';
import { createFailures, type Failures } from '../lambdas/ledger/failures.ts';
import { createLedger, type Ledger } from '../lambdas/ledger/ledger.ts';
import { documentClient } from '../lambdas/ledger/table.ts';
import { type Defaults, defaultsOf } from '../lambdas/views/defaults.ts';
import { actorOf } from './actor.ts';
import { Refused } from './failure.ts';
import { type ClientOptions, placeOf } from './where.ts';

/** Everything that a command needs of one stage. */
export interface Context {
  readonly config: StageConfig;
  readonly defaults: Defaults;
  readonly ledger: Ledger;
  readonly documents: Documents;
  readonly queues: Queues;
  readonly failures: Failures;
  /** Outputs of the stacks by name, e.g. `LedgerTable`. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly stateMachineArn: string;
  readonly sendRun: Send<RunMessage>;
  readonly sendCause: Send<{ cause: string }>;
  readonly putInbound: (event: InboundEvent) => Promise<void>;
  /** Who runs this command, as the ledger keeps it. Throws {Refused} when AWS does not say. */
  readonly actor: () => Promise<string>;
  /** A line for whoever waits; the answer of a command goes elsewhere. */
  readonly say: (line: string) => void;
  /** For SDK clients of which only one command has need. */
  readonly client: ClientOptions;
}

/**
 * Puts an event on the inbound bus as its producer did. PutEvents refuses the prefix that AWS keeps for partner sources; the intake
 * knows a partner without it.
 */
const inboundPublisher =
  (bus: string, client: EventBridgeClient) =>
  async ({ source, 'detail-type': DetailType, detail }: InboundEvent): Promise<void> => {
    const entry = { EventBusName: bus, Source: source.replace(/^aws\.partner\//, ''), DetailType, Detail: JSON.stringify(detail) };
    const { FailedEntryCount, Entries } = await client.send(new PutEventsCommand({ Entries: [entry] }));
    if (!FailedEntryCount) return;
    const { ErrorCode, ErrorMessage } = Entries?.[0] ?? {};
    throw new Refused(
      `The inbound bus refused the event: ${ErrorCode} ${ErrorMessage ?? ''}`.trim(),
      'Correct the event, then resubmit it with --file.',
    );
  };

/** Finds the stage and makes the collaborators. @throws {Refused} when nothing runs there. */
export async function openContext(stage: string, say: Context['say'] = () => undefined): Promise<Context> {
  const config = await loadConfig(stage);
  const { client, outputs } = await placeOf(config);
  const output = (name: string): string => {
    const value = outputs[name];
    if (value === undefined)
      throw new Refused(`The stacks of stage ${stage} have no output ${name}: they are of another version.`, 'Deploy them again.');
    return value;
  };
  // The queue URLs of a local cloud name hosts and ports that this machine may not reach them under.
  const sqs = new SQSClient({ ...client, useQueueUrlAsEndpoint: client.endpoint === undefined });
  const tables = documentClient(new DynamoDBClient(client));
  return {
    config,
    defaults: defaultsOf(config),
    ledger: createLedger({ client: tables, table: output('LedgerTable') }),
    failures: createFailures({ client: tables, table: output('RuntimeTable') }),
    queues: createQueues(`quotebridge-${stage}`, sqs),
    documents: createDocuments({ bucket: output('DocumentBucket'), client: new S3Client({ ...client, forcePathStyle: true }) }),
    outputs,
    stateMachineArn: output('StateMachineArn'),
    sendRun: sender(output('RunQueueUrl'), sqs),
    sendCause: sender(output('CauseQueueUrl'), sqs),
    putInbound: inboundPublisher(output('InboundBus'), new EventBridgeClient(client)),
    actor: actorOf(stage, client),
    say,
    client,
  };
}
