import { describe, expect, it } from 'vitest';
import { CAUSE_KINDS, causeOf } from '../../contracts/reference.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { wake } from '../../lambdas/functions/master-data/wake/wake.ts';
import { openCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { answerCause, listReferences, setReference } from '../../lambdas/ledger/references.ts';
import { accepted, inSeconds, NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

const CAUSE = 'acme#erp#product#P';
const keyOf = (n: number) => String(n).padStart(20, '0');

/** Order `n` waits for version `version + 1` of the mapping, since `n` seconds. */
const waiting = (n: number, version = 1): Head => ({
  ...accepted,
  orderKey: keyOf(n),
  wait: { kind: 'person', code: 'PRODUCT_UNMAPPED', since: inSeconds(n), times: 1, cause: CAUSE, causeVersion: version },
  dueAt: inSeconds(86_400),
  sweepAt: inSeconds(601),
});

function world(heads: readonly Head[], version = 2) {
  const memory = ledgerWith(heads);
  memory.put({ pk: 'R#acme#erp#product', sk: 'P', target: 'NW-1', version });
  const sent: string[] = [];
  const causes: { cause: string; after?: Record<string, unknown> }[] = [];
  const deps = {
    ledger: memory.ledger,
    send: async ({ orderKey }: { orderKey: string }) => void sent.push(orderKey),
    sendCause: async (message: { cause: string; after?: Record<string, unknown> }) => void causes.push(message),
  };
  return { ...memory, deps, sent, causes };
}

describe('a cause that got a new version', () => {
  it('wakes the orders that wait for an older one, and no others', async () => {
    const { deps, sent, causes, head } = world([waiting(1, 1), waiting(2, 2), waiting(3, 0)]);
    await wake(deps, { cause: CAUSE });
    expect([sent, causes]).toEqual([[keyOf(1), keyOf(3)], []]);
    expect([1, 2, 3].map((n) => head(keyOf(n)).dueAt)).toEqual([NOW, inSeconds(86_400), NOW]);
  });

  it('has each order know who answered the question, and why', async () => {
    const { deps, head } = world([waiting(0, 1)], 1);
    await openCauseTask(deps.ledger, { cause: CAUSE, causeVersion: 1, code: 'PRODUCT_UNMAPPED' }, inSeconds(60));
    await setReference(deps.ledger, { tenant: 'acme', erp: 'erp', kind: 'product', code: 'P', target: 'NW-1', by: 'cli:eve' }, { reason: 'new' });
    await wake(deps, { cause: CAUSE });
    expect(head(keyOf(0)).wait?.cure).toEqual({ by: 'cli:eve', at: NOW, option: 'correct', reason: 'new' });
  });

  describe('with the answer to cancel', () => {
    const cancel = { option: 'cancel', by: 'cli:eve', reason: 'not sold any more' } as const;

    it('cancels the orders that waited then, once; one that began to wait since runs again', async () => {
      const { deps, sent, head } = world([waiting(0, 2), waiting(5, 2)]);
      expect(await answerCause(deps.ledger, CAUSE, cancel, 1)).toBe(false);
      expect(await answerCause(deps.ledger, CAUSE, cancel, 2)).toBe(true);
      await wake(deps, { cause: CAUSE });
      expect(sent).toEqual([keyOf(0), keyOf(5)]);
      const stop = { by: 'cli:eve', at: NOW, reason: 'not sold any more' };
      expect([0, 5].map((n) => head(keyOf(n)).stops.cancel)).toEqual([stop, undefined]);
      await wake(deps, { cause: CAUSE });
      expect(sent.filter((key) => key === keyOf(0))).toHaveLength(1);
    });

    it('leaves alone who waits for the version that it has made', async () => {
      const { deps, sent, head } = world([waiting(0, 3)]);
      await answerCause(deps.ledger, CAUSE, cancel, 2);
      await wake(deps, { cause: CAUSE });
      expect([sent, head(keyOf(0)).stops]).toEqual([[], {}]);
    });

    const correct = (ledger: Parameters<typeof setReference>[0]) =>
      setReference(ledger, { tenant: 'acme', erp: 'erp', kind: 'product', code: 'P', target: 'NW-2', by: 'cli:mapper' });

    it('and a correction before they were reached: they are cancelled all the same, and those that waited for the answer run again', async () => {
      const { deps, head, sent } = world([waiting(0, 2), { ...waiting(0, 3), orderKey: keyOf(1) }]);
      await answerCause(deps.ledger, CAUSE, cancel, 2);
      await correct(deps.ledger);
      await wake(deps, { cause: CAUSE });
      expect([0, 1].map((n) => [head(keyOf(n)).stops.cancel?.by, head(keyOf(n)).wait?.cure?.by])).toEqual([
        ['cli:eve', 'cli:eve'],
        [undefined, 'cli:mapper'],
      ]);
      expect(sent).toEqual([keyOf(0), keyOf(1)]);
    });

    it('is for those whose question it answered: who waits for an older version, which was answered before, runs again', async () => {
      const { deps, head } = world([waiting(0, 2), { ...waiting(0, 3), orderKey: keyOf(1) }]);
      await correct(deps.ledger);
      await answerCause(deps.ledger, CAUSE, cancel, 3);
      await wake(deps, { cause: CAUSE });
      expect([head(keyOf(0)).stops, head(keyOf(0)).wait?.cure?.by, head(keyOf(1)).stops.cancel?.by]).toEqual([{}, 'cli:mapper', 'cli:eve']);
    });

    it('leaves it said who has mapped', async () => {
      const { deps } = world([]);
      await correct(deps.ledger);
      await answerCause(deps.ledger, CAUSE, cancel, 3);
      expect(await listReferences(deps.ledger, 'acme', 'erp', 'product')).toMatchObject([
        { code: 'P', target: 'NW-2', version: 4, by: 'cli:mapper' },
      ]);
    });
  });

  it('of which the index is late does not wake an order that waits for something else now', async () => {
    const other = waiting(1);
    const { deps, put, items, sent } = world([other]);
    put({ ...items.get(`O#${keyOf(1)} HEAD`), wait: { ...other.wait, cause: 'acme#erp#product#Q' } });
    await wake(deps, { cause: CAUSE });
    expect(sent).toEqual([]);
  });

  it('with more than one page of orders sends the rest to itself', async () => {
    const { deps, sent, causes } = world(Array.from({ length: 60 }, (_, n) => waiting(n)));
    await wake(deps, { cause: CAUSE });
    expect(sent).toEqual(Array.from({ length: 50 }, (_, n) => keyOf(n)));
    expect(causes).toEqual([{ cause: CAUSE, after: { pk: `O#${keyOf(49)}`, sk: 'HEAD' } }]);
    await wake(deps, causes[0]);
    expect(sent).toEqual(Array.from({ length: 60 }, (_, n) => keyOf(n)));
    expect(causes).toHaveLength(1);
  });

  it.each(CAUSE_KINDS)('may be of any kind that orders wait for: %s', async (kind) => {
    const { deps } = world([]);
    await expect(wake(deps, { cause: causeOf('acme', 'erp', kind, 'X') })).resolves.toBeUndefined();
  });

  it('in a message that names none is an error', async () => {
    await expect(wake(world([]).deps, {})).rejects.toThrow('cause');
  });
});
