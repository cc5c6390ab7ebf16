import { describe, expect, it } from 'vitest';
import type { ErpOrder } from '../../lambdas/connectors/erp/port.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import { decideIntent, predecessorVerdict } from '../../lambdas/domain/protocol/index.ts';
import { checkCustomer } from '../../lambdas/functions/quote-to-order/erp/check-customer.ts';
import { confirmOrder } from '../../lambdas/functions/quote-to-order/erp/confirm-order.ts';
import { createDraft } from '../../lambdas/functions/quote-to-order/erp/create-draft.ts';
import { look } from '../../lambdas/functions/quote-to-order/erp/look.ts';
import { priceAndShipping } from '../../lambdas/functions/quote-to-order/erp/price-and-shipping.ts';
import { standAlone } from '../../lambdas/functions/quote-to-order/erp/reversal.ts';
import { probe } from '../../lambdas/functions/quote-to-order/erp/settle-open.ts';
import { headItem, quoteKey } from '../../lambdas/ledger/keys.ts';
import { active, cancel, cancelled, completed, confirmed, drafted, inSeconds, KEY, NOW, recorded, superseded } from './domain-fixtures.ts';
import { erpOrder, erpWorld } from './erp-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

/** Run 3 of an order that a restore has brought back. */
const restored = (patch: Partial<Head> = {}): Head => ({ ...active, epoch: 1, everUnknown: true, lookFrom: NOW, version: 1_000_001, ...patch });

function looking(start: Head, ...orders: ErpOrder[]) {
  const world = erpWorld(start, orders);
  return { ...world, look: () => look(world.deps, world.call(), world.head()) };
}
/** The key of another revision of the same quote. */
const keyOf = (revision: number): string => orderKeyOf('acme', 'salesforce', 'q', revision);

/** The ERP finds these documents under the key of that revision alone. */
function elsewhere(world: ReturnType<typeof looking>, revision: number, order: ErpOrder): void {
  const erp = { ...world.port, findOrders: async (key: string) => (key === keyOf(revision) ? [order] : []) };
  Object.assign(world.deps, { erpOf: async () => erp });
}

