import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import { age, count, gauge, measured } from '../../lambdas/aws/metrics.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { keepSweeping } from '../../lambdas/functions/operations/sweep/keep-sweeping.ts';
import type { MeasureDeps } from '../../lambdas/functions/operations/sweep/measure.ts';
import type { DigestDeps } from '../../lambdas/functions/operations/sweep/send-digests.ts';
import { type SweepDeps, sweep } from '../../lambdas/functions/operations/sweep/sweep.ts';
import type { Admission } from '../../lambdas/ledger/admission.ts';
import { quarantine } from '../../lambdas/ledger/quarantine.ts';
import { accepted, inSeconds, NOW, times } from './domain-fixtures.ts';
import { replayWorld } from './replay-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';
import { policy as people } from './task-fixtures.ts';

/** The environment of a function; Powertools reads it when it is loaded. */
vi.hoisted(() => Object.assign(process.env, { POWERTOOLS_METRICS_NAMESPACE: 'quotebridge-test', POWERTOOLS_SERVICE_NAME: 'operations-sweep' }));

let lines: string[] = [];
beforeEach(() => {
  lines = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => lines.push(String(text)) > 0);
});
afterEach(() => void vi.restoreAllMocks());

interface Emf {
  readonly _aws: { readonly CloudWatchMetrics: [{ Namespace: string; Dimensions: string[][]; Metrics: { Name: string; Unit: string }[] }] };
  readonly [name: string]: unknown;
}

/** What CloudWatch makes of the only line. */
function emitted() {
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] ?? '') as Emf;
  const [{ Namespace, Dimensions, Metrics }] = line._aws.CloudWatchMetrics;
  return {
    namespace: Namespace,
    dimensions: Dimensions.map((set) => Object.fromEntries(set.map((name) => [name, line[name]]))),
    units: Object.fromEntries(Metrics.map(({ Name, Unit }) => [Name, Unit])),
    values: Object.fromEntries(Metrics.map(({ Name }) => [Name, line[Name]])),
  };
}

describe('the metrics of an invocation', () => {
  it('are one line, in the namespace of the stage, under the function and nothing else', async () => {
    await measured(async () => {
      count('Accepted');
      count('Accepted', 2);
      gauge('InLine.main', 7);
      gauge('InLine.main', 3);
      age('InLineAge.main', 90);
    })();
    expect(emitted()).toEqual({
      namespace: 'quotebridge-test',
      dimensions: [{ service: 'operations-sweep' }],
      units: { Accepted: 'Count', 'InLine.main': 'Count', 'InLineAge.main': 'Seconds' },
      values: { Accepted: 3, 'InLine.main': 7, 'InLineAge.main': 90 },
    });
  });

  it('are written when the handler fails, and not again with the next invocation', async () => {
    const failing = measured(async () => {
      count('Accepted');
      throw new Error('broken');
    });
    await expect(failing()).rejects.toThrow('broken');
    expect(emitted().values).toEqual({ Accepted: 1 });
    await measured(async () => undefined)();
    expect(lines).toHaveLength(1);
  });

  it('stay one line, however many there are', async () => {
    await measured(async () => Array.from({ length: 150 }, (_, n) => count(`Waiting.${n}`)))();
    expect(Object.keys(emitted().values)).toHaveLength(100);
  });
});

describe('a replay', () => {
  /** Lines about replays that an invocation writes. */
  const cutShort = async (work: () => Promise<void>): Promise<number> => {
    lines = [];
    await measured(work)().catch(() => undefined);
    return lines.filter((line) => line.includes('"ReplaysCutShort":1')).length;
  };

  it('that fails is counted when it ends, and one that is done is not', async () => {
    const world = replayWorld();
    world.queues.send('cause-dlq', JSON.stringify({ cause: 'acme#erp#product#P1' }));
    const id = await world.begin({ queue: 'cause-dlq' });
    const counts: number[] = [];
    for (let n = 0; n < 5; n++) {
      if (n < 4) world.queues.failOn('ReceiveMessageCommand');
      counts.push(await cutShort(() => world.work(id)));
      world.clock.seconds += 90;
    }
    expect(counts).toEqual([0, 0, 0, 0, 1]);
    await world.resume(id, {});
    expect(await cutShort(() => world.workOff())).toBe(0);
    expect(await world.replay(id)).toMatchObject({ status: 'done' });
  });
});

