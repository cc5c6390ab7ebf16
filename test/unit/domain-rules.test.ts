import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { briskRules, everybodyDecides, patientRules } from '../../config/policies/rules.ts';
import { ERRORS, type ErrorCode, RETRIES } from '../../contracts/errors.ts';
import { type OrderRules, orderRules, owners, rules } from '../../contracts/rules.ts';
import { type Head, lateSince } from '../../lambdas/domain/head.ts';
import { decideRaise, decideSettle } from '../../lambdas/domain/protocol/index.ts';
import { answered, waitFor, waitOver } from '../../lambdas/domain/protocol/wait.ts';
import { originsOf, parkingOf, retryOf, rulesOf } from '../../lambdas/domain/rules.ts';
import { snapshotOf } from '../../lambdas/domain/snapshot.ts';
import { accepted, active, end, failed, inSeconds, NOW, times } from './domain-fixtures.ts';

const place = { tenant: 'acme', region: 'EU', businessUnit: 'trade' };
const base = rules.parse(patientRules);
const policyOf = (input: object) => ({ rules: rules.parse({ ...patientRules, ...input }) });
const retry = (seconds: number) => ({ seconds, times: 2, jitter: 0 });

describe('overlays', () => {
  const policy = policyOf({
    regions: { EU: { retry: { soon: retry(1), hold: retry(1) }, afterPivot: 'amend' }, US: { cpqApproval: 'required' } },
    businessUnits: { trade: { retry: { hold: retry(2), ERP_BUSY: retry(2) } } },
    tenants: { acme: { retry: { ERP_BUSY: retry(3) }, deadlines: { complete: 60 } }, other: { afterPivot: 'task' } },
  });

  it('the narrowest level that says something wins; records are merged by key', () => {
    const mine = rulesOf(policy, place);
    expect(mine.retry).toMatchObject({ soon: { seconds: 1 }, hold: { seconds: 2 }, ERP_BUSY: { seconds: 3 }, PREDECESSOR_OPEN: { seconds: 300 } });
    expect(mine).toMatchObject({ afterPivot: 'amend', deadlines: { complete: 60 }, cpqApproval: 'ignored', tolerance: base.default.tolerance });
    expect(rulesOf(policy, { ...place, tenant: 'unnamed', region: 'nowhere' })).toMatchObject({
      afterPivot: 'task',
      retry: { ERP_BUSY: { seconds: 2 } },
    });
  });

  it('each rule says where it comes from', () => {
    const from = Object.fromEntries(originsOf(policy, place).map((one) => [one.rule, one.from]));
    expect(from).toMatchObject({
      'retry.soon': 'region EU',
      'retry.hold': 'business unit trade',
      'retry.ERP_BUSY': 'tenant acme',
      'retry.settle': 'built in',
      'retry.PREDECESSOR_OPEN': 'default',
      afterPivot: 'region EU',
      deadlines: 'tenant acme',
      tolerance: 'default',
    });
  });

  it('a narrower level takes a rule of the matrix away, which shows', () => {
    const rule = { title: 'Every order', when: {}, approvers: ['finance'] };
    const taken = policyOf({ regions: { EU: { approvals: { all: rule } } }, tenants: { acme: { approvals: { all: null } } } });
    expect(rulesOf(taken, place).approvals).toEqual({ all: null });
    expect(originsOf(taken, place)).toContainEqual({ rule: 'approvals.all', value: null, from: 'tenant acme' });
  });

  it('whatever the levels say: what is explained is what is applied', () => {
    const overlay = fc.record(
      {
        retry: fc.dictionary(fc.constantFrom('soon', 'hold', 'settle', 'ERP_BUSY'), fc.integer({ min: 1, max: 999 }).map(retry)),
        cpqApproval: fc.constantFrom('ignored', 'required'),
        afterPivot: fc.constantFrom('task', 'amend'),
        deadlines: fc.record({ complete: fc.integer({ min: 1, max: 999 }) }),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(overlay, overlay, overlay, (region, unit, tenant) => {
        const policy = policyOf({ regions: { EU: region }, businessUnits: { trade: unit }, tenants: { acme: tenant } });
        const applied = rulesOf(policy, place);
        for (const { rule, value, from } of originsOf(policy, place)) {
          const [key = '', inner] = rule.split('.');
          const one = (applied as unknown as Record<string, Record<string, unknown>>)[key];
          if (from !== 'built in') expect(inner ? one?.[inner] : one).toEqual(value);
        }
        expect(rulesOf(policy, place)).toEqual(applied);
      }),
    );
  });
});

describe('retry by policy', () => {
  const withRetry = (table: object): Pick<OrderRules, 'retry'> => ({ retry: orderRules.shape.retry.parse(table) });

  it('a code wins over the rule that it has, and that over what is built in', () => {
    const table = withRetry({ soon: retry(7), ERP_BUSY: retry(8) });
    expect(retryOf(table, 'ERP_BUSY')?.seconds).toBe(8);
    expect(retryOf(table, 'PLATFORM_STEP_DIED')?.seconds).toBe(7);
    expect(retryOf(table, 'ERP_UNAVAILABLE')).toEqual(RETRIES.hold);
  });

  it('no code that was refused or needs a person is tried again by itself, and no policy can say otherwise', () => {
    for (const [code, { retry: rule }] of Object.entries(ERRORS) as [ErrorCode, (typeof ERRORS)[ErrorCode]][]) {
      const asks = rule === 'person' || rule === 'never';
      expect(retryOf({ retry: {} }, code) === undefined, code).toBe(asks);
      expect(orderRules.shape.retry.safeParse({ [code]: retry(1) }).success, code).toBe(!asks);
    }
  });

  const policy = { rules: rules.parse(briskRules), owners: owners.parse(everybodyDecides), times: { lookAgain: 600 } } as never;

  it('jitter stays within its share, differs between orders, and is the same whenever it is asked', () => {
    const waits = Array.from({ length: 200 }, (_, n) => {
      const parking = parkingOf(policy, { ...accepted, orderKey: `ORDER${n}` });
      expect(parking.triesAgain('ERP_UNAVAILABLE', 3)).toBe(parking.triesAgain('ERP_UNAVAILABLE', 3));
      return parking.triesAgain('ERP_UNAVAILABLE', 3) ?? 0;
    });
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(8);
    expect(Math.max(...waits)).toBeLessThanOrEqual(12);
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(3);
  });

  it('the owner is asked when the number of times is used up, and the order keeps since when it waits', () => {
    const parking = parkingOf(
      { ...(policy as object), rules: rules.parse({ default: { ...base.default, retry: { hold: { seconds: 60, times: 2, jitter: 0 } } } }) } as never,
      accepted,
    );
    const kinds: (string | undefined)[] = [];
    let head: Head = active;
    for (const run of [3, 4, 5]) {
      const { next } = decideSettle({ ...head, ...failed('ERP_UNAVAILABLE', 'create-draft', run) }, end({ run, parking }));
      kinds.push(next?.wait?.kind);
      expect(next?.wait?.since).toBe(NOW);
      expect(next?.task !== undefined).toBe(next?.wait?.kind === 'person');
      head = decideRaise({ ...(next ?? head), dueAt: NOW }, 1, 'p', NOW, times).next ?? head;
    }
    expect(kinds).toEqual(['vendor', 'vendor', 'person']);
  });

  it('orders that an ERP does not answer to try by themselves, each its times, and share one question then', () => {
    const parking = parkingOf(
      { ...(policy as object), rules: rules.parse({ default: { ...base.default, retry: { hold: { seconds: 60, times: 2, jitter: 0 } } } }) } as never,
      accepted,
    );
    const cause = 'acme#erp#outage#erp';
    const stop = (from: Head, causeVersion: number) =>
      waitOver(waitFor(from, { code: 'ERP_UNAVAILABLE', detail: '', cause, causeVersion }, NOW, parking).head);
    const waits = (from: Head, causeVersion = 0) =>
      waitFor(from, { code: 'ERP_UNAVAILABLE', detail: '', cause, causeVersion }, NOW, parking).head.wait;
    const twice = stop(stop(accepted, 0), 0);
    expect(waits(stop(accepted, 0))).toEqual({ kind: 'vendor', code: 'ERP_UNAVAILABLE', since: NOW, times: 2 });
    expect(waits(twice)).toMatchObject({ kind: 'person', times: 3, cause, causeVersion: 0 });
    // Looked at without an answer it asks on; answered, it counts anew.
    expect(waits(stop(twice, 0))).toMatchObject({ kind: 'person', cause });
    expect(waits(stop(twice, 0), 1)).toMatchObject({ kind: 'vendor', times: 1 });
  });

  it('the number of times counts anew when a person has answered, and goes on when nobody has', () => {
    const waiting: Head = { ...accepted, wait: { kind: 'person', code: 'ERP_UNAVAILABLE', since: NOW, times: 3 }, dueAt: NOW };
    expect(waitOver(waiting).waited).toEqual({ kind: 'person', code: 'ERP_UNAVAILABLE', since: NOW, times: 3 });
    expect(answered(waiting)).not.toHaveProperty('waited');
  });

  it('a question is escalated by the deadline of the order, if that comes before its answer is due', () => {
    const asked = (deadline: string | undefined): Head | undefined =>
      decideSettle({ ...active, deadline, ...failed('ERP_REFUSED') }, end({ parking: parkingOf(policy, active) })).next;
    expect(asked(inSeconds(60))).toMatchObject({ task: { dueAt: inSeconds(60) }, dueAt: inSeconds(60) });
    for (const other of [undefined, inSeconds(-60), inSeconds(1_000_000)]) expect(asked(other)?.task?.dueAt).toBe(inSeconds(86_400));
    const shared = { code: 'PRODUCT_UNMAPPED', detail: '', cause: 'acme#erp#product#P', causeVersion: 0 } as const;
    expect(waitFor({ ...active, deadline: inSeconds(60) }, shared, NOW, parkingOf(policy, active))).toMatchObject({ dueAt: inSeconds(60) });
  });

  it('an order is late from its deadline on until it has come to its end', () => {
    const late = (change: Partial<Head>) => lateSince({ ...accepted, deadline: NOW, ...change }, inSeconds(1));
    expect(late({})).toBe(NOW);
    expect(late({ state: 'confirmed' })).toBe(NOW);
    expect(late({ deadline: inSeconds(1) })).toBeUndefined();
    expect(late({ deadline: undefined })).toBeUndefined();
    for (const state of ['completed', 'cancelled', 'reversed'] as const) expect(late({ state })).toBeUndefined();
    expect(snapshotOf({ ...accepted, deadline: NOW }).deadline).toBe(NOW);
    const kept = { cancel: { by: 'anna', at: NOW, decided: 'keep' } } as const;
    expect([snapshotOf({ ...accepted, stops: { cancel: { by: 'anna', at: NOW } } }).stop, snapshotOf({ ...accepted, stops: kept }).stop]).toEqual([
      'cancel',
      undefined,
    ]);
  });

  it('a due time counts the hours of the group that is asked', () => {
    const office = {
      ...owners.parse(everybodyDecides).finance,
      calendar: { timeZone: 'Europe/Berlin', days: [1, 2, 3, 4, 5], from: '08:00', to: '17:00', holidays: [] },
    };
    const parking = parkingOf(
      { ...(policy as object), rules: base, owners: { ...owners.parse(everybodyDecides), finance: office } } as never,
      accepted,
    );
    // A Friday afternoon; eight hours are asked for.
    expect(parking.answerDue('CREDIT_BLOCKED', 'finance', '2026-01-16T15:00:00.000Z')).toBe('2026-01-19T14:00:00.000Z');
    expect(parking.answerDue('CREDIT_BLOCKED', 'platform', '2026-01-16T15:00:00.000Z')).toBe('2026-01-16T23:00:00.000Z');
  });
});
