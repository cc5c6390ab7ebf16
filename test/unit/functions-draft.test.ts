import { describe, expect, it } from 'vitest';
import { optionsOf } from '../../contracts/tasks.ts';
import { erpProfile } from '../../lambdas/connectors/erp/answers.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { decide } from '../../lambdas/domain/protocol/index.ts';
import { cancelDraft } from '../../lambdas/functions/quote-to-order/erp/cancel-draft.ts';
import { checkCustomer } from '../../lambdas/functions/quote-to-order/erp/check-customer.ts';
import { createDraft } from '../../lambdas/functions/quote-to-order/erp/create-draft.ts';
import { priceAndShipping } from '../../lambdas/functions/quote-to-order/erp/price-and-shipping.ts';
import { settleOpen } from '../../lambdas/functions/quote-to-order/erp/settle-open.ts';
import { callVendor } from '../../lambdas/gateway/call.ts';
import { setReference } from '../../lambdas/ledger/references.ts';
import { questionOf } from '../../lambdas/views/question.ts';
import { active, cancel, confirmed, drafted, inSeconds, KEY, NOW } from './domain-fixtures.ts';
import { erpOrder, erpWorld } from './erp-fixtures.ts';
import { answer, around, asking } from './task-fixtures.ts';

const recorded = { id: 'T1', key: 'k', hash: 'h', amount: '19.00', status: 'recorded' } as const;

const LOWER = 'F1RSTF1RSTF1RSTF1RST';
const revisionTwo: Head = { ...active, predecessor: LOWER, quote: { ...active.quote, revision: 2 } };

