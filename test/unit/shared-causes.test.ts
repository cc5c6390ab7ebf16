import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ErrorCode } from '../../contracts/errors.ts';
import { causeTaskId } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { decideRaise, decideSettle } from '../../lambdas/domain/protocol/index.ts';
import type { Cure } from '../../lambdas/domain/waiting.ts';
import { proveTasks } from '../../lambdas/functions/operations/sweep/prove-tasks.ts';
import { readCauseTask } from '../../lambdas/ledger/cause-tasks.ts';
import { askOrWake, versionOf, wakeForCause } from '../../lambdas/ledger/causes.ts';
import { decideTask } from '../../lambdas/ledger/decide.ts';
import { headItem, headOf } from '../../lambdas/ledger/keys.ts';
import { createLedger, type Ledger } from '../../lambdas/ledger/ledger.ts';
import { readHeads } from '../../lambdas/ledger/queries.ts';
import { setReference } from '../../lambdas/ledger/references.ts';
import { accepted, inSeconds, parking, times } from './domain-fixtures.ts';
import { memoryTable } from './table-fixtures.ts';
import { policy as people } from './task-fixtures.ts';

/** What three orders meet, whatever is answered: a product that the ERP does not sell; an ERP that does not answer, which each tries once more first. */
const MET = {
  PRODUCT_INACTIVE: { cause: 'acme#erp#product#P', step: 'price-and-shipping' },
  ERP_UNAVAILABLE: { cause: 'acme#erp#outage#erp', step: 'create-draft' },
} as const;
const patience = { ...parking, triesAgain: (code: ErrorCode, tries: number) => (code === 'ERP_UNAVAILABLE' && tries <= 1 ? 0.5 : undefined) };
/** Anybody answers. */
const policy = { ...people, owners: { ...people.owners, 'erp-support': people.owners['master-data'] } };
const KEYS = [0, 1, 2].map((n) => String(n).padStart(20, '0'));
type Item = Record<string, unknown>;

/** What is done next, and at which of its calls of the table it dies; 0: it does not. */
type Step = readonly [
  what: 'run' | 'read' | 'park' | 'begin' | 'stop' | 'wake' | 'retry' | 'cancel' | 'correct' | 'map',
  order: number,
  dies: number,
];

/** Three orders that meet it, and what is seen in each write. */
function world(code: keyof typeof MET) {
  const { cause: CAUSE, step: at } = MET[code];
  const table = memoryTable(...KEYS.map((orderKey) => headItem({ ...accepted, orderKey })));
  const wrong: string[] = [];
  const answers = new Map<number, Cure>();
  let seconds = 0;
  let dies = 0;

  /** An order runs again, or is cancelled, if and only if its question was answered, and so. */
  function begins(before: Head, after: Head): void {
    const { kind, causeVersion = 0, since, causeSince = since } = before.wait ?? { kind: 'person', since: '' };
    // It tries again by itself, and was asked nothing.
    if (kind !== 'person') return;
    const answer = answers.get(causeVersion + 1);
    if (!answer) wrong.push(`${before.orderKey} runs, and nobody has answered version ${causeVersion}`);
    const isMeant = answer?.option === 'cancel' && answer.at >= causeSince;
    if (isMeant !== (after.stops.cancel !== undefined))
      wrong.push(`${before.orderKey} waited for version ${causeVersion}, which was answered ${answer?.option}: ${JSON.stringify(after.stops)}`);
  }

  /** @param before the order as it stood, of a write of one */
  function watch(item: Item, before: Item | undefined): void {
    const [pk, sk] = [String(item.pk), String(item.sk)];
    if (pk === `C#${CAUSE}` && sk.startsWith('A#')) answers.set(Number(sk.slice(2)), item as unknown as Cure);
    if (pk.startsWith('C#') && sk === 'TASK' && item.state === 'closed' && item.decided) {
      const { by } = item.decided as Cure;
      const answer = answers.get(Number(item.causeVersion) + 1);
      if (answer?.by !== by) wrong.push(`the question about version ${item.causeVersion} was answered by ${answer?.by}, and says ${by}`);
    }
    if (!pk.startsWith('O#') || sk !== 'HEAD' || !before) return;
    const [was, is] = [headOf(before), headOf(item)];
    if (was.wait && !was.run.active && is.run.active) begins(was, is);
  }

  const send = async (command: unknown) => {
    if (dies > 0) {
      dies -= 1;
      if (dies === 0) throw new Error('died');
    }
    const puts = command instanceof TransactWriteCommand ? (command.input.TransactItems ?? []).map(({ Put }) => Put?.Item as Item | undefined) : [];
    const written = puts.filter((item) => item !== undefined).map((item) => [item, table.items.get(`${item.pk} ${item.sk}`)] as const);
    // A transaction that loses throws, and nothing was written.
    const answer = await table.client.send(command as never);
    for (const [item, before] of written) watch(item, before);
    return answer;
  };
  const client = { ...table.client, send } as unknown as typeof table.client;
  const ledger: Ledger = createLedger({ client, table: 'ledger', now: () => new Date(Date.parse(inSeconds(seconds))) });
  let asked = 0;
  const nothing = async () => {};
  const deps = { ledger, policy, sendRun: nothing, sendCause: nothing };
  const head = (n: number): Head => table.head(KEYS[n] ?? '');
  const by = () => `person ${asked++}`;

  const steps: Record<Step[0], (n: number) => Promise<unknown>> = {
    run: (n) => ledger.change(KEYS[n] ?? '', (current, now) => decideRaise(current, 0, 'policy', now, times)),
    /** The step reads the mapping, and stops. */
    read: async (n) => {
      const lastError = { step: at, code, detail: 'P', cause: CAUSE, causeVersion: await versionOf(ledger, CAUSE) } as const;
      await ledger.change(KEYS[n] ?? '', (current) => {
        if (!current.run.active || current.stops.cancel) return { answer: null };
        return { next: { ...current, lastError: { ...lastError, run: current.run.n } }, answer: null };
      });
    },
    park: async (n) => {
      const { n: run, active } = head(n).run;
      const orderKey = KEYS[n] ?? '';
      if (active)
        await ledger.change(orderKey, (current, now) => {
          if (!current.stops.cancel && current.lastError?.run !== run) return { answer: null };
          return { ...decideSettle(current, { run, now, parking: patience, error: 'Stop' }), answer: null };
        });
      await askOrWake(ledger, policy, (await ledger.read(orderKey)) as Head);
    },
    begin: async (n) => {
      for (const what of ['run', 'read'] as const) await steps[what](n);
    },
    stop: async (n) => {
      for (const what of ['begin', 'park'] as const) await steps[what](n);
    },
    wake: async (n) => wakeForCause(ledger, (await ledger.read(KEYS[n] ?? '')) as Head),
    retry: async () => answered('retry'),
    cancel: async () => answered('cancel'),
    correct: async () => answered('correct'),
    map: async () => setReference(ledger, { tenant: 'acme', erp: 'erp', kind: 'product', code: 'P', target: 'NW-1', by: by() }),
  };
  const answered = (option: 'retry' | 'cancel' | 'correct') =>
    decideTask(deps, { task: causeTaskId(CAUSE), option, by: by(), reason: 'because', target: 'NW-1' });
  const step = async ([what, order, dying]: Step): Promise<void> => {
    seconds += 1;
    dies = dying;
    await steps[what](order).catch((error: unknown) => {
      if (!(error instanceof Error && ['died', 'ReferenceContended'].some((name) => error.message === name || error.name === name))) throw error;
    });
    dies = 0;
  };
  return { ledger, step, wrong, head, table };
}

