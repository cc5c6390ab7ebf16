import { GetQueueAttributesCommand } from '@aws-sdk/client-sqs';
import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { countSales } from '../../local/erp/count.ts';
import { output, outputs, part } from '../support/environment.ts';
import { poll } from '../support/poll.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';

const stage = connectStage();

/** After all integration tests: what must hold whatever they did. */
test('every subscriber has what the ledger has, of every order of every tenant: 0 differences', async () => {
  expect(await everySubscriberAgrees(stage)).toBeGreaterThan(0);
});

test('no order is twice in the ERP', () => {
  expect(countSales(part('tryton').facts?.file ?? '').duplicates).toEqual([]);
});

test('no admission slot is held by an order that is at rest', async () => {
  const leases = async () => {
    const { Items = [] } = await stage.sdk.documents.send(new ScanCommand({ TableName: output('RuntimeTable'), ConsistentRead: true }));
    return Items.filter(({ id }) => String(id).startsWith('SLOT#')).map(({ lease }) => String(lease));
  };
  await poll('all slots are free', async () => (await leases()).length === 0, { seconds: 50, every: 500 });
});

test('nothing was given up: the dead-letter queues are empty', async () => {
  const queues = Object.entries(outputs()).filter(([name]) => name.endsWith('DeadLetterQueueUrl'));
  expect(queues.length).toBeGreaterThan(5);
  const depths = async () => {
    const AttributeNames = ['ApproximateNumberOfMessages' as const];
    const looks = queues.map(async ([name, QueueUrl]) => {
      const { Attributes } = await stage.sdk.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      return [name, Attributes?.ApproximateNumberOfMessages] as const;
    });
    return Object.fromEntries(await Promise.all(looks));
  };
  const found = await poll('the queues answer', depths);
  expect(found).toEqual(Object.fromEntries(queues.map(([name]) => [name, '0'])));
});
