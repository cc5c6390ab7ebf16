import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkBackup, readBackup, writeBackup } from '../../cli/ledger-file.ts';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { hashOf } from '../../lambdas/domain/identity.ts';
import { type Fact, hashOfFact } from '../../lambdas/ledger/append.ts';
import { firstBroken } from '../../lambdas/ledger/audit.ts';
import { backupOf } from '../../lambdas/ledger/backup.ts';
import { openCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { askAboutEntry, entryTaskId } from '../../lambdas/ledger/entry-tasks.ts';
import { LedgerRestoring, RestoreContended, type RestoreRecord, readRestores, writeRestore } from '../../lambdas/ledger/epoch.ts';
import { type Item, wholeOrder } from '../../lambdas/ledger/items.ts';
import { EPOCH_KEY, headItem } from '../../lambdas/ledger/keys.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { setReference } from '../../lambdas/ledger/references.ts';
import { type RestoreRequest, RestoreUnderWay, restoreFrom, restoreInPlace } from '../../lambdas/ledger/restoring.ts';
import { findTask, placeOfTask } from '../../lambdas/ledger/tasks.ts';
import { acceptance, accepted, inSeconds, NOW, parking } from './domain-fixtures.ts';
import { memoryTable } from './table-fixtures.ts';
import { asking, taskIdOf } from './task-fixtures.ts';

const KEYS = ['0123456789ABCDEFGHJA', '0123456789ABCDEFGHJB', '0123456789ABCDEFGHJC'];
const [ONE = '', TWO = '', THREE = ''] = KEYS;
const now = () => new Date(NOW);
const asks = asking('ERP_REFUSED', undefined, { ...accepted, orderKey: ONE });
const cause = { cause: 'acme#erp#product#P', causeVersion: 0, code: 'PRODUCT_UNMAPPED' } as const;

/** A ledger in memory in which orders are accepted and go on, each by facts. */
function world() {
  const memory = memoryTable();
  const table = { client: memory.client, table: 'ledger' };
  const ledger = createLedger({ ...table, now });
  const accept = (orderKey: string, revision = 1, tenant = 'acme', at = NOW) =>
    ledger.accept({
      ...acceptance(revision),
      orderKey,
      tenant,
      now: at,
      quote: { ...accepted.quote, id: `q-${tenant}`, number: 'Q-1', revision },
    });
  const goOn = (orderKey: string) =>
    createLedger({ ...table, now }).change(orderKey, (head) => ({ next: head, fact: { type: 'order.parked.v1', actor: 'system' }, answer: null }));
  const factsOf = (orderKey: string): Fact[] =>
    [...memory.items.values()].filter(({ pk, sk }) => pk === `O#${orderKey}` && String(sk).startsWith('F#')) as unknown as Fact[];
  return { ...memory, table, ledger, accept, goOn, factsOf };
}

async function collected(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(structuredClone(item));
  return all;
}

async function* from(items: readonly Item[]): AsyncGenerator<Item> {
  yield* items;
}

const request = (patch: Partial<RestoreRequest> = {}): RestoreRequest => ({
  by: 'cli:somebody',
  reason: 'a test',
  runsFrom: inSeconds(120),
  above: 0,
  untilKnown: async () => undefined,
  say: () => undefined,
  ...patch,
});

const record = (epoch: number, status: RestoreRecord['status']): RestoreRecord => ({
  epoch,
  status,
  at: NOW,
  runsFrom: inSeconds(120),
  by: 'cli:somebody',
  reason: 'a test',
});

describe('the audit of one order', () => {
  let facts: Fact[];
  let head: Head;
  beforeAll(async () => {
    const { accept, goOn, factsOf, head: headNow } = world();
    await accept(ONE);
    await goOn(ONE);
    await goOn(ONE);
    facts = factsOf(ONE);
    head = headNow(ONE);
  });
  const change = (at: number, patch: Partial<Fact>): Fact[] => facts.map((fact, n) => (n === at ? { ...fact, ...patch } : fact));

  it('finds nothing in a chain as it was written', () => {
    expect(firstBroken(ONE, facts, head)).toBeUndefined();
  });

  it.each<[string, () => Fact[], number, string]>([
    ['a changed actor', () => change(1, { actor: 'cli:mallory' }), 2, 'changed after it was written'],
    ['a changed run', () => change(1, { run: 7 }), 2, 'changed after it was written'],
    ['a changed event', () => change(0, { event: { ...(facts[0] as Fact).event, time: inSeconds(1) } }), 1, 'changed after it was written'],
    ['a fact that is gone', () => facts.filter(({ seq }) => seq !== 2), 3, 'what stood between them is gone'],
    ['the first gone', () => facts.slice(1), 2, 'what stood between them is gone'],
    ['another chain', () => change(2, { previousHash: 'x' }), 3, 'does not continue fact 2'],
    ['the last gone', () => facts.slice(0, 2), 2, 'facts after this one are gone'],
    ['all gone', () => [], 0, 'facts after this one are gone'],
  ])('names the first broken fact: %s', (_name, broken, seq, what) => {
    expect(firstBroken(ONE, broken(), head)).toEqual({ seq, what: expect.stringContaining(what) });
  });

  it.each<[string, Partial<Head>]>([
    ['number', { seq: 4 }],
    ['hash', { lastHash: 'x' }],
  ])('names the last fact where HEAD has another %s', (_name, changed) => {
    expect(firstBroken(ONE, facts, { ...head, ...changed })).toEqual({ seq: 3, what: expect.stringContaining('HEAD was changed') });
  });

  it('finds nothing in a chain that goes on from facts of before the hash was over every field', () => {
    const [first, second] = facts as [Fact, Fact];
    const old = { ...first, hash: hashOf({ previousHash: '', event: first.event, actor: first.actor }) };
    const next = { ...second, previousHash: old.hash };
    const end = { ...next, hash: hashOfFact(next) };
    expect(firstBroken(ONE, [old, end], { seq: 2, lastHash: end.hash })).toBeUndefined();
    expect(firstBroken(ONE, [{ ...old, actor: 'cli:mallory' }, end])?.seq).toBe(1);
  });

  it('a fact of another order in its place is found', () => {
    expect(firstBroken(TWO, facts, head)).toEqual({ seq: 1, what: expect.stringContaining(`its event has the id ${ONE}:1`) });
  });

  it('a leap to any other number than the first of an epoch is found', async () => {
    const { accept, goOn, factsOf, table, items } = world();
    await accept(ONE);
    const stored = items.get(`O#${ONE} HEAD`) as unknown as Head;
    items.set(`O#${ONE} HEAD`, { ...stored, epoch: 1, seq: 1_000_007 } as unknown as Item);
    await goOn(ONE);
    expect(firstBroken(ONE, factsOf(ONE), (await wholeOrder(table, ONE)).head)?.seq).toBe(1_000_008);
  });
});

describe('a backup of a ledger at work', () => {
  it('has each order whole, also when it is written while it is read', async () => {
    const { table, accept, goOn, client } = world();
    await accept(ONE);
    let writes = 2;
    const busy = {
      send: async (command: { constructor: { name: string } }) => {
        const answer = await client.send(command as never);
        if (command.constructor.name === 'QueryCommand' && writes-- > 0) await goOn(ONE);
        return answer;
      },
    };
    const { head, items } = await wholeOrder({ ...table, client: busy as never }, ONE);
    const facts = items.filter(({ sk }) => String(sk).startsWith('F#')) as unknown as Fact[];
    expect([facts.length, head.seq, firstBroken(ONE, facts, head)]).toEqual([3, 3, undefined]);
  });

  it('holds the orders that were accepted meanwhile until its end, their predecessors, and quotes that name them', async () => {
    const { table, accept } = world();
    await accept(ONE);
    const backup = backupOf(table, now);
    const first = await backup.next();
    await accept(TWO, 2);
    // stamped after the end
    await accept(THREE, 3, 'acme', inSeconds(10));
    const last = new Map(
      [first.value as Item, ...(await collected({ [Symbol.asyncIterator]: () => backup }))].map((item) => [`${item.pk} ${item.sk}`, item]),
    );
    expect(last.get(`O#${TWO} HEAD`)).toMatchObject({ predecessor: ONE });
    expect(last.get('Q#acme#salesforce#q-acme HEAD')).toMatchObject({ highest: { revision: 2, orderKey: TWO } });
    // What people find it by.
    expect([...last.keys()].filter((key) => key.startsWith('N#'))).toEqual([`N#acme#Q-1 ${ONE}`, `N#acme#Q-1 ${TWO}`]);
  });

  it('is none while orders are brought back, nor when that begins meanwhile', async () => {
    const { table, accept } = world();
    await accept(ONE);
    const backup = backupOf(table, now);
    await backup.next();
    await writeRestore(table.client, 'ledger', await readRestores(table.client, 'ledger'), record(1, 'loading'));
    await expect(collected({ [Symbol.asyncIterator]: () => backup })).rejects.toThrow(LedgerRestoring);
    await expect(collected(backupOf(table, now))).rejects.toThrow(LedgerRestoring);
  });

  it('of one tenant holds nothing of another, and never the epoch', async () => {
    const { table, accept, items } = world();
    await accept(ONE);
    await accept(TWO, 1, 'other');
    await writeRestore(table.client, 'ledger', await readRestores(table.client, 'ledger'), record(1, 'done'));
    items.set('R#acme#main#product P', { pk: 'R#acme#main#product', sk: 'P' });
    const keys = (await collected(backupOf(table, now, 'acme'))).map(({ pk }) => pk);
    expect([...new Set(keys)].sort()).toEqual(['N#acme#Q-1', `O#${ONE}`, 'Q#acme#salesforce#q-acme', 'R#acme#main#product']);
    expect((await collected(backupOf(table, now))).map(({ pk }) => pk)).not.toContain(EPOCH_KEY.pk);
  });

  it.each([undefined, 'acme'])(
    'has with each question where it is, so that it is found after it came into an empty table (tenant: %s)',
    async (tenant) => {
      const { table, ledger, accept } = world();
      await accept(ONE);
      await ledger.change(ONE, (head) => ({ next: { ...head, wait: asks.wait, task: asks.task }, answer: null }));
      await openCauseTask(ledger, cause, inSeconds(60));
      const rejected = { id: 'e', code: 'QUOTE_CONTENT_CHANGED', detail: 'd' } as const;
      const items = askAboutEntry('ledger', (await ledger.read(ONE)) as Head, rejected, parking, NOW);
      await table.client.send(new TransactWriteCommand({ TransactItems: items }));
      const ids = [taskIdOf(asks), causeTaskId(cause.cause), entryTaskId({ tenant: 'acme', id: 'e' })];
      const into = memoryTable(...(await collected(backupOf(table, now, tenant))));
      const loaded = createLedger({ client: into.client, table: 'ledger', now });
      expect(await Promise.all(ids.map((id) => findTask(loaded, id)))).toMatchObject(ids.map((id) => ({ id, state: 'open' })));
      expect(await placeOfTask(loaded, ids[2] as string)).toMatchObject({ orderKey: ONE, entry: 'e' });
    },
  );

  it('of before, without the places: a shared question has its own again when it is asked anew', async () => {
    const { ledger, items } = world();
    await openCauseTask(ledger, cause, inSeconds(60));
    items.delete(`T#${causeTaskId(cause.cause)} PLACE`);
    await setReference(ledger, { tenant: 'acme', erp: 'erp', kind: 'product', code: 'P', target: 'NW-1', by: 'anna' });
    await openCauseTask(ledger, { ...cause, causeVersion: 1 }, inSeconds(60));
    expect(await findTask(ledger, causeTaskId(cause.cause))).toMatchObject({ state: 'open' });
  });
});

describe('a restore', () => {
  it('brings back what the backup holds and repeats no event that was written after it', async () => {
    const { table, accept, goOn, factsOf, head } = world();
    await accept(ONE);
    await goOn(ONE);
    const backup = await collected(backupOf(table, now));
    await goOn(ONE);
    await accept(TWO);
    const lost = factsOf(ONE).at(-1) as Fact;
    const { record, raised } = await restoreFrom(table, from(backup), request());
    expect([record, raised]).toEqual([expect.objectContaining({ epoch: 1, status: 'done' }), 1]);
    expect(factsOf(TWO)).toEqual([]);
    expect(head(ONE)).toMatchObject({ epoch: 1, seq: 2, lookFrom: inSeconds(120), dueAt: inSeconds(120), sweepAt: inSeconds(120) });
    expect(firstBroken(ONE, factsOf(ONE), head(ONE))).toBeUndefined();
    await goOn(ONE);
    expect(factsOf(ONE).map(({ seq }) => seq)).toEqual([1, 2, 1_000_001]);
    expect(factsOf(ONE).map(({ event }) => event.id)).not.toContain(lost.event.id);
    expect(firstBroken(ONE, factsOf(ONE), head(ONE))).toBeUndefined();
  });

  it('of one tenant leaves the orders of the others as they are', async () => {
    const { table, accept, goOn, head } = world();
    await accept(ONE);
    await accept(TWO, 1, 'other');
    const backup = await collected(backupOf(table, now, 'acme'));
    await goOn(TWO);
    const other = head(TWO);
    await restoreFrom(table, from(backup), request({ tenant: 'acme' }));
    await goOn(ONE);
    expect([head(ONE).epoch, head(TWO)]).toEqual([1, other]);
  });

  it('that was cut while it loaded hides every order until it is begun again, under an epoch of its own', async () => {
    const { table, accept, head } = world();
    await accept(ONE);
    await accept(TWO, 2);
    const backup = await collected(backupOf(table, now));
    async function* cut(): AsyncGenerator<Item> {
      yield* backup.slice(0, 3);
      throw new Error('the power is out');
    }
    await expect(restoreFrom(table, cut(), request({ backup: 'a' }))).rejects.toThrow('the power is out');
    await expect(createLedger(table).read(ONE)).rejects.toThrow('is being restored');
    const { record } = await restoreFrom(table, from(backup), request({ backup: 'a' }));
    expect([record.epoch, head(ONE).epoch, head(TWO).epoch]).toEqual([2, 2, 2]);
  });

  /** A restore of the file `a` that stays in the middle of its loading. */
  async function halfLoaded(tenant?: string) {
    const { table, accept, ...rest } = world();
    await accept(ONE);
    const backup = await collected(backupOf(table, now));
    await writeRestore(table.client, 'ledger', await readRestores(table.client, 'ledger'), { ...record(1, 'loading'), backup: 'a' }, tenant);
    return { ...rest, table, accept, backup };
  }

  it.each<[string, string | undefined, Partial<RestoreRequest>]>([
    ['of another file', undefined, { backup: 'b' }],
    ['of nobody knows which file', undefined, {}],
    ['of one tenant, while all orders come back', undefined, { tenant: 'acme', backup: 'a', takeOver: true }],
    ['of all orders, while those of a tenant come back', 'acme', { backup: 'a' }],
  ])('%s is refused while another loads, with who and since when', async (_name, tenant, patch) => {
    const { table, backup, items } = await halfLoaded(tenant);
    const before = new Map(items);
    const refused = restoreFrom(table, from(backup), request(patch));
    await expect(refused).rejects.toThrow(RestoreUnderWay);
    await expect(refused).rejects.toThrow(`since ${NOW}, by cli:somebody`);
    expect(items).toEqual(before);
  });

  it.each<[string, string | undefined, Partial<RestoreRequest>]>([
    ['of the same file', undefined, { backup: 'a' }],
    ['that takes over', undefined, { backup: 'b', takeOver: true }],
    ['of all orders that takes over from one of a tenant', 'acme', { backup: 'b', takeOver: true }],
    ['of another tenant', 'other', { tenant: 'acme', backup: 'b' }],
  ])('%s may begin while another loads', async (_name, tenant, patch) => {
    const { table, backup } = await halfLoaded(tenant);
    expect((await restoreFrom(table, from(backup), request(patch))).record).toMatchObject({ epoch: 2, status: 'done' });
    const { all, tenants } = await readRestores(table.client, 'ledger');
    expect([all, ...Object.values(tenants)].filter((one) => one?.status === 'loading').length).toBe(tenant === 'other' ? 1 : 0);
  });

  it('in place is refused while orders come back: half a ledger does not go live', async () => {
    const { table } = await halfLoaded();
    await expect(restoreInPlace(table, request({ takeOver: true }))).rejects.toThrow(RestoreUnderWay);
    expect((await readRestores(table.client, 'ledger')).all?.status).toBe('loading');
  });

  it('that was stopped and wakes after another has ended writes nothing any more', async () => {
    const { table, accept, goOn, items } = world();
    await accept(ONE);
    const backup = await collected(backupOf(table, now));
    let after = new Map<string, Item>();
    async function* stopped(): AsyncGenerator<Item> {
      await restoreFrom(table, from(backup), request({ backup: 'b', takeOver: true }));
      await goOn(ONE);
      after = structuredClone(items);
      yield* backup;
    }
    await expect(restoreFrom(table, stopped(), request({ backup: 'a' }))).rejects.toThrow(RestoreContended);
    expect(items.get(`O#${ONE} HEAD`)).toMatchObject({ epoch: 2, version: 2_000_002 });
    expect(items).toEqual(after);
  });

  it('that was stopped before it emptied takes nothing out', async () => {
    const { table, accept, items } = world();
    await accept(ONE);
    const backup = await collected(backupOf(table, now));
    let after = new Map<string, Item>();
    const untilKnown = async () => {
      await restoreFrom(table, from(backup), request({ backup: 'a' }));
      after = structuredClone(items);
    };
    await expect(restoreFrom(table, from(backup), request({ backup: 'a', untilKnown }))).rejects.toThrow(RestoreContended);
    expect(items).toEqual(after);
  });

  it('that was cut while it raised goes on under its epoch and raises nothing twice', async () => {
    const { table, accept, head } = world();
    await accept(ONE);
    await accept(TWO, 2);
    const before = await readRestores(table.client, 'ledger');
    await writeRestore(table.client, 'ledger', before, record(4, 'raising'));
    const done = await restoreInPlace(table, request());
    const versions = KEYS.slice(0, 2).map((key) => head(key).version);
    expect([done.record.epoch, done.raised]).toEqual([4, 2]);
    await writeRestore(table.client, 'ledger', { ...(await readRestores(table.client, 'ledger')) }, { ...done.record, status: 'raising' });
    expect((await restoreInPlace(table, request())).raised).toBe(0);
    expect(KEYS.slice(0, 2).map((key) => head(key).version)).toEqual(versions);
  });

  it('takes an epoch that no ledger before it had', async () => {
    const { table } = world();
    expect((await restoreInPlace(table, request({ above: 7 }))).record.epoch).toBe(8);
    expect((await restoreInPlace(table, request())).record.epoch).toBe(9);
  });

  it('leaves what is at rest alone until somebody writes it', async () => {
    const { table, items, goOn, factsOf } = world();
    const rested = { ...accepted, orderKey: ONE, state: 'completed' as const, dueAt: undefined, sweepAt: undefined, seq: 0, lastHash: '' };
    items.set(`O#${ONE} HEAD`, headItem(rested) as Item);
    expect((await restoreInPlace(table, request())).raised).toBe(0);
    await goOn(ONE);
    expect(factsOf(ONE).map(({ seq }) => seq)).toEqual([1_000_001]);
  });
});

describe('the file of a backup', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const items: Item[] = [
    { pk: `O#${ONE}`, sk: 'HEAD', n: 1 },
    { pk: `O#${ONE}`, sk: 'F#000000000001' },
    { pk: 'Q#a', sk: 'HEAD' },
  ];
  const about = { table: 'ledger', at: NOW, epoch: 3 };
  const written = async (name: string): Promise<string> => {
    const file = join(folder, name);
    await writeBackup(file, about, from(items), () => undefined);
    return file;
  };
  const edited = async (name: string, edit: (lines: string[]) => string[]): Promise<string> => {
    const file = await written(name);
    writeFileSync(file, gzipSync(edit(gunzipSync(readFileSync(file)).toString().trimEnd().split('\n')).join('\n')));
    return file;
  };

  it('comes back as it was written, with what it says of itself', async () => {
    const file = await written('whole');
    expect(await checkBackup(file)).toMatchObject({ ...about, items: 3, orders: 1, facts: 1 });
    expect(await collected(readBackup(file))).toEqual(items);
  });

  it('counts an order that comes again once, as it came last', async () => {
    const again: Item[] = [...items, ...items.slice(0, 2), { pk: `O#${ONE}`, sk: 'F#000000000002' }];
    const manifest = await writeBackup(join(folder, 'again'), about, from(again), () => undefined);
    expect(manifest).toMatchObject({ items: 6, orders: 1, facts: 2 });
  });

  it('that cannot be written is refused; a failure of the ledger stays what it is', async () => {
    const nowhere = writeBackup(join(folder, 'no', 'such', 'file'), about, from(items), () => undefined);
    await expect(nowhere).rejects.toMatchObject({ name: 'Refused', message: expect.stringContaining('cannot be written') });
    async function* failing(): AsyncGenerator<Item> {
      yield* items;
      throw new Error('no answer');
    }
    await expect(writeBackup(join(folder, 'cut'), about, failing(), () => undefined)).rejects.toThrow('no answer');
  });

  it.each<[string, (file: string) => Promise<string>]>([
    [
      'cut in the middle',
      async (name) => {
        const file = await written(name);
        truncateSync(file, readFileSync(file).length - 20);
        return file;
      },
    ],
    ['without its last line', (name) => edited(name, (lines) => lines.slice(0, -1))],
    ['with an item less', (name) => edited(name, (lines) => lines.toSpliced(2, 1))],
    ['with an item changed', (name) => edited(name, (lines) => lines.map((line) => line.replace('"n":1', '"n":2')))],
    ['with more after its end', (name) => edited(name, (lines) => [...lines, '{}'])],
    ['of something else', (name) => edited(name, () => ['{"format":"other"}'])],
    [
      'empty',
      async (name) => {
        const file = join(folder, name);
        writeFileSync(file, '');
        return file;
      },
    ],
    [
      'that is no archive',
      async (name) => {
        const file = join(folder, name);
        writeFileSync(file, 'text');
        return file;
      },
    ],
    ['that is not there', async (name) => join(folder, `${name}-not`)],
  ])('a file %s is refused', async (name, make) => {
    await expect(checkBackup(await make(name))).rejects.toMatchObject({ name: 'Refused' });
  });
});
