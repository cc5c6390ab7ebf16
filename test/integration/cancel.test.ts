import { describe, expect, test } from 'vitest';
import { holdDraft, simulator, tryton } from '../support/erps.ts';
import { northwindQuote, shippedTo } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();

describe.concurrent('a cancelled order', () => {
  test('that has no draft ends, and the ERP never hears of it', async () => {
    const tenant = createTenant(stage, 't20', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote, 'ACC-VINET');
    const orderKey = await tenant.accept(quote);
    await tenant.untilWaiting(orderKey, 'CUSTOMER_UNKNOWN');
    expect(await tenant.cancel(orderKey)).toBe('undoing');
    const head = await tenant.untilState(orderKey, 'cancelled');
    expect(head).toMatchObject({ stops: { cancel: { reason: 'a test' } } });
    expect(head.wait).toBeUndefined();
    expect(head.dueAt).toBeUndefined();
    expect(await simulator.sales(orderKey)).toEqual([]);
    expect(await tenant.cancel(orderKey)).toBe('already ended');
    expect((await tenant.facts(orderKey)).at(-1)).toMatchObject({ type: 'order.cancelled.v1', data: { state: 'cancelled', stop: 'cancel' } });
  });

  test('that has a draft and a tax document: the document is voided, the draft cancelled in the ERP', async () => {
    const tenant = createTenant(stage, 't21', tryton);
    const quote = northwindQuote(2);
    await tenant.prepare(quote);
    const orderKey = tenant.keyOf(quote);
    const faults = tryton.faults();
    const held = await holdDraft(tryton, orderKey);
    await tenant.accept(quote);
    await held.made();
    const [draft] = await tryton.sales(orderKey);
    const away = await faults.plan({ match: tryton.quoteOf(draft?.ref ?? ''), action: 'status', status: 429, times: 100 });
    await held.letGo();
    const waiting = await tenant.untilWaiting(orderKey, 'ERP_UNAVAILABLE');
    expect(waiting).toMatchObject({ state: 'drafted', tax: { status: 'recorded' } });
    expect(await tenant.cancel(orderKey)).toBe('undoing');
    const head = await tenant.untilState(orderKey, 'cancelled');
    await faults.remove(away);
    expect(head.tax?.status).toBe('voided');
    expect((await tenant.lineage(orderKey)).documents).toMatchObject([{ kind: 'tax', status: 'voided' }]);
    expect(await tryton.sales(orderKey)).toMatchObject([{ ref: draft?.ref, state: 'cancelled' }]);
    expect(tryton.count(orderKey)).toBe(0);
    const undone = (await tenant.facts(orderKey)).map(({ type }) => type).slice(-3);
    expect(undone).toEqual(['order.tax-voided.v1', 'order.draft-cancelled.v1', 'order.cancelled.v1']);
  });

  test('that waits with a draft because the ERP computes another tax', async () => {
    const tenant = createTenant(stage, 't22', tryton);
    const quote = shippedTo(northwindQuote(5), 'US');
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    const waiting = await tenant.untilWaiting(orderKey, 'TAX_MISMATCH');
    expect(waiting).toMatchObject({ state: 'drafted', wait: { kind: 'person' } });
    expect(await tryton.sales(orderKey)).toMatchObject([{ state: 'draft' }]);
    await tenant.cancel(orderKey);
    await tenant.untilState(orderKey, 'cancelled');
    expect(await tryton.sales(orderKey)).toMatchObject([{ state: 'cancelled' }]);
  });

  test('that is an order in the ERP already: a person is asked, the ERP keeps it', async () => {
    const tenant = createTenant(stage, 't23', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    await tenant.untilState(orderKey, 'completed');
    expect(await tenant.cancel(orderKey)).toBe('asks a person');
    const head = await tenant.untilWaiting(orderKey, 'CANCEL_AFTER_PIVOT');
    expect(head).toMatchObject({ state: 'completed', wait: { kind: 'person' } });
    expect(await simulator.sales(orderKey)).toMatchObject([{ state: 'confirmed' }]);
    expect(await tenant.cancel(orderKey)).toBe('already requested');
    expect((await tenant.facts(orderKey)).at(-1)).toMatchObject({
      type: 'order.parked.v1',
      data: { state: 'completed', waiting: { code: 'CANCEL_AFTER_PIVOT', owner: 'sales-operations' } },
    });
  });
});

test('every subscriber has what the ledger has of all these orders', async () => {
  expect(await everySubscriberAgrees(stage, ['t20', 't21', 't22', 't23'])).toBeGreaterThan(0);
});
