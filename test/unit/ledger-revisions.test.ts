import { describe, expect, it } from 'vitest';
import type { Head } from '../../lambdas/domain/head.ts';
import { hashOf, orderKeyOf } from '../../lambdas/domain/identity.ts';
import { backupOf } from '../../lambdas/ledger/backup.ts';
import { readRestores, writeRestore } from '../../lambdas/ledger/epoch.ts';
import type { Item } from '../../lambdas/ledger/items.ts';
import { headItem } from '../../lambdas/ledger/keys.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { acceptance, accepted, inSeconds, NOW } from './domain-fixtures.ts';
import { memoryTable } from './table-fixtures.ts';

const QUOTE = { tenant: 'acme', cpq: 'salesforce', id: 'q' } as const;
const keyOf = (revision: number): string => orderKeyOf(QUOTE.tenant, QUOTE.cpq, QUOTE.id, revision);
const revised = (revision: number, at = NOW) => ({
  ...acceptance(revision),
  tenant: QUOTE.tenant,
  orderKey: keyOf(revision),
  quote: { ...accepted.quote, cpq: QUOTE.cpq, id: QUOTE.id, revision },
  contentHash: hashOf(revision),
  now: at,
});

/** A ledger in memory with these revisions of one quote. */
async function world(...revisions: number[]) {
  const table = memoryTable();
  let ledger = createLedger({ client: table.client, table: 'ledger', now: () => new Date(NOW) });
  for (const revision of revisions) await ledger.accept(revised(revision));
  const head = (revision: number): Head => table.head(keyOf(revision));
  const quote = () => ledger.readQuote(QUOTE.tenant, QUOTE.cpq, QUOTE.id);
  const withdraw = (revision: number) => ledger.withdraw(QUOTE.tenant, { cpq: QUOTE.cpq, id: QUOTE.id, revision }, 'the CPQ');
  /** As it would be of another moment. */
  const set = (revision: number, patch: Partial<Head>) => table.put(headItem({ ...head(revision), ...patch }));
  const stops = (revision: number): string[] => Object.keys(head(revision).stops).sort();
  /** Without the orders of these revisions. */
  const lose = (...lost: number[]) => {
    for (const key of [...table.items.keys()]) if (lost.some((revision) => key.startsWith(`O#${keyOf(revision)} `))) table.items.delete(key);
  };
  /** It comes back from a backup. */
  const restore = async () => {
    const record = { epoch: 1, at: NOW, runsFrom: NOW, by: 'ops', reason: 'lost', status: 'done' } as const;
    await writeRestore(table.client, 'ledger', await readRestores(table.client, 'ledger'), record, undefined);
    ledger = createLedger({ client: table.client, table: 'ledger', now: () => new Date(NOW) });
    return ledger;
  };
  return { ...table, ledger, head, quote, withdraw, set, stops, lose, restore };
}