describe('making the draft', () => {
  /** An order whose draft this run has made. */
  async function made(start: Head = active) {
    const world = erpWorld(start);
    await world.prepared();
    await world.step(priceAndShipping);
    await world.step(createDraft);
    return world;
  }

  it('writes the quote as it was accepted, under the key of the order', async () => {
    const { erp, head, facts } = await made();
    expect(erp.calls).toEqual([`create ${KEY}.0`]);
    expect(erp.drafts).toMatchObject([
      { key: `${KEY}.0`, customer: { party: 1 }, currency: 'EUR', lines: [{ product: { product: 1 }, quantity: '4', unitPrice: '25.00' }] },
    ]);
    expect(erp.drafts[0]?.freight).toBeUndefined();
    expect(head()).toMatchObject({ state: 'drafted', draft: { ref: 'new0', key: `${KEY}.0` } });
    expect(facts()).toEqual(['order.drafted.v1']);
  });

  it('a draft that is there and fits is left as it is, also with another list price', async () => {
    const { step, erp, head } = await made();
    erp.product.listPrice = '31.00';
    await step(priceAndShipping);
    await step(createDraft);
    expect(erp.calls).toEqual([`create ${KEY}.0`]);
    expect(head()).toMatchObject({ state: 'drafted', generation: 0 });
  });

  it('corrected taxes make the draft stale: it is cancelled and made anew under another key', async () => {
    const { step, erp, head, facts } = await made();
    erp.product.ref = { product: 1, taxes: [7] };
    await step(priceAndShipping);
    await step(createDraft);
    expect(erp.calls).toEqual([`create ${KEY}.0`, 'cancel new0', `create ${KEY}.1`]);
    expect(erp.drafts[1]?.lines[0]?.product).toEqual({ product: 1, taxes: [7] });
    expect(head()).toMatchObject({ state: 'drafted', generation: 1, draft: { ref: 'new1' } });
    expect(facts()).toEqual(['order.drafted.v1', 'order.draft-cancelled.v1', 'order.drafted.v1']);
  });

  it('a stale draft that somebody confirmed in the ERP is the order: it is adopted, not cancelled', async () => {
    const { step, erp, port, head, facts } = await made();
    await port.confirm('new0');
    erp.product.ref = { product: 1, taxes: [7] };
    await step(priceAndShipping);
    await step(createDraft);
    expect(erp.calls).toEqual([`create ${KEY}.0`, 'confirm new0']);
    expect(head()).toMatchObject({ state: 'confirmed', order: { ref: 'new0', number: 'S7' } });
    expect(facts()).toEqual(['order.drafted.v1', 'order.confirmed.v1']);
  });

  it.each([true, false])('one that was confirmed by hand and bills something else is the order, and a person is told: stale %s', async (stale) => {
    const { step, erp, port, head, ledger } = await made();
    Object.assign(erp.orders.get('new0') ?? {}, { total: { amount: '999.00', currency: 'EUR' } });
    await port.confirm('new0');
    if (stale) erp.product.ref = { product: 1, taxes: [7] };
    await step(priceAndShipping);
    await expect(step(createDraft)).rejects.toMatchObject({
      code: 'TAX_MISMATCH',
      detail: "ours 119 EUR, the ERP's 999.00 EUR, of an order that somebody has confirmed there",
    });
    expect(head()).toMatchObject({ state: 'confirmed', order: { ref: 'new0' } });
    // The step may die before it is told: the next run asks again, until somebody has answered.
    await expect(step(createDraft)).rejects.toMatchObject({ code: 'TAX_MISMATCH' });
    const answered = asking('TAX_MISMATCH', undefined, head());
    const { next } = decide(answered, answer(answered, 'retry', 'fred'), NOW, around);
    await ledger.change(KEY, () => ({ next: { ...(next as Head), decided: undefined, run: active.run }, answer: null }));
    await step(createDraft);
    // ... or it was mended in the ERP.
    await ledger.change(KEY, (current) => ({ next: { ...current, order: { ...confirmed.order, ref: 'new0' } as never }, answer: null }));
    await expect(step(createDraft)).rejects.toMatchObject({ code: 'TAX_MISMATCH' });
    Object.assign(erp.orders.get('new0') ?? {}, { total: { amount: '119.00', currency: 'EUR' } });
    await step(createDraft);
  });

  it('one that was confirmed by hand is compared however it was found, until its tax is recorded', async () => {
    const sold = { ...confirmed.order, total: { amount: '999.00', currency: 'EUR' } };
    for (const [patch, code] of [
      [{ tax: undefined }, 'TAX_MISMATCH'],
      [{ tax: { ...recorded, status: 'voided' } }, 'TAX_MISMATCH'],
      [{ tax: recorded }, undefined],
      [{ tax: undefined, order: { ...sold, total: { amount: '119.01', currency: 'EUR' } } }, undefined],
    ] as const) {
      const world = erpWorld({ ...confirmed, run: active.run, order: sold, ...patch } as Head);
      await world.prepared();
      const error = await world.step(createDraft).catch((thrown: { code: string }) => thrown);
      expect(error?.code).toBe(code);
    }
  });

  it.each([
    ['119.02', 'EUR', undefined],
    ['118.98', 'EUR', undefined],
    ['119.03', 'EUR', 'TAX_MISMATCH'],
    ['118.97', 'EUR', 'TAX_MISMATCH'],
    ['119.00', 'USD', 'TAX_MISMATCH'],
  ])('an ERP that would bill %s %s where we quoted 119.00 EUR: %s', async (amount, currency, code) => {
    const world = erpWorld(active);
    world.erp.total = { amount, currency };
    await world.prepared();
    await world.step(priceAndShipping);
    const error = await world.step(createDraft).catch((thrown: unknown) => thrown);
    expect(error).toEqual(code === undefined ? undefined : expect.objectContaining({ name: 'Stop', code }));
    expect(world.head().state).toBe('drafted');
  });

  it.each(['confirmed', 'stuck'] as const)('a draft that somebody confirmed in the ERP (%s) is adopted as an order', async (status) => {
    const { step, erp, head, facts } = await made();
    erp.orders.set('new0', erpOrder({ ref: 'new0', status, number: 'S1' }));
    await step(createDraft);
    expect(head()).toMatchObject({ state: 'confirmed', order: { ref: 'new0', number: 'S1', stuck: status === 'stuck' } });
    expect([erp.calls, facts().at(-1)]).toEqual([[`create ${KEY}.0`], 'order.confirmed.v1']);
  });

  it.each([
    ['deleted', undefined],
    ['cancelled', erpOrder({ ref: 'new0', status: 'cancelled' })],
  ])('a draft that somebody %s in the ERP stops the run', async (_name, order) => {
    const { step, erp } = await made();
    if (order) erp.orders.set('new0', order);
    else erp.orders.delete('new0');
    await expect(step(createDraft)).rejects.toMatchObject({ name: 'Stop', code: 'ERP_DRAFT_LOST' });
  });

  it('a draft of ours that nobody knows of is cancelled first, where an effect was unknown once', async () => {
    const world = erpWorld({ ...active, everUnknown: true, generation: 1 }, [
      erpOrder({ ref: 'late' }),
      erpOrder({ ref: 'old', status: 'cancelled' }),
    ]);
    await world.prepared();
    await world.step(priceAndShipping);
    await world.step(createDraft);
    expect(world.erp.calls).toEqual(['find', 'cancel late', `create ${KEY}.1`]);
  });

  it('a draft that the ERP made behind the 503 of a proxy is found and named, and no second one made', async () => {
    const { port, ...world } = erpWorld(active);
    const create = port.createDraft;
    port.createDraft = async (draft) => {
      await create(draft);
      const fetch = async () => new Response('upstream connect error', { status: 503 });
      const request = { method: 'POST', url: 'https://erp.example/orders', effect: 'write', deadlineMs: 1000 } as const;
      await callVendor(erpProfile('Acme', undefined), request, { fetch });
      throw new Error('a proxy answered 503');
    };
    await world.prepared();
    await world.step(priceAndShipping);
    await expect(world.step(createDraft)).rejects.toMatchObject({ code: 'ERP_ANSWER_UNKNOWN' });
    port.createDraft = create;
    await world.ledger.change(KEY, (current) => ({ next: { ...current, open: current.open && { ...current.open, settleAt: NOW } }, answer: null }));
    await settleOpen(world.deps, world.head());
    await world.step(createDraft);
    expect(world.erp.calls).toEqual([`create ${KEY}.0`, 'find', 'find']);
    expect(world.head()).toMatchObject({ state: 'drafted', draft: { ref: 'new0' }, everUnknown: true, probes: [inSeconds(60), inSeconds(600)] });
  });

  it('a document under our key that is none of ours stops the run, and is not touched', async () => {
    const world = erpWorld({ ...active, everUnknown: true }, [erpOrder({ ref: 'theirs', key: `${KEY}.x` })]);
    await world.prepared();
    await world.step(priceAndShipping);
    await expect(world.step(createDraft)).rejects.toMatchObject({ code: 'KEY_COLLISION' });
    expect(world.erp.calls).toEqual(['find']);
  });

  it.each<[string, Partial<Head>, string | undefined]>([
    ['lives', { state: 'accepted', draft: undefined }, 'PREDECESSOR_OPEN'],
    ['has a draft', { state: 'drafted' }, 'PREDECESSOR_OPEN'],
    ['is an order', { ...confirmed }, 'PREDECESSOR_PAST_PIVOT'],
    ['is cancelled', { state: 'cancelled', draft: undefined }, undefined],
  ])('none is made while a lower revision is not undone, whatever an earlier step has seen: one that %s', async (_name, patch, code) => {
    const world = erpWorld(revisionTwo, [], undefined, { beside: [{ ...drafted, ...patch, orderKey: LOWER }] });
    await world.prepared();
    await world.step(priceAndShipping);
    const error = await world.step(createDraft).catch((thrown: unknown) => thrown);
    expect(error).toEqual(code === undefined ? undefined : expect.objectContaining({ name: 'Stop', code }));
    expect(world.erp.calls).toEqual(code === undefined ? [`create ${KEY}.0`] : []);
  });

  it.each<[string, Head]>([
    ['is asked to stop', { ...active, stops: cancel }],
    ['has ended', { ...active, state: 'cancelled' }],
  ])('an order that %s gets none', async (_name, head) => {
    const world = erpWorld(head);
    await expect(world.step(createDraft)).rejects.toMatchObject({ code: 'NEWS_ARRIVED' });
    expect(world.erp.calls).toEqual([]);
  });
});

