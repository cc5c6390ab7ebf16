import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { verify } from '../../cli/audit.ts';
import { act } from '../../cli/command.ts';
import type { Context } from '../../cli/context.ts';
import type { RestoreRecord } from '../../lambdas/ledger/epoch.ts';
import { EPOCH_KEY } from '../../lambdas/ledger/keys.ts';
import { textOf } from '../support/board.ts';
import { boardOf } from './board-fixtures.ts';
import { accepted, KEY, NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

/** A ledger of one order of tenant acme, of which a restore is as far as `status`: of all orders, or of one tenant's. */
function restoring(status: RestoreRecord['status'], tenant?: string) {
  const record: RestoreRecord = { epoch: 1, status, at: NOW, runsFrom: NOW, by: 'cli:somebody', reason: 'a test' };
  const memory = ledgerWith([accepted]);
  memory.put({ ...EPOCH_KEY, version: 1, ...(tenant === undefined ? { all: record, tenants: {} } : { tenants: { [tenant]: record } }) });
  return memory.ledger;
}

const contextOf = (ledger: ReturnType<typeof restoring>, said: string[] = []): Context =>
  ({
    ledger,
    say: (line: string) => said.push(line),
    config: { policy: { tenants: { acme: {}, other: {} } }, stage: 'local' },
  }) as unknown as Context;

describe('a command, while a ledger is restored', () => {
  /** Runs a command that answers `done`. */
  async function run(ledger: ReturnType<typeof restoring>, { tenant, whileRestoring }: { tenant?: string; whileRestoring?: boolean } = {}) {
    const [out, said]: [string[], string[]] = [[], []];
    const command = {
      optsWithGlobals: () => ({ stage: 'local', tenant }),
      configureOutput: () => ({ writeOut: (text: string) => out.push(text) }),
      processedArgs: [],
    } as unknown as Command;
    const work = act(async () => ({ view: {}, text: 'done' }), { whileRestoring, open: async () => contextOf(ledger, said) });
    await work(command);
    return { out, said };
  }

  it('is refused as long as all orders are brought back', async () => {
    await expect(run(restoring('loading'))).rejects.toMatchObject({ name: 'LedgerRestoring' });
    expect(await run(restoring('raising'))).toMatchObject({ out: ['done\n'], said: [] });
  });

  it('runs all the same if it is about the restore', async () => {
    expect(await run(restoring('loading'), { whileRestoring: true })).toMatchObject({ out: ['done\n'] });
  });

  it('is refused for the tenant of which the orders are brought back, and says for all that they are missing', async () => {
    await expect(run(restoring('loading', 'acme'), { tenant: 'acme' })).rejects.toMatchObject({ name: 'LedgerRestoring' });
    expect(await run(restoring('loading', 'acme'), { tenant: 'other' })).toMatchObject({ out: ['done\n'], said: [] });
    expect((await run(restoring('loading', 'acme'))).said).toEqual([expect.stringContaining('orders of tenant acme are being restored')]);
  });
});

describe('the audit, while a ledger is restored', () => {
  it.each([
    ['all orders', undefined, 'all', undefined],
    ['the orders of a tenant that are asked for', 'acme', 'all', 'acme'],
    ['the order that is asked for', 'acme', KEY, undefined],
  ])('finds nothing whole or broken: %s', async (_name, loads, order, tenant) => {
    await expect(verify(contextOf(restoring('loading', loads)), { order, ...(tenant && { tenant }) })).rejects.toMatchObject({
      name: 'LedgerRestoring',
    });
  });
});

describe('the board, while a ledger is restored', () => {
  const pages = ['/', '/orders', '/tasks', `/orders/${KEY}`];

  it.each(pages)('shows nothing of half of it: %s', async (path) => {
    const { status, body } = await boardOf([], { ledger: restoring('loading') }).get(path);
    expect([status, body]).toEqual([503, expect.stringContaining('The ledger is being restored')]);
    expect((await boardOf([], { ledger: restoring('done') }).get(path)).status).toBe(200);
  });

  it('shows the orders of the other tenants, and says whose are missing', async () => {
    const { get } = boardOf([], { ledger: restoring('loading', 'acme') });
    for (const path of pages.slice(0, 3)) {
      expect(textOf((await get(path)).body)).toContain('The orders of tenant acme are being restored');
      expect((await get(path, { tenant: 'acme' })).status).toBe(503);
      expect((await get(path, { tenant: 'other' })).body).not.toContain('are being restored');
    }
    expect((await get(`/orders/${KEY}`)).status).toBe(503);
  });
});
