import { describe, expect, it } from 'vitest';
import { everybodyDecides, patientRules } from '../../config/policies/rules.ts';
import { owners, rules } from '../../contracts/rules.ts';
import type { Executions } from '../../lambdas/aws/executions.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { RunDeps } from '../../lambdas/functions/quote-to-order/run/deps.ts';
import { start } from '../../lambdas/functions/quote-to-order/run/start.ts';
import type { Admission } from '../../lambdas/ledger/admission.ts';
import { readCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { wakeForCause } from '../../lambdas/ledger/causes.ts';
import { headItem } from '../../lambdas/ledger/keys.ts';
import { answerCause } from '../../lambdas/ledger/references.ts';
import { accepted, active, cancel, completed, drafted, inSeconds, KEY, NOW, news, times } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

interface World {
  /** Slots that the next acquires find; none left: all are held. */
  readonly slots?: (number | undefined)[];
  readonly execution?: 'running' | 'finished';
  /** ERP instances of the policy. */
  readonly erps?: object;
  /** What another writer does just after the slot was taken. */
  readonly meanwhile?: (state: { head: Head }) => void;
}

/** The starter on one order, with plain objects for what it works with, and a log of what it asked of them. */
async function started(head: Head, { slots = [0], execution = 'running', meanwhile, erps = { erp: {} } }: World = {}) {
  const memory = ledgerWith([head]);
  const state = {
    get head() {
      return memory.head(KEY);
    },
    set head(other: Head) {
      memory.put(headItem(other));
    },
  };
  const log: string[] = [];
  const free = [...slots];
  const admission: Admission = {
    fill: async (erp) => {
      log.push(`fill ${erp}`);
      return 0;
    },
    acquire: async (_head, n) => {
      const slot = free.shift();
      log.push(`acquire for run ${n}: ${slot}`);
      meanwhile?.(state);
      return slot;
    },
    release: async (_head, n, slot) => {
      if (slot !== undefined) log.push(`release ${slot} of run ${n}`);
    },
  };
  const executions: Executions = {
    ensure: async (name, input) => {
      log.push(`ensure ${name} ${input.run}`);
      return execution;
    },
  };
  const deps = {
    ledger: memory.ledger,
    admission,
    executions,
    policy: { hash: 'policy', times, erps, rules: rules.parse(patientRules), owners: owners.parse(everybodyDecides) },
    send: async ({ orderKey }: { orderKey: string }) => void log.push(`send ${orderKey}`),
  } as unknown as RunDeps;
  await start(deps, KEY);
  return { head: memory.head(KEY), log, facts: memory.facts(KEY), ledger: memory.ledger, deps };
}

describe('the starter', () => {
  it('takes a slot, raises the run, and starts its execution under the name of the run', async () => {
    const { head, log } = await started(accepted, { slots: [2] });
    expect(log).toEqual(['acquire for run 1: 2', `ensure ${KEY}-0-1 1`]);
    expect(head.run).toMatchObject({ n: 1, active: true, slot: 2, policyHash: 'policy' });
  });

  it.each<[string, Head]>([
    ['due later', { ...accepted, dueAt: inSeconds(60) }],
    ['at rest', { ...completed, run: { ...completed.run, active: false }, dueAt: undefined }],
  ])('drops the message of an order that is %s', async (_name, head) => {
    expect(await started(head)).toMatchObject({ head, log: [], facts: [] });
  });

  it('sees that the execution of an active run exists, without another slot', async () => {
    const { head, log } = await started(active);
    expect(log).toEqual([`ensure ${KEY}-0-3 3`]);
    expect(head).toEqual(active);
  });

  it('without a slot the order stands in line, and nothing is started', async () => {
    const { head, log } = await started(accepted, { slots: [] });
    expect(log).toEqual(['acquire for run 1: undefined', 'acquire for run 1: undefined']);
    expect(head).toMatchObject({ admissionSince: NOW, dueAt: NOW, sweepAt: inSeconds(601), run: { n: 0, active: false } });
  });

  it('a slot that came free while the order went into the line is taken', async () => {
    const { head, log } = await started(accepted, { slots: [undefined, 1] });
    expect(log).toContain(`ensure ${KEY}-0-1 1`);
    expect([head.run.slot, head.admissionSince]).toEqual([1, undefined]);
  });

  it('who comes from the line looks whether there is room for more', async () => {
    const { log } = await started({ ...accepted, admissionSince: NOW });
    expect(log).toEqual(['acquire for run 1: 0', `ensure ${KEY}-0-1 1`, 'fill erp']);
  });

  it('gives the slot back when the order is no longer due', async () => {
    const meanwhile = (state: { head: Head }) => {
      state.head = { ...state.head, dueAt: inSeconds(60) };
    };
    const { head, log } = await started(accepted, { meanwhile });
    expect(log).toEqual(['acquire for run 1: 0', 'release 0 of run 1']);
    expect(head.run.active).toBe(false);
  });

  it('gives the slot back when a run came and went meanwhile', async () => {
    const meanwhile = (state: { head: Head }) => {
      state.head = { ...state.head, run: { ...state.head.run, n: 1 } };
    };
    const { head, log } = await started(accepted, { meanwhile });
    expect(log).toEqual(['acquire for run 1: 0', 'release 0 of run 1']);
    expect(head.run).toMatchObject({ n: 1, active: false });
  });

  it('keeps the slot when another starter raised the run with it, since both hold the same lease', async () => {
    const meanwhile = (state: { head: Head }) => {
      state.head = { ...active, run: { ...active.run, n: 1, slot: 0 } };
    };
    const { log } = await started(accepted, { meanwhile });
    expect(log).not.toContain('release 0 of run 1');
  });

  it('takes over an active run whose execution has ended, and frees its slot', async () => {
    const { head, log, facts } = await started(active, { execution: 'finished' });
    expect(log).toEqual([`ensure ${KEY}-0-3 3`, 'release 1 of run 3']);
    expect(head).toMatchObject({
      run: { n: 3, active: false, deaths: 1 },
      wait: { kind: 'later', code: 'PLATFORM_STEP_DIED' },
      dueAt: inSeconds(120),
    });
    expect(head.run.slot).toBeUndefined();
    expect(facts).toEqual(['order.parked.v1']);
  });

  it('news of the dead run stays due', async () => {
    expect((await started(news(active), { execution: 'finished' })).head).toMatchObject({ run: { active: false }, dueAt: NOW, sweepAt: NOW });
  });

  it('an order that nobody knows is an error: its message goes to the dead letters', async () => {
    await expect(started({ ...accepted, orderKey: 'another' })).rejects.toThrow('no order');
  });

  it('parks an order whose ERP instance is not in the policy, for a person, without a run', async () => {
    const { head, log, facts } = await started(accepted, { erps: {} });
    expect(head.wait).toMatchObject({ kind: 'person', code: 'ERP_NOT_CONFIGURED' });
    expect(head.run.active).toBe(false);
    expect([head.dueAt, head.sweepAt]).toEqual([inSeconds(8 * 3600), inSeconds(times.lookAgain)]);
    expect(facts).toHaveLength(1);
    expect(log).toEqual([]);
  });

  it('asks one question about that instance, whose answer sends all its orders on, here or to another one', async () => {
    const cause = 'acme#erp#configuration#erp';
    const { head, ledger, deps, log } = await started(accepted, { erps: {} });
    expect(head).toMatchObject({ wait: { cause, causeVersion: 0 } });
    expect(head.task).toBeUndefined();
    expect(await readCauseTask(ledger, cause)).toMatchObject({ state: 'open', code: 'ERP_NOT_CONFIGURED', owner: 'platform' });
    await answerCause(ledger, cause, { option: 'retry', by: 'anna', reason: 'it is back' }, 0);
    expect(await wakeForCause(ledger, head)).toBe(true);
    await start(deps, KEY);
    expect([await readCauseTask(ledger, cause), (await ledger.read(KEY))?.wait]).toMatchObject([{ state: 'open' }, { causeVersion: 1, times: 1 }]);
    await answerCause(ledger, cause, { option: 'reroute', by: 'anna', reason: 'the other one', to: 'other', code: 'ERP_NOT_CONFIGURED' }, 1);
    await wakeForCause(ledger, (await ledger.read(KEY)) as Head);
    expect(await ledger.read(KEY)).toMatchObject({ route: { erp: 'other' }, dueAt: NOW });
    expect(log).toEqual([]);
  });

  it.each<[string, Head, string]>([
    ['of which nothing was made is cancelled', { ...accepted, stops: cancel }, 'cancelled'],
    ['of which something may stand in that ERP waits for it', { ...accepted, stops: cancel, everUnknown: true }, 'accepted'],
    ['that has a draft there waits for it', { ...drafted, stops: cancel, run: accepted.run, dueAt: NOW }, 'drafted'],
  ])('an order whose ERP instance is not in the policy, that is asked to stop, and %s', async (_name, stopped, state) => {
    const { head, facts, ledger } = await started(stopped, { erps: {} });
    const over = state === 'cancelled';
    expect([head.state, head.wait?.code]).toEqual([state, over ? undefined : 'ERP_NOT_CONFIGURED']);
    expect(facts).toEqual([over ? 'order.cancelled.v1' : 'order.parked.v1']);
    expect((await readCauseTask(ledger, 'acme#erp#configuration#erp'))?.state).toBe(over ? undefined : 'open');
  });

  it('takes over a run that died while its ERP instance left the policy; what is left is parked for a person', async () => {
    const { head, log } = await started(active, { erps: {}, execution: 'finished' });
    expect(log).toEqual([`ensure ${KEY}-0-3 3`, 'release 1 of run 3']);
    expect(head).toMatchObject({ run: { active: false, deaths: 1 }, wait: { code: 'PLATFORM_STEP_DIED' }, dueAt: inSeconds(120) });
    expect((await started({ ...head, dueAt: NOW }, { erps: {} })).head.wait).toMatchObject({ kind: 'person', code: 'ERP_NOT_CONFIGURED' });
  });
});
