import { describe, expect, test } from 'vitest';
import { simulator, tryton } from '../support/erps.ts';
import { northwindQuote, revisionOf, shippedTo } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();

describe.concurrent('revision 2 of a quote', () => {
  test('while revision 1 waits without a draft: 1 is cancelled, 2 completes', async () => {
    const tenant = createTenant(stage, 't25', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote, 'ACC-VINET');
    const first = await tenant.accept(quote);
    await tenant.untilWaiting(first, 'CUSTOMER_UNKNOWN');
    const second = await tenant.accept(revisionOf(quote, 2));
    const ended = await tenant.untilState(first, 'cancelled');
    expect(ended).toMatchObject({ supersededBy: second, stops: { superseded: {} } });
    await tenant.untilWaiting(second, 'CUSTOMER_UNKNOWN');
    await tenant.map('customer', 'ACC-VINET', 'VINET');
    await tenant.untilState(second, 'completed');
    expect(await simulator.sales(first)).toEqual([]);
    expect(await simulator.count(second)).toBe(1);
  });

  test("while revision 1 waits with a draft: the draft is cancelled in the ERP, 2 becomes the quote's only order", async () => {
    const tenant = createTenant(stage, 't26', tryton);
    const quote = northwindQuote(5);
    await tenant.prepare(quote);
    const first = await tenant.accept(shippedTo(quote, 'US'));
    await tenant.untilWaiting(first, 'TAX_MISMATCH');
    const second = await tenant.accept(revisionOf(quote, 2));
    await tenant.untilState(second, 'completed');
    expect(await tenant.order(first)).toMatchObject({ state: 'cancelled', supersededBy: second });
    expect(await tryton.sales(first)).toMatchObject([{ state: 'cancelled' }]);
    expect(await tryton.sales(second)).toMatchObject([{ state: 'processing' }]);
  });

  test('when revision 1 is an order already: 2 waits for a person and makes nothing', async () => {
    const tenant = createTenant(stage, 't27', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote);
    const first = await tenant.accept(quote);
    await tenant.untilState(first, 'completed');
    const second = await tenant.accept(revisionOf(quote, 2));
    const head = await tenant.untilWaiting(second, 'PREDECESSOR_PAST_PIVOT');
    expect(head).toMatchObject({ state: 'accepted', predecessor: first, wait: { kind: 'person' } });
    expect(await simulator.sales(second)).toEqual([]);
    expect(await tenant.order(first)).toMatchObject({ state: 'completed', stops: {} });
    await tenant.cancel(second);
    await tenant.untilState(second, 'cancelled');
    expect(await simulator.count(first)).toBe(1);
  });

  test('that came before revision 1: 1 is recorded as cancelled and makes nothing', async () => {
    const tenant = createTenant(stage, 't28', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote);
    const second = await tenant.accept(revisionOf(quote, 2));
    await tenant.until(second, 'is there', () => true);
    const first = await tenant.accept(quote);
    const late = await tenant.untilState(first, 'cancelled');
    expect(late.run.n).toBe(0);
    await tenant.untilState(second, 'completed');
    expect((await tenant.facts(first)).map(({ type }) => type)).toEqual(['order.cancelled.v1']);
    expect(await simulator.sales(first)).toEqual([]);
  });
});

test('every subscriber has what the ledger has of all these orders', async () => {
  expect(await everySubscriberAgrees(stage, ['t25', 't26', 't27', 't28'])).toBeGreaterThan(0);
});