const step = fc.tuple(
  fc.constantFrom<Step[0]>(
    'run',
    'read',
    'park',
    'park',
    'wake',
    'wake',
    'retry',
    'cancel',
    'cancel',
    'correct',
    'map',
    'begin',
    'begin',
    'stop',
    'stop',
  ),
  fc.integer({ min: 0, max: KEYS.length - 1 }),
  fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 1, max: 8 }) }),
);
/** One thing after the other, or two at once. */
const plan = fc.array(fc.oneof({ weight: 4, arbitrary: fc.tuple(step) }, { weight: 1, arbitrary: fc.tuple(step, step) }), {
  minLength: 5,
  maxLength: 60,
});

describe.each(Object.keys(MET) as (keyof typeof MET)[])('orders that wait for one cause, in any order of events: %s', (code) => {
  const { cause: CAUSE } = MET[code];

  it('get each the answer to their own question, and none is left with a question that was answered', async () => {
    await fc.assert(
      fc.asyncProperty(plan, async (turns) => {
        const { ledger, step: take, wrong, head, table } = world(code);
        for (const turn of turns) await Promise.all(turn.map((one) => take(one as Step)));
        for (let n = 0; n < KEYS.length; n++) for (const what of ['read', 'park', 'wake'] as const) await take([what, n, 0]);
        await proveTasks({ ledger, policy }, await readHeads(ledger, KEYS), []);
        const version = await versionOf(ledger, CAUSE);
        const task = await readCauseTask(ledger, CAUSE);
        for (const [n] of KEYS.entries()) {
          const { wait, run, dueAt = '' } = head(n);
          const waits = wait?.kind === 'person' && !run.active && dueAt > ledger.stamp();
          if (waits && (wait.causeVersion ?? 0) !== version) wrong.push(`order ${n} waits for version ${wait.causeVersion}, and there is ${version}`);
          if (waits && !(task?.state === 'open' && task.causeVersion === version)) wrong.push(`order ${n} waits, and nobody is asked`);
        }
        expect(wrong).toEqual([]);
        expect([...table.items.keys()].filter((key) => key.startsWith(`C#${CAUSE} A#`))).toHaveLength(version);
      }),
      { seed: 6, numRuns: 1000 },
    );
  }, 60_000);
});

it('an order that tried by itself until after the others were cancelled asks anew', async () => {
  const { step: take, wrong, head } = world('ERP_UNAVAILABLE');
  for (const what of ['stop', 'stop'] as const) await take([what, 0, 0]);
  for (const what of ['stop', 'begin', 'cancel', 'park'] as const) await take([what, 1, 0]);
  await take(['wake', 0, 0]);
  expect([head(0).stops.cancel?.by, head(1).stops, wrong]).toEqual(['person 0', {}, []]);
});
