import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { env as wakeEnv } from '../../lambdas/functions/master-data/wake/env.ts';
import { TypedFunction } from '../constructs/function.ts';
import { allowSend, allowTable } from '../constructs/permissions.ts';
import { WorkQueue } from '../constructs/queue.ts';
import type { Stores } from '../data-stack.ts';
import type { Deployment } from '../deployment.ts';

const wakeTimeout = 30;

export interface MasterDataProps extends Pick<Stores, 'ledger' | 'runtime'> {
  readonly runQueue: IQueue;
}

/** Corrected mappings: whoever waits for one is woken, page by page. */
export class MasterData extends Construct {
  constructor(scope: Construct, deployment: Deployment, { ledger, runtime, runQueue }: MasterDataProps) {
    super(scope, 'master-data');
    const causeQueue = new WorkQueue(this, deployment, { name: 'cause', consumerTimeoutSeconds: wakeTimeout });
    const wake = new TypedFunction(this, deployment, {
      feature: 'master-data',
      name: 'wake',
      env: wakeEnv,
      environment: {
        LEDGER_TABLE: ledger.tableName,
        RUNTIME_TABLE: runtime.tableName,
        RUN_QUEUE_URL: runQueue.queueUrl,
        CAUSE_QUEUE_URL: causeQueue.queue.queueUrl,
      },
      timeoutSeconds: wakeTimeout,
    });
    allowTable(wake, ledger, ['GetItem', 'PutItem'], ['cause']);
    allowSend(wake, runQueue, causeQueue.queue);
    causeQueue.consumeWith(wake, { runtime, batchSize: 1, maxConcurrency: deployment.config.concurrency.wake });
  }
}