describe('an export while revisions come', () => {
  /** What the backup has, where something happens after the first order was read. */
  async function exported(meanwhile: (from: Awaited<ReturnType<typeof world>>) => Promise<unknown>): Promise<Map<string, Item>> {
    const from = await world();
    // Long before: the export does not read it again for its own sake.
    await from.ledger.accept(revised(1, inSeconds(-600)));
    const items = new Map<string, Item>();
    let done = false;
    for await (const item of backupOf({ client: from.client, table: 'ledger' }, () => new Date(NOW))) {
      items.set(`${item.pk} ${item.sk}`, structuredClone(item));
      if (done || item.sk !== 'HEAD' || item.pk !== `O#${keyOf(1)}`) continue;
      done = true;
      await meanwhile(from);
    }
    return items;
  }
  const stopsIn = (items: ReadonlyMap<string, Item>) => Object.keys((items.get(`O#${keyOf(1)} HEAD`)?.stops ?? {}) as object).sort();

  it('has the mark on the revision that one of them supersedes', async () => {
    const items = await exported(({ ledger }) => ledger.accept(revised(2)));
    expect(items.get('Q#acme#salesforce#q HEAD')).toMatchObject({ highest: { revision: 2 } });
    expect([stopsIn(items), items.has(`O#${keyOf(2)} HEAD`)]).toEqual([['superseded'], true]);
  });

  it('has the mark of a withdrawal that QUOTE knows of', async () => {
    const items = await exported(async ({ ledger, withdraw }) => {
      await withdraw(1);
      await ledger.accept(revised(2));
    });
    expect(items.get('Q#acme#salesforce#q HEAD')).toMatchObject({ withdrawnUpTo: 1 });
    expect(stopsIn(items)).toContain('withdrawn');
  });

  it('ends where an order stands behind itself, or the one that QUOTE names is lost', async () => {
    for (const broken of ['itself', 'lost'] as const) {
      const from = await world(1, 2);
      if (broken === 'itself') from.set(1, { predecessor: keyOf(1) });
      else from.lose(2);
      await from.ledger.accept({ ...revised(3), quote: { ...revised(3).quote, id: 'other' } });
      const items: Item[] = [];
      for await (const item of backupOf({ client: from.client, table: 'ledger' }, () => new Date(NOW))) items.push(item);
      const last = (key: string) => items.findLastIndex(({ pk, sk }) => pk === key && sk === 'HEAD');
      expect(items[last('Q#acme#salesforce#q')]).toMatchObject({ highest: { revision: 2 } });
      // An order is never older than what QUOTE says of it.
      expect(last('Q#acme#salesforce#q')).toBeLessThan(last(`O#${keyOf(1)}`));
      expect(items.filter(({ pk }) => pk === 'Q#acme#salesforce#q').length).toBeGreaterThan(1);
    }
  });

  it('names no revision that it does not have', async () => {
    // Stamped before the end of the export, written after the index was read.
    const from = await world(1);
    await from.ledger.accept(revised(2));
    const items = new Map<string, Item>();
    const blind = {
      send: async (command: { input?: { IndexName?: string } }) =>
        command.input?.IndexName === 'day' ? { Items: [{ pk: `O#${keyOf(1)}`, dayKey: NOW }] } : from.client.send(command as never),
    };
    for await (const item of backupOf({ client: blind as never, table: 'ledger' }, () => new Date(NOW))) items.set(`${item.pk} ${item.sk}`, item);
    const { highest } = items.get('Q#acme#salesforce#q HEAD') as unknown as { highest: { orderKey: string } };
    expect(items.has(`O#${highest.orderKey} HEAD`)).toBe(true);
  });
});

