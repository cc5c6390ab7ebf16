import type { Context } from 'aws-lambda';
import { describe, expect, it } from 'vitest';
import { runStep, type StepAction } from '../../lambdas/aws/step.ts';
import { RetrySoon, Stop } from '../../lambdas/domain/errors.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { VendorError } from '../../lambdas/gateway/vendor-error.ts';
import { effect, RunOver } from '../../lambdas/ledger/effect.ts';
import { LedgerContended } from '../../lambdas/ledger/ledger.ts';
import { answerCause } from '../../lambdas/ledger/references.ts';
import { active, drafted, KEY, memoryLedger } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

const context = { getRemainingTimeInMillis: () => 30_000 } as Context;
const input = { orderKey: KEY, run: 3, action: 'create-draft' as const };

async function run(head: Head, action: StepAction<string>) {
  const memory = memoryLedger(head);
  let called = 0;
  const result = await runStep(
    memory.ledger,
    input,
    context,
    (call) => {
      called += 1;
      return action(call);
    },
    'over',
  ).then(
    (answer) => ({ answer, error: undefined }),
    (error: unknown) => ({ answer: undefined, error }),
  );
  return { ...memory, ...result, called };
}

const failing =
  (error: Error): StepAction<string> =>
  () =>
    Promise.reject(error);
const recordedBy = (head: Head) => head.lastError && [head.lastError.run, head.lastError.step, head.lastError.code, head.lastError.detail];

describe('a step of the workflow', () => {
  it('gets the order as it stands, and the time after which its call can no longer land', async () => {
    const before = Date.now();
    const { answer } = await run(active, async ({ head, run: n, settleAt }) => {
      const end = Date.parse(settleAt(5000));
      expect(end).toBeGreaterThanOrEqual(before + 35_000);
      expect(end).toBeLessThan(before + 45_000);
      return `${head.orderKey} ${n}`;
    });
    expect(answer).toBe(`${KEY} 3`);
  });

  it.each<[string, Head]>([
    ['another run', { ...active, run: { ...active.run, n: 4 } }],
    ['idle', { ...active, run: { ...active.run, active: false } }],
  ])('whose run is over (%s) succeeds and does nothing', async (_name, head) => {
    const { answer, called, state } = await run(head, async () => 'done');
    expect([answer, called, state.head]).toEqual(['over', 0, head]);
  });

  it('whose run ends while it works succeeds without a word', async () => {
    const { answer, state } = await run(active, failing(new RunOver('run 3 is over')));
    expect([answer, state.head]).toEqual(['over', active]);
  });

  it.each([
    ['Stop', new Stop('CUSTOMER_BLOCKED', 'customer ALFKI'), 'CUSTOMER_BLOCKED'],
    ['RetrySoon', new RetrySoon('ERP_BUSY', 'try again'), 'ERP_BUSY'],
    ['Stop', new VendorError('ERP_UNAVAILABLE', 'not-sent', 'down'), 'ERP_UNAVAILABLE'],
    ['RetrySoon', new VendorError('ERP_BUSY', 'not-sent', 'busy'), 'ERP_BUSY'],
    ['Busy', new LedgerContended('12 writes in a row'), 'PLATFORM_STEP_DIED'],
  ])('fails by a name that the state machine knows (%s), recorded before it is thrown', async (name, thrown, code) => {
    const { error, state } = await run(active, failing(thrown));
    expect(error).toMatchObject({ name, code });
    expect(recordedBy(state.head)?.slice(0, 3)).toEqual([3, 'create-draft', code]);
  });

  it('records the cause of a Stop with the version that was read', async () => {
    const { state } = await run(active, failing(new Stop('PRODUCT_UNMAPPED', 'product P', { on: { cause: 'acme#erp#product#P', version: 4 } })));
    expect(state.head.lastError).toMatchObject({ cause: 'acme#erp#product#P', causeVersion: 4 });
  });

  it('that dies is thrown as it is and records nothing', async () => {
    const bug = new TypeError('x is not a function');
    const { error, state } = await run(active, failing(bug));
    expect([error, state.head]).toEqual([bug, active]);
  });

  it('records nothing in a run that is not its own', async () => {
    const memory = memoryLedger(active);
    const late: StepAction<string> = async () => {
      memory.state.head = { ...active, run: { ...active.run, n: 4 } };
      throw new Stop('ERP_REFUSED', 'no');
    };
    await expect(runStep(memory.ledger, input, context, late, 'over')).rejects.toMatchObject({ code: 'ERP_REFUSED' });
    expect(memory.state.head.lastError).toBeUndefined();
  });

  it('of an order that nobody knows is an error', async () => {
    const { ledger } = memoryLedger({ ...active, orderKey: 'another' });
    await expect(runStep(ledger, input, context, async () => 'done', 'over')).rejects.toThrow('no order');
  });
});

describe('a step that meets what every order of the tenant would meet', () => {
  const subject = { erp: 'other', kind: 'instance', code: 'other' } as const;
  const cause = 'acme#other#instance#other';
  const refused = new VendorError('ERP_AUTHENTICATION', 'refused', 'no', { shared: subject });

  it('has its order wait for that with the others: of whatever ERP, and in the version of the moment', async () => {
    const { ledger, head } = ledgerWith([active]);
    const meet = () => runStep(ledger, input, context, failing(refused), 'over');
    await expect(meet()).rejects.toMatchObject({ code: 'ERP_AUTHENTICATION', on: { cause, version: 0 } });
    expect(head(KEY).lastError).toMatchObject({ code: 'ERP_AUTHENTICATION', cause, causeVersion: 0 });
    await answerCause(ledger, cause, { option: 'retry', by: 'anna', reason: 'renewed' }, 0);
    await expect(meet()).rejects.toMatchObject({ on: { cause, version: 1 } });
  });

  it('also where the call was to have an effect', async () => {
    const { ledger } = ledgerWith([{ ...active, ...drafted, state: 'drafted' }]);
    const confirm: StepAction<string> = async ({ head, settleAt }) => {
      const request = { action: 'confirm-order', target: head.draft?.ref, payloadHash: 'h', settleAt: settleAt(1000) } as const;
      await effect(ledger, head, 3, request, () => Promise.reject(refused));
      return 'done';
    };
    await expect(runStep(ledger, input, context, confirm, 'over')).rejects.toMatchObject({ on: { cause, version: 0 } });
  });
});
