import { ConditionalCheckFailedException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Head } from '../../lambdas/domain/head.ts';
import { LedgerContended, OrderUnknown } from '../../lambdas/ledger/ledger.ts';
import { accepted, KEY } from './domain-fixtures.ts';
import { canceled, ledgerWith } from './table-fixtures.ts';

const fact = { type: 'order.parked.v1', actor: 'system' } as const;
const counted = (head: Head): Head => ({ ...head, generation: head.generation + 1 });
const alone = (head: Head) => ({ next: counted(head), answer: head.version });
const withFact = (head: Head) => ({ next: counted(head), fact, answer: head.version });
const failedCheck = () => new ConditionalCheckFailedException({ message: 'failed', $metadata: {} });
const conflict = () => new TransactionConflictException({ message: 'conflict', $metadata: {} });

describe('a write to the ledger that another writer has met', () => {
  it.each([
    ['a single put whose condition failed', alone, failedCheck()],
    ['a single put that met a transaction', alone, conflict()],
    ['a transaction whose condition failed', withFact, canceled('ConditionalCheckFailed', 'None')],
    ['a transaction that met another', withFact, canceled('None', 'TransactionConflict')],
  ])('%s is read again and decided again', async (_name, decide, error) => {
    const { ledger, put, items, conflicts, head } = ledgerWith([accepted]);
    const meanwhile = () => {
      put({ ...items.get(`O#${KEY} HEAD`), version: 7, generation: 40 });
    };
    conflicts.push({ error, meanwhile });
    const { answer, before } = await ledger.change(KEY, decide);
    expect([answer, before.version]).toEqual([7, 7]);
    expect(head(KEY)).toMatchObject({ version: 8, generation: 41 });
  });

  it('loses by the version alone, without a word from the table', async () => {
    const { ledger, put, items, head } = ledgerWith([accepted]);
    const seen: number[] = [];
    await ledger.change(KEY, (current) => {
      seen.push(current.version);
      if (seen.length === 1) put({ ...items.get(`O#${KEY} HEAD`), version: 2, generation: 40 });
      return alone(current);
    });
    expect(seen).toEqual([1, 2]);
    expect(head(KEY).generation).toBe(41);
  });

  it.each([
    ['of the network', alone, new Error('socket hang up')],
    ['of a transaction for another reason', withFact, canceled('None', 'ThrottlingError')],
  ])('an error %s is thrown, and nothing is tried again', async (_name, decide, error) => {
    const { ledger, conflicts, log, head } = ledgerWith([accepted]);
    conflicts.push({ error });
    await expect(ledger.change(KEY, decide)).rejects.toBe(error);
    expect([log.writes, head(KEY).version]).toEqual([1, 1]);
  });

  it('past the bound gives up by name', async () => {
    const { ledger, conflicts, log } = ledgerWith([accepted]);
    for (let n = 0; n < 100; n++) conflicts.push({ error: conflict() });
    await expect(ledger.change(KEY, alone)).rejects.toThrow(LedgerContended);
    // and one read of the epoch
    expect([log.writes, log.gets]).toEqual([12, 13]);
  });

  it('a decision that writes nothing writes nothing, and an order that nobody knows is an error', async () => {
    const { ledger, log } = ledgerWith([accepted]);
    expect(await ledger.change(KEY, () => ({ answer: 'no' }))).toEqual({ answer: 'no', head: accepted, before: accepted });
    await expect(ledger.change('another', alone)).rejects.toThrow(OrderUnknown);
    expect(log.writes).toBe(0);
  });

  it('a milestone that met a newer one is older', async () => {
    const { ledger, conflicts, put } = ledgerWith([]);
    const newer = {
      tenant: 'acme',
      cpq: 'shop',
      id: 'q',
      version: 1,
      withdrawnUpTo: 0,
      milestones: { approved: { at: '2026-01-02T00:00:00Z', revision: 1 } },
      verdicts: { 1: { milestone: 'approved', at: '2026-01-02T00:00:00Z' } },
    };
    const meanwhile = () => {
      put({ pk: 'Q#acme#shop#q', sk: 'HEAD', ...newer });
    };
    conflicts.push({ error: failedCheck(), meanwhile });
    expect(await ledger.milestone('acme', 'shop', 'q', 'approved', 1, '2026-01-01T00:00:00Z')).toBe('older');
    expect(await ledger.milestone('acme', 'shop', 'q', 'approved', 2, '2026-01-03T00:00:00Z')).toBe('written');
    expect(await ledger.readQuote('acme', 'shop', 'q')).toMatchObject({ version: 2, milestones: { approved: { revision: 2 } } });
  });
});
