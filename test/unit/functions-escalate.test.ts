import { describe, expect, it } from 'vitest';
import type { Policy } from '../../contracts/policy.ts';
import { abandoned, type CauseTask, causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { snapshotOf } from '../../lambdas/domain/snapshot.ts';
import { type Task, type Wait, waitsForCauseSince } from '../../lambdas/domain/waiting.ts';
import { cancelUnanswered, escalateOthers } from '../../lambdas/functions/operations/sweep/escalate.ts';
import { sweep } from '../../lambdas/functions/operations/sweep/sweep.ts';
import type { Admission } from '../../lambdas/ledger/admission.ts';
import { askAboutCause, openCauseTask, readCauseTask, sharedQuestion, sharedQuestions, writeCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { wakeForCause } from '../../lambdas/ledger/causes.ts';
import { readRestores, writeRestore } from '../../lambdas/ledger/epoch.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { answerCause, setReference } from '../../lambdas/ledger/references.ts';
import { openTasks } from '../../lambdas/ledger/tasks.ts';
import { chainOfTask } from '../../lambdas/views/task.ts';
import { accepted, active, confirmed, inSeconds, KEY, NOW, times } from './domain-fixtures.ts';
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

  it.each([
    [inSeconds(-60), 3600 - 120],
    [inSeconds(-60), -120],
  ])('has the whole time of the last group before the policy decides, whatever deadline %s the order has: %i s more', async (deadline, left) => {
    const asked = asking('ERP_REFUSED');
    const task = { ...(asked.task as Task), openedAt: inSeconds(-9000), askedAt: inSeconds(left - 3600) };
    const { swept, head, sent } = await world({ ...asked, deadline, task }, { escalate: [], atLast: 'cancel' });
    await swept();
    if (left > 0) expect([head(KEY).task?.dueAt, head(KEY).dueAt, head(KEY).stops, sent]).toEqual([inSeconds(left), inSeconds(left), {}, []]);
    else expect([head(KEY).stops.cancel?.by, sent]).toEqual(['system', [KEY]]);
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

  /** The order has waited so long for its answer, which is due after an hour for each group. */
  const waited = async (seconds: number, chain: object, patch: Partial<Head> = {}) => {
    const here = await late(chain);
    const since = inSeconds(-seconds);
    const wait = { ...(waiting.wait as Wait), since, lookedAt: NOW, answerDue: inSeconds(900) };
    await here.ledger.change(KEY, (current) => {
      const next = { ...current, wait, dueAt: inSeconds(900), sweepAt: NOW, ...patch };
      return { next, answer: null };
    });
    return { ...here, swept: () => sweep(here.deps), stops: () => here.head(KEY).stops };
  };

  it.each([
    [3599, [], undefined],
    [3600, [], 'system'],
    [3600, ['platform'], undefined],
    [7199, ['platform'], undefined],
    [7200, ['platform'], 'system'],
  ])(
    'at last cancels an order that has waited for %i s, after all groups of %j beside the owner have had their time: %s',
    async (seconds, escalate, by) => {
      const { swept, stops, sent, facts, ledger } = await waited(seconds, { escalate, atLast: 'cancel' });
      await swept();
      expect([stops().cancel?.by, sent]).toEqual([by, by ? [KEY] : []]);
      expect(facts(KEY)).toEqual(by ? ['order.stop-requested.v1'] : []);
      if (by) expect(stops().cancel).toMatchObject({ at: NOW, reason: expect.stringContaining('nobody answered until 20') });
      // The question is about others, too.
      expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open' });
    },
  );

  it('has it look once more before: what it waits for may be over, and nobody has said so', async () => {
    const wait = { ...(waiting.wait as Wait), since: inSeconds(-3600) };
    const { swept, stops, sent, head } = await waited(3600, { escalate: [], atLast: 'cancel' }, { wait });
    await swept();
    expect([stops(), sent, head(KEY).dueAt]).toEqual([{}, [KEY], NOW]);
  });

  it('cancels by what the rules say of this code', async () => {
    const { deps, stops } = await waited(60, { escalate: [] });
    const asking = { PRODUCT_UNMAPPED: { due: 60, escalate: [], atLast: 'cancel' } };
    const policy = { ...deps.policy, rules: { ...deps.policy.rules, default: { ...deps.policy.rules.default, asking } } } as unknown as Policy;
    await sweep({ ...deps, policy });
    expect(stops().cancel?.by).toBe('system');
  });

  it('decides nothing else about an order that shares its question', async () => {
    const { swept, stops, sent } = await waited(7200, { escalate: [], atLast: 'keep' });
    await swept();
    expect([stops(), sent]).toEqual([{}, []]);
  });

  it('cancels by the rules of each order, whoever asked first', async () => {
    const asking = (atLast?: 'cancel') => ({ askingOtherwise: { due: 3600, escalate: [], ...(atLast && { atLast }) } });
    for (const [own, first, by] of [
      ['cancel', undefined, 'system'],
      [undefined, 'cancel', undefined],
    ] as const) {
      const { deps, stops } = await waited(3600, { escalate: [], ...(first && { atLast: first }) }, { route: { ...waiting.route, region: 'US' } });
      await sweep({ ...deps, policy: { ...deps.policy, rules: { ...deps.policy.rules, regions: { US: asking(own) } } } as Policy });
      expect(stops().cancel?.by).toBe(by);
    }
  });

  const looked = { ...(waiting.wait as Wait), lookedAt: NOW };
  it.each<[string, Partial<Head>]>([
    ['is late: a deadline makes nothing fail', { deadline: inSeconds(-60), wait: { ...looked, since: inSeconds(-3599) } }],
    ['began to wait for this version only now', { wait: { ...looked, since: inSeconds(-7200), causeSince: inSeconds(-60) } }],
    ['has met something else until now', { wait: { ...looked, since: inSeconds(-7200), steadySince: inSeconds(-3599) } }],
    ['is superseded', { stops: { superseded: { by: 'x', at: NOW } } }],
    ['is at work', { run: { ...active.run } }],
    ['stands in line to go on', { admissionSince: NOW }],
    ['the ERP has', { state: 'confirmed', order: confirmed.order }],
    ['is completed and owes a look', { state: 'completed', order: confirmed.order }],
    ['tries again by itself', { wait: { ...(waiting.wait as Wait), kind: 'vendor', since: inSeconds(-7200), cause: undefined } }],
  ])('does not cancel one that %s', async (_what, patch) => {
    const { swept, stops } = await waited(7200, { escalate: [], atLast: 'cancel' }, patch);
    await swept();
    expect(stops().cancel).toBeUndefined();
  });

  it('does not cancel one whose question is answered at that very moment', async () => {
    const { deps, stops, head, ledger, facts } = await waited(7200, { escalate: [], atLast: 'cancel' });
    const before = head(KEY);
    let answeredAt: string | undefined;
    const send = async (command: { input?: { TransactItems?: { ConditionCheck?: object }[] } }) => {
      if (answeredAt === undefined && command.input?.TransactItems?.some(({ ConditionCheck }) => ConditionCheck)) {
        answeredAt = NOW;
        await setReference(ledger, { tenant: 'acme', erp: 'erp', kind: 'product', code: 'P', target: 'NW-1', by: 'anna' });
      }
      return ledger.client.send(command as never);
    };
    const client = { ...ledger.client, send } as unknown as typeof ledger.client;
    const meanwhile = createLedger({ client, table: 'ledger', now: () => new Date(NOW), pause: async () => {} });
    expect(await cancelUnanswered({ ...deps, ledger: meanwhile }, before)).toBe(false);
    expect([answeredAt, stops(), facts(KEY)]).toEqual([NOW, {}, []]);
    expect(await cancelUnanswered(deps, before)).toBe(false);
  });

  it('does not cancel one whose question was answered, of which no message came', async () => {
    const { swept, stops, sent, ledger, head } = await waited(7200, { escalate: [], atLast: 'cancel' });
    await answerCause(ledger, CAUSE, { option: 'retry', by: 'anna', reason: 'it is there' }, 0);
    // The order is due already: the answer has nothing more to do.
    await wakeForCause(ledger, head(KEY));
    await swept();
    expect([stops(), sent]).toEqual([{}, [KEY]]);
  });

  it('goes on where it was for an order that was at work when it was found that nobody waits for it', async () => {
    const { deps, ledger, head } = await waited(7200, { escalate: ['platform'] });
    await escalateOthers(deps);
    await writeCauseTask(ledger, abandoned((await readCauseTask(ledger, CAUSE)) as CauseTask, NOW));
    await askAboutCause(ledger, deps.policy, head(KEY));
    const asked = await readCauseTask(ledger, CAUSE);
    expect(asked).toMatchObject({ state: 'open', owner: 'platform', level: 1, askedAt: NOW, dueAt: inSeconds(3600) });
    expect(asked).not.toHaveProperty('abandonedAt');
    // Somebody else meets the same later, or this one waits for another version: that is asked anew.
    const since = waitsForCauseSince({ since: inSeconds(-90), causeSince: inSeconds(1) });
    for (const [wait, version] of [
      [{ causeSince: since }, 0],
      [{ since: inSeconds(1) }, 0],
      [{ causeVersion: 1 }, 1],
    ] as const) {
      const closed = abandoned((await readCauseTask(ledger, CAUSE)) as CauseTask, NOW);
      await writeCauseTask(ledger, closed);
      await askAboutCause(ledger, deps.policy, { ...head(KEY), wait: { ...(head(KEY).wait as Wait), ...wait } });
      expect(await readCauseTask(ledger, CAUSE)).toMatchObject({
        state: 'open',
        owner: 'master-data',
        level: 0,
        causeVersion: version,
        openedAt: NOW,
      });
    }
  });

  it('of a backup has its time again before anything is decided: it may have been answered since', async () => {
    const { deps, ledger, head } = await waited(20_000, { escalate: ['platform', 'finance'], atLast: 'cancel' });
    await escalateOthers(deps);
    const { openedAt = '', version = 0, ...asked } = (await readCauseTask(ledger, CAUSE)) ?? {};
    // It was handed on before the backup, and its order is to be complete soon after the restore.
    const task = { ...asked, openedAt, version: version + 1, askedAt: inSeconds(-60), dueAt: inSeconds(-1), deadline: inSeconds(120) } as CauseTask;
    await writeCauseTask(ledger, task);
    const { client } = ledger;
    const restore = { epoch: 1, at: NOW, runsFrom: inSeconds(60), by: 'ops', reason: 'lost', status: 'done' } as const;
    await writeRestore(client, 'ledger', await readRestores(client, 'ledger'), restore, undefined);
    const back = createLedger({ client, table: 'ledger', now: () => new Date(inSeconds(61)) });
    const again = { ...deps, ledger: back };
    await escalateOthers(again);
    const shown = { state: 'open', owner: 'platform', level: 1, openedAt, askedAt: inSeconds(60), dueAt: inSeconds(120) };
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject(shown);
    expect(await cancelUnanswered(again, head(KEY))).toBe(false);
    // The order has run again since, and waits as before.
    await back.change(KEY, ({ lookFrom: _looked, ...current }) => ({ next: { ...current, dueAt: inSeconds(99_999), sweepAt: NOW }, answer: null }));
    expect(await cancelUnanswered(again, (await back.read(KEY)) as Head)).toBe(false);
    const late = createLedger({ client, table: 'ledger', now: () => new Date(inSeconds(60 + 3 * 3600)) });
    expect(await cancelUnanswered({ ...deps, ledger: late }, (await late.read(KEY)) as Head)).toBe(true);
    // Its time is given once.
    await escalateOthers({ ...deps, ledger: late });
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ owner: 'finance', level: 2 });
  });

  it('leaves it open otherwise', async () => {
    const { deps, ledger } = await late({ escalate: [] });
    expect(await escalateOthers(deps)).toBe(1);
    expect(await readCauseTask(ledger, CAUSE)).toMatchObject({ state: 'open', level: 0 });
  });
});
