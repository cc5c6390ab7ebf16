import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { CPQ } from '../../contracts/queues.ts';
import { plus, within } from '../../lambdas/domain/money.ts';
import { clerk, simulator, tryton } from '../support/erps.ts';
import { poll } from '../support/poll.ts';
import { northwindQuote } from '../support/quotes.ts';
import { everySubscriberAgrees, receiverState, subscribers } from '../support/receivers.ts';
import { createSalesforce } from '../support/salesforce.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();
const decimal = z.object({ decimal: z.string() }).transform(({ decimal: value }) => value);
const saleRecord = z.object({
  state: z.string(),
  reference: z.string(),
  total_amount: decimal,
  'party.': z.object({ code: z.string() }),
  'currency.': z.object({ code: z.string() }),
  'carrier.': z.object({ 'party.': z.object({ code: z.string() }) }),
});
const lineRecords = z.array(z.object({ quantity: z.number(), unit_price: decimal, 'product.': z.object({ code: z.string() }) }));

const saleOf = async (ref: string | undefined) => {
  const fields = ['state', 'reference', 'total_amount', 'party.code', 'currency.code', 'carrier.party.code'];
  return saleRecord.parse((await clerk().read('sale.sale', [['id', '=', Number(ref)]], fields))[0]);
};
const linesOf = async (ref: string | undefined) =>
  lineRecords.parse(await clerk().read('sale.line', [['sale', '=', Number(ref)]], ['quantity', 'unit_price', 'product.code']));

describe.concurrent('an accepted quote', () => {
  test('of Salesforce becomes one order in the ERP, and every subscriber knows', async () => {
    const tenant = createTenant(stage, 't01', tryton);
    const salesforce = createSalesforce(stage, tenant.name);
    const quote = northwindQuote(1);
    await tenant.prepare(quote);
    await salesforce.put([quote]);
    await salesforce.announce({ recordIds: [quote.header.id], change: 'UPDATE', fields: { SBQQ__Status__c: 'Accepted' } });
    const orderKey = tenant.keyOf(quote, 'salesforce');
    const head = await tenant.untilState(orderKey, 'completed');

    const sale = await saleOf(head.order?.ref);
    expect(sale).toMatchObject({
      state: 'processing',
      reference: `${orderKey}.0`,
      'party.': { code: quote.customer },
      'currency.': { code: quote.header.currency },
      'carrier.': { 'party.': { code: `CARRIER-${quote.content.shipping.carrier?.slice(-1)}` } },
    });
    expect(within(sale.total_amount, plus(quote.header.total, head.tax?.amount ?? '0'), '0.02')).toBe(true);
    const lines = await linesOf(head.order?.ref);
    expect(lines).toHaveLength(quote.content.lines.length + 1);
    const freight = lines.find((line) => line['product.'].code === 'FREIGHT');
    expect(Number(freight?.unit_price)).toBe(Number(quote.content.shipping.freight));
    expect(tryton.count(orderKey)).toBe(1);

    const facts = await tenant.facts(orderKey);
    expect(facts.map(({ type }) => type)).toEqual([
      'order.accepted.v1',
      'order.drafted.v1',
      'order.tax-recorded.v1',
      'order.confirmed.v1',
      'order.completed.v1',
    ]);
    expect(facts.map(({ data }) => data.sequence)).toEqual([1, 2, 3, 4, 5]);
    expect(subscribers()).toHaveLength(4);
    for (const name of subscribers()) {
      const known = await poll(
        `${name} has the end of the order`,
        async () => {
          const state = (await receiverState(name)).orders[orderKey];
          return state?.sequence === 5 && state;
        },
        { seconds: 90, every: 500 },
      );
      expect(known).toMatchObject({ state: 'completed', erp: { reference: head.order?.ref, number: head.order?.number } });
    }
    await poll('each delivery is noted in the ledger', async () => {
      const { deliveries } = await tenant.lineage(orderKey);
      const noted = deliveries.filter(({ sequence }) => sequence === 5).map(({ subscriber }) => subscriber);
      return noted.length === 5 && noted.includes(CPQ);
    });
    expect(await salesforce.record(quote)).toMatchObject({ QB_State__c: 'completed', QB_Sequence__c: 5, QB_ERP_Order__c: head.order?.number });
  });

  test('that is announced many times, merged, out of order and with gaps becomes one order, its milestones are kept', async () => {
    const tenant = createTenant(stage, 't02', tryton);
    const salesforce = createSalesforce(stage, tenant.name);
    const [quote, other] = [northwindQuote(3), northwindQuote(4)];
    await tenant.prepare(quote);
    await tenant.prepare(other);
    await salesforce.put([quote, other], { status: 'Draft' });
    const ids = [quote.header.id, other.header.id];
    const milestones = async () => (await stage.ledger.readQuote(tenant.name, 'salesforce', quote.header.id)).milestones;
    for (const [status, milestone] of [
      ['Draft', 'created'],
      ['In Review', 'submitted'],
      ['Approved', 'approved'],
    ] as const) {
      await salesforce.setStatus(quote, status);
      await salesforce.announce({ recordIds: [quote.header.id], change: milestone === 'created' ? 'CREATE' : 'UPDATE' });
      await poll(`the quote is ${milestone}`, async () => (await milestones())[milestone], { seconds: 60 });
    }
    await salesforce.setStatus(quote, 'Accepted');
    await salesforce.setStatus(other, 'Accepted');
    const merged = { recordIds: ids, change: 'UPDATE' } as const;
    const alone = { recordIds: [quote.header.id], change: 'UPDATE' } as const;
    await salesforce.announce(
      { ...merged, sequenceNumber: 3 },
      { ...alone, change: 'GAP_UPDATE', sequenceNumber: 2 },
      ...Array.from({ length: 10 }, (_, n) => ({ ...alone, sequenceNumber: 10 - n })),
      { ...merged, change: 'GAP_UPDATE' as const },
      { recordIds: [quote.header.id, quote.header.id], change: 'CREATE' },
    );
    const keys = [quote, other].map((one) => tenant.keyOf(one, 'salesforce'));
    for (const orderKey of keys) {
      const head = await tenant.untilState(orderKey, 'completed');
      expect(head.generation).toBe(0);
      expect(await tryton.sales(orderKey)).toMatchObject([{ reference: `${orderKey}.0`, state: 'processing' }]);
      expect((await tenant.facts(orderKey)).map(({ type }) => type).filter((type) => type === 'order.accepted.v1')).toHaveLength(1);
    }
    expect(Object.keys(await milestones()).sort()).toEqual(['approved', 'created', 'submitted']);
  });

  test('that is sent ten times at once as a canonical event becomes one order', async () => {
    const tenant = createTenant(stage, 't03', simulator);
    const quote = northwindQuote(2);
    await tenant.prepare(quote);
    const sent = await Promise.all(Array.from({ length: 10 }, () => tenant.accept(quote)));
    const orderKey = sent[0] as string;
    await tenant.untilState(orderKey, 'completed');
    await tenant.accept(quote);
    expect(await simulator.count(orderKey)).toBe(1);
    expect((await tenant.facts(orderKey)).filter(({ type }) => type === 'order.completed.v1')).toHaveLength(1);
  });
});

test('every subscriber has what the ledger has of all these orders', async () => {
  expect(await everySubscriberAgrees(stage, ['t01', 't02', 't03'])).toBeGreaterThan(0);
});