describe('a product that the ERP does not sell', () => {
  const mapped = (target: string) => ({ tenant: active.tenant, erp: active.route.erp, kind: 'product', code: 'P', target, by: 'anna' }) as const;
  async function unsold(target: string) {
    const world = erpWorld(active);
    await world.prepared();
    await setReference(world.ledger, mapped('NW-0'));
    await setReference(world.ledger, mapped(target));
    world.erp.product.active = false;
    return world.step(priceAndShipping).catch((thrown: unknown) => thrown);
  }

  it('is a question about its mapping, in the version that was read: all orders that wait for it share it', async () => {
    const cause = `${active.tenant}#${active.route.erp}#product#P`;
    expect(await unsold('NW-1')).toMatchObject({
      name: 'Stop',
      code: 'PRODUCT_INACTIVE',
      detail: 'product NW-1 is inactive',
      on: { cause, version: 2 },
    });
    expect(optionsOf('PRODUCT_INACTIVE', 'product')).toEqual(['retry', 'correct', 'cancel']);
    expect(questionOf('PRODUCT_INACTIVE', cause)).not.toBe(questionOf('PRODUCT_UNMAPPED', cause));
  });

  it('is read again where its mapping was corrected meanwhile: nobody would do that once more', async () => {
    expect(await unsold('NW-2')).toMatchObject({ name: 'RetrySoon', code: 'NEWS_ARRIVED' });
  });

  it('and carries the freight is a question that all orders with freight share, of which there is no mapping to correct', async () => {
    const world = erpWorld(active);
    await world.prepared('19.00', { freight: '5.00' });
    await setReference(world.ledger, mapped('NW-1'));
    Object.assign(world.port, {
      findProducts: async (codes: string[]) => codes.map((code) => (code === world.port.freightProduct ? undefined : world.erp.product)),
    });
    const stop = await world.step(priceAndShipping).catch((thrown: unknown) => thrown);
    expect(stop).toMatchObject({ code: 'PRODUCT_INACTIVE', shared: { erp: active.route.erp, kind: 'freight' } });
    expect(optionsOf('PRODUCT_INACTIVE', 'freight')).toEqual(['retry', 'cancel']);
    expect(questionOf('PRODUCT_INACTIVE', `acme#${active.route.erp}#freight#FREIGHT`)).toContain('FREIGHT, the product that carries freight');
  });
});

