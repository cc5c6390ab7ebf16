import { type App, Duration, Stack } from 'aws-cdk-lib';
import { CfnEventBusPolicy, Match } from 'aws-cdk-lib/aws-events';
import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { RoutedBus } from './constructs/event-route.ts';
import type { Stores } from './data-stack.ts';
import { type Deployment, nameOf, publish } from './deployment.ts';
import { Delivery } from './features/delivery.ts';
import { Intake } from './features/intake.ts';
import { MasterData } from './features/master-data.ts';
import { QuoteToOrder } from './features/quote-to-order.ts';

/** What quotes become orders in: the two buses and the features between them. What stands in its queues and in the archive goes with it when it is removed; orders do not. */
export class IntegrationStack extends Stack {
  readonly runQueue;

  constructor(app: App, deployment: Deployment, stores: Stores) {
    const { config } = deployment;
    super(app, nameOf(config, 'integration'), { env: config.env, description: 'Quotebridge: buses, intake, quote-to-order, delivery' });
    const inboundBus = new RoutedBus(this, deployment, 'inbound');
    const businessBus = new RoutedBus(this, deployment, 'business');
    if (config.cloud === 'aws') this.forAws(deployment, inboundBus, businessBus);

    new Intake(this, deployment, { ...stores, inboundBus, businessBus });
    const quoteToOrder = new QuoteToOrder(this, deployment, { ...stores, businessBus });
    this.runQueue = quoteToOrder.runQueue.queue;
    new MasterData(this, deployment, { ...stores, runQueue: this.runQueue });
    new Delivery(this, deployment, { ...stores, businessBus });

    publish(this, 'inbound', 'Bus', inboundBus.eventBusName);
    publish(this, 'business', 'Bus', businessBus.eventBusName);
    publish(this, 'state-machine', 'Arn', quoteToOrder.workflow.stateMachineArn);
  }

  /** Archive and bus policy: neither local cloud has both. */
  private forAws({ config }: Deployment, inboundBus: RoutedBus, businessBus: RoutedBus): void {
    businessBus.archive('archive', {
      archiveName: nameOf(config, 'quotes'),
      description: 'Events of quotes, to be looked up or sent again',
      eventPattern: { detailType: Match.prefix('quote.') },
      retention: Duration.days(90),
    });
    if (config.producerAccounts.length === 0) return;
    new CfnEventBusPolicy(this, 'producers', {
      eventBusName: inboundBus.eventBusName,
      statementId: 'producers',
      statement: new PolicyStatement({
        principals: config.producerAccounts.map((account) => new AccountPrincipal(account)),
        actions: ['events:PutEvents'],
        resources: [inboundBus.eventBusArn],
      }).toStatementJson(),
    });
  }
}
