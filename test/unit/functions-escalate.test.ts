import { describe, expect, it } from 'vitest';
import type { Policy } from '../../contracts/policy.ts';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { snapshotOf } from '../../lambdas/domain/snapshot.ts';
import type { Wait } from '../../lambdas/domain/waiting.ts';
import { escalateOthers } from '../../lambdas/functions/operations/sweep/escalate.ts';
import { sweep } from '../../lambdas/functions/operations/sweep/sweep.ts';
import type { Admission } from '../../lambdas/ledger/admission.ts';
import { askAboutCause, openCauseTask, readCauseTask, sharedQuestion, sharedQuestions } from '../../lambdas/ledger/cause-tasks.ts';
import { wakeForCause } from '../../lambdas/ledger/causes.ts';
import { readRestores, writeRestore } from '../../lambdas/ledger/epoch.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { openTasks } from '../../lambdas/ledger/tasks.ts';
import { chainOfTask } from '../../lambdas/views/task.ts';
import { accepted, inSeconds, KEY, NOW, times } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';
import { asking, policy as people, taskIdOf } from './task-fixtures.ts';

const CAUSE = 'acme#erp#product#P';

/** The sweeper at NOW, with questions that were due a minute ago. */
async function world(head: Head, chain: object) {
  const memory = ledgerWith([accepted]);
  const late = head.task ? { ...head, task: { ...head.task, dueAt: inSeconds(-60) }, dueAt: inSeconds(-60), sweepAt: inSeconds(-60) } : head;
  await memory.ledger.change(KEY, () => ({ next: late, answer: null }));
  const policy = {
    ...people,
    erps: {},
    times: { ...times, runTimeout: 1800, sweepEvery: 60 },
    rules: { ...people.rules, default: { ...people.rules.default, askingOtherwise: { due: 3600, ...chain } } },
  } as unknown as Policy;
  const sent: string[] = [];
  const send = async ({ orderKey }: { orderKey: string }) => void sent.push(orderKey);
  const deps = { ledger: memory.ledger, policy, send, admission: {} as Admission };
  return { ...memory, sent, deps, swept: () => sweep(deps) };
}

/** The answer is due so many seconds after it is asked. */
const answeredAt = ({ rules }: Pick<Policy, 'rules'>, due: number): Policy['rules'] => {
  const { askingOtherwise, ...otherwise } = rules.default;
  return { ...rules, default: { ...otherwise, askingOtherwise: { ...askingOtherwise, due } } };
};

describe('the sweeper and a question whose answer is late', () => {
  it('asks the next group, and does not run the order: nothing has changed for it', async () => {
    const { swept, sent, head, ledger } = await world(asking('ERP_REFUSED'), { escalate: ['finance'] });
    await swept();
    expect(head(KEY).task).toMatchObject({ owner: 'finance', level: 1, askedAt: NOW, dueAt: inSeconds(3600) });
    expect([head(KEY).dueAt, head(KEY).sweepAt, sent]).toEqual([inSeconds(3600), inSeconds(3600), []]);
    expect(await openTasks(ledger, { owner: 'finance' })).toHaveLength(1);
  });

  it('at last decides what the policy names, and the order runs', async () => {
    const { swept, sent, head, facts } = await world(asking('ERP_REFUSED'), { escalate: [], atLast: 'cancel' });
    await swept();
    expect([head(KEY).task, head(KEY).stops.cancel?.by, sent]).toEqual([undefined, 'system', [KEY]]);
    expect(facts(KEY)).toEqual(['order.decided.v1']);
  });

  it('leaves it open and overdue where the policy names nothing, and looks again later', async () => {
    const asked = asking('ERP_REFUSED');
    const { swept, sent, head } = await world(asked, { escalate: [] });
    await swept();
    expect([head(KEY).task?.id, head(KEY).sweepAt, sent]).toEqual([taskIdOf(asked), inSeconds(times.lookAgain), []]);
  });

  it('runs an order that news has come for, though its question is late', async () => {
    const { swept, sent, ledger } = await world(asking('ERP_REFUSED'), { escalate: ['finance'] });
    await ledger.change(KEY, (head) => ({ next: { ...head, dueAt: NOW }, answer: null }));
    await swept();
    expect(sent).toEqual([KEY]);
  });
});

