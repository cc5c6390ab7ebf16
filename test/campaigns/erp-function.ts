import { type FunctionConfiguration, GetFunctionConfigurationCommand, UpdateFunctionConfigurationCommand } from '@aws-sdk/client-lambda';
import { start } from '../../local/vendors/fault-proxy.ts';
import { createFaults } from '../../local/vendors/faults.ts';
import { output, part } from '../support/environment.ts';
import { poll } from '../support/poll.ts';
import type { Stage } from '../support/stage.ts';

/** Between the function that calls the ERP and the ledger: where a write of the ledger is held before it is done, or after. */
export type LedgerFaults = Awaited<ReturnType<typeof interceptLedger>>;

/**
 * Sends the ERP function's calls to DynamoDB through a fault proxy of this process, until `stop()`. The clouds set AWS_ENDPOINT_URL
 * themselves; the endpoint of a single service is the function's own.
 * @param timeoutSeconds of the function meanwhile; the settle time of an unknown effect is what is left of it and the vendor's maximum
 */
export async function interceptLedger(stage: Stage, timeoutSeconds?: number) {
  const FunctionName = output('QuoteToOrderErpFunction');
  const before = await stage.sdk.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
  const proxy = await start({ target: part('cloud').url });
  const variables = before.Environment?.Variables;
  await reconfigure(stage, { ...before, Environment: { Variables: { ...variables, AWS_ENDPOINT_URL_DYNAMODB: proxy.url } } }, timeoutSeconds);
  return {
    url: proxy.url,
    faults: createFaults(proxy.url),
    stop: async (): Promise<void> => {
      await reconfigure(stage, before);
      await proxy.stop();
    },
  };
}

async function reconfigure({ sdk }: Stage, wanted: FunctionConfiguration, timeoutSeconds = wanted.Timeout): Promise<void> {
  const { FunctionName, Environment } = wanted;
  const Variables = Environment?.Variables;
  await sdk.lambda.send(
    new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: timeoutSeconds, ...(Variables && { Environment: { Variables } }) }),
  );
  const updated = async () => (await sdk.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }))).LastUpdateStatus !== 'InProgress';
  await poll('the function has its new configuration', updated, { seconds: 60 });
}
