import { describe, expect, it } from 'vitest';
import type { Policy } from '../../contracts/policy.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { createAdmission } from '../../lambdas/ledger/admission.ts';
import { createSlots, leaseOf } from '../../lambdas/ledger/slots.ts';
import { accepted, active, inSeconds, KEY, NOW, times } from './domain-fixtures.ts';
import { ledgerWith, memoryTable } from './table-fixtures.ts';

const LEASE = 1000;
/** Slots on one table in memory, each call at its own time. */
function slotsAt() {
  const table = memoryTable();
  return {
    at: (seconds: number) => createSlots({ client: table.client, table: 'runtime', now: () => new Date(inSeconds(seconds)) }),
    items: table.items,
  };
}

describe('the slots of an ERP', () => {
  it('are as many as the policy says, and no more', async () => {
    const slots = slotsAt().at(0);
    const taken = [];
    for (const lease of ['A#1', 'B#1', 'C#1']) taken.push(await slots.acquire('erp', lease, 2, LEASE));
    expect(taken).toEqual([0, 1, undefined]);
    expect(await slots.acquire('another', 'C#1', 2, LEASE)).toBe(0);
  });

  it('the same lease gets the same slot, with a new time', async () => {
    const { at } = slotsAt();
    expect(await at(0).acquire('erp', 'A#1', 2, LEASE)).toBe(0);
    expect(await at(900).acquire('erp', 'A#1', 2, LEASE)).toBe(0);
    expect(await at(1500).acquire('erp', 'B#1', 1, LEASE)).toBeUndefined();
  });

  it('a lease that has expired is anybody’s, one that expires now is not', async () => {
    const { at } = slotsAt();
    await at(0).acquire('erp', 'A#1', 1, LEASE);
    expect(await at(LEASE).acquire('erp', 'B#1', 1, LEASE)).toBeUndefined();
    expect(await at(LEASE).held('erp', 1)).toHaveLength(1);
    expect(await at(LEASE + 1).held('erp', 1)).toEqual([]);
    expect(await at(LEASE + 1).acquire('erp', 'B#1', 1, LEASE)).toBe(0);
  });

  it('the table forgets a lease only after it has expired', async () => {
    const { at, items } = slotsAt();
    await at(0).acquire('erp', 'A#1', 1, LEASE);
    expect(items.get('SLOT#erp#0')).toMatchObject({ expires: Date.parse(NOW) / 1000 + LEASE, expiration: Date.parse(NOW) / 1000 + LEASE + 3600 });
  });

  it('only its holder gives a slot back', async () => {
    const { at } = slotsAt();
    await at(0).acquire('erp', 'A#1', 1, LEASE);
    expect(await at(0).free('erp', 0, 'B#1')).toBe(false);
    expect(await at(0).held('erp', 1)).toHaveLength(1);
    expect(await at(0).free('erp', 0, 'A#1')).toBe(true);
    expect(await at(0).held('erp', 1)).toEqual([]);
  });

  it('who holds one can be read: the order, the run and since when', async () => {
    const { at } = slotsAt();
    await at(0).acquire('erp', leaseOf(KEY, 3), 2, LEASE);
    expect(await at(70).held('erp', 2)).toEqual([{ slot: 0, lease: `${KEY}#3`, orderKey: KEY, run: 3, ageSeconds: 70 }]);
  });

  it('an error of the table is no "held by another"', async () => {
    const table = memoryTable();
    table.conflicts.push({ error: new Error('throttled') });
    await expect(createSlots({ client: table.client, table: 'runtime' }).acquire('erp', 'A#1', 1, LEASE)).rejects.toThrow('throttled');
  });
});

describe('admission', () => {
  const OTHER = '1123456789ABCDEFGHJK';
  const inLine: Head = { ...accepted, orderKey: OTHER, admissionSince: NOW };
  const policy = { erps: { erp: { maxInFlight: 1 } }, times: { ...times, runTimeout: 400 } } as unknown as Policy;

  /** One slot, held by run 3 of an order that stands as `head`; another order is in line. */
  async function world(head: Head, seconds: number) {
    const { at } = slotsAt();
    const { ledger } = ledgerWith([head, inLine]);
    const sent: string[] = [];
    const admission = (time: number) => createAdmission({ ledger, slots: at(time), policy, send: async ({ orderKey }) => void sent.push(orderKey) });
    await admission(0).acquire(head, 3);
    return { slots: at(seconds), admission: admission(seconds), sent };
  }

  it('leases a slot for as long as a run can live', async () => {
    const { at } = slotsAt();
    const { ledger } = ledgerWith([active]);
    const acquire = (time: number, head: Head) => createAdmission({ ledger, slots: at(time), policy, send: async () => {} }).acquire(head, 3);
    expect(await acquire(0, active)).toBe(0);
    expect(await acquire(1000, inLine)).toBeUndefined();
    expect(await acquire(1001, inLine)).toBe(0);
  });

  it('a slot that is given back wakes one of the line', async () => {
    const { admission, slots, sent } = await world(active, 10);
    await admission.release(active, 3, 0);
    expect([await slots.held('erp', 1), sent]).toEqual([[], [OTHER]]);
  });

  it('a run without a slot gives none back and wakes nobody', async () => {
    const { admission, slots, sent } = await world(active, 10);
    await admission.release(active, 3, undefined);
    expect([(await slots.held('erp', 1)).length, sent]).toEqual([1, []]);
  });

  it.each<[string, Head, number, number]>([
    ['of a run that is over, and old, is free again', { ...active, run: { ...active.run, active: false } }, times.runLimit, 1],
    ['of an order that has another run, and old, is free again', { ...active, run: { ...active.run, n: 4 } }, times.runLimit, 1],
    ['that is young is left alone: its run may not be raised yet', { ...active, run: { ...active.run, active: false } }, times.runLimit - 1, 0],
    ['of a run that lives is left alone, however old', active, 999, 0],
  ])('a lease %s', async (_name, head, seconds, woken) => {
    const { admission, slots, sent } = await world(head, seconds);
    expect(await admission.fill('erp')).toBe(woken);
    expect(await slots.held('erp', 1)).toHaveLength(1 - woken);
    expect(sent).toEqual(woken ? [OTHER] : []);
  });

  it('an ERP that is not in the policy is nobody’s to fill', async () => {
    const { admission, sent } = await world(active, 10);
    expect([await admission.fill('gone'), sent]).toEqual([0, []]);
    expect(() => admission.acquire({ ...active, route: { ...active.route, erp: 'gone' } }, 1)).toThrow('not in the policy');
  });
});