/** Seconds. */
const RUN_TIMEOUT = 1800;
const key = (n: number): string => String(n).padStart(20, '0');
const waits = (n: number, code: ErrorCode, patch: Partial<Head> = {}): Head => ({
  ...accepted,
  orderKey: key(n),
  wait: { kind: 'person', code, since: NOW, times: 1 },
  dueAt: inSeconds(3600),
  sweepAt: inSeconds(3600),
  ...patch,
});

function world(heads: readonly Head[], sweepEvery = 60) {
  const memory = ledgerWith(heads);
  const policy = {
    ...people,
    erps: { main: {}, sim: {} },
    tenants: { acme: {}, other: {} },
    times: { ...times, runTimeout: RUN_TIMEOUT, sweepEvery },
  } as unknown as Policy;
  const deps: SweepDeps & MeasureDeps & DigestDeps = {
    digests: { last: async () => ({ until: NOW, newest: [] }), told: async () => undefined },
    publish: async () => undefined,
    ledger: memory.ledger,
    policy,
    admission: { fill: async () => 0 } as unknown as Admission,
    send: async () => undefined,
  };
  return { ...memory, deps, invoked: () => measured(() => keepSweeping(deps, () => 0))() };
}

describe('the sweeper measures', () => {
  it('what orders wait for and how old the oldest is', async () => {
    const old = { createdAt: inSeconds(-7200) };
    const { invoked } = world([
      waits(1, 'PRODUCT_UNMAPPED'),
      waits(2, 'PRODUCT_UNMAPPED', old),
      waits(3, 'ERP_UNAVAILABLE', { createdAt: inSeconds(-60) }),
    ]);
    await invoked();
    expect(emitted().values).toMatchObject({
      OrdersUnfinished: 3,
      'Waiting.PRODUCT_UNMAPPED': 2,
      'OldestOrder.PRODUCT_UNMAPPED': 7200,
      'Waiting.ERP_UNAVAILABLE': 1,
      'OldestOrder.ERP_UNAVAILABLE': 60,
    });
  });

  it('how many orders are late', async () => {
    const { invoked } = world([
      waits(1, 'PRODUCT_UNMAPPED', { deadline: inSeconds(-1) }),
      waits(2, 'PRODUCT_UNMAPPED', { deadline: inSeconds(60) }),
      waits(3, 'PRODUCT_UNMAPPED'),
    ]);
    await invoked();
    expect(emitted().values).toMatchObject({ OrdersLate: 1 });
  });

  it('of very many orders an even part, counted for the rest', async () => {
    const byItself: Partial<Head> = { wait: { kind: 'later', code: 'ERP_BUSY', since: NOW, times: 1 } };
    const { invoked, log } = world(Array.from({ length: 1200 }, (_, n) => waits(n, 'ERP_BUSY', byItself)));
    await invoked();
    expect(emitted().values).toMatchObject({ OrdersUnfinished: 1200, 'Waiting.ERP_BUSY': 1200 });
    expect(log.gets).toBeGreaterThan(200);
    expect(log.gets).toBeLessThan(400);
  });

  it('the line before each ERP, also an empty one', async () => {
    const line = { admissionSince: inSeconds(-300), dueAt: inSeconds(-300), route: { ...accepted.route, erp: 'main' } };
    const { invoked } = world([
      waits(1, 'PRODUCT_UNMAPPED', { ...line, wait: undefined }),
      waits(2, 'ERP_BUSY', { ...line, admissionSince: inSeconds(-30) }),
    ]);
    await invoked();
    expect(emitted().values).toMatchObject({ 'InLine.main': 2, 'InLineAge.main': 300, 'InLine.sim': 0, 'InLineAge.sim': 0 });
  });

  it('orders of which the last run died', async () => {
    const { invoked } = world([waits(1, 'PLATFORM_STEP_DIED', { run: { ...accepted.run, deaths: 2 } }), waits(2, 'PLATFORM_STEP_DIED')]);
    await invoked();
    expect(emitted().values).toMatchObject({ OrdersWithDeadRun: 1 });
  });

  it('what stands open in quarantine, of every tenant and of none', async () => {
    const { invoked, deps, put } = world([]);
    const entry = { code: 'QUOTE_INVALID', detail: '', source: '', type: '', original: { text: 'x' } } as const;
    for (const tenant of ['acme', 'other', '-']) await quarantine(deps.ledger, { ...entry, tenant });
    put({ pk: 'X#acme', sk: 'done', resubmittedAt: NOW });
    await invoked();
    expect(emitted().values).toMatchObject({ QuarantineOpen: 3 });
  });

  it('orders that are due for longer than a run can last, but not those in line', async () => {
    const late = { wait: undefined, dueAt: inSeconds(-RUN_TIMEOUT - 1), sweepAt: NOW };
    const { invoked } = world([
      waits(1, 'ERP_BUSY', late),
      waits(2, 'ERP_BUSY', { ...late, dueAt: inSeconds(-RUN_TIMEOUT) }),
      waits(3, 'ERP_BUSY', { ...late, admissionSince: inSeconds(-10) }),
    ]);
    await invoked();
    expect(emitted().values).toMatchObject({ OrdersOverdue: 1 });
  });

  it('that none is overdue, for silence is an alarm', async () => {
    await world([]).invoked();
    expect(emitted().values).toMatchObject({ OrdersOverdue: 0, OrdersUnfinished: 0, QuarantineOpen: 0 });
  });

  it('and sweeps although the measurement fails', async () => {
    const { deps } = world([]);
    const broken = {
      ...deps.ledger,
      client: { send: vi.fn().mockRejectedValueOnce(new Error('throttled')).mockImplementation(deps.ledger.client.send) },
    };
    await measured(() => keepSweeping({ ...deps, ledger: broken as unknown as typeof deps.ledger }, () => 0))();
    expect(emitted().values).toMatchObject({ OrdersOverdue: 0 });
  });

  /** @param left milliseconds that the invocation has left: as a sweep begins, as it ends, and then; @returns how often it swept */
  async function sweeps(...left: number[]): Promise<number> {
    const { deps } = world([], 0.001);
    const asked = vi.fn(() => left.shift() ?? 0);
    await measured(() => keepSweeping(deps, asked))();
    return asked.mock.calls.length / 3;
  }

  it('once in an invocation, however often it sweeps', async () => {
    expect(await sweeps(60_000, 59_000, 59_000, 59_000, 0, 0)).toBe(2);
    expect(emitted().values).toMatchObject({ OrdersOverdue: 0 });
  });

  it('and begins no sweep that would be cut short if it took twice as long as the one before', async () => {
    expect(await sweeps(40_000, 30_000, 19_000)).toBe(1);
    expect(await sweeps(40_000, 30_000, 21_000, 20_000, 10_000, 10_000)).toBe(2);
    expect(await sweeps(8000, 7000, 4000)).toBe(1);
  });
});

it('an order that cannot be swept leaves the count of the others', async () => {
  const late = { wait: undefined, dueAt: inSeconds(-RUN_TIMEOUT - 1), sweepAt: NOW };
  const { deps } = world([waits(1, 'ERP_BUSY', late), waits(2, 'ERP_BUSY', late)]);
  const send = vi.fn().mockRejectedValueOnce(new Error('throttled')).mockResolvedValue(undefined);
  await expect(measured(() => sweep({ ...deps, send }))()).rejects.toBeInstanceOf(AggregateError);
  expect(emitted().values).toEqual({ OrdersOverdue: 2 });
});