describe('a customer that the ERP does not sell to', () => {
  it('is a question about its mapping, in the version that was read: all its orders share it', async () => {
    const world = erpWorld(active);
    await world.prepared();
    const mapping = { tenant: active.tenant, erp: active.route.erp, kind: 'customer', code: 'ACC-1', by: 'anna' } as const;
    for (const target of ['C-0', 'C-1']) await setReference(world.ledger, { ...mapping, target });
    Object.assign(world.port, { findCustomer: async (code: string) => ({ code, active: false, ref: {} }) });
    const cause = `${active.tenant}#${active.route.erp}#customer#ACC-1`;
    await expect(world.step(checkCustomer)).rejects.toMatchObject({ name: 'Stop', code: 'CUSTOMER_BLOCKED', on: { cause, version: 2 } });
    expect(optionsOf('CUSTOMER_BLOCKED', 'customer')).toEqual(['retry', 'correct', 'reroute', 'cancel']);
  });
});

describe('undoing the draft', () => {
  const stopped: Head = { ...drafted, stops: cancel };

  it('cancels it in the ERP; the next one would have another key', async () => {
    const { step, erp, head, facts } = erpWorld(stopped, [erpOrder()]);
    await step(cancelDraft);
    expect([erp.calls, erp.orders.get('7')?.status]).toEqual([['cancel 7'], 'cancelled']);
    expect(head()).toMatchObject({ state: 'accepted', generation: 1 });
    expect([head().draft, facts()]).toEqual([undefined, ['order.draft-cancelled.v1']]);
  });

  it('a draft that somebody deleted in the ERP is undone without a call', async () => {
    const { step, erp, head, facts } = erpWorld(stopped);
    await step(cancelDraft);
    expect(erp.calls).toEqual(['find']);
    expect([head().state, head().draft, facts()]).toEqual(['accepted', undefined, ['order.draft-cancelled.v1']]);
  });

  it('a deleted draft does not hide another one under the key', async () => {
    const { step, erp, head } = erpWorld(stopped, [erpOrder({ ref: '8' })]);
    await step(cancelDraft);
    expect([erp.calls, head().draft]).toEqual([['find', 'cancel 8'], undefined]);
  });

  it('every draft under the key is cancelled where an effect was unknown once', async () => {
    const { step, erp } = erpWorld({ ...stopped, everUnknown: true }, [erpOrder(), erpOrder({ ref: '8' })]);
    await step(cancelDraft);
    expect(erp.calls).toEqual(['find', 'cancel 7', 'cancel 8']);
  });

  it.each(['confirmed', 'stuck'] as const)('a draft that somebody confirmed in the ERP (%s) is adopted, and nothing is cancelled', async (status) => {
    const { step, erp, head, facts } = erpWorld(stopped, [erpOrder({ status, number: 'S1' })]);
    await step(cancelDraft);
    expect(head()).toMatchObject({ state: 'confirmed', order: { ref: '7', number: 'S1' }, stops: { cancel: { at: NOW } } });
    expect([erp.calls, facts()]).toEqual([[], ['order.confirmed.v1']]);
  });

  it.each<[string, Head]>([
    ['nobody asked to stop', drafted],
    ['is past the pivot', { ...confirmed, stops: cancel }],
  ])('an order that %s is left alone', async (_name, start) => {
    const { step, erp, head } = erpWorld(start, [erpOrder()]);
    await step(cancelDraft);
    expect([erp.calls, head()]).toEqual([[], start]);
  });
});
