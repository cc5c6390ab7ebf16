import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DataStack } from './data-stack.ts';
import type { Deployment } from './deployment.ts';
import { IntegrationStack } from './integration-stack.ts';
import { OperationsStack } from './operations-stack.ts';

/** The three stacks of one stage. */
export function composeApp(deployment: Deployment, props: AppProps = {}): App {
  const app = new App(props);
  const data = new DataStack(app, deployment);
  const integration = new IntegrationStack(app, deployment, data);
  const { ledger, runtime } = data;
  new OperationsStack(app, deployment, { ledger, runtime, runQueue: integration.runQueue });
  Tags.of(app).add('application', 'quotebridge');
  Tags.of(app).add('stage', deployment.config.stage);
  // What local clouds cannot do (tracing, logs of the state machine) is no finding.
  if (deployment.config.cloud === 'aws') Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}
