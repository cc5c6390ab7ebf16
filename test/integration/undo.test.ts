import { describe, expect, test } from 'vitest';
import { simulator, tryton } from '../support/erps.ts';
import { northwindQuote, revisionOf, shippedTo } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant, type Tenant } from '../support/tenant.ts';

const stage = connectStage();

const typesOf = async (tenant: Tenant, orderKey: string) => (await tenant.facts(orderKey)).map(({ type }) => type);

describe.concurrent('a quote that is withdrawn', () => {
  test('before it was accepted makes no order; its next revision does', async () => {
    const tenant = createTenant(stage, 't77', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote);
    await tenant.tell(quote, 'expired');
    await tenant.tell(quote, 'withdrawn');
    await expect.poll(async () => (await tenant.quote(quote)).withdrawnUpTo, { timeout: 60_000, interval: 400 }).toBe(1);
    const first = await tenant.accept(quote);
    expect(await tenant.untilState(first, 'cancelled')).toMatchObject({ run: { n: 0 }, stops: { withdrawn: {} } });
    const second = await tenant.accept(revisionOf(quote, 2));
    await tenant.untilState(second, 'completed');
    expect([await simulator.sales(first), await simulator.count(second)]).toEqual([[], 1]);
    expect((await tenant.quote(quote)).milestones.expired).toMatchObject({ revision: 1 });
  });

  test('while its order waits with a draft: the document is voided, the draft cancelled', async () => {
    const tenant = createTenant(stage, 't78', tryton);
    const quote = shippedTo(northwindQuote(5), 'US');
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    await tenant.untilWaiting(orderKey, 'TAX_MISMATCH');
    await tenant.tell(quote, 'withdrawn');
    const head = await tenant.untilState(orderKey, 'cancelled');
    expect([head.task, head.wait, head.dueAt]).toEqual([undefined, undefined, undefined]);
    expect(await tryton.sales(orderKey)).toMatchObject([{ state: 'cancelled' }]);
  });

  test('when the ERP has its order: it is reversed there, in its own way, and read back', async () => {
    const tenant = createTenant(stage, 't79', tryton);
    const quote = northwindQuote(2);
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    const { order } = await tenant.untilState(orderKey, 'completed');
    await tenant.tell(quote, 'withdrawn');
    const asked = await tenant.untilWaiting(orderKey, 'WITHDRAWN_AFTER_PIVOT');
    expect(asked.wait?.detail).toMatch(/^asked for by CPQ canonical; in force in the ERP: shipment \d+ is waiting, invoice .+ is draft$/);

    // somebody says so too early: the question comes again, with what is left
    expect(await tenant.decide(orderKey, 'reversed')).toMatchObject({ answer: 'decided' });
    const again = await tenant.until(orderKey, 'asks again', (head) => head.run.n > asked.run.n && !head.run.active);
    expect(again).toMatchObject({ state: 'completed', wait: { detail: asked.wait?.detail }, task: { id: asked.task?.id } });

    await tryton.takeBack(order?.ref ?? '');
    expect(await tryton.sales(orderKey)).toMatchObject([{ state: 'done' }]);
    await tenant.decide(orderKey, 'reversed');
    const head = await tenant.untilState(orderKey, 'reversed');
    expect(head).toMatchObject({ tax: { status: 'voided' }, stops: { withdrawn: { decided: 'reversed' } } });
    expect([head.task, head.wait]).toEqual([undefined, undefined]);
    expect((await typesOf(tenant, orderKey)).slice(-2)).toEqual(['order.reversed.v1', 'order.tax-voided.v1']);
    expect((await tenant.lineage(orderKey)).documents).toMatchObject([{ kind: 'tax', status: 'voided' }]);
  });
});

describe.concurrent('an order that the ERP has', () => {
  test('and that is kept against a cancellation is not asked about again', async () => {
    const tenant = createTenant(stage, 't80', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    await tenant.untilState(orderKey, 'completed');
    await tenant.cancel(orderKey);
    const asked = await tenant.untilWaiting(orderKey, 'CANCEL_AFTER_PIVOT');
    expect(await tenant.decide(orderKey, 'keep')).toMatchObject({ answer: 'decided' });
    const kept = await tenant.until(orderKey, 'is at rest', (head) => head.run.n > asked.run.n && !head.run.active);
    expect(kept).toMatchObject({ state: 'completed', stops: { cancel: { decided: 'keep' } } });
    expect([kept.wait, kept.task, kept.dueAt]).toEqual([undefined, undefined, undefined]);
    expect(await simulator.count(orderKey)).toBe(1);
  });

  test('is amended by the next revision where the policy says so: an order that names it', async () => {
    const tenant = createTenant(stage, 't81', tryton);
    const quote = northwindQuote(6);
    await tenant.prepare(quote);
    const first = await tenant.accept(quote);
    const { order } = await tenant.untilState(first, 'completed');
    const second = await tenant.accept(revisionOf(quote, 2));
    const amending = await tenant.untilState(second, 'completed');
    expect(amending).toMatchObject({ amends: first, predecessor: first });
    expect(await tryton.description(amending.order?.ref ?? '')).toMatch(new RegExp(`revision 2, amends order ${order?.number} \\(revision 1\\)$`));
    expect([await tenant.order(first), tryton.confirmed(first), tryton.confirmed(second)]).toMatchObject([{ state: 'completed', stops: {} }, 1, 1]);
    expect(await typesOf(tenant, second)).toContain('order.amendment-opened.v1');
  });

  test('is reversed there for the next revision, which goes on', async () => {
    const tenant = createTenant(stage, 't82', simulator);
    const quote = northwindQuote(1);
    await tenant.prepare(quote);
    const first = await tenant.accept(quote);
    const { order } = await tenant.untilState(first, 'completed');
    const second = await tenant.accept(revisionOf(quote, 2));
    const asked = await tenant.untilWaiting(second, 'PREDECESSOR_PAST_PIVOT');
    expect(asked.wait?.detail).toContain(`in force in the ERP: order ${order?.number}, shipment`);
    await simulator.takeBack(order?.ref ?? '');
    await tenant.decide(second, 'reversed');
    await tenant.untilState(second, 'completed');
    const before = await tenant.until(
      first,
      'is reversed, its document voided',
      ({ state, tax, run }) => state === 'reversed' && tax?.status === 'voided' && !run.active,
    );
    expect([before.dueAt, before.task]).toEqual([undefined, undefined]);
    expect(await simulator.count(second)).toBe(1);
  });
});

test('every subscriber has what the ledger has of all these orders', async () => {
  expect(await everySubscriberAgrees(stage, ['t77', 't78', 't79', 't80', 't81', 't82'])).toBeGreaterThan(0);
});
