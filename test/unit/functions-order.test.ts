import type { Context } from 'aws-lambda';
import { describe, expect, test } from 'vitest';
import { briskRules, everybodyDecides } from '../../config/policies/rules.ts';
import { brisk } from '../../config/policies/times.ts';
import type { LoadedPolicy } from '../../lambdas/aws/policy.ts';
import { runStep, type StepCall } from '../../lambdas/aws/step.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { complete } from '../../lambdas/functions/quote-to-order/order/complete.ts';
import type { OrderDeps } from '../../lambdas/functions/quote-to-order/order/deps.ts';
import { endRun } from '../../lambdas/functions/quote-to-order/order/end-run.ts';
import { mapProducts } from '../../lambdas/functions/quote-to-order/order/map-products.ts';
import { settle } from '../../lambdas/functions/quote-to-order/order/settle.ts';
import { createAdmission } from '../../lambdas/ledger/admission.ts';
import { readCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { headItem } from '../../lambdas/ledger/keys.ts';
import { createSlots } from '../../lambdas/ledger/slots.ts';
import { accepted, active, completed, confirmed, failed, inSeconds, KEY, LIMIT, NOW } from './domain-fixtures.ts';
import { ledgerWith, memoryTable } from './table-fixtures.ts';
import { asking, policy } from './task-fixtures.ts';

const line = { id: '1', product: 'NWD-001', quantity: '1', unit: 'unit', listPrice: '10.00', netPrice: '10.00', amount: '10.00' };

test('a recurring charge is not sold as a one-time line: the order stops for a person', async () => {
  const quote = {
    lines: [
      { ...line, charge: 'one-time' },
      { ...line, id: '2', charge: 'recurring' },
    ],
  };
  const deps = { documents: { readQuote: async () => quote } } as unknown as OrderDeps;
  const call = { head: { ...accepted, ...active }, run: 1, action: 'map-products' } as unknown as StepCall;
  await expect(mapProducts(deps)(call)).rejects.toMatchObject({ name: 'Stop', code: 'CHARGE_UNSUPPORTED' });
});

describe('a last write of which the function died before it told anybody', () => {
  const newest = { ...accepted, orderKey: '1123456789ABCDEFGHJK', quote: { ...accepted.quote, revision: 2 }, dueAt: LIMIT, sweepAt: LIMIT };
  const idle = { ...active.run, active: false };
  const wait = { kind: 'person', code: 'PRODUCT_UNMAPPED', since: NOW, times: 1, cause: 'acme#erp#product#P', causeVersion: 0 } as const;
  const cancelled: Head = { ...accepted, run: idle, state: 'cancelled', dueAt: undefined };
  const parked: Head = { ...accepted, run: idle, wait, dueAt: LIMIT, sweepAt: LIMIT };
  const news: Head = { ...accepted, run: idle, dueAt: NOW, sweepAt: NOW };

  async function again(head: Head, action: 'settle' | 'complete', run = 3) {
    const memory = ledgerWith([head, newest]);
    const highest = { revision: 2, orderKey: newest.orderKey };
    memory.put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', tenant: 'acme', cpq: 'salesforce', id: 'q', version: 1, withdrawnUpTo: 0, highest });
    memory.put({ pk: 'R#acme#erp#product', sk: 'P', target: 'NW-1', version: 1 });
    const sent: string[] = [];
    const send = async (message: { orderKey: string }) => void sent.push(message.orderKey);
    const deps = { ledger: memory.ledger, policy, send, admission: { release: async () => {} } } as unknown as OrderDeps;
    const input = { orderKey: KEY, run, action };
    const context = { getRemainingTimeInMillis: () => 30_000 } as Context;
    await runStep<unknown>(memory.ledger, input, context, action === 'settle' ? settle(deps) : complete(deps), 'over');
    return { sent, head: memory.head, ledger: memory.ledger };
  }

  test.each(['settle', 'complete'] as const)('tells the newest revision that the order was cancelled when it is tried again: %s', async (action) => {
    const { sent, head } = await again(cancelled, action);
    expect([sent, head(newest.orderKey).dueAt]).toEqual([[newest.orderKey], NOW]);
  });

  test('asks the question about the cause, and finds that it was cured meanwhile', async () => {
    const { sent, head, ledger } = await again(parked, 'settle');
    expect([sent, head(KEY).dueAt, (await readCauseTask(ledger, wait.cause))?.state]).toEqual([[KEY], NOW, 'closed']);
  });

  test('sends an order to which news came', async () => {
    expect((await again(news, 'settle')).sent).toEqual([KEY]);
  });

  test.each([
    ['of a run before', cancelled, 2],
    ['of an order that waits for nothing but its time', { ...parked, wait: { ...wait, cause: undefined } }, 3],
    ['of a run that another one follows', { ...news, run: { ...idle, n: 4, active: true } }, 3],
  ] as const)('has nothing to tell: %s', async (_name, head, run) => {
    expect((await again(head, 'settle', run)).sent).toEqual([]);
  });
});

/** The order at rest was reversed before; what becomes of the newest revision of its quote when a run of it ends. */
async function afterReversed(successor: Partial<Head>) {
  const newest: Head = {
    ...accepted,
    orderKey: '1123456789ABCDEFGHJK',
    quote: { ...accepted.quote, revision: 2 },
    dueAt: LIMIT,
    sweepAt: LIMIT,
    ...successor,
  };
  const { ledger, put, head } = ledgerWith([{ ...completed, state: 'reversed', tax: undefined }, newest]);
  const highest = { revision: 2, orderKey: newest.orderKey };
  put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', tenant: 'acme', cpq: 'salesforce', id: 'q', version: 1, withdrawnUpTo: 0, milestones: {}, highest });
  const sent: string[] = [];
  const admission = { release: async () => {} };
  const deps = {
    ledger,
    policy: { rules: { ...briskRules, regions: {}, businessUnits: {}, tenants: {} }, owners: everybodyDecides, times: brisk },
    admission,
    send: async (message: { orderKey: string }) => sent.push(message.orderKey),
  };
  const call = { head: head(KEY), run: 3, action: 'settle', error: 'Stop' } as unknown as StepCall;
  expect(await settle(deps as unknown as OrderDeps)(call)).toEqual({ next: 'stop' });
  return { sent, dueAt: head(newest.orderKey).dueAt, newest: newest.orderKey };
}

test.each([
  ['is under way to a run', {}],
  ['waits for that', { wait: { kind: 'predecessor', code: 'PREDECESSOR_OPEN', since: NOW, times: 1 } }],
  ['asks what becomes of it', asking('PREDECESSOR_PAST_PIVOT')],
] as const)('a run of a reversed order wakes the newest revision of its quote, which %s', async (_what, waiting: Partial<Head>) => {
  const { wait, task } = waiting;
  const { sent, dueAt, newest } = await afterReversed({ wait, task });
  expect([sent, dueAt]).toEqual([[newest], NOW]);
});

test('a run of a reversed order does not try again what the newest revision was refused', async () => {
  const { wait, task, dueAt: due } = asking('ERP_REFUSED');
  const { sent, dueAt } = await afterReversed({ wait, task, dueAt: due, sweepAt: due });
  expect([sent, dueAt]).toEqual([[], due]);
});

test('the run that cancels an order wakes the newest revision of its quote, and a later run of the cancelled one does not again', async () => {
  const newest: Head = { ...accepted, orderKey: '1123456789ABCDEFGHJK', quote: { ...accepted.quote, revision: 2 }, dueAt: LIMIT, sweepAt: LIMIT };
  const { ledger, put, head } = ledgerWith([newest]);
  const highest = { revision: 2, orderKey: newest.orderKey };
  put({ pk: 'Q#acme#salesforce#q', sk: 'HEAD', tenant: 'acme', cpq: 'salesforce', id: 'q', version: 1, withdrawnUpTo: 0, milestones: {}, highest });
  const sent: string[] = [];
  const send = async ({ orderKey }: { orderKey: string }) => void sent.push(orderKey);
  const deps = { ledger, policy, admission: { release: async () => {} }, send } as unknown as OrderDeps;
  const over: Head = { ...active, state: 'cancelled', run: { ...active.run, active: false }, dueAt: undefined, sweepAt: undefined };
  // It ran again for a look that it owed.
  await endRun(deps, { ...active, state: 'cancelled' }, over);
  expect([sent, head(newest.orderKey).dueAt]).toEqual([[], LIMIT]);
  await endRun(deps, active, over);
  expect([sent, head(newest.orderKey).dueAt]).toEqual([[newest.orderKey], NOW]);
});

test('an order that has to be complete before the question about its cause is due has it answered before', async () => {
  const { ledger } = ledgerWith([accepted]);
  const cause = 'acme#erp#product#P';
  const waits: Head = { ...active, wait: { kind: 'person', code: 'PRODUCT_UNMAPPED', since: NOW, times: 1, cause, causeVersion: 0 } };
  const deps = { ledger, policy, admission: { release: async () => {} }, send: async () => {} } as unknown as OrderDeps;
  await endRun(deps, active, waits);
  expect((await readCauseTask(ledger, cause))?.dueAt).toBe(inSeconds(3600));
  await endRun(deps, active, { ...waits, deadline: inSeconds(600) });
  expect((await readCauseTask(ledger, cause))?.dueAt).toBe(inSeconds(600));
});

test.each([
  ['went well', complete, confirmed, 'completed'],
  ['stopped', settle, { ...active, ...failed('ERP_REFUSED') }, 'accepted'],
] as const)('a run that %s gives its slot back, and who stands in line for it is sent', async (_what, last, start, state) => {
  const inLine: Head = { ...accepted, orderKey: '1123456789ABCDEFGHJK', admissionSince: NOW };
  const { ledger, head, put } = ledgerWith([inLine]);
  const slots = createSlots({ client: memoryTable().client, table: 'runtime', now: () => new Date(NOW) });
  const sent: string[] = [];
  const send = async ({ orderKey }: { orderKey: string }) => void sent.push(orderKey);
  const instances = { erps: { erp: { maxInFlight: 1 } }, times: brisk } as unknown as LoadedPolicy;
  const admission = createAdmission({ ledger, slots, policy: instances, send });
  const slot = await admission.acquire(start, start.run.n);
  put(headItem({ ...start, run: { ...start.run, slot } }));
  const deps = { ledger, policy, admission, send } as unknown as OrderDeps;
  const call = { head: head(KEY), run: 3, error: 'Stop' } as unknown as StepCall;
  await (last === complete ? complete(deps)(call) : settle(deps)(call));
  expect(head(KEY)).toMatchObject({ state, run: { active: false } });
  expect([await slots.held('erp', 1), sent]).toEqual([[], [inLine.orderKey]]);
});