describe('a backup that has an order and its QUOTE of different moments', () => {
  it('an order learns that a newer revision came', async () => {
    const { ledger, set, stops, head } = await world(1, 2);
    set(1, { stops: {}, supersededBy: undefined });
    expect((await ledger.recall(keyOf(1))).stops.superseded).toEqual({ by: keyOf(2), at: NOW });
    expect([stops(1), head(1).supersededBy, stops(2)]).toEqual([['superseded'], keyOf(2), []]);
  });

  it('an order learns that its quote was withdrawn, at its look or when the withdrawal comes again', async () => {
    for (const again of [false, true]) {
      const { ledger, set, stops, withdraw } = await world(1);
      await withdraw(1);
      set(1, { stops: {} });
      if (again) expect(await withdraw(1)).toEqual([keyOf(1)]);
      else await ledger.recall(keyOf(1));
      expect(stops(1)).toEqual(['withdrawn']);
    }
  });

  it('QUOTE learns of an order, and the one before it that it is superseded', async () => {
    const { ledger, quote, put, set, stops } = await world(1, 2);
    const { pk, sk } = { pk: 'Q#acme#salesforce#q', sk: 'HEAD' };
    put({ pk, sk, ...(await quote()), highest: { revision: 1, orderKey: keyOf(1) } });
    set(1, { stops: {}, supersededBy: undefined });
    await ledger.recall(keyOf(2));
    expect([(await quote()).highest, stops(1), stops(2)]).toEqual([{ revision: 2, orderKey: keyOf(2) }, ['superseded'], []]);
  });

  it('a newer order marks all before it that have not seen it, and not those that the ERP has', async () => {
    const { set, stops, put, quote, restore } = await world(1, 2, 3);
    for (const revision of [1, 2]) set(revision, { stops: {}, supersededBy: undefined });
    set(2, { state: 'confirmed' });
    put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', ...(await quote()), highest: { revision: 1, orderKey: keyOf(1) } });
    await (await restore()).recall(keyOf(3));
    expect([stops(1), stops(2), (await quote()).highest?.revision]).toEqual([['superseded'], [], 3]);
  });

  it('QUOTE learns of an order whose cancellation was turned down, and not of one that was recorded too late', async () => {
    const { ledger, put, quote, set } = await world(1, 2);
    const older = async () => put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', ...(await quote()), highest: { revision: 1, orderKey: keyOf(1) } });
    await older();
    set(2, { state: 'confirmed', stops: { cancel: { by: 'anna', at: NOW, decided: 'keep' } } });
    await ledger.recall(keyOf(2));
    expect((await quote()).highest?.revision).toBe(2);
    await older();
    set(2, { predecessor: undefined, stops: { withdrawn: { by: 'the CPQ', at: NOW } }, state: 'cancelled' });
    await ledger.recall(keyOf(2));
    expect((await quote()).highest?.revision).toBe(1);
  });

  it('an order that is superseded itself marks those before it, too, and leaves alone what is withdrawn', async () => {
    const { ledger, set, stops } = await world(1, 2, 3);
    set(1, { stops: {}, supersededBy: undefined });
    await ledger.recall(keyOf(2));
    expect(stops(1)).toEqual(['superseded']);
    set(1, { stops: { withdrawn: { by: 'the CPQ', at: NOW } } });
    for (const revision of [1, 3]) await ledger.recall(keyOf(revision));
    expect(stops(1)).toEqual(['withdrawn']);
  });

  it('a withdrawal reaches an order that QUOTE does not name', async () => {
    const { put, quote, set, restore, withdraw } = await world(1, 2);
    put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', ...(await quote()), highest: { revision: 1, orderKey: keyOf(1) } });
    set(2, { state: 'completed' });
    await restore();
    expect((await withdraw(2)).toSorted()).toEqual([keyOf(1), keyOf(2)].toSorted());
    expect(await withdraw(2)).toEqual([]);
  });

  it('of many that have not seen it a newer one marks as many as fit into one write', async () => {
    const revisions = Array.from({ length: 24 }, (_, n) => n + 1);
    const { ledger, set, stops } = await world(...revisions);
    for (const revision of revisions.slice(0, -1)) set(revision, { stops: {}, supersededBy: undefined });
    await ledger.recall(keyOf(24));
    expect(revisions.filter((revision) => stops(revision).length > 0)).toHaveLength(20);
  });

  it('one that was recorded too late tells nobody anything, and one at its end is told nothing', async () => {
    const { ledger, items, quote, withdraw, set, stops } = await world(2, 1);
    items.delete('Q#acme#salesforce#q HEAD');
    await ledger.recall(keyOf(1));
    expect((await quote()).highest).toBeUndefined();
    await withdraw(2);
    set(1, { stops: {} });
    await ledger.recall(keyOf(1));
    expect([stops(1), (await quote()).withdrawnUpTo]).toEqual([[], 2]);
  });

  it('QUOTE learns from an order up to where the quote was withdrawn, and the one before it from QUOTE', async () => {
    const { ledger, withdraw, quote, set, stops, put } = await world(1, 2);
    await withdraw(2);
    put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', ...(await quote()), withdrawnUpTo: 0, highest: { revision: 1, orderKey: keyOf(1) } });
    set(1, { stops: {} });
    for (const revision of [2, 1]) await ledger.recall(keyOf(revision));
    expect([(await quote()).withdrawnUpTo, (await quote()).highest?.revision, stops(1)]).toEqual([2, 2, ['superseded', 'withdrawn']]);
  });

  it('QUOTE learns of a withdrawal from an order that was recorded too late, too', async () => {
    const { ledger, quote, set } = await world(1, 2);
    set(1, { predecessor: undefined, stops: { withdrawn: { by: 'the CPQ', at: NOW } }, state: 'cancelled' });
    await ledger.recall(keyOf(1));
    expect([(await quote()).withdrawnUpTo, (await quote()).highest?.revision]).toEqual([1, 2]);
    // It never forgets what it knows.
    set(2, { stops: { withdrawn: { by: 'the CPQ', at: NOW } } });
    for (const revision of [2, 1]) await ledger.recall(keyOf(revision));
    expect((await quote()).withdrawnUpTo).toBe(2);
  });

  it('an order that is confirmed is past being superseded', async () => {
    const { ledger, set, stops } = await world(1, 2);
    set(1, { state: 'confirmed', stops: {} });
    await ledger.recall(keyOf(1));
    expect(stops(1)).toEqual([]);
  });

  it('nothing is written where they agree', async () => {
    const { ledger, head, quote } = await world(1, 2);
    const before = [head(1).version, head(2).version, (await quote()).version];
    for (const revision of [1, 2]) await ledger.recall(keyOf(revision));
    expect([head(1).version, head(2).version, (await quote()).version]).toEqual(before);
  });
});

