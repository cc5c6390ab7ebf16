import { type App, Stack } from 'aws-cdk-lib';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { releaseOf } from '../config/release.ts';
import { addDashboard } from './dashboard.ts';
import type { Stores } from './data-stack.ts';
import { type Deployment, nameOf, publish } from './deployment.ts';
import { Operations } from './features/operations.ts';

/** What watches over the other two. */
export class OperationsStack extends Stack {
  constructor(app: App, deployment: Deployment, props: Pick<Stores, 'ledger' | 'runtime'> & { runQueue: IQueue }) {
    const { config } = deployment;
    super(app, nameOf(config, 'operations'), { env: config.env, description: 'Quotebridge: sweeper, alarm topic' });
    const { alarms } = new Operations(this, deployment, props);
    addDashboard(this, deployment);
    const { version, policyHash } = releaseOf(config);
    publish(this, 'release', 'Version', version);
    publish(this, 'policy', 'Hash', policyHash);
    publish(this, 'alarm-topic', 'Arn', alarms.topicArn);
  }
}
