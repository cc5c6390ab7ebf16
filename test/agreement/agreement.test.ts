import { ScanCommand } from '@aws-sdk/lib-dynamodb';
import { expect, test } from 'vitest';
import { deadLettersOf } from '../../contracts/queues.ts';
import { createQueues } from '../../lambdas/aws/queues.ts';
import { countSales } from '../../local/erp/count.ts';
import { LOCAL_STAGE } from '../../local/state.ts';
import { output, part } from '../support/environment.ts';
import { loadedPolicy } from '../support/policy.ts';
import { poll } from '../support/poll.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { everyRecordAgrees } from '../support/salesforce.ts';
import { connectStage } from '../support/stage.ts';

const stage = connectStage();

/** After all integration tests: what must hold whatever they did. */
test('every subscriber has what the ledger has, of every order of every tenant: 0 differences', async () => {
  expect(await everySubscriberAgrees(stage)).toBeGreaterThan(0);
});

test('the record of every quote in the CPQ shows what the ledger has of its order: 0 differences', async () => {
  expect(await everyRecordAgrees(stage)).toBeGreaterThan(0);
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

test('nothing was given up but what a test has taken out again: the dead-letter queues are empty', async () => {
  const queues = createQueues(`quotebridge-${LOCAL_STAGE}`, stage.sdk.sqs);
  const names = deadLettersOf(await loadedPolicy()).map(({ name }) => name);
  const left = names.map(async (name) => (await queues.peek(name)).map(({ Body }) => `${name}: ${Body}`));
  expect((await Promise.all(left)).flat()).toEqual([]);
});
