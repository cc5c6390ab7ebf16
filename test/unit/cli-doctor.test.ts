import { describe, expect, test } from 'vitest';
import { bad, examine, look, ok, unknown } from '../../cli/doctor/finding.ts';
import { isDead, isOverdue } from '../../cli/doctor/orders.ts';
import { cutShort } from '../../cli/doctor/queues.ts';
import { smokeEvent } from '../../cli/doctor/smoke.ts';
import { doctorText } from '../../cli/doctor.ts';
import { loadConfig } from '../../config/index.ts';
import { releaseOf } from '../../config/release.ts';
import { quoteAccepted } from '../../contracts/events.ts';
import type { Replay } from '../../lambdas/domain/replay.ts';
import { accepted, active } from './domain-fixtures.ts';

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });

describe('what a check found', () => {
  test('is one line each, with what to do below the lines that need it, and a tally', () => {
    const text = doctorText([
      ok('clock', 'right'),
      look('quarantine', '2 events', 'quarantine list'),
      bad('dead letters', '1 message: run-dlq 1', 'dlq list'),
    ]);
    expect(text.split('\n')).toEqual([
      'ok    clock         right',
      'look  quarantine    2 events',
      '      quarantine list',
      'BAD   dead letters  1 message: run-dlq 1',
      '      dlq list',
      '',
      '3 checks: 1 bad, 1 look.',
    ]);
    expect(doctorText([ok('clock', 'right')])).toContain('1 check: all well.');
  });

  test('nothing of a vendor steers the terminal', () => {
    expect(doctorText([ok('ERP main', 'says \u001b[31mred')])).not.toContain('\u001b');
  });
});

describe('a check that fails', () => {
  test('is unknown where AWS refuses these credentials, and says so', async () => {
    const [finding] = await examine('secrets', async () =>
      Promise.reject(named('AccessDeniedException', 'not authorized to perform DescribeSecret')),
    );
    expect(finding).toMatchObject(
      unknown('secrets', expect.stringContaining('DescribeSecret') as string, expect.stringContaining('ReadOnlyAccess') as string),
    );
  });

  test('is bad for any other reason, and spoils no other', async () => {
    expect(await examine('queues', async () => Promise.reject(named('QueueDoesNotExist', 'no queue')))).toMatchObject([
      { check: 'queues', verdict: 'bad' },
    ]);
  });
});

describe('an order', () => {
  const before = '2026-11-27T10:00:00.000Z';
  const earlier = '2026-11-27T09:59:59.000Z';
  const later = '2026-11-27T10:00:01.000Z';

  test.each([
    ['idle and due long ago: overdue', { ...accepted, dueAt: earlier }, true, false],
    ['idle and due later', { ...accepted, dueAt: later }, false, false],
    ['at rest: nothing is due', { ...accepted, dueAt: undefined }, false, false],
    ['in line: it waits for its turn', { ...accepted, dueAt: earlier, admissionSince: earlier }, false, false],
    ['in a run past its limit: dead', { ...active, dueAt: earlier }, false, true],
    ['in a run', { ...active, dueAt: later }, false, false],
  ])('%s', (_, head, overdue, dead) => {
    expect([isOverdue(head, before), isDead(head, before)]).toEqual([overdue, dead]);
  });
});

describe('a replay', () => {
  const now = Date.parse('2026-11-27T10:00:00.000Z');
  const replay = (id: string, patch: object) =>
    ({ id, queue: 'run-dlq', status: 'done', createdAt: '2026-11-27T09:00:00.000Z', leaseUntil: '2026-11-27T09:10:00.000Z', ...patch }) as Replay;

  test.each([
    ['that is done', replay('1', {}), []],
    ['that was stopped', replay('1', { status: 'stopped' }), ['1']],
    ['that failed', replay('1', { status: 'failed' }), ['1']],
    ['that nobody works on', replay('1', { status: 'running' }), ['1']],
    ['that somebody works on', replay('1', { status: 'running', leaseUntil: '2026-11-27T09:59:00.000Z' }), []],
    ['that failed the day before yesterday', replay('1', { status: 'failed', createdAt: '2026-11-25T09:00:00.000Z' }), []],
  ])('%s', (_, one, cut) => {
    expect(cutShort([one], now).map(({ id }) => id)).toEqual(cut);
  });

  test('that failed is history when a later one of the same queue is done', () => {
    const failed = replay('1', { status: 'failed', createdAt: '2026-11-27T08:00:00.000Z' });
    expect(cutShort([replay('2', {}), failed, replay('3', { queue: 'cpq-dlq', status: 'failed' })], now).map(({ id }) => id)).toEqual(['3']);
  });
});

describe('the smoke quote', () => {
  test('of every stage that configures one satisfies the contract of its event', async () => {
    for (const stage of ['local', 'example']) {
      const { event, tenant } = smokeEvent({ config: await loadConfig(stage) }, 'smoke-1', '2026-11-27T10:00:00.000Z');
      expect(quoteAccepted.schema.safeParse(event.detail).error).toBeUndefined();
      expect(event.detail.tenant).toBe(tenant);
    }
  });

  test('is refused where no tenant is named for it', async () => {
    const { smoke: _, ...config } = await loadConfig('local');
    expect(() => smokeEvent({ config }, 'smoke-1', '2026-11-27T10:00:00.000Z')).toThrow('has no "smoke" in its configuration');
  });
});

test('another policy is another release', async () => {
  const config = await loadConfig('local');
  const other = { policy: { ...config.policy, limits: { eventBytes: 1024 } } };
  expect(releaseOf(config).policyHash).toMatch(/^[0-9a-f]{12}$/);
  expect(releaseOf(other).policyHash).not.toBe(releaseOf(config).policyHash);
  expect(releaseOf(other).version).toBe(releaseOf(config).version);
});
