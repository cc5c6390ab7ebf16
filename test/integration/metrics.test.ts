import { paginateFilterLogEvents } from '@aws-sdk/client-cloudwatch-logs';
import { expect, test } from 'vitest';
import { METRIC } from '../../contracts/metrics.ts';
import { output } from '../support/environment.ts';
import { simulator } from '../support/erps.ts';
import { poll } from '../support/poll.ts';
import { northwindQuote } from '../support/quotes.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();

/** What a function has logged since: text by text, for neither cloud reads the format. */
async function logged(name: string, startTime: number): Promise<string[]> {
  const lines: string[] = [];
  const filter = { logGroupName: `/aws/lambda/${output(name)}`, startTime };
  for await (const { events = [] } of paginateFilterLogEvents({ client: stage.sdk.logs }, filter))
    lines.push(...events.map(({ message = '' }) => message.trim()));
  return lines;
}

/** The metrics that a function has written down since. */
const metricsOf = async (name: string, since: number): Promise<Record<string, unknown>[]> =>
  (await logged(name, since)).filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line) as Record<string, unknown>);

test('functions write down what they did to orders, under their name and with no id', async () => {
  const since = Date.now() - 5000;
  const tenant = createTenant(stage, 't54', simulator);
  const quote = northwindQuote(3);
  await tenant.prepare(quote);
  const orderKey = await tenant.accept(quote);
  await tenant.untilState(orderKey, 'completed');

  const counted = (name: string, metric: string) =>
    poll(`${name} has counted ${metric}`, async () => (await metricsOf(name, since)).find((line) => metric in line), { seconds: 60, every: 1000 });
  expect(await counted('QuoteToOrderRunFunction', METRIC.accepted)).toMatchObject({ service: 'quote-to-order-run' });
  expect(await counted('QuoteToOrderOrderFunction', METRIC.completed)).toMatchObject({ service: 'quote-to-order-order' });
  const published = await counted('DeliveryPublishFunction', METRIC.published);
  await counted('DeliveryDeliverFunction', METRIC.delivered('billing'));
  expect(JSON.stringify(published)).not.toContain(orderKey);
});

test('the sweeper measures once in an invocation that sweeps many times', async () => {
  const since = Date.now() - 5000;
  const figures = async () => (await metricsOf('OperationsSweepFunction', since)).find((line) => METRIC.overdue in line);
  expect(await poll('the sweeper has measured', figures, { seconds: 180, every: 2000 })).toMatchObject({
    service: 'operations-sweep',
    [METRIC.inLine('main')]: expect.any(Number),
    [METRIC.inLineAge('sim')]: expect.any(Number),
    [METRIC.unfinished]: expect.any(Number),
    [METRIC.quarantineOpen]: expect.any(Number),
  });
});
