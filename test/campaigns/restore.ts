import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { paginateListExecutions } from '@aws-sdk/client-sfn';
import { expect } from 'vitest';
import { checkBackup, readBackup, writeBackup } from '../../cli/ledger-file.ts';
import type { InboundEvent } from '../../contracts/intake.ts';
import { later } from '../../lambdas/domain/head.ts';
import { canonicalJson } from '../../lambdas/domain/identity.ts';
import type { Fact } from '../../lambdas/ledger/append.ts';
import { firstBroken } from '../../lambdas/ledger/audit.ts';
import { backupOf } from '../../lambdas/ledger/backup.ts';
import { epochOf, readRestores, untilKnown } from '../../lambdas/ledger/epoch.ts';
import { orderKeys, wholeOrder } from '../../lambdas/ledger/items.ts';
import { type RestoreRequest, restoreFrom } from '../../lambdas/ledger/restoring.ts';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import { random } from '../../local/northwind/random.ts';
import { tapBusinessBus } from '../support/bus-tap.ts';
import { holdDraft, simulator, tryton } from '../support/erps.ts';
import { createDeadLetters } from '../support/given-up.ts';
import { poll } from '../support/poll.ts';
import { inbound } from '../support/quotes.ts';
import { createTenant, type Tenant } from '../support/tenant.ts';
import type { Findings } from './support/figures.ts';
import { drawQuotes, prepareAll } from './support/quotes.ts';
import { judgeEnds, mustBeNew, type SentOrder, tally, untilAtRest, type World } from './support/verdict.ts';

/** `lostMs`: how old the backup is when the ledger is lost; `callsEnd`: seconds until no call of before can land, by the function's time and the ERP's maximum. */
const SIZES = {
  short: { before: 5, after: 4, lostMs: 5000, callsEnd: 20, patience: 240 },
  long: { before: 40, after: 15, lostMs: 30_000, callsEnd: 120, patience: 900 },
};
/** Of the orders of before that the backup waits for, and of those that it then has to meet on their way. */
const BACKED_UP = 0.75;
const ON_THEIR_WAY = 0.5;
/** Of the quotes of after, those that come right before the ledger is lost. */
const AT_LAST = 1 / 3;
/** In the long form one quote in so many goes to Tryton, the others to the simulator. */
const TRYTON_SHARE = 5;

type Planned = SentOrder & { readonly quote: NorthwindQuote };
const keysOfAll = (planned: readonly Planned[]): string[] => planned.map(({ orderKey }) => orderKey);

function plan({ stage, form, seed, part }: World): Planned[] {
  const [atSimulator, atTryton] = [createTenant(stage, 't62', simulator), createTenant(stage, 't63', tryton)];
  return drawQuotes(Math.ceil(SIZES[form].before * part) + Math.ceil(SIZES[form].after * part), random(seed)).map((quote, n) => {
    const tenant = form === 'long' && n % TRYTON_SHARE === 0 ? atTryton : atSimulator;
    return { tenant, quote, orderKey: tenant.keyOf(quote) };
  });
}

const send = ({ stage }: World, planned: readonly Planned[]): Promise<void> =>
  stage.put(...planned.map(({ tenant, quote }) => inbound(tenant.event(quote))));

/** Every draft is a call whose answer is on its way for seconds: in the backup, and when the ledger is lost. @returns ends that */
async function holdDrafts(planned: readonly Planned[]): Promise<() => Promise<unknown>> {
  const held = await Promise.all(planned.map(({ tenant: { erp }, orderKey }) => holdDraft(erp, orderKey)));
  return () => Promise.all(held.map(({ letGo }) => letGo()));
}

/** Backups of the tenants, while their orders are on their way. */
async function backUp({ stage: { ledger } }: World, tenants: readonly Tenant[], folder: string): Promise<Map<Tenant, string>> {
  const files = new Map<Tenant, string>();
  for (const tenant of tenants) {
    const file = join(folder, `${tenant.name}.jsonl.gz`);
    const about = { table: ledger.table, tenant: tenant.name, at: ledger.stamp(), epoch: epochOf(await readRestores(ledger.client, ledger.table)) };
    const items = backupOf(ledger, () => new Date(), tenant.name);
    await writeBackup(file, about, items, () => undefined);
    files.set(tenant, file);
  }
  return files;
}

