import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { env as wakeEnv } from '../../lambdas/functions/master-data/wake/env.ts';
import { TypedFunction } from '../constructs/function.ts';
import { allowSend, allowTable } from '../constructs/permissions.ts';
import { WorkQueue } from '../constructs/queue.ts';
import type { Deployment } from '../deployment.ts';

const wakeTimeout = 30;

/** Corrected mappings: whoever waits for one is woken, page by page. */
export class MasterData extends Construct {
  constructor(scope: Construct, deployment: Deployment, { ledger, runQueue }: { ledger: Table; runQueue: IQueue }) {
    super(scope, 'master-data');
    const causeQueue = new WorkQueue(this, deployment, { name: 'cause', consumerTimeoutSeconds: wakeTimeout });
    const wake = new TypedFunction(this, deployment, {
      feature: 'master-data',
      name: 'wake',
      env: wakeEnv,
      environment: { LEDGER_TABLE: ledger.tableName, RUN_QUEUE_URL: runQueue.queueUrl, CAUSE_QUEUE_URL: causeQueue.queue.queueUrl },
      timeoutSeconds: wakeTimeout,
    });
    allowTable(wake, ledger, ['GetItem', 'PutItem'], ['cause']);
    allowSend(wake, runQueue, causeQueue.queue);
    causeQueue.consumeWith(wake, { batchSize: 1, maxConcurrency: deployment.config.concurrency.wake });
  }
}
