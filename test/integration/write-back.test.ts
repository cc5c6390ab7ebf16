import { afterAll, describe, expect, test } from 'vitest';
import type { CloudEvent } from '../../contracts/envelope.ts';
import { CPQ, deliveryQueue } from '../../contracts/queues.ts';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import { random, shuffled } from '../../local/northwind/random.ts';
import { queueOf } from '../support/dead-letters.ts';
import { simulator } from '../support/erps.ts';
import { fromBusinessRule } from '../support/from-rule.ts';
import { poll } from '../support/poll.ts';
import { northwindQuote, revisionOf } from '../support/quotes.ts';
import { createSalesforce, everyRecordAgrees } from '../support/salesforce.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant, type Tenant } from '../support/tenant.ts';

const stage = connectStage();
const queue = queueOf(stage, deliveryQueue(CPQ));
const SECONDS = 150;

/** The organisation of a tenant, whose accepted quotes become orders in the ERP simulator. */
function organisationOf(tenant: Tenant) {
  const salesforce = createSalesforce(stage, tenant.name);
  return {
    ...salesforce,
    accept: async (quote: NorthwindQuote): Promise<string> => {
      await salesforce.put([quote], { region: 'SIM' });
      await salesforce.announce({ recordIds: [quote.header.id], change: 'UPDATE', fields: { SBQQ__Status__c: 'Accepted' } });
      return tenant.keyOf(quote, 'salesforce');
    },
    untilShown: (quote: NorthwindQuote, what: object) =>
      poll(
        `the record shows ${JSON.stringify(what)}`,
        async () => {
          expect(await salesforce.record(quote)).toMatchObject(what);
          return true;
        },
        { seconds: SECONDS, every: 500 },
      ),
  };
}

/** Every event of the order, three times, in any order. */
function disorderly(events: readonly CloudEvent<unknown>[]): string[] {
  return shuffled([...events, ...events, ...events].map(fromBusinessRule), random(24));
}

describe.concurrent('the record of a quote', () => {
  test('shows the order when it is accepted, why it waits, and the number when it is completed; nothing that comes late or twice moves it back', async () => {
    const tenant = createTenant(stage, 't24', simulator);
    const organisation = organisationOf(tenant);
    const quote = northwindQuote(1);
    const product = quote.content.lines[0]?.product ?? '';
    await tenant.prepare(quote, product);
    const orderKey = await organisation.accept(quote);
    await tenant.untilWaiting(orderKey, 'PRODUCT_UNMAPPED');
    await organisation.untilShown(quote, {
      ...{ QB_Order_Key__c: orderKey, QB_Revision__c: 1, QB_State__c: 'accepted', QB_ERP_Order__c: null, QB_Waiting_Code__c: 'PRODUCT_UNMAPPED' },
      QB_Waiting_Reason__c: expect.stringContaining('waits for master-data'),
      QB_Waiting_Due__c: expect.stringMatching(/^20/),
    });

    await tenant.prepare(quote);
    await tenant.untilState(orderKey, 'completed');
    const { order, seq } = await tenant.order(orderKey);
    expect(order?.number).toBeTruthy();
    const end = {
      QB_State__c: 'completed',
      QB_Sequence__c: seq,
      QB_ERP_Order__c: order?.number,
      QB_Waiting_Code__c: null,
      QB_Waiting_Reason__c: null,
    };
    await organisation.untilShown(quote, end);

    const [record, facts] = [await organisation.record(quote), await tenant.facts(orderKey)];
    await Promise.all(disorderly(facts).map((body) => queue.send(body)));
    // Our own change, as Salesforce announces it: the intake takes it for no news.
    await organisation.announce({ recordIds: [quote.header.id], change: 'UPDATE', fields: { QB_State__c: 'completed' } });
    await queue.untilEmpty();
    expect(await organisation.record(quote)).toEqual(record);
    expect(await tenant.facts(orderKey)).toEqual(facts);
    const { deliveries } = await tenant.lineage(orderKey);
    expect(deliveries.find(({ subscriber }) => subscriber === CPQ)).toMatchObject({ sequence: seq });
  });

  test('is left to the order of the highest revision, whatever becomes of the one before', async () => {
    const tenant = createTenant(stage, 't61', simulator);
    const organisation = organisationOf(tenant);
    const quote = northwindQuote(2);
    const product = quote.content.lines[0]?.product ?? '';
    await tenant.prepare(quote, product);
    const first = await organisation.accept(quote);
    await tenant.untilWaiting(first, 'PRODUCT_UNMAPPED');
    const second = await organisation.accept(revisionOf(quote, 2));
    await tenant.untilState(first, 'cancelled');
    await tenant.prepare(quote);
    await tenant.untilState(second, 'completed');
    await organisation.untilShown(quote, { QB_Order_Key__c: second, QB_Revision__c: 2, QB_State__c: 'completed' });
    const record = await organisation.record(quote);
    await Promise.all(disorderly(await tenant.facts(first)).map((body) => queue.send(body)));
    await queue.untilEmpty();
    expect(await organisation.record(quote)).toEqual(record);
  });

  test('catches up when the CPQ answers again', async () => {
    const tenant = createTenant(stage, 't29', simulator);
    const organisation = organisationOf(tenant);
    const quote = northwindQuote(3);
    await tenant.prepare(quote);
    await organisation.faults({ on: 'update', match: quote.header.id, status: 503, times: 1_000_000 });
    const orderKey = await organisation.accept(quote);
    await tenant.untilState(orderKey, 'completed');
    const body = fromBusinessRule((await tenant.facts(orderKey))[0] as CloudEvent<unknown>);
    await queue.send(body);
    await poll('it was refused', async () => (await queue.failure(body))?.code === 'CPQ_UNAVAILABLE', { seconds: SECONDS });
    expect((await organisation.record(quote))?.QB_State__c).toBeUndefined();
    await organisation.faults();
    await organisation.untilShown(quote, { QB_Order_Key__c: orderKey, QB_State__c: 'completed' });
  });

  test('that was deleted leaves a dead letter that says so; once it is back, a redrive fills it', async () => {
    const tenant = createTenant(stage, 't62', simulator);
    const organisation = organisationOf(tenant);
    const quote = northwindQuote(4);
    await tenant.prepare(quote);
    const orderKey = await organisation.accept(quote);
    await tenant.untilState(orderKey, 'completed');
    await organisation.untilShown(quote, { QB_State__c: 'completed' });
    // Nothing about it is under way: a delivery that is tried once more would find no record either, and leave a dead letter of its own.
    await queue.untilEmpty();
    await organisation.remove(quote);
    const body = fromBusinessRule((await tenant.facts(orderKey))[1] as CloudEvent<unknown>);
    await queue.send(body);
    await queue.untilDead((text) => text === body);
    expect(await queue.failure(body)).toMatchObject({ code: 'CPQ_RECORD_MISSING', tenant: tenant.name, orderKey });
    expect((await tenant.order(orderKey)).state).toBe('completed');
    await organisation.put([quote], { region: 'SIM' });
    await queue.redrive([body]);
    await organisation.untilShown(quote, { QB_Order_Key__c: orderKey, QB_State__c: 'completed' });
  });
});

afterAll(async () => {
  expect(await everyRecordAgrees(stage, ['t24', 't29', 't61', 't62'], SECONDS)).toBeGreaterThanOrEqual(4);
});
