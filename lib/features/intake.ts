import { EventBus, Match } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { env as cpqEnv } from '../../lambdas/functions/intake/cpq/env.ts';
import { env as intakeEnv } from '../../lambdas/functions/intake/intake/env.ts';
import { EventRoute, type RoutedBus } from '../constructs/event-route.ts';
import { TypedFunction } from '../constructs/function.ts';
import { allow, allowPut, allowSecrets, allowSend } from '../constructs/permissions.ts';
import { WorkQueue } from '../constructs/queue.ts';
import type { Stores } from '../data-stack.ts';
import type { Deployment } from '../deployment.ts';

export interface IntakeProps extends Stores {
  readonly inboundBus: RoutedBus;
  readonly businessBus: RoutedBus;
}

/** Of the ledger the intake writes quarantined events alone. */
const QUARANTINE = ['X#*'];
const intakeTimeout = 10;
/** A record takes two calls or more, each with a deadline of 10 seconds. */
const cpqTimeout = 25;
/** A CPQ that is down for four hours loses nothing. */
const cpqHours = 4;

/** Everything that comes in: validated, translated, or quarantined with a reason. */
export class Intake extends Construct {
  private readonly intakeQueue: WorkQueue;
  private readonly cpqQueue: WorkQueue;

  constructor(scope: Construct, deployment: Deployment, props: IntakeProps) {
    super(scope, 'intake');
    this.intakeQueue = new WorkQueue(this, deployment, { name: 'intake', consumerTimeoutSeconds: intakeTimeout });
    this.cpqQueue = new WorkQueue(this, deployment, { name: 'cpq', consumerTimeoutSeconds: cpqTimeout, hours: cpqHours });
    this.entrances(deployment, props.inboundBus);
    this.intake(deployment, props);
    this.cpq(deployment, props);
  }

  /** Every event is taken, whatever it is: a rule that chose would drop the others silently. */
  private entrances(deployment: Deployment, inboundBus: RoutedBus): void {
    const pattern = { source: Match.prefix('') };
    new EventRoute(this, deployment, {
      name: 'inbound',
      description: 'Everything on the inbound bus goes to the intake',
      when: { bus: inboundBus, pattern },
      to: this.intakeQueue,
      deadLetters: inboundBus.deadLetters,
    });
    const partnerSource = deployment.config.salesforceEventSource;
    if (partnerSource === undefined) return;
    new EventRoute(this, deployment, {
      name: 'salesforce',
      description: 'Everything that the Salesforce event relay sends goes to the intake',
      // AWS associates a partner event source with a bus of exactly its name.
      when: { bus: new EventBus(this, 'salesforce-bus', { eventSourceName: partnerSource }), pattern },
      to: this.intakeQueue,
      deadLetters: inboundBus.deadLetters,
    });
  }

  private intake(deployment: Deployment, { ledger, runtime, documents, documentAccess, businessBus }: IntakeProps): void {
    const intake = new TypedFunction(this, deployment, {
      feature: 'intake',
      name: 'intake',
      env: intakeEnv,
      environment: {
        LEDGER_TABLE: ledger.tableName,
        RUNTIME_TABLE: runtime.tableName,
        DOCUMENT_BUCKET: documents.bucketName,
        BUSINESS_BUS: businessBus.eventBusName,
        CPQ_QUEUE_URL: this.cpqQueue.queue.queueUrl,
      },
      timeoutSeconds: intakeTimeout,
    });
    allowPut(intake, ledger, QUARANTINE);
    intake.role?.addManagedPolicy(documentAccess.intake);
    allow(intake, ['events:PutEvents'], [businessBus.eventBusArn]);
    allowSend(intake, this.cpqQueue.queue);
    this.intakeQueue.consumeWith(intake, { runtime, batchSize: 10, maxConcurrency: deployment.config.concurrency.intake });
  }

  private cpq(deployment: Deployment, { ledger, runtime, inboundBus }: IntakeProps): void {
    const cpq = new TypedFunction(this, deployment, {
      feature: 'intake',
      name: 'cpq',
      env: cpqEnv,
      environment: { LEDGER_TABLE: ledger.tableName, RUNTIME_TABLE: runtime.tableName, INBOUND_BUS: inboundBus.eventBusName },
      timeoutSeconds: cpqTimeout,
    });
    allowPut(cpq, ledger, QUARANTINE);
    allow(cpq, ['events:PutEvents'], [inboundBus.eventBusArn]);
    const connections = Object.values(deployment.config.policy.tenants).flatMap(({ cpqs }) => Object.values(cpqs));
    allowSecrets(
      cpq,
      connections.flatMap(({ secretName }) => secretName ?? []),
    );
    this.cpqQueue.consumeWith(cpq, { runtime, batchSize: 5, maxConcurrency: deployment.config.concurrency.cpq });
  }
}