/** The ledger of the tenants as their backups have it. @returns how many orders were made due, and the epoch of each tenant's orders */
async function restore({ stage: { ledger }, form }: World, files: ReadonlyMap<Tenant, string>) {
  const epochs = new Map<Tenant, number>();
  let raised = 0;
  for (const [tenant, file] of files) {
    const { epoch } = await checkBackup(file);
    const request: RestoreRequest = {
      tenant: tenant.name,
      by: 'cli:campaign',
      reason: 'the ledger was lost',
      runsFrom: later(ledger.stamp(), SIZES[form].callsEnd),
      above: epoch,
      untilKnown,
      say: () => undefined,
    };
    const restored = await restoreFrom(ledger, readBackup(file), request);
    raised += restored.raised;
    epochs.set(tenant, restored.record.epoch);
  }
  return { raised, epochs };
}

async function keysOf({ stage: { ledger } }: World, tenants: readonly Tenant[]): Promise<Set<string>> {
  const keys = new Set<string>();
  for (const tenant of tenants) for await (const key of orderKeys(ledger, tenant.name)) keys.add(key);
  return keys;
}

/** Every order as the ledger has it now, by what it is on its way to. */
async function states({ stage: { ledger } }: World, keys: Iterable<string>): Promise<string[]> {
  const heads = await Promise.all([...keys].map((key) => ledger.read(key)));
  return heads.flatMap((head) => (head ? [head.state] : []));
}

/** Events of these orders with an id that another event with other content has too. */
function repeated(events: readonly InboundEvent[], keys: ReadonlySet<string>): string[] {
  const ours = events.flatMap(({ detail }) => {
    const { id, subject } = detail as { id?: string; subject?: string };
    return id && subject && keys.has(subject) && id.startsWith(subject) ? [{ id, content: canonicalJson(detail) }] : [];
  });
  expect(ours.length).toBeGreaterThan(keys.size);
  return [...Map.groupBy(ours, ({ id }) => id)].flatMap(([id, same]) => (new Set(same.map(({ content }) => content)).size > 1 ? [id] : []));
}

/** Names of the executions of these orders; how often one comes twice. */
async function executions({ stage }: World, keys: ReadonlySet<string>): Promise<{ names: string[]; twice: number }> {
  const names: string[] = [];
  for await (const { executions: page = [] } of paginateListExecutions({ client: stage.sdk.sfn }, { stateMachineArn: stage.stateMachineArn }))
    names.push(...page.flatMap(({ name = '' }) => (keys.has(name.slice(0, 20)) ? [name] : [])));
  return { names, twice: names.length - new Set(names).size };
}

async function broken({ stage: { ledger } }: World, planned: readonly Planned[]): Promise<string[]> {
  const found = await Promise.all(
    planned.map(async ({ orderKey }) => {
      const { head, items } = await wholeOrder(ledger, orderKey);
      const facts = items.filter(({ sk }) => String(sk).startsWith('F#')) as unknown as Fact[];
      const first = firstBroken(orderKey, facts, head);
      return first ? [`${orderKey} ${first.seq}: ${first.what}`] : [];
    }),
  );
  return found.flat();
}

/**
 * Quotes right before the backup, so that it meets their orders on their way; others from then on until the ledger is lost, so that some of
 * theirs are. It comes back as the backup has it.
 */
