import { describe, expect, it } from 'vitest';
import type { Head } from '../../lambdas/domain/head.ts';
import { confirmOrder } from '../../lambdas/functions/quote-to-order/erp/confirm-order.ts';
import { probe, settleOpen } from '../../lambdas/functions/quote-to-order/erp/settle-open.ts';
import { active, cancel, completed, confirmed, drafted, inSeconds, KEY, NOW, news, open, order, recorded } from './domain-fixtures.ts';
import { erpOrder, erpWorld } from './erp-fixtures.ts';

const LOWER = 'F1RSTF1RSTF1RSTF1RST';
const stuck: Head = { ...confirmed, order: { ...order, stuck: true } };

describe('confirming the order', () => {
  it('confirms the draft that the order names', async () => {
    const { step, erp, head, facts } = erpWorld(drafted, [erpOrder()]);
    await step(confirmOrder);
    expect(erp.calls).toEqual(['confirm 7']);
    expect(head()).toMatchObject({ state: 'confirmed', order: { ref: '7', number: 'S7', stuck: false } });
    expect(facts()).toEqual(['order.confirmed.v1']);
  });

  it('a confirm that gets stuck is past the pivot, and a person is asked', async () => {
    const { step, erp, head } = erpWorld(drafted, [erpOrder()]);
    erp.confirms = 'stuck';
    await expect(step(confirmOrder)).rejects.toMatchObject({ name: 'Stop', code: 'ERP_ORDER_STUCK' });
    expect(head()).toMatchObject({ state: 'confirmed', order: { stuck: true } });
  });

  it.each([
    ['is processed again and goes on', 'confirmed', undefined, false],
    ['that stays stuck stops again', 'stuck', 'ERP_ORDER_STUCK', true],
  ] as const)('a stuck order %s', async (_name, confirms, code, left) => {
    const { step, erp, head } = erpWorld(stuck, [erpOrder({ status: 'stuck' })]);
    erp.confirms = confirms;
    const error = await step(confirmOrder).catch((thrown: unknown) => thrown);
    expect(error).toEqual(code && expect.objectContaining({ code }));
    expect([erp.calls, head().order?.stuck]).toEqual([['confirm 7'], left]);
  });

  it.each<[string, Head]>([
    ['confirmed', confirmed],
    ['completed', completed],
  ])('an order that is %s is not confirmed again', async (_name, start) => {
    const { step, erp } = erpWorld(start, [erpOrder()]);
    await step(confirmOrder);
    expect(erp.calls).toEqual([]);
  });

  it('one draft is left where an effect was unknown once', async () => {
    const { step, erp, head } = erpWorld({ ...drafted, everUnknown: true }, [erpOrder(), erpOrder({ ref: '8' })]);
    await step(confirmOrder);
    expect([erp.calls, head().order?.ref]).toEqual([['find', 'cancel 8', 'confirm 7'], '7']);
  });

  it.each<[string, Partial<Head>, string | undefined]>([
    ['lives', { state: 'accepted', draft: undefined }, 'PREDECESSOR_OPEN'],
    ['has a draft', { state: 'drafted' }, 'PREDECESSOR_OPEN'],
    ['is an order', { ...confirmed }, 'PREDECESSOR_PAST_PIVOT'],
    ['is cancelled', { state: 'cancelled', draft: undefined }, undefined],
  ])('nothing is confirmed while a lower revision is not undone, whatever an earlier step has seen: one that %s', async (_name, patch, code) => {
    const start: Head = { ...drafted, predecessor: LOWER, quote: { ...drafted.quote, revision: 2 } };
    const { step, erp } = erpWorld(start, [erpOrder()], undefined, { beside: [{ ...drafted, ...patch, orderKey: LOWER }] });
    const error = await step(confirmOrder).catch((thrown: unknown) => thrown);
    expect(error).toEqual(code === undefined ? undefined : expect.objectContaining({ name: 'Stop', code }));
    expect(erp.calls).toEqual(code === undefined ? ['confirm 7'] : []);
  });

  it.each<[string, Head, string]>([
    ['is asked to stop', { ...drafted, stops: cancel }, 'NEWS_ARRIVED'],
    ['has news that nobody looked at', news(drafted), 'NEWS_ARRIVED'],
    ['has no draft', active, 'ERP_DRAFT_LOST'],
  ])('an order that %s is not confirmed', async (_name, start, code) => {
    const { step, erp } = erpWorld(start, [erpOrder()]);
    await expect(step(confirmOrder)).rejects.toMatchObject({ code });
    expect(erp.calls).toEqual([]);
  });
});

