import { DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { expect, test } from 'vitest';
import { deploy } from '../../local/cloud/cdk.ts';
import { LOCAL_STAGE } from '../../local/state.ts';
import { environment, part } from '../support/environment.ts';
import { simulator } from '../support/erps.ts';
import { inbound, northwindQuote } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();

/** What a deployment changes when it changes anything. */
async function deployed() {
  const { Stacks = [] } = await stage.sdk.cloudFormation.send(new DescribeStacksCommand({}));
  const { Functions = [] } = await stage.sdk.lambda.send(new ListFunctionsCommand({}));
  const own = (name = '') => name.startsWith(`quotebridge-${LOCAL_STAGE}-`);
  return {
    stacks: Stacks.filter(({ StackName }) => own(StackName)).map(({ StackName, StackStatus, LastUpdatedTime }) => [
      StackName,
      StackStatus,
      LastUpdatedTime,
    ]),
    functions: Functions.filter(({ FunctionName }) => own(FunctionName))
      .map(({ FunctionName, CodeSha256, LastModified }) => [FunctionName, CodeSha256, LastModified])
      .sort(),
  };
}

test('deploying the same again while orders run changes nothing, and every order completes in its first run', async () => {
  const tenant = createTenant(stage, 't32', simulator);
  const quotes = Array.from({ length: 6 }, () => northwindQuote(1));
  await tenant.prepare(quotes[0] as (typeof quotes)[number]);
  const before = await deployed();
  expect(before.stacks).toHaveLength(3);
  await stage.put(...quotes.map((quote) => inbound(tenant.event(quote))));
  await deploy({ stage: LOCAL_STAGE, cloud: environment().cloud, endpoint: part('cloud').url });
  expect(await deployed(), 'unless the sources were changed since: then `npm run up -- --redeploy` first').toEqual(before);
  for (const quote of quotes) {
    const head = await tenant.untilState(tenant.keyOf(quote), 'completed');
    expect(head.run.n).toBe(1);
    expect(await simulator.count(head.orderKey)).toBe(1);
  }
  expect(await everySubscriberAgrees(stage, [tenant.name])).toBeGreaterThanOrEqual(quotes.length);
});
