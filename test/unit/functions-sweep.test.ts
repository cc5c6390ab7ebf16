import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Policy } from '../../contracts/policy.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { sweep } from '../../lambdas/functions/operations/sweep/sweep.ts';
import type { Admission } from '../../lambdas/ledger/admission.ts';
import { accepted, active, inSeconds, NOW, times } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';
import { policy as people } from './task-fixtures.ts';

const CAUSE = 'acme#erp#product#P';
const [A, B, C] = ['A', 'B', 'C'].map((letter) => letter.padStart(20, '0')) as [string, string, string];
const order = (orderKey: string, patch: Partial<Head> = {}): Head => ({ ...accepted, orderKey, ...patch });

/** Waits for version 2 of a mapping, a day long, and is looked at now. */
const waiting: Partial<Head> = {
  wait: { kind: 'person', code: 'PRODUCT_UNMAPPED', since: NOW, times: 1, cause: CAUSE, causeVersion: 1 },
  dueAt: inSeconds(86_400),
};

function world(heads: readonly Head[], { version = 1, failing = '' } = {}) {
  const memory = ledgerWith(heads);
  memory.put({ pk: 'R#acme#erp#product', sk: 'P', target: 'NW-1', version });
  const log: string[] = [];
  const failWhen = (name: string) => {
    if (name === failing) throw new Error(`${name} fails`);
  };
  const admission = {
    fill: async (erp: string) => {
      log.push(`fill ${erp}`);
      failWhen(erp);
      return 2;
    },
  } as Admission;
  const send = async ({ orderKey }: { orderKey: string }) => {
    failWhen(orderKey);
    log.push(orderKey);
  };
  const policy = { ...people, erps: { one: {}, two: {} }, times: { ...times, runTimeout: 1800, sweepEvery: 60 } } as unknown as Policy;
  return { ...memory, log, swept: () => sweep({ ledger: memory.ledger, policy, admission, send }) };
}

describe('the sweeper', () => {
  it('sends every order whose time has come, moves it on, and fills every ERP', async () => {
    const { swept, log, head } = world([order(A), order(B, { sweepAt: inSeconds(-5) }), order(C, { sweepAt: inSeconds(1) })]);
    expect(await swept()).toEqual({ due: 2, woken: 4 });
    expect(log.toSorted()).toEqual([A, B, 'fill one', 'fill two'].toSorted());
    expect([A, B, C].map((key) => head(key).sweepAt)).toEqual([inSeconds(120), inSeconds(120), inSeconds(1)]);
    expect(head(A).dueAt).toBe(NOW);
  });

  it('an order that fails holds up neither the others nor the line, and is told of at the end', async () => {
    const { swept, log } = world([order(A), order(B), order(C)], { failing: B });
    await expect(swept()).rejects.toMatchObject({ errors: [expect.objectContaining({ message: `${B} fails` })] });
    expect(log.toSorted()).toEqual([A, C, 'fill one', 'fill two'].toSorted());
  });

  it('an order whose ledger entry fails holds up no other', async () => {
    const { swept, log, conflicts } = world([order(A), order(B)]);
    conflicts.push({ error: new Error('throttled') });
    await expect(swept()).rejects.toBeInstanceOf(AggregateError);
    expect(log.filter((entry) => entry === A || entry === B)).toHaveLength(1);
  });

  it('an ERP that fails holds up no other', async () => {
    const { swept, log } = world([], { failing: 'one' });
    await expect(swept()).rejects.toThrow('1 of 3 orders or ERP instances could not be swept, the first: one fails');
    expect(log).toEqual(['fill one', 'fill two']);
  });

  it('an order that waits for a mapping that nobody corrected is not sent, and looked at again later', async () => {
    const { swept, log, head } = world([order(A, waiting)]);
    expect(await swept()).toMatchObject({ due: 0 });
    expect(log).not.toContain(A);
    expect(head(A)).toMatchObject({ dueAt: waiting.dueAt, sweepAt: inSeconds(times.lookAgain) });
  });

  it('an order that waits for a mapping that was corrected is due and sent', async () => {
    const { swept, log, head } = world([order(A, waiting)], { version: 2 });
    expect(await swept()).toMatchObject({ due: 1 });
    expect(log).toContain(A);
    expect(head(A)).toMatchObject({ dueAt: NOW, sweepAt: NOW });
  });

  it.each<[string, Partial<Head>]>([
    ['is due', { ...waiting, dueAt: NOW }],
    ['runs', { ...waiting, run: active.run }],
  ])('an order that waits for a mapping and %s is sent whatever the mapping says', async (_name, patch) => {
    const { swept, log } = world([order(A, patch)]);
    await swept();
    expect(log).toContain(A);
  });

  it('an order that another sweep has moved on is not sent again', async () => {
    const { swept, log, conflicts, put, items } = world([order(A)]);
    const meanwhile = () => {
      put({ ...items.get(`O#${A} HEAD`), version: 2, sweepAt: inSeconds(120) });
    };
    conflicts.push({ error: new ConditionalCheckFailedException({ message: 'failed', $metadata: {} }), meanwhile });
    expect(await swept()).toMatchObject({ due: 0 });
    expect(log).not.toContain(A);
  });
});