async function loseAndRestore(world: World, planned: readonly Planned[], folder: string) {
  const { lostMs, patience, ...sizes } = SIZES[world.form];
  const tenants = [...new Set(planned.map(({ tenant }) => tenant))];
  const count = Math.ceil(sizes.before * world.part);
  const [before, after] = [planned.slice(0, count), planned.slice(count)];
  await send(world, before);
  await poll('orders are there to back up', async () => (await states(world, keysOfAll(before))).length >= BACKED_UP * count, {
    seconds: patience,
    every: 100,
  });
  const files = await backUp(world, tenants, folder);
  const backedUpAt = Date.now();
  const early = after.length - Math.ceil(AT_LAST * after.length);
  const [earlier, last] = [after.slice(0, early), after.slice(early)];
  for (const one of earlier) {
    await send(world, [one]);
    await pause(lostMs / earlier.length);
  }
  // the load of other tests decides how far the orders are; one of those that will be lost has to be confirmed
  const forgettable = keysOfAll(after);
  const advanced = async () => (await states(world, forgettable)).some((state) => state === 'confirmed' || state === 'completed');
  await poll('an order of after the backup is confirmed', advanced, { seconds: patience, every: 300 });
  await send(world, last);
  await poll('the last quotes are orders', async () => (await states(world, keysOfAll(last))).length === last.length, {
    seconds: patience,
    every: 100,
  });
  const lost = await states(world, keysOfAll(planned));
  const ageSeconds = Math.round((Date.now() - backedUpAt) / 1000);
  const { raised, epochs } = await restore(world, files);
  const kept = await keysOf(world, tenants);
  const forgotten = planned.filter(({ orderKey }) => !kept.has(orderKey));
  // also those of before that the backup did not meet any more
  await send(world, [...new Set([...after, ...forgotten])]);
  return { lost, ageSeconds, raised, epochs, forgotten: forgotten.length };
}

/** What asked for a run of an order while the ledger had forgotten it was refused for good; the quote has come again since. */
async function forgetMessages({ stage }: World, planned: readonly Planned[]): Promise<void> {
  const dead = createDeadLetters(stage);
  const bodies = (await dead.queues.peek('run-dlq', 100)).map(({ Body = '' }) => Body);
  const ours = bodies.filter((body) => planned.some(({ orderKey }) => body === JSON.stringify({ orderKey })));
  if (ours.length > 0) await dead.remove('run-dlq', ours);
}

/** A ledger that comes back from a backup while orders are on their way and others were accepted since. */
export async function restoring(world: World): Promise<Findings> {
  const planned = plan(world);
  await mustBeNew(world, planned);
  for (const [tenant, ofTenant] of Map.groupBy(planned, ({ tenant }) => tenant))
    await prepareAll(
      tenant,
      ofTenant.map(({ quote }) => quote),
    );
  const letGo = await holdDrafts(planned);
  const tap = await tapBusinessBus(world.stage);
  const folder = mkdtempSync(join(tmpdir(), 'campaign-restore-'));
  try {
    const { lost, ageSeconds, raised, epochs, forgotten } = await loseAndRestore(world, planned, folder);
    await untilAtRest(world, planned, SIZES[world.form].patience);
    const verdict = await judgeEnds(world, planned);
    expect({ completed: verdict.completed, forgotten, raised, unfinished: lost.filter((state) => state !== 'completed').length }).toEqual({
      completed: planned.length,
      forgotten: expect.toSatisfy((orders: number) => orders > 0),
      raised: expect.toSatisfy((orders: number) => orders >= ON_THEIR_WAY * SIZES[world.form].before * world.part),
      unfinished: expect.toSatisfy((orders: number) => orders > 0),
    });
    await forgetMessages(world, planned);
    const keys = new Set(planned.map(({ orderKey }) => orderKey));
    const events = await tap.events();
    const { names, twice } = await executions(world, keys);
    expect({ repeated: repeated(events, keys), twice, broken: await broken(world, planned) }).toEqual({ repeated: [], twice: 0, broken: [] });
    const epochOfOrder = new Map(planned.map(({ orderKey, tenant }) => [orderKey, epochs.get(tenant) ?? 0]));
    const before = names.filter((name) => Number(name.split('-')[1]) < (epochOfOrder.get(name.slice(0, 20)) ?? 0)).length;
    return {
      verdict,
      lines: [
        ['the ledger was lost', `${ageSeconds} s after the backup, with orders that were ${inStates(lost)}`],
        ['of these the backup', `had forgotten ${forgotten}, whose quotes were sent again; ${raised} others were made due to look at the ERP first`],
        [
          'executions',
          `${before} before and ${names.length - before} after, no name twice; no event id with two contents among ${events.length} events seen on the bus`,
        ],
      ],
    };
  } finally {
    await letGo();
    await tap.stop();
    rmSync(folder, { recursive: true });
  }
}

const inStates = (states: readonly string[]): string =>
  Object.entries(tally(states))
    .map(([state, count]) => `${state} (${count})`)
    .join(', ');
