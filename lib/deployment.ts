import { CfnOutput, Stack } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { StageConfig } from '../config/schema.ts';

/** What every construct needs to know: the validated configuration, and the folder with the bundled functions. */
export interface Deployment {
  readonly config: StageConfig;
  /** Holds `<feature>/<function>/` for each function. */
  readonly code: string;
}

/** The name of a resource: it contains the stage, so that several stages fit in one account. */
export const nameOf = (config: StageConfig, ...parts: string[]): string => ['quotebridge', config.stage, ...parts].join('-');

/** Namespace of our own metrics: their one dimension is the function, which is called the same in every stage. */
export const metricsNamespace = (config: StageConfig): string => nameOf(config);

/** The publisher of the data stack sends to the bus of the integration stack, which reads the ledger: a name breaks the circle. */
export const businessBusName = (config: StageConfig): string => nameOf(config, 'business');

/**
 * A value that the CLI, the local commands and the tests read from the deployed stack (`cdk deploy --outputs-file`).
 * `publish('deliver-billing', 'QueueUrl', ...)` becomes the output `DeliverBillingQueueUrl`.
 */
export function publish(scope: Construct, name: string, kind: string, value: string): void {
  const words = name.split('-').map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  new CfnOutput(Stack.of(scope), `${words.join('')}${kind}`, { value });
}
