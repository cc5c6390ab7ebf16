import { describe, expect, test } from 'vitest';
import { CALLS_END_SECONDS } from '../../cli/ledger.ts';
import { loadConfig } from '../../config/index.ts';
import type { ErpInstance } from '../../contracts/policy.ts';
import { createErpSimulator } from '../../lambdas/connectors/erp/simulator/index.ts';
import { createTryton } from '../../lambdas/connectors/erp/tryton/index.ts';
import { createVatTable } from '../../lambdas/connectors/tax/vat-table/index.ts';
import { adapterTimeouts } from '../../lib/features/quote-to-order.ts';
import { allStates, readMachine } from '../../statemachines/picture.ts';

const config = await loadConfig('local');
const secret = { url: 'http://erp.invalid', database: 'x', username: 'u', password: 'p' };

/** Deadlines in milliseconds that a connector gives to its calls. */
async function deadlinesOf(connect: typeof createTryton | typeof createErpSimulator): Promise<number[]> {
  const deadlines: number[] = [];
  const port = connect(secret, {
    fetch: () => Promise.reject(new TypeError('fetch failed')),
    deadline: (ms) => {
      deadlines.push(ms);
      return AbortSignal.timeout(ms);
    },
  });
  await expect(port.findOrders('0123456789ABCDEFGHJK')).rejects.toThrow();
  return deadlines;
}

const taskTimeouts = (fn: string): number[] =>
  allStates(readMachine('quote-to-order')).flatMap(([, { Arguments, TimeoutSeconds }]) =>
    Arguments?.FunctionName === `\${${fn}Function}` ? [TimeoutSeconds ?? 0] : [],
  );

/** Every connector that the policy may name: a new one has to stand here. */
const ERPS: Readonly<Record<ErpInstance['vendor'], typeof createTryton | typeof createErpSimulator>> = {
  tryton: createTryton,
  simulator: createErpSimulator,
};

describe('task timeout > function timeout > call deadline > vendor maximum', () => {
  test.each([
    ['Erp', adapterTimeouts.erp],
    ['Tax', adapterTimeouts.tax],
    ['Order', adapterTimeouts.order],
  ])('%s: a state outlasts its function', (fn, seconds) => {
    expect(taskTimeouts(fn).length).toBeGreaterThan(0);
    for (const timeout of taskTimeouts(fn)) expect(timeout).toBeGreaterThan(seconds);
  });

  test.each(Object.entries(ERPS))('%s: the function outlasts a call, and a call the vendor', async (_name, connect) => {
    const deadlines = await deadlinesOf(connect);
    expect(deadlines.length).toBeGreaterThan(0);
    for (const deadline of deadlines) {
      expect(adapterTimeouts.erp * 1000).toBeGreaterThan(deadline);
      expect(deadline).toBeGreaterThan(connect(secret).vendorMaximumMs);
    }
  });

  test('a restored ledger believes its vendors when no call of before can land any more', () => {
    const slowest = Math.max(createTryton(secret).vendorMaximumMs, createErpSimulator(secret).vendorMaximumMs) / 1000;
    expect(CALLS_END_SECONDS).toBeGreaterThan(Math.max(adapterTimeouts.erp, adapterTimeouts.tax) + slowest);
  });

  test('the tax table makes no call, so any function outlasts it', () => {
    expect(createVatTable(config.policy.tax).vendorMaximumMs).toBe(0);
  });

  test('an execution may last longer than its slowest state', () => {
    const slowest = Math.max(...allStates(readMachine('quote-to-order')).map(([, { TimeoutSeconds = 0 }]) => TimeoutSeconds));
    expect(config.policy.times.runTimeout).toBeGreaterThan(slowest);
  });
});
