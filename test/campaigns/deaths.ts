import { setTimeout as pause } from 'node:timers/promises';
import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import type { Head } from '../../lambdas/domain/head.ts';
import { executionName } from '../../lambdas/domain/identity.ts';
import { random, shuffled } from '../../local/northwind/random.ts';
import type { FaultRule } from '../../local/vendors/faults.ts';
import { simulator } from '../support/erps.ts';
import { freezeCaller } from '../support/function-process.ts';
import { intercept, type LedgerFaults } from '../support/intercept.ts';
import type { Stage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';
import { cleanQuotes, FAILURES, type Failing, type Failure, unmappedAccount } from './support/failures.ts';
import type { Findings } from './support/figures.ts';
import { factOf, intentOf, preparedOf, untilHit } from './support/points.ts';
import { judgeEnds, mustBeNew, reckon, untilAtRest, type World } from './support/verdict.ts';

/** Orders whose starter dies, executions stopped at each of so many states, orders whose runs all die. */
const SIZES = {
  short: { starters: 1, states: 1, each: 1, allDie: 1, patience: 240 },
  long: { starters: 10, states: 12, each: 3, allDie: 5, patience: 900 },
};
/** Longer than a run stays unseen, and than all of its tries. */
const HELD_MS = 600_000;
/** Runs in a row that may die before a person is asked. */
const DEATHS = 5;

interface State {
  readonly name: string;
  /** The call to the ledger that is held while the execution is stopped. */
  readonly call: (orderKey: string) => FaultRule['match'];
  /** After this call: the next read of the order is the state's. */
  readonly after?: (orderKey: string) => FaultRule['match'];
  /** What the order meets before; then it is cancelled if `cancelled`. */
  readonly failure?: Failure | undefined;
  readonly cancelled?: true;
}

const failing = (step: string, how: string): Failure | undefined => FAILURES.find((one) => one.step === step && one.how === how);
const unmapped = failing('check-customer', 'the account is not mapped');
const refused = failing('confirm-order', 'the ERP refuses');
const read = (orderKey: string): FaultRule['match'] => ({ method: 'DynamoDB.GetItem', contains: `"O#${orderKey}"` });

/** All states that do something. */
const STATES: readonly State[] = [
  { name: 'Check customer', call: (key) => preparedOf(key, 'customer') },
  { name: 'Map products', call: (key) => preparedOf(key, 'products') },
  { name: 'Price and shipping', call: (key) => preparedOf(key, 'price') },
  { name: 'Estimate tax', call: (key) => preparedOf(key, 'tax') },
  { name: 'Check policy', call: read, after: (key) => preparedOf(key, 'tax') },
  { name: 'Create draft order', call: (key) => intentOf(key, 'create-draft') },
  { name: 'Record tax', call: (key) => intentOf(key, 'record-tax') },
  { name: 'Confirm order', call: (key) => intentOf(key, 'confirm-order') },
  { name: 'Complete', call: (key) => factOf(key, 'order.completed.v1') },
  { name: 'Settle', call: (key) => factOf(key, 'order.parked.v1'), failure: unmapped },
  { name: 'Void tax', call: (key) => intentOf(key, 'void-tax'), failure: refused, cancelled: true },
  { name: 'Cancel draft order', call: (key) => intentOf(key, 'cancel-draft'), failure: refused, cancelled: true },
];

/** Everything that the steps of this order want of the ledger. */
const all = (orderKey: string): FaultRule => ({ match: { contains: `"O#${orderKey}"` }, action: 'hold-request', times: 'every', ms: HELD_MS });

const stop = ({ sdk, stateMachineArn }: Stage, { orderKey, epoch, run }: Head): Promise<unknown> => {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName(orderKey, epoch, run.n)}`;
  return sdk.sfn.send(new StopExecutionCommand({ executionArn, cause: 'a campaign' }));
};

const over =
  (n: number) =>
  ({ run }: Head) =>
    run.n > n || !run.active;

/** kill -9 of the starter that has raised the run, before it starts the execution. */
async function killStarter({ tenant, orderKey, quote }: Failing, starter: LedgerFaults, seconds: number): Promise<void> {
  const match = { method: 'DynamoDB.PutItem', contains: [`"O#${orderKey}"`, '"active":{"BOOL":true}'] };
  const id = await starter.faults.plan({ match, action: 'hold-answer', ms: 30_000 });
  await tenant.accept(quote);
  const { clientPort } = await untilHit(starter.faults, id, seconds);
  const kill = freezeCaller(clientPort, starter.url);
  const { run } = await tenant.order(orderKey).finally(kill);
  await starter.faults.remove(id);
  expect(run).toMatchObject({ n: 1, active: true });
}

/** Sends what brings the order to its state. @returns the rule that holds it there */
async function bringTo(state: State, order: Failing, ledger: LedgerFaults, seconds: number): Promise<string> {
  const { tenant, orderKey, quote } = order;
  const hold = () => ledger.faults.plan({ match: state.call(orderKey), action: 'hold-request', ms: HELD_MS });
  if (state.after) {
    const before = await ledger.faults.plan({ match: state.after(orderKey), action: 'hold-answer', ms: HELD_MS });
    await tenant.accept(quote);
    await untilHit(ledger.faults, before, seconds);
    const held = await hold();
    await ledger.faults.remove(before);
    return held;
  }
  if (!state.cancelled) {
    const held = await hold();
    // Held is its last write, so nobody may wait until the order is parked.
    await (state.failure ? tenant.accept(unmappedAccount(quote)) : tenant.accept(quote));
    return held;
  }
  await state.failure?.meet(order, { ledger, seconds });
  await tenant.untilWaiting(orderKey, state.failure?.code ?? '', seconds);
  const held = await hold();
  await tenant.cancel(orderKey);
  return held;
}

/** Stops the execution in a state. Its steps get no further before the order was taken over: one local cloud only marks an execution as stopped. */
async function stopAt(world: World, state: State, order: Failing, ledger: LedgerFaults, seconds: number): Promise<void> {
  const held = await bringTo(state, order, ledger, seconds);
  await untilHit(ledger.faults, held, seconds);
  const wall = await ledger.faults.plan(all(order.orderKey));
  const head = await order.tenant.order(order.orderKey);
  try {
    await stop(world.stage, head);
    await order.tenant.until(order.orderKey, 'is taken over', over(head.run.n), seconds);
  } finally {
    await ledger.faults.remove(wall);
    await ledger.faults.remove(held);
  }
}

/** Each run is stopped before it can do anything. The starter is asked at once, as the sweeper would ask it at the limit of the run. */
async function letAllDie(world: World, { tenant, orderKey, quote }: Failing, ledger: LedgerFaults, seconds: number): Promise<void> {
  const wall = await ledger.faults.plan(all(orderKey));
  await tenant.accept(quote);
  try {
    for (let n = 1; n <= DEATHS; n++) {
      const head = await tenant.until(orderKey, `is in run ${n}`, ({ run }) => run.n === n && run.active, seconds);
      await stop(world.stage, head).catch(() => pause(500).then(() => stop(world.stage, head))); // the run is raised before it is started
      await world.stage.sendRun({ orderKey });
      await tenant.until(orderKey, 'is taken over', over(n), seconds);
    }
  } finally {
    await ledger.faults.remove(wall);
  }
}

/** Starters and executions die: the order goes on by itself, or somebody is asked at the fifth death in a row. */
export async function deaths(world: World, ledger: LedgerFaults): Promise<Findings> {
  const { starters, states, each, allDie, patience } = SIZES[world.form];
  const next = random(world.seed);
  const tenant = createTenant(world.stage, 't70', simulator);
  const chosen = shuffled(STATES, next).slice(0, states);
  const scaled = (count: number) => Math.ceil(count * world.part);
  const places = chosen.flatMap((state) => Array.from({ length: scaled(each) }, () => state));
  const quotes = cleanQuotes(scaled(starters) + places.length + scaled(allDie), next);
  const orders = quotes.map((quote) => ({ tenant, quote, orderKey: tenant.keyOf(quote) }));
  const [killed, stopped] = [orders.slice(0, scaled(starters)), orders.slice(scaled(starters), scaled(starters) + places.length)];
  const dying = orders.slice(scaled(starters) + places.length);
  await mustBeNew(world, orders);
  for (const { quote } of orders.slice(0, 1)) await tenant.prepare(quote);
  const starter = await intercept(world.stage, [{ name: 'QuoteToOrderRunFunction' }]);
  try {
    for (const order of killed) await killStarter(order, starter, patience);
  } finally {
    await starter.stop();
  }
  await Promise.all([
    ...stopped.map((order, n) => stopAt(world, places[n] as State, order, ledger, patience)),
    ...dying.map((order) => letAllDie(world, order, ledger, patience)),
  ]);
  await untilAtRest(world, orders, patience);
  const rows = await reckon(world, orders);
  const ends = rows.map(({ head, facts }) => ({
    died: facts.filter(({ event }) => event.data.waiting?.detail?.includes('without writing')).length,
    at: head?.wait?.code ?? head?.state,
  }));
  const asked = places.map(({ failure, cancelled }) => (cancelled ? 'cancelled' : (failure?.code ?? 'completed')));
  expect(ends).toEqual([
    ...killed.map(() => ({ died: 0, at: 'completed' })),
    ...asked.map((at) => ({ died: 1, at })),
    ...dying.map(() => ({ died: DEATHS, at: 'PLATFORM_RUN_DIED' })),
  ]);
  return {
    verdict: await judgeEnds(world, orders),
    lines: [
      ['starters killed after raising the run', `${killed.length}; each order went on by itself in its first run`],
      [
        'executions stopped',
        `${stopped.length}, at ${chosen.length} states: ${chosen.map(({ name }) => name).join(', ')}; each order was taken over and went on by itself`,
      ],
      ['five runs in a row stopped', `${dying.length}; each order waits for a person with PLATFORM_RUN_DIED after the fifth`],
    ],
  };
}
