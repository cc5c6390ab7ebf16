import { expect } from 'vitest';
import type { Answered } from '../../lambdas/domain/protocol/index.ts';
import { escalateOrder } from '../../lambdas/functions/operations/sweep/escalate.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { random, shuffled } from '../../local/northwind/random.ts';
import { logIn } from '../support/board.ts';
import { output, part } from '../support/environment.ts';
import { simulator } from '../support/erps.ts';
import { loadedPolicy } from '../support/policy.ts';
import { createTenant } from '../support/tenant.ts';
import { answer } from './support/decisions.ts';
import { cleanQuotes, FAILURES, type Failing, type Places } from './support/failures.ts';
import type { Findings } from './support/figures.ts';
import { inWords, judgeEnds, mustBeNew, reckon, tally, untilAtRest, type World } from './support/verdict.ts';

/** Orders that are decided again and again, by two at once, after expiry; how often, and how many requests that may not decide. */
const SIZES = {
  short: { repeated: 1, disputed: 2, late: 1, times: 20, gets: 60, patience: 240 },
  long: { repeated: 3, disputed: 20, late: 10, times: 100, gets: 1000, patience: 600 },
};
/** Requests that a browser makes at once. */
const AT_ONCE = 10;
const CODE = 'PRICE_OUT_OF_TOLERANCE';
const asks = FAILURES.find(({ code }) => code === CODE);

type Kind = 'answer' | 'unknown' | Answered['answer'];

/** What people answer to the question of this order, as the CLI does it; each says what came of it. */
async function question(world: World, { tenant, orderKey }: Failing) {
  const { task } = await tenant.order(orderKey);
  if (!task) throw new Error(`order ${orderKey} asks nothing`);
  const { id, openedAt } = task;
  return (option: 'approve' | 'reject', by: string): Promise<{ answer: Kind }> =>
    answer(world.stage, { task: id, openedAt, option, by, reason: 'a campaign' });
}

/** Nobody has answered in time: the default of the policy is decided, a day later by the clock of this ledger. */
async function expire(world: World, { tenant, orderKey }: Failing): Promise<void> {
  const policy = await loadedPolicy();
  const rules = { ...policy.rules, tenants: { [tenant.name]: { asking: { [CODE]: { due: 3600, escalate: [], atLast: 'reject' as const } } } } };
  const now = () => new Date(Date.now() + 2 * 86_400_000);
  const ledger = createLedger({ client: world.stage.sdk.documents, table: output('LedgerTable'), now });
  expect(await escalateOrder({ ledger, policy: { ...policy, rules } }, await tenant.order(orderKey))).toBe(true);
  await tenant.run(orderKey); // due by that clock only
}

/** Opens the task on the board, and what looks like an answer in an address. @returns answers by status */
async function visit({ tenant, orderKey }: Failing, count: number): Promise<Record<string, number>> {
  const before = await tenant.order(orderKey);
  const board = await logIn(Object.keys(part('board').facts ?? {})[0] ?? '');
  const path = `/tasks/${before.task?.id}`;
  const paths = [path, path, `${path}/decide`, `${path}/decide?option=approve&reason=a+campaign`, `${path}?option=approve&reason=a+campaign`];
  const answers: { one: string; status: number }[] = [];
  for (let n = 0; n < count; n += AT_ONCE) {
    const some = Array.from({ length: Math.min(AT_ONCE, count - n) }, (_, at) => paths[at % paths.length] ?? path);
    answers.push(...(await Promise.all(some.map(async (one) => ({ one, status: (await board.get(one)).status })))));
  }
  expect(answers.filter(({ one, status }) => one === path && status !== 200)).toEqual([]); // else nothing was looked at
  expect((await tenant.order(orderKey)).version).toBe(before.version);
  return tally(answers.map(({ status }) => String(status)));
}

/** Of many answers one decides, and every other is told so. */
const oneDecided = (answers: readonly { answer: Kind }[], told: Kind): void => {
  expect(tally(answers.map((one) => one.answer))).toEqual({ decided: 1, [told]: answers.length - 1 });
};

/** People answer the same question again and again, two at once, too late; and nobody answers by looking. */
export async function decisions(world: World, places: Omit<Places, 'seconds'>): Promise<Findings> {
  const { patience, times, gets, ...counts } = SIZES[world.form];
  const scaled = (count: number) => Math.ceil(count * world.part);
  const next = random(world.seed);
  const tenant = createTenant(world.stage, 't64', simulator);
  const kinds = (['repeated', 'disputed', 'late'] as const).flatMap((kind) => Array.from({ length: scaled(counts[kind]) }, () => kind));
  const orders = cleanQuotes(kinds.length, next).map((quote) => ({ tenant, quote, orderKey: tenant.keyOf(quote) }));
  await mustBeNew(world, orders);
  await tenant.prepare((orders[0] as Failing).quote);
  await Promise.all(orders.map((order) => asks?.meet(order, { ...places, seconds: patience })));
  const statuses = await visit(orders[0] as Failing, scaled(gets));
  const wanted: ('completed' | 'cancelled')[] = [];
  for (const [n, order] of orders.entries()) {
    const say = await question(world, order);
    if (kinds[n] === 'repeated') {
      oneDecided(await Promise.all(Array.from({ length: times }, () => say('approve', 'cli:anna'))), 'already decided');
      wanted.push('completed');
    } else if (kinds[n] === 'disputed') {
      const both = shuffled(
        [
          { option: 'approve', by: 'cli:anna', end: 'completed' },
          { option: 'reject', by: 'cli:bert', end: 'cancelled' },
        ] as const,
        next,
      );
      const answers = await Promise.all(both.map(({ option, by }) => say(option, by)));
      oneDecided(answers, 'already decided');
      wanted.push(both[answers.findIndex((one) => one.answer === 'decided')]?.end ?? 'cancelled');
    } else {
      await expire(world, order);
      expect(await say('approve', 'cli:anna')).toMatchObject({ answer: 'too late' });
      wanted.push('cancelled');
    }
  }
  await untilAtRest(world, orders, patience);
  const rows = await reckon(world, orders);
  const found = rows.map(({ head, facts }) => ({
    state: head?.state,
    decided: facts.filter(({ event }) => event.type === 'order.decided.v1').length,
  }));
  expect(found).toEqual(wanted.map((state) => ({ state, decided: 1 })));
  const won = rows.filter((_, n) => kinds[n] === 'disputed').filter(({ head }) => head?.state === 'completed').length;
  return {
    verdict: await judgeEnds(world, orders),
    lines: [
      [
        'the same decision again',
        `${times} times at once, about ${scaled(counts.repeated)} orders: each was decided once, the others were told by whom, when and why`,
      ],
      ['two people at once', `about ${scaled(counts.disputed)} orders: one decided, the other was told; ${won} times the one who approved`],
      ['after expiry', `about ${scaled(counts.late)} orders: the default of the policy stood, and who came then was told "too late"`],
      ['GET requests on a task', `${scaled(gets)} (answers: ${inWords(statuses)}): 0 decisions, and nothing was written`],
    ],
  };
}
