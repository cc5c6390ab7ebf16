import { fileURLToPath } from 'node:url';
import { App, type AppProps, Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import type { StageConfig } from '../config/schema.ts';
import { bundleFunctions } from './constructs/bundle.ts';
import { DataStack } from './data-stack.ts';
import { IntegrationStack } from './integration-stack.ts';
import { OperationsStack } from './operations-stack.ts';

/**
 * The three stacks of one stage.
 * @param code where the bundled functions go; by default `dist/<stage>-<cloud>/`.
 */
export function composeApp(config: StageConfig, props: AppProps = {}, code = defaultCode(config)): App {
  bundleFunctions(config, code);
  const app = new App(props);
  const deployment = { config, code };
  const data = new DataStack(app, deployment);
  const integration = new IntegrationStack(app, deployment, data);
  const { ledger, runtime } = data;
  new OperationsStack(app, deployment, { ledger, runtime, runQueue: integration.runQueue });
  Tags.of(app).add('application', 'quotebridge');
  Tags.of(app).add('stage', config.stage);
  // What local clouds cannot do (tracing, logs of the state machine) is no finding.
  if (config.cloud === 'aws') Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return app;
}

const defaultCode = ({ stage, cloud }: StageConfig): string => fileURLToPath(new URL(`../dist/${stage}-${cloud}`, import.meta.url));