describe('the look after a restore', () => {
  it('an order that was never restored asks nobody', async () => {
    const world = looking(active);
    await world.look();
    expect([world.erp.calls, world.asked]).toEqual([[], []]);
  });

  it('is not taken before calls of before have ended', async () => {
    const world = looking(restored({ lookFrom: inSeconds(1) }));
    await expect(world.look()).rejects.toMatchObject({ name: 'Stop', code: 'EFFECT_UNKNOWN' });
    expect([world.erp.calls, world.head().lookFrom]).toEqual([[], inSeconds(1)]);
  });

  it('adopts the order that was confirmed after the backup, of whatever generation, and makes none', async () => {
    const world = looking(restored(), erpOrder({ status: 'cancelled' }), erpOrder({ ref: '9', key: `${KEY}.4`, status: 'confirmed', number: 'S9' }));
    expect(await world.look()).toMatchObject({ state: 'confirmed', order: { ref: '9', number: 'S9' }, generation: 4 });
    expect(world.head()).not.toHaveProperty('lookFrom');
    await world.prepared();
    await world.step(createDraft);
    await world.step(confirmOrder);
    expect(world.erp.calls.filter((call) => call !== 'find')).toEqual(['in force 9']);
    expect(world.facts()).toEqual(['order.confirmed.v1']);
  });

  it('cancels a draft that HEAD forgot, makes one anew under a key that nobody had, and confirms that one', async () => {
    const world = looking(restored(), erpOrder({ ref: '9', key: `${KEY}.3` }));
    await world.look();
    await world.prepared();
    await world.step(priceAndShipping);
    await world.step(createDraft);
    await world.step(confirmOrder);
    expect(world.erp.calls.filter((call) => call !== 'find')).toEqual(['cancel 9', `create ${KEY}.4`, 'confirm new0']);
    expect(world.head()).toMatchObject({ state: 'confirmed', order: { ref: 'new0' } });
  });

  it('finds the order where a person had sent it after the backup, and makes none where HEAD says', async () => {
    const world = looking(restored());
    const other = {
      ...world.port,
      findOrders: async (key: string) => (key === KEY ? [erpOrder({ ref: '5', status: 'confirmed', number: 'S5' })] : []),
    };
    Object.assign(world.deps, { erpOf: async (name: string) => (name === 'other' ? other : world.port) });
    Object.assign(world.deps.policy, { erps: { erp: {}, other: {} } });
    expect(await world.look()).toMatchObject({ state: 'confirmed', order: { ref: '5' }, route: { erp: 'other' } });
  });

  it('of a confirmed order and a draft beside it the draft goes', async () => {
    const world = looking(restored(), erpOrder({ ref: '8', key: `${KEY}.1` }), erpOrder({ ref: '9', status: 'confirmed' }));
    const head = await world.look();
    await probe(world.deps, world.call(), head);
    expect(world.erp.calls.filter((call) => call !== 'find')).toEqual(['in force 9', 'cancel 8']);
    expect(world.head().order?.ref).toBe('9');
  });

  it('asks once whether an order that was cancelled after the backup shall be made', async () => {
    const world = looking(restored(drafted), erpOrder({ status: 'cancelled' }));
    await world.ledger.change(KEY, (head) => ({ next: { ...head, ...restored(), state: 'drafted', draft: drafted.draft }, answer: null }));
    await expect(world.look()).rejects.toMatchObject({ name: 'Stop', code: 'RESTORE_DRAFT_CANCELLED' });
    expect(world.head()).toMatchObject({ state: 'accepted', generation: 1, lookFrom: NOW });
    // the process was killed before the order was parked with its question, or somebody only ran it again
    await expect(world.look()).rejects.toMatchObject({ code: 'RESTORE_DRAFT_CANCELLED' });
    expect([world.head().generation, world.facts()]).toEqual([1, ['order.draft-cancelled.v1']]);
    await expect(world.step(createDraft)).rejects.toThrow();
    expect(world.erp.calls.filter((call) => call !== 'find')).toEqual([]);
    const decided = { task: 't', code: 'RESTORE_DRAFT_CANCELLED' as const, option: 'retry' as const, by: 'cli:anna', at: NOW, reason: 'made anew' };
    await world.ledger.change(KEY, (head) => ({ next: { ...head, decided: { ...decided, at: inSeconds(-1) } }, answer: null }));
    await expect(world.look()).rejects.toMatchObject({ code: 'RESTORE_DRAFT_CANCELLED' }); // that was an answer of before this restore
    await world.ledger.change(KEY, (head) => ({ next: { ...head, decided }, answer: null }));
    expect(await world.look()).not.toHaveProperty('lookFrom');
  });

  it.each<[string, Partial<Head>]>([
    ['accepted', {}],
    ['drafted', { state: 'drafted', draft: drafted.draft }],
    ['confirmed', { state: 'confirmed', order: confirmed.order, draft: confirmed.draft }],
  ])('an order that was confirmed and reversed after the backup, %s in it, is reversed, and no tax is recorded', async (_name, patch) => {
    const world = looking(restored(patch), erpOrder({ status: 'confirmed', number: 'S7' }));
    world.erp.inForce = [];
    await expect(world.step(checkCustomer)).rejects.toMatchObject({ code: 'NEWS_ARRIVED' });
    expect(world.head()).toMatchObject({ state: 'reversed', order: { ref: '7', number: 'S7' } });
    expect(world.head()).not.toHaveProperty('lookFrom');
    expect(world.facts()).toEqual(['order.reversed.v1']);
    const request = { action: 'record-tax' as const, attempt: 'a', at: NOW, settleAt: NOW, payloadHash: '', run: 3 };
    expect(decideIntent(world.head(), request).answer).not.toBe('written');
  });

  it('one that a person had sent to another ERP, where it was reversed, is reversed there', async () => {
    const world = looking(restored());
    const there = [erpOrder({ ref: '5', status: 'confirmed', number: 'S5' })];
    const other = { ...world.port, findOrders: async (key: string) => (key === KEY ? there : []), inForce: async () => [] };
    Object.assign(world.deps, { erpOf: async (name: string) => (name === 'other' ? other : world.port) });
    Object.assign(world.deps.policy, { erps: { erp: {}, other: {} } });
    expect(await world.look()).toMatchObject({ state: 'reversed', order: { ref: '5' }, route: { erp: 'other' } });
  });

  it('of an order that shall stop it asks nobody', async () => {
    const world = looking(restored({ stops: cancel }), erpOrder({ status: 'cancelled' }));
    expect((await world.look()).state).toBe('accepted');
    expect(world.head()).not.toHaveProperty('lookFrom');
  });

  it.each([2, 4])('waits while the ERP has revision %i of the quote and the ledger has not', async (revision) => {
    const world = looking(restored({ orderKey: KEY, quote: { ...active.quote, revision: 3 } }));
    elsewhere(world, revision, erpOrder({ ref: '5', number: 'S5', status: 'confirmed' }));
    await expect(world.look()).rejects.toMatchObject({
      code: 'RESTORE_REVISION_MISSING',
      detail: expect.stringContaining(`S5 of revision ${revision}`),
    });
    expect(world.head().lookFrom).toBe(NOW);
  });

  it.each([
    [2, 1],
    [1, 2],
    [6, 1],
    [60, 10],
    [2, 5],
  ])('revision %i waits for revision %i, which stands in another ERP alone', async (revision, lost) => {
    const world = looking(restored({ quote: { ...active.quote, revision } }));
    const there = [erpOrder({ ref: '5', number: 'S5', status: 'confirmed' })];
    const other = { ...world.port, findOrders: async (key: string) => (key === keyOf(lost) ? there : []) };
    const own = { ...world.port, findOrders: async () => [] };
    Object.assign(world.deps, { erpOf: async (name: string) => (name === 'other' ? other : own) });
    Object.assign(world.deps.policy, { erps: { erp: {}, other: {} } });
    await expect(world.look()).rejects.toMatchObject({ code: 'RESTORE_REVISION_MISSING' });
  });

  it('learns from QUOTE that it was withdrawn', async () => {
    const world = looking(restored());
    const { tenant, quote } = world.head();
    const item = await world.ledger.readQuote(tenant, quote.cpq, quote.id);
    world.put({ pk: `Q#${tenant}#${quote.cpq}#${quote.id}`, sk: 'HEAD', ...item, withdrawnUpTo: quote.revision });
    expect(Object.keys((await world.look()).stops)).toEqual(['withdrawn']);
  });

  it('learns from a revision far above that it is superseded', async () => {
    const world = looking(restored());
    const newer = keyOf(active.quote.revision + 50);
    world.put(headItem({ ...active, orderKey: newer, quote: { ...active.quote, revision: active.quote.revision + 50 }, epoch: 1 }));
    expect((await world.look()).stops.superseded?.by).toBe(newer);
  });

  it.each<[string, Head, string | undefined]>([
    ['accepted', { ...active, stops: {} }, 'PREDECESSOR_OPEN'],
    ['confirmed', confirmed, 'PREDECESSOR_PAST_PIVOT'],
    ['cancelled', cancelled, undefined],
  ])('a lower revision that came back after it and is %s', async (_state, lower, code) => {
    const world = looking(restored({ quote: { ...active.quote, revision: 3 } }));
    world.put(headItem({ ...lower, orderKey: keyOf(2), quote: { ...active.quote, revision: 2 } }));
    const error = await world.look().catch((thrown: unknown) => thrown);
    if (code) expect(error).toMatchObject({ code });
    else expect(error).not.toHaveProperty('lookFrom');
    expect(world.head().lookFrom).toBe(code && NOW);
  });

  describe('a lower revision that came back after it, and that QUOTE knows', () => {
    const of = (revision: number, head: Head, patch: Partial<Head> = {}): Head => ({
      ...{ ...head, orderKey: keyOf(revision), quote: { ...active.quote, revision }, run: { ...head.run, active: false }, epoch: 1 },
      ...{ dueAt: undefined, sweepAt: undefined },
      ...patch,
    });
    const sold = of(1, completed, { stops: superseded });
    function world(...heads: Head[]) {
      const made = ledgerWith([sold, ...heads]);
      const highest = heads.at(-1) as Head;
      const quote = { tenant: 'acme', cpq: 'salesforce', id: 'q', version: 1, withdrawnUpTo: 0, milestones: {}, beside: [keyOf(1)] };
      made.put({ ...quoteKey('acme', 'salesforce', 'q'), ...quote, highest: { revision: highest.quote.revision, orderKey: highest.orderKey } });
      return made;
    }

    it('is withdrawn with the others: who has confirmed it is asked', async () => {
      const { ledger, head } = world(of(2, cancelled));
      expect(await ledger.withdraw('acme', { cpq: 'salesforce', id: 'q', revision: 2 }, 'CPQ')).toEqual([keyOf(1)]);
      expect(head(keyOf(1))).toMatchObject({ stops: { withdrawn: { by: 'CPQ' } }, dueAt: NOW });
    });

    it('is in the way of each later revision, also when its look is over', async () => {
      const third = of(3, active, { predecessor: keyOf(2) });
      const { ledger } = world(of(2, cancelled), third);
      expect((await ledger.lower(third)).map(({ orderKey }) => orderKey)).toEqual([keyOf(2), keyOf(1)]);
      expect(predecessorVerdict(await ledger.lower(third))).toBe('PREDECESSOR_PAST_PIVOT');
    });
  });

  describe('a lower revision that came back after it, and that the ledger has as completed', () => {
    const sold = (revision: number, patch: Partial<Head> = {}): Head => ({
      ...{ ...completed, orderKey: keyOf(revision), quote: { ...active.quote, revision }, run: { ...completed.run, active: false } },
      ...{ epoch: 1, stops: superseded, dueAt: undefined, sweepAt: undefined },
      ...patch,
    });
    const world = (afterPivot: 'task' | 'amend', patch: Partial<Head> = {}, ...beside: Head[]) => {
      const start = restored({ quote: { ...active.quote, revision: 2 }, ...patch });
      const made = erpWorld(start, [], undefined, { beside: [sold(1), ...beside], afterPivot });
      return { ...made, look: () => look(made.deps, made.call(), made.head()) };
    };

    it.each(['task', 'amend'] as const)('is reversed when the ERP has nothing in force of it, and nobody is asked: %s', async (afterPivot) => {
      const { look, erp, ledger, head, facts } = world(afterPivot);
      erp.inForce = [];
      expect(await look()).not.toHaveProperty('lookFrom');
      expect([(await ledger.read(keyOf(1)))?.state, head().amends, facts()]).toEqual(['reversed', undefined, []]);
    });

    it('is asked about with what is in force of it; a person who amends it is not asked again', async () => {
      const { look, ledger, head } = world('task');
      const detail = 'revision 1 of quote Q-1 is completed; in force in the ERP: order S7, shipment 4 is waiting';
      await expect(look()).rejects.toMatchObject({ code: 'PREDECESSOR_PAST_PIVOT', detail, ask: { subject: keyOf(1) } });
      expect(head().lookFrom).toBe(NOW);
      await ledger.change(KEY, (current) => ({ next: { ...current, amends: keyOf(1) }, answer: null }));
      expect(await look()).toMatchObject({ amends: keyOf(1) });
    });

    it('is amended where the policy says so, once, also where one along `predecessor` is below it', async () => {
      const { look, call, head, facts, deps } = world('amend', { quote: { ...active.quote, revision: 3 }, predecessor: keyOf(1) }, sold(2));
      expect(await look()).toMatchObject({ amends: keyOf(2) });
      expect(await standAlone(deps, call(), head())).toMatchObject({ amends: keyOf(2) });
      expect(facts()).toEqual(['order.amendment-opened.v1', 'order.amendment-opened.v1']);
    });
  });

  it('leaves those along `predecessor` to the step that can read back what the ERP has of them', async () => {
    const world = looking(restored({ quote: { ...active.quote, revision: 3 }, predecessor: keyOf(2) }));
    world.put(headItem({ ...confirmed, orderKey: keyOf(2), quote: { ...active.quote, revision: 2 } }));
    expect(await world.look()).not.toHaveProperty('lookFrom');
  });

  it('adopts the tax document that was recorded after the backup', async () => {
    const world = erpWorld(restored());
    const documents = new Map([
      [`${KEY}.T0`, { id: 'A', tax: '19.00', status: 'voided' as const }],
      [`${KEY}.T1`, { id: 'B', tax: '21.00', status: 'recorded' as const }],
    ]);
    Object.assign(world.deps.tax, { find: async (key: string) => documents.get(key) });
    const head = await look(world.deps, world.call(), world.head());
    expect(head.tax).toEqual({ id: 'B', key: `${KEY}.T1`, hash: 'unknown', amount: '21.00', status: 'recorded' });
    expect(world.facts()).toEqual(['order.tax-recorded.v1']);
    expect([...world.items.keys()]).toContain(`O#${KEY} D#tax#B`);
  });

  it('a tax document that stands as HEAD says is left as it is', async () => {
    const world = erpWorld(restored({ tax: recorded }));
    Object.assign(world.deps.tax, {
      find: async (key: string) => (key === recorded.key ? { id: 'T', tax: '19.00', status: 'recorded' } : undefined),
    });
    expect((await look(world.deps, world.call(), world.head())).tax).toEqual(recorded);
    expect(world.facts()).toEqual([]);
  });
});
