import { createHash } from 'node:crypto';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetExecutionHistoryCommand } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { executionName } from '../../lambdas/domain/identity.ts';
import { deploy } from '../../local/cloud/cdk.ts';
import { products } from '../../local/northwind/master-data.ts';
import { random } from '../../local/northwind/random.ts';
import { files } from '../../local/paths.ts';
import { LOCAL_STAGE } from '../../local/state.ts';
import { environment, part } from '../support/environment.ts';
import { simulator } from '../support/erps.ts';
import type { LedgerFaults } from '../support/intercept.ts';
import { inbound } from '../support/quotes.ts';
import type { Stage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';
import { cleanQuotes, type Failing } from './support/failures.ts';
import type { Findings } from './support/figures.ts';
import { preparedOf, untilHit } from './support/points.ts';
import { judge, mustBeNew, untilAtRest, type World } from './support/verdict.ts';

const SIZES = { short: { parked: 3, running: 2, patience: 240 }, long: { parked: 50, running: 10, patience: 900 } };
/** Longer than a deployment; the function's own time may be over before. */
const HELD_MS = 300_000;
export const NEW_STATE = 'Deployed anew';

/** The definition begins with one state more, which does nothing. */
function withNewState(text: string): string {
  const definition = JSON.parse(text) as { StartAt: string; States: Record<string, object> };
  const States = { [NEW_STATE]: { Type: 'Pass', Next: definition.StartAt }, ...definition.States };
  return JSON.stringify({ ...definition, StartAt: NEW_STATE, States });
}

interface Template {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: { DefinitionString?: string } }>>;
}

/**
 * The deployed app as it was synthesized, with another state machine. CDK finds a template by the hash of its content, in the manifest
 * and in the list of the stack's files.
 */
function changedAssembly(): string {
  const folder = mkdtempSync(join(tmpdir(), 'quotebridge-deploy-'));
  cpSync(files.assembly, folder, { recursive: true });
  for (const file of globSync('*.template.json', { cwd: folder })) {
    const text = readFileSync(join(folder, file), 'utf8');
    const { Resources, ...rest } = JSON.parse(text) as Template;
    const machines = Object.values(Resources).filter(({ Type }) => Type === 'AWS::StepFunctions::StateMachine');
    if (machines.length === 0) continue;
    for (const { Properties } of machines) Properties.DefinitionString = withNewState(Properties.DefinitionString ?? '');
    const changed = JSON.stringify({ ...rest, Resources });
    writeFileSync(join(folder, file), changed);
    const list = file.replace('.template.json', '.assets.json');
    const { files: listed } = JSON.parse(readFileSync(join(folder, list), 'utf8')) as { files: Record<string, { source: { path: string } }> };
    const before = Object.keys(listed).find((hash) => listed[hash]?.source.path === file) ?? '';
    const after = createHash('sha256').update(changed).digest('hex');
    for (const name of [list, 'manifest.json']) writeFileSync(join(folder, name), readFileSync(join(folder, name), 'utf8').replaceAll(before, after));
  }
  return folder;
}

/** Whether the execution of this run entered the new state. */
async function passedNewState({ sdk, stateMachineArn }: Stage, orderKey: string, epoch: number, run: number): Promise<boolean> {
  const executionArn = `${stateMachineArn.replace(':stateMachine:', ':execution:')}:${executionName(orderKey, epoch, run)}`;
  const { events = [] } = await sdk.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
  return events.some(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name === NEW_STATE);
}

const deployTo = (assembly: string): Promise<void> =>
  deploy({ stage: LOCAL_STAGE, cloud: environment().cloud, endpoint: part('cloud').url }, assembly);

/** Waits until each of these is held in the middle of its run. @returns what lets them go */
async function holdRunning(world: World, running: readonly Failing[], ledger: LedgerFaults, seconds: number): Promise<() => Promise<unknown>> {
  const plan = ({ orderKey }: Failing) => ledger.faults.plan({ match: preparedOf(orderKey, 'price'), action: 'hold-answer', ms: HELD_MS });
  const held = await Promise.all(running.map(plan));
  await world.stage.put(...running.map(({ tenant, quote }) => inbound(tenant.event(quote))));
  await Promise.all(held.map((id) => untilHit(ledger.faults, id, seconds)));
  return () => Promise.all(held.map((id) => ledger.faults.remove(id)));
}

/** A changed state machine is deployed while orders are parked and others run. */
export async function redeploy(world: World, ledger: LedgerFaults): Promise<Findings> {
  const { stage, form, seed, part: share } = world;
  const { patience, ...counts } = SIZES[form];
  const scaled = (count: number) => Math.ceil(count * share);
  // Two tenants, of which one has not mapped the product.
  const [mapped, unmapped] = [createTenant(stage, 't71', simulator), createTenant(stage, 't72', simulator)];
  const quotes = cleanQuotes(scaled(counts.running) + scaled(counts.parked), random(seed));
  const orders = quotes.map((quote, n) => {
    const tenant = n < scaled(counts.running) ? mapped : unmapped;
    return { tenant, quote, orderKey: tenant.keyOf(quote) };
  });
  const [running, parked] = [orders.slice(0, scaled(counts.running)), orders.slice(scaled(counts.running))];
  await mustBeNew(world, orders);
  const [{ quote }] = orders as [Failing];
  const product = products.find(({ sku }) => sku === quote.content.lines[0]?.product);
  if (!product) throw new Error('Northwind has no product for the first line');
  await mapped.prepare(quote);
  await unmapped.prepare(quote, product.sku);
  await stage.put(...parked.map((order) => inbound(unmapped.event(order.quote))));
  for (const { orderKey } of parked) await unmapped.untilWaiting(orderKey, 'PRODUCT_UNMAPPED', patience);
  const letGo = await holdRunning(world, running, ledger, patience);
  const assembly = changedAssembly();
  const began = Date.now();
  let seconds = 0;
  try {
    await deployTo(assembly).finally(letGo);
    seconds = Math.round((Date.now() - began) / 1000);
    await unmapped.map('product', product.sku, product.code);
    // Those that were parked are at rest before they are woken, so that says nothing of them.
    for (const { tenant, orderKey } of parked) await tenant.until(orderKey, 'was woken', ({ wait }) => wait === undefined, patience);
    await untilAtRest(world, orders, patience);
  } finally {
    await deployTo(files.assembly);
    rmSync(assembly, { recursive: true });
  }
  const last = await Promise.all(
    orders.map(async ({ tenant, orderKey }) => {
      const { epoch, run } = await tenant.order(orderKey);
      return { orderKey, first: run.n === 1, anew: await passedNewState(stage, orderKey, epoch, run.n) };
    }),
  );
  const onOld = last.slice(0, running.length).filter(({ first, anew }) => first && !anew);
  expect(last.slice(running.length).filter(({ anew }) => !anew)).toEqual([]);
  return {
    verdict: await judge(
      world,
      orders,
      parked.map(({ orderKey }) => orderKey),
    ),
    lines: [
      ['deployed', `in ${seconds} s, while ${running.length} orders ran and ${parked.length} were parked`],
      ['parked before', `${parked.length}, each completed on the new definition`],
      ['running meanwhile', `${running.length}, of which ${onOld.length} completed in the execution that the deployment met, on the old definition`],
    ],
  };
}
