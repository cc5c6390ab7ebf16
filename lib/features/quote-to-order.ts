import { Match } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { env as erpEnv } from '../../lambdas/functions/quote-to-order/erp/env.ts';
import { env as orderEnv } from '../../lambdas/functions/quote-to-order/order/env.ts';
import { env as runEnv } from '../../lambdas/functions/quote-to-order/run/env.ts';
import { env as taxEnv } from '../../lambdas/functions/quote-to-order/tax/env.ts';
import { EventRoute, type RoutedBus } from '../constructs/event-route.ts';
import { TypedFunction } from '../constructs/function.ts';
import { allow, allowSecrets, allowSend, allowTable } from '../constructs/permissions.ts';
import { WorkQueue } from '../constructs/queue.ts';
import { Workflow } from '../constructs/workflow.ts';
import type { Stores } from '../data-stack.ts';
import type { Deployment } from '../deployment.ts';

export interface QuoteToOrderProps extends Stores {
  readonly businessBus: RoutedBus;
}

const runTimeout = 10;

/**
 * Seconds. Task timeout (in the state machine) > function timeout > deadline of a call > the vendor's maximum: so a call has ended
 * before its function is stopped, and the function before its state is given up. Tests hold the chain.
 */
export const adapterTimeouts = { erp: 45, tax: 20, order: 20 } as const;

/** From an accepted quote to an order in the ERP: the starter, and one state machine with its three functions. */
export class QuoteToOrder extends Construct {
  readonly runQueue: WorkQueue;
  readonly workflow: Workflow;

  constructor(scope: Construct, deployment: Deployment, props: QuoteToOrderProps) {
    super(scope, 'quote-to-order');
    this.runQueue = new WorkQueue(this, deployment, { name: 'run', consumerTimeoutSeconds: runTimeout });
    new EventRoute(this, deployment, {
      name: 'quotes',
      description: 'Events of quotes go to the starter, which accepts them or notes the milestone',
      when: { bus: props.businessBus, pattern: { detailType: Match.prefix('quote.') } },
      to: this.runQueue,
      deadLetters: props.businessBus.deadLetters,
    });
    this.workflow = new Workflow(this, deployment, {
      name: 'quote-to-order',
      functions: {
        ErpFunction: this.erp(deployment, props),
        OrderFunction: this.order(deployment, props),
        TaxFunction: this.tax(deployment, props),
      },
      timeoutSeconds: deployment.config.policy.times.runTimeout,
    });
    this.run(deployment, props);
  }

  private erp(deployment: Deployment, stores: Stores): TypedFunction<typeof erpEnv> {
    const erp = new TypedFunction(this, deployment, {
      feature: 'quote-to-order',
      name: 'erp',
      env: erpEnv,
      environment: storeNames(stores),
      timeoutSeconds: adapterTimeouts.erp,
      reservedConcurrency: deployment.config.concurrency.erp,
    });
    this.allowStep(erp, stores);
    allowOnce(erp, stores);
    allowSecrets(
      erp,
      Object.values(deployment.config.policy.erps).map(({ secretName }) => secretName),
    );
    return erp;
  }

  private order(deployment: Deployment, stores: Stores): TypedFunction<typeof orderEnv> {
    const order = new TypedFunction(this, deployment, {
      feature: 'quote-to-order',
      name: 'order',
      env: orderEnv,
      environment: { ...storeNames(stores), RUN_QUEUE_URL: this.runQueue.queue.queueUrl },
      timeoutSeconds: adapterTimeouts.order,
    });
    this.allowStep(order, stores);
    allowTable(order, stores.ledger, [], ['admission']);
    allowTable(order, stores.runtime, ['DeleteItem']);
    allowSend(order, this.runQueue.queue);
    return order;
  }

  private tax(deployment: Deployment, stores: Stores): TypedFunction<typeof taxEnv> {
    const tax = new TypedFunction(this, deployment, {
      feature: 'quote-to-order',
      name: 'tax',
      env: taxEnv,
      environment: storeNames(stores),
      timeoutSeconds: adapterTimeouts.tax,
      reservedConcurrency: deployment.config.concurrency.tax,
    });
    this.allowStep(tax, stores);
    allowOnce(tax, stores);
    return tax;
  }

  /** What every step does: read the order, write it by compare-and-set, keep what it prepared. */
  private allowStep(fn: TypedFunction<typeof erpEnv | typeof orderEnv | typeof taxEnv>, { ledger, documentAccess }: Stores): void {
    allowTable(fn, ledger, ['GetItem', 'PutItem']);
    fn.role?.addManagedPolicy(documentAccess.steps);
  }

  private run(deployment: Deployment, { ledger, runtime }: Stores): void {
    const { stateMachineArn } = this.workflow;
    const run = new TypedFunction(this, deployment, {
      feature: 'quote-to-order',
      name: 'run',
      env: runEnv,
      environment: {
        LEDGER_TABLE: ledger.tableName,
        RUNTIME_TABLE: runtime.tableName,
        STATE_MACHINE_ARN: stateMachineArn,
        RUN_QUEUE_URL: this.runQueue.queue.queueUrl,
      },
      timeoutSeconds: runTimeout,
    });
    allowTable(run, ledger, ['GetItem', 'PutItem'], ['admission']);
    allowTable(run, runtime, ['GetItem', 'PutItem', 'DeleteItem']);
    allow(run, ['states:StartExecution'], [stateMachineArn]);
    this.workflow.allowDescribe(run);
    allowSend(run, this.runQueue.queue);
    this.runQueue.consumeWith(run, { runtime, batchSize: 5, maxConcurrency: deployment.config.concurrency.run });
  }
}

const storeNames = ({ ledger, runtime, documents }: Stores) => ({
  LEDGER_TABLE: ledger.tableName,
  RUNTIME_TABLE: runtime.tableName,
  DOCUMENT_BUCKET: documents.bucketName,
});

/** Powertools keeps the answer of an action, so that a repeat within the run makes no second call. */
const allowOnce = (fn: TypedFunction<typeof erpEnv | typeof taxEnv>, { runtime }: Stores): void =>
  allowTable(fn, runtime, ['GetItem', 'PutItem', 'UpdateItem', 'DeleteItem']);