describe('a backup that has lost the order that QUOTE names', () => {
  async function without(...lost: number[]) {
    const here = await world(1, 2);
    here.lose(...lost);
    return { ...here, ledger: await here.restore() };
  }

  it('takes it in again behind the one before it, never behind itself', async () => {
    const { ledger, head } = await without(2);
    expect((await ledger.accept(revised(2))).answer).toBe('accepted');
    expect(head(2).predecessor).toBe(keyOf(1));
    expect((await ledger.lower(head(2))).map(({ orderKey }) => orderKey)).toEqual([keyOf(1)]);
  });

  it('takes the next one in behind the highest that is there', async () => {
    const { ledger, head } = await without(2);
    await ledger.accept(revised(3));
    expect(head(3).predecessor).toBe(keyOf(1));
  });

  it('takes the next one in behind the highest, whether or not QUOTE names that', async () => {
    for (const named of [3, 2]) {
      const { put, quote, restore, head } = await world(1, 2, 3);
      put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', ...(await quote()), highest: { revision: named, orderKey: keyOf(named) } });
      const ledger = await restore();
      await ledger.accept(revised(4));
      expect(head(4).predecessor).toBe(keyOf(named));
      expect((await ledger.lower(head(4))).map(({ quote: { revision } }) => revision)).toEqual([3, 2, 1]);
    }
    const { lose, put, quote, restore, head } = await world(1, 2, 3);
    put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', ...(await quote()), highest: { revision: 2, orderKey: keyOf(2) } });
    lose(2);
    await (await restore()).accept(revised(4));
    expect(head(4).predecessor).toBe(keyOf(3));
  });

  it('is marked beyond the gap by the newest', async () => {
    const { lose, set, restore, stops } = await world(1, 2, 3);
    set(1, { stops: {}, supersededBy: undefined });
    lose(2);
    await (await restore()).recall(keyOf(3));
    expect(stops(1)).toEqual(['superseded']);
  });

  it('looks for fifty revisions below one', async () => {
    const { set, restore, head } = await world(1, 51, 52);
    for (const revision of [51, 52]) set(revision, { predecessor: undefined });
    const ledger = await restore();
    const below = async (revision: number) => (await ledger.lower(head(revision))).map(({ quote }) => quote.revision);
    for (const revision of [51, 52]) set(revision, { epoch: 1 });
    expect([await below(51), await below(52)]).toEqual([[1], [51]]);
  });

  it('takes the first in as the first', async () => {
    const { ledger, head } = await without(1, 2);
    await ledger.accept(revised(2));
    expect(head(2).predecessor).toBeUndefined();
  });

  it('takes one in behind those that QUOTE has forgotten with itself', async () => {
    const { items, restore, head, withdraw } = await world(1);
    items.delete('Q#acme#salesforce#q HEAD');
    const ledger = await restore();
    await ledger.accept(revised(2));
    expect(head(2).predecessor).toBe(keyOf(1));
    expect((await withdraw(1)).toSorted()).toEqual([keyOf(1)]);
  });

  it('is withdrawn up to a revision that was lost, each below it that is there, in its chain or not', async () => {
    const { lose, restore, set, withdraw, stops } = await world(1, 2, 3);
    set(1, { state: 'completed', stops: {} });
    lose(2, 3);
    const ledger = await restore();
    await ledger.accept(revised(2));
    expect((await withdraw(3)).toSorted()).toEqual([keyOf(1), keyOf(2)].toSorted());
    expect(stops(1)).toEqual(['withdrawn']);
  });

  it('goes on without a predecessor that was lost; in a ledger that was never restored that is an error', async () => {
    const { lose, restore, head, ledger } = await world(1, 2, 3);
    lose(2);
    await expect(ledger.lower(head(3))).rejects.toThrow('predecessor');
    const back = await restore();
    expect((await back.lower((await back.read(keyOf(3))) as Head)).map(({ orderKey }) => orderKey)).toEqual([keyOf(1)]);
  });

  it('fails loudly where there was no restore: what the lost one has made nobody knows', async () => {
    const { ledger, lose, withdraw } = await world(1, 2);
    lose(2);
    for (const revision of [2, 3]) await expect(ledger.accept(revised(revision))).rejects.toThrow('no order of revision 2');
    await expect(withdraw(2)).rejects.toThrow('no order of revision 2');
    expect((await ledger.accept(revised(1))).answer).toBe('duplicate');
  });

  it('has lost QUOTE, too: the first one that ever came was superseded, and still stands before what comes again', async () => {
    const { lose, items, restore, stops, quote } = await world(2, 3);
    lose(3);
    items.delete('Q#acme#salesforce#q HEAD');
    const ledger = await restore();
    expect((await ledger.accept(revised(1))).answer).toBe('accepted');
    for (const revision of [2, 1]) await ledger.recall(keyOf(revision));
    expect([stops(1), (await quote()).highest?.revision]).toEqual([['superseded'], 2]);
  });

  it('is read while the orders of another tenant come back', async () => {
    const { client, lose, restore, head } = await world(1, 2, 3);
    lose(2);
    const ledger = await restore();
    const record = { epoch: 2, at: NOW, runsFrom: NOW, by: 'ops', reason: 'lost', status: 'loading' } as const;
    await writeRestore(client, 'ledger', await readRestores(client, 'ledger'), record, 'globex');
    const beside = createLedger({ client, table: 'ledger', now: () => new Date(NOW) });
    expect((await beside.lower((await ledger.read(keyOf(3))) as Head)).map(({ orderKey }) => orderKey)).toEqual([keyOf(1)]);
    await beside.recall(keyOf(3));
    expect(await beside.withdraw('acme', { cpq: 'salesforce', id: 'q', revision: 3 }, 'the CPQ')).toHaveLength(2);
    expect(head(1).stops.withdrawn).toBeDefined();
    await expect(beside.read(keyOf(2))).rejects.toThrow('being restored');
  });

  it('still has the others withdrawn', async () => {
    const { withdraw, stops } = await without(2);
    expect(await withdraw(2)).toEqual([keyOf(1)]);
    expect(stops(1)).toContain('withdrawn');
  });

  it('that stands behind itself by an older version of this code is walked to its end', async () => {
    const { ledger, set, head } = await world(1, 2);
    set(2, { predecessor: keyOf(2) });
    expect(await ledger.lower(head(2))).toEqual([]);
  });
});