describe('an effect whose outcome is unknown', () => {
  const unknown = (head: Head, patch: Parameters<typeof open>[0]): Head => ({ ...head, open: open({ settleAt: NOW, ...patch }) });

  it('is looked up only when its call can no longer land', async () => {
    const { deps, erp, head } = erpWorld(unknown(active, { settleAt: inSeconds(1) }), [erpOrder()]);
    await expect(settleOpen(deps, head())).rejects.toMatchObject({ name: 'Stop', code: 'EFFECT_UNKNOWN' });
    expect([erp.calls, head().open?.action]).toEqual([[], 'create-draft']);
  });

  it('a create that is found was done; more looks are owed', async () => {
    const { deps, head } = erpWorld(unknown(active, {}), [erpOrder()]);
    expect(await settleOpen(deps, head())).toMatchObject({
      state: 'drafted',
      draft: { ref: '7' },
      everUnknown: true,
      probes: [inSeconds(60), inSeconds(600)],
    });
    expect(head().open).toBeUndefined();
  });

  it('a create that is not found was not done; the next one has another key', async () => {
    const { deps, head } = erpWorld(unknown(active, {}));
    expect(await settleOpen(deps, head())).toMatchObject({ state: 'accepted', generation: 1, everUnknown: true });
  });

  it.each(['confirmed', 'stuck'] as const)('a confirm that is found (%s) was done', async (status) => {
    const { deps, head } = erpWorld(unknown(drafted, { action: 'confirm-order', target: '7' }), [erpOrder({ status })]);
    expect(await settleOpen(deps, head())).toMatchObject({ state: 'confirmed', order: { ref: '7', stuck: status === 'stuck' } });
  });

  it('of the tax provider is looked up there, by the key that was sent', async () => {
    const document = { id: 'T', tax: '19.00', status: 'recorded', committed: false } as const;
    const { deps, head, asked, erp } = erpWorld(unknown(drafted, { action: 'record-tax', target: `${KEY}.T0` }), [], document);
    expect(await settleOpen(deps, head())).toMatchObject({ tax: { id: 'T', key: `${KEY}.T0`, status: 'recorded' } });
    expect([asked, erp.calls]).toEqual([[`${KEY}.T0`], []]);
  });

  it('a void is looked up by the key of the document', async () => {
    const document = { id: 'T', tax: '19.00', status: 'voided', committed: false } as const;
    const { deps, head, asked } = erpWorld(unknown({ ...drafted, tax: recorded, stops: cancel }, { action: 'void-tax', target: 'T' }), [], document);
    expect(await settleOpen(deps, head())).toMatchObject({ tax: { status: 'voided' } });
    expect(asked).toEqual([recorded.key]);
  });

  it('that is none is nothing to look up', async () => {
    const { deps, head, erp } = erpWorld(drafted, [erpOrder()]);
    expect(await settleOpen(deps, head())).toEqual(drafted);
    expect(erp.calls).toEqual([]);
  });
});

describe('a look that is owed', () => {
  const owed: Head = { ...drafted, everUnknown: true, probes: [inSeconds(-1), inSeconds(60)] };

  it('adopts a confirm that landed late', async () => {
    const { deps, call, head, facts } = erpWorld(owed, [erpOrder({ status: 'confirmed', number: 'S7' })]);
    expect(await probe(deps, call(), head())).toMatchObject({ state: 'confirmed', order: { ref: '7', number: 'S7' }, probes: [inSeconds(60)] });
    expect(facts()).toEqual(['order.confirmed.v1']);
  });

  it('cancels a draft that landed late, and keeps its own', async () => {
    const { deps, call, head, erp } = erpWorld(owed, [erpOrder(), erpOrder({ ref: '8' })]);
    expect(await probe(deps, call(), head())).toMatchObject({ state: 'drafted', draft: { ref: '7' }, probes: [inSeconds(60)] });
    expect(erp.calls).toEqual(['find', 'cancel 8']);
  });

  it('is not taken before its time', async () => {
    const { deps, call, head, erp } = erpWorld({ ...owed, probes: [inSeconds(1)] }, [erpOrder({ status: 'confirmed' })]);
    expect(await probe(deps, call(), head())).toMatchObject({ state: 'drafted', probes: [inSeconds(1)] });
    expect(erp.calls).toEqual([]);
  });
});