describe('the sweeper and a late question about a cause', () => {
  const waiting: Head = {
    ...accepted,
    wait: { kind: 'person', code: 'PRODUCT_UNMAPPED', since: NOW, times: 1, cause: CAUSE, causeVersion: 0 },
    dueAt: inSeconds(900),
    sweepAt: inSeconds(900),
  };
  const late = async (chain: object) => {
    const here = await world(waiting, chain);
    await openCauseTask(here.ledger, { cause: CAUSE, causeVersion: 0, code: 'PRODUCT_UNMAPPED' }, inSeconds(-1));
    return here;
  };

  it('asks the next group', async () => {
    const { deps, ledger } = await late({ escalate: ['platform'] });
    await escalateOthers(deps);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open', owner: 'platform', level: 1, askedAt: NOW, dueAt: inSeconds(3600) });
    expect(await openTasks(ledger, { owner: 'platform' })).toMatchObject([{ id: causeTaskId(CAUSE) }]);
  });

  it('by the rules of the region that asked first, which its page shows too', async () => {
    const { deps, ledger } = await late({ escalate: ['platform'] });
    const policy = {
      ...deps.policy,
      rules: { ...deps.policy.rules, regions: { EU: { askingOtherwise: { due: 60, escalate: ['finance'] } } } },
    } as Policy;
    const cause = {
      cause: 'acme#erp#product#EU',
      causeVersion: 0,
      code: 'PRODUCT_UNMAPPED',
      place: { region: 'EU', businessUnit: 'trade' },
    } as const;
    await openCauseTask(ledger, cause, inSeconds(-1));
    await escalateOthers({ ...deps, policy });
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ owner: 'platform', dueAt: inSeconds(3600) });
    const asked = await readCauseTask(ledger, cause.cause);
    expect(asked).toMatchObject({ owner: 'finance', dueAt: inSeconds(60) });
    expect(chainOfTask(policy, asked as never, undefined).escalate).toEqual(['finance']);
    await askAboutCause(ledger, policy, {
      ...waiting,
      route: { ...waiting.route, region: 'EU' },
      wait: { ...(waiting.wait as Wait), cause: 'acme#erp#product#R' },
    });
    expect(await readCauseTask(ledger, 'acme#erp#product#R')).toMatchObject({ place: { region: 'EU', businessUnit: waiting.route.businessUnit } });
  });

  it('and another that fails: the first does not hold up the second', async () => {
    const { deps, ledger } = await late({ escalate: ['platform'] });
    const other = 'acme#erp#product#Q';
    await openCauseTask(ledger, { cause: other, causeVersion: 0, code: 'PRODUCT_UNMAPPED' }, inSeconds(-1));
    const send = async (command: { input?: { TransactItems?: { Put?: { Item?: { cause?: string } } }[] } }) => {
      if (command.input?.TransactItems?.some(({ Put }) => Put?.Item?.cause === CAUSE)) throw new Error('throttled');
      return ledger.client.send(command as never);
    };
    const failing = { ...ledger, client: { ...ledger.client, send } as unknown as typeof ledger.client };
    await expect(escalateOthers({ ...deps, ledger: failing })).rejects.toThrow('throttled');
    expect([(await readCauseTask(ledger, CAUSE))?.owner, (await readCauseTask(ledger, other))?.owner]).toEqual(['master-data', 'platform']);
  });

  it('is what its orders show then: who is asked, and until when', async () => {
    const { deps, ledger, head } = await late({ escalate: ['platform'] });
    await escalateOthers(deps);
    const asked = { owner: 'platform', due: inSeconds(3600), task: causeTaskId(CAUSE) };
    expect(snapshotOf(head(KEY), await sharedQuestion(ledger, head(KEY))).waiting).toMatchObject(asked);
    expect((await sharedQuestions(ledger, [head(KEY)]))(head(KEY))).toMatchObject({ owner: 'platform' });
    expect((await sharedQuestions(ledger, [head(KEY)]))({ ...head(KEY), wait: undefined })).toBeUndefined();
  });

  it('cancels every order that waits where the policy says so', async () => {
    const { deps, ledger, head, sent } = await late({ escalate: [], atLast: 'cancel' });
    await ledger.change(KEY, (current) => ({ next: { ...current, sweepAt: NOW }, answer: null }));
    await sweep(deps);
    expect([head(KEY).stops.cancel?.by, sent]).toEqual(['system', [KEY]]);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'closed', decided: { by: 'system', option: 'cancel' } });
  });

  it('cancels none where the rules of one of them do not say so: who asked first does not decide for the others', async () => {
    const { deps, ledger, sent } = await late({ escalate: [], atLast: 'cancel' });
    const US = { ...waiting.route, region: 'US' };
    await ledger.change(KEY, (current) => ({ next: { ...current, route: US, sweepAt: NOW }, answer: null }));
    const asking = { due: 3600, escalate: [] };
    const policy = { ...deps.policy, rules: { ...deps.policy.rules, regions: { US: { askingOtherwise: asking } } } } as Policy;
    await sweep({ ...deps, policy });
    expect([await readCauseTask(ledger, CAUSE), sent]).toMatchObject([{ state: 'open', level: 0 }, []]);
  });

  it('decides nothing while its orders are at work: nobody waits whose rules could say what', async () => {
    const { deps, ledger, items } = await late({ escalate: [], atLast: 'cancel' });
    items.delete(`O#${KEY} HEAD`);
    await escalateOthers(deps);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open' });
  });

  it('has what the policy decided carried out by whoever knows the rules of the order, not by the waker', async () => {
    const { deps, ledger, head } = await late({ escalate: [], atLast: 'cancel' });
    await escalateOthers(deps);
    expect([await wakeForCause(ledger, head(KEY)), head(KEY).stops]).toEqual([false, {}]);
    expect([await wakeForCause(ledger, head(KEY), deps.policy), head(KEY).stops.cancel?.by]).toEqual([true, 'system']);
  });

  it('cancels those that are due at that very moment, too: no run of theirs begins without it', async () => {
    const { deps, ledger, head, sent } = await late({ escalate: [], atLast: 'cancel' });
    await ledger.change(KEY, (current) => ({ next: { ...current, dueAt: NOW, sweepAt: NOW }, answer: null }));
    await sweep(deps);
    expect([head(KEY).stops.cancel?.by, sent]).toEqual(['system', [KEY]]);
  });

  it('does not cancel once more those that are being undone already: that is asked once, and stays open then', async () => {
    const { deps, ledger, sent } = await late({ escalate: [], atLast: 'cancel' });
    await ledger.change(KEY, (current) => ({ next: { ...current, sweepAt: NOW }, answer: null }));
    await sweep(deps);
    // Its undoing meets the same again.
    const { head: again } = await ledger.change(KEY, ({ wait, ...current }) => {
      const next = { ...current, wait: { ...(wait as Wait), causeVersion: 1 }, dueAt: inSeconds(900), sweepAt: NOW };
      return { next, answer: null };
    });
    await askAboutCause(ledger, { ...deps.policy, rules: answeredAt(deps.policy, 0) }, again);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open', causeVersion: 1, dueAt: NOW });
    await sweep(deps);
    expect([await readCauseTask(ledger, CAUSE), sent]).toMatchObject([{ state: 'open', causeVersion: 1, level: 0 }, [KEY]]);
    // Another order that can be cancelled meets it too.
    await ledger.change(KEY, (current) => ({ next: { ...current, stops: {}, sweepAt: inSeconds(900) }, answer: null }));
    await askAboutCause(ledger, deps.policy, { ...again, stops: {} });
    await sweep(deps);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'closed', decided: { by: 'system' } });
  });

  it('of a backup has its time again before anything is decided: it may have been answered since', async () => {
    const { deps, ledger } = await late({ escalate: [], atLast: 'cancel' });
    const { client } = ledger;
    const restore = { epoch: 1, at: NOW, runsFrom: inSeconds(60), by: 'ops', reason: 'lost', status: 'done' } as const;
    await writeRestore(client, 'ledger', await readRestores(client, 'ledger'), restore, undefined);
    await escalateOthers({ ...deps, ledger: createLedger({ client, table: 'ledger', now: () => new Date(NOW) }) });
    const { openedAt = '' } = (await readCauseTask(ledger, CAUSE)) ?? {};
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({
      state: 'open',
      level: 0,
      openedAt,
      askedAt: inSeconds(60),
      dueAt: inSeconds(60 + 3600),
    });
  });

  it('leaves it open otherwise', async () => {
    const { deps, ledger } = await late({ escalate: [] });
    expect(await escalateOthers(deps)).toBe(1);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open', level: 0 });
  });
});
