import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  epochOf,
  LedgerRestoring,
  mustBeBack,
  type RestoreRecord,
  readRestores,
  restoreFor,
  restoresOf,
  writeRestore,
} from '../../lambdas/ledger/epoch.ts';
import { headItem } from '../../lambdas/ledger/keys.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { acceptance, accepted, active, inSeconds, KEY, NOW } from './domain-fixtures.ts';
import { ledgerWith, memoryTable } from './table-fixtures.ts';

const record = (epoch: number, status: RestoreRecord['status'] = 'done'): RestoreRecord => ({
  status,
  epoch,
  at: NOW,
  runsFrom: inSeconds(120),
  by: 'cli:somebody',
  reason: 'a test',
});

afterEach(() => vi.restoreAllMocks());

async function restored(table: ReturnType<typeof memoryTable>, epoch: number, tenant?: string): Promise<boolean> {
  return writeRestore(table.client, 'ledger', await readRestores(table.client, 'ledger'), record(epoch), tenant);
}

describe('the epoch of a ledger', () => {
  it('a ledger that was never restored has none', async () => {
    const { client } = memoryTable();
    const restores = await readRestores(client, 'ledger');
    expect([restores.version, epochOf(restores), restoreFor(restores, 'acme')]).toEqual([0, 0, undefined]);
  });

  it('counts for all orders, or for those of one tenant; the newer one wins', async () => {
    const table = memoryTable();
    expect([await restored(table, 1), await restored(table, 2, 'acme')]).toEqual([true, true]);
    const before = await readRestores(table.client, 'ledger');
    expect([restoreFor(before, 'acme')?.epoch, restoreFor(before, 'other')?.epoch, epochOf(before)]).toEqual([2, 1, 2]);
    await restored(table, 3);
    expect(restoreFor(await readRestores(table.client, 'ledger'), 'acme')?.epoch).toBe(3);
  });

  it('of two restores at the same time one wins', async () => {
    const table = memoryTable();
    const before = await readRestores(table.client, 'ledger');
    const both = [await writeRestore(table.client, 'ledger', before, record(1)), await writeRestore(table.client, 'ledger', before, record(1))];
    expect(both).toEqual([true, false]);
  });

  it('is read once for many orders, and again by who could not read it', async () => {
    const table = memoryTable();
    await restored(table, 1);
    const known = restoresOf(table.client, 'ledger');
    await Promise.all([known('acme'), known('other'), known('acme')]);
    const reads = table.log.gets;
    await known('acme');
    expect(table.log.gets).toBe(reads);
    let fails = true;
    const client = { send: async (command: unknown) => (fails ? Promise.reject(new Error('no answer')) : table.client.send(command as never)) };
    const later = restoresOf(client as never, 'ledger');
    await expect(later('acme')).rejects.toThrow('no answer');
    fails = false;
    expect((await later('acme'))?.epoch).toBe(1);
  });

  it('is known for 5 s, and then read again: a process that lives on learns of a restore', async () => {
    const table = memoryTable();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(1000);
    const known = restoresOf(table.client, 'ledger');
    expect(await known('acme')).toBeUndefined();
    await restored(table, 1);
    clock.mockReturnValue(6000);
    expect(await known('acme')).toBeUndefined();
    clock.mockReturnValue(6001);
    expect((await known('acme'))?.epoch).toBe(1);
  });
});

describe('whoever shows many orders', () => {
  it.each<[string, string | undefined, string | undefined, 'refused' | 'told' | 'answered']>([
    ['all come back', undefined, undefined, 'refused'],
    ['all come back', undefined, 'acme', 'refused'],
    ['those of the tenant come back', 'acme', 'acme', 'refused'],
    ['those of one tenant come back and all are asked for', 'acme', undefined, 'told'],
    ['those of another tenant come back', 'acme', 'other', 'answered'],
  ])('while %s (%s, asked for %s) is %s', async (_name, tenant, asked, expected) => {
    const { client } = memoryTable();
    await writeRestore(client, 'ledger', await readRestores(client, 'ledger'), record(1, 'loading'), tenant);
    const said: string[] = [];
    const came = await mustBeBack({ client, table: 'ledger' }, asked, (line) => said.push(line)).catch((error: Error) => error.name);
    expect([came, said.length]).toEqual([expected === 'refused' ? 'LedgerRestoring' : undefined, expected === 'told' ? 1 : 0]);
  });
});

describe('a ledger that was restored', () => {
  it('reads each order of before as raised, without a write', async () => {
    const { ledger, ...table } = ledgerWith([active]);
    await restored(table, 1, 'acme');
    expect(await ledger.read(KEY)).toMatchObject({ epoch: 1, seq: 1, run: { n: 1_000_000, active: false }, version: active.version });
    expect(table.head(KEY).epoch).toBe(0);
  });

  it('makes it lasting with the next write, whoever writes', async () => {
    const { ledger, ...table } = ledgerWith([active]);
    await restored(table, 1);
    await ledger.change(KEY, (head) => ({ next: head, fact: { type: 'order.parked.v1', actor: 'system' }, answer: null }));
    expect(table.head(KEY)).toMatchObject({ epoch: 1, seq: 1_000_001, version: 1_000_001, everUnknown: true });
    expect([...table.items.keys()]).toContain(`O#${KEY} F#000001000001`);
  });

  it('shows and writes no order while they are brought back, and all of them after', async () => {
    const { ledger, ...table } = ledgerWith([active]);
    const before = await readRestores(table.client, 'ledger');
    await writeRestore(table.client, 'ledger', before, record(1, 'loading'));
    await expect(ledger.read(KEY)).rejects.toThrow(LedgerRestoring);
    await expect(ledger.accept(acceptance(1))).rejects.toThrow(LedgerRestoring);
    await expect(ledger.read('0123456789ABCDEFGHJZ')).rejects.toThrow(LedgerRestoring);
    await writeRestore(table.client, 'ledger', { ...before, version: 1 }, record(1, 'raising'));
    expect((await ledger.read(KEY))?.epoch).toBe(1);
  });

  it('leaves the orders of other tenants alone', async () => {
    const { ledger, ...table } = ledgerWith([active]);
    await restored(table, 1, 'other');
    expect(await ledger.read(KEY)).toEqual(active);
  });

  it('opens an order under its epoch', async () => {
    const { ledger, ...table } = ledgerWith([]);
    await restored(table, 2);
    const { head } = await ledger.accept({ ...acceptance(1), orderKey: KEY });
    expect(head).toMatchObject({ epoch: 2, seq: 2_000_001, everUnknown: true, lookFrom: inSeconds(120), version: 2_000_001 });
  });

  it('takes no write of who has read the order before: its version cannot come again', async () => {
    const table = memoryTable(headItem(accepted));
    const slow = createLedger({ client: table.client, table: 'ledger', now: () => new Date(NOW) });
    let first = true;
    const change = slow.change(KEY, (head) => {
      if (!first) return { answer: head.epoch };
      first = false;
      // meanwhile the ledger is restored, and the order written as often as it takes
      for (const [key, item] of table.items) if (key.endsWith('HEAD')) table.items.set(key, { ...item, epoch: 1, version: 1_000_001 });
      return { next: head, answer: 0 };
    });
    expect((await change).answer).toBe(1);
  });
});
