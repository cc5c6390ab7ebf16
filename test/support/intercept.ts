import { type FunctionConfiguration, GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { start } from '../../local/vendors/fault-proxy.ts';
import { createFaults } from '../../local/vendors/faults.ts';
import { output, part } from './environment.ts';
import { poll } from './poll.ts';
import type { Stage } from './stage.ts';

/** Between functions and the ledger: where a call is held before it is done, or after. */
export type LedgerFaults = Awaited<ReturnType<typeof intercept>>;

interface Intercepted {
  /** The output that names the function, such as `QuoteToOrderErpFunction`. */
  readonly name: string;
  /** Of the function meanwhile. */
  readonly timeoutSeconds?: number | undefined;
}

/**
 * Sends the calls of these functions to DynamoDB through a fault proxy of this process, until `stop()`. The clouds set AWS_ENDPOINT_URL
 * themselves; the endpoint of a single service is the function's own.
 */
export async function intercept(stage: Stage, functions: readonly Intercepted[]) {
  const proxy = await start({ target: part('cloud').url });
  const before: FunctionConfiguration[] = [];
  for (const { name, timeoutSeconds } of functions) {
    const found = await stage.sdk.lambda.send(new GetFunctionConfigurationCommand({ FunctionName: output(name) }));
    before.push(found);
    const Variables = { ...found.Environment?.Variables, AWS_ENDPOINT_URL_DYNAMODB: proxy.url };
    await reconfigure(stage, { ...found, Timeout: timeoutSeconds ?? found.Timeout, Environment: { Variables } });
  }
  return {
    url: proxy.url,
    faults: createFaults(proxy.url),
    stop: async (): Promise<void> => {
      for (const configuration of before) await reconfigure(stage, configuration);
      await proxy.stop();
    },
  };
}

async function reconfigure({ sdk }: Stage, { FunctionName, Timeout, Environment }: FunctionConfiguration): Promise<void> {
  const Variables = Environment?.Variables;
  await sdk.lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout, ...(Variables && { Environment: { Variables } }) }));
  const updated = async () => (await sdk.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).LastUpdateStatus !== 'InProgress';
  await poll('the function has its new configuration', updated, { seconds: 60 });
}
