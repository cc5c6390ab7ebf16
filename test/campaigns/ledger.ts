import { CreateTableCommand, DeleteTableCommand, DescribeTableCommand } from '@aws-sdk/client-dynamodb';
import { type DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';
import type { Context } from 'aws-lambda';
import { expect } from 'vitest';
import type { RunMessage } from '../../contracts/workflow.ts';
import type { Executions } from '../../lambdas/aws/executions.ts';
import { runStep } from '../../lambdas/aws/step.ts';
import { Stop } from '../../lambdas/domain/errors.ts';
import { contentHashOf, hashOf } from '../../lambdas/domain/identity.ts';
import { sweep } from '../../lambdas/functions/operations/sweep/sweep.ts';
import { settle } from '../../lambdas/functions/quote-to-order/order/settle.ts';
import type { RunDeps } from '../../lambdas/functions/quote-to-order/run/deps.ts';
import { dispatch } from '../../lambdas/functions/quote-to-order/run/dispatch.ts';
import { createAdmission } from '../../lambdas/ledger/admission.ts';
import { createLedger } from '../../lambdas/ledger/ledger.ts';
import { readHeads } from '../../lambdas/ledger/queries.ts';
import { createSlots } from '../../lambdas/ledger/slots.ts';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import { random, shuffled } from '../../local/northwind/random.ts';
import { output } from '../support/environment.ts';
import { simulator } from '../support/erps.ts';
import { loadedPolicy } from '../support/policy.ts';
import { acceptedEvent, CANONICAL } from '../support/quotes.ts';
import type { Stage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';
import type { Findings } from './support/figures.ts';
import { drawQuotes } from './support/quotes.ts';
import type { World } from './support/verdict.ts';

const SIZES = { short: { quotes: 60, burst: 20 }, long: { quotes: 10_000, burst: 500 } };
/** Of the quotes are announced twice. */
const DOUBLED = 0.3;
/** Messages that are worked on at once, as by so many copies of the starter. */
const WORKERS = 16;
/** Messages of one burst that may fail and come again. */
const PATIENCE = 100;
const TENANT = 't67';

/** Empty tables like those that are deployed, but without a stream: nobody downstream shall have to hear of these orders. */
async function tablesLike({ sdk }: Stage, suffix: string) {
  const copy = async (original: string): Promise<string> => {
    const { Table } = await sdk.dynamo.send(new DescribeTableCommand({ TableName: original }));
    if (!Table) throw new Error(`there is no table ${original}`);
    const TableName = `${original}-${suffix}`;
    const indexes = (Table.GlobalSecondaryIndexes ?? []).map(({ IndexName, KeySchema, Projection }) => ({ IndexName, KeySchema, Projection }));
    const { KeySchema, AttributeDefinitions } = Table;
    const BillingMode = 'PAY_PER_REQUEST';
    const GlobalSecondaryIndexes = indexes.length > 0 ? indexes : undefined;
    await sdk.dynamo.send(new CreateTableCommand({ TableName, KeySchema, AttributeDefinitions, BillingMode, GlobalSecondaryIndexes }));
    return TableName;
  };
  const [ledger, runtime] = [await copy(output('LedgerTable')), await copy(output('RuntimeTable'))] as const;
  const remove = () => Promise.all([ledger, runtime].map((TableName) => sdk.dynamo.send(new DeleteTableCommand({ TableName }))));
  return { ledger, runtime, remove };
}

type Message = RunMessage | { readonly 'detail-type': string; readonly detail: object };
type Work = { readonly message: Message } | { readonly run: { readonly orderKey: string; readonly run: number } };

/** As the business bus carries an accepted quote: by reference. */
function onTheBus(quote: NorthwindQuote) {
  const { data, ...event } = acceptedEvent(TENANT, quote, simulator.region);
  const hash = contentHashOf({ ...quote.header, cpq: CANONICAL, ...quote.content });
  const document = { key: `quotes/${TENANT}/${hash}.json`, hash };
  const { content: _content, ...rest } = data as { content: object };
  return { 'detail-type': event.type, detail: { ...event, data: { ...rest, document } } };
}

/** The starter with its real ledger, slots and line; queue and state machine only note what they are told. */
function starter({ sdk, documents }: Stage, tables: { ledger: string; runtime: string }, policy: RunDeps['policy'], next: () => number) {
  const client: DynamoDBDocumentClient = sdk.documents;
  const ledger = createLedger({ client, table: tables.ledger });
  const work: Work[] = [];
  const names = new Map<string, number>();
  const alive = { now: 0, most: 0, swept: 0 };
  const send = async (message: RunMessage): Promise<void> => void work.push({ message });
  const admission = createAdmission({ ledger, slots: createSlots({ client, table: tables.runtime }), policy, send });
  const executions: Executions = {
    ensure: async (name, run) => {
      const known = names.get(name);
      names.set(name, (known ?? 0) + 1);
      if (known !== undefined) return 'running';
      alive.most = Math.max(alive.most, ++alive.now);
      work.splice(Math.floor(next() * WORKERS), 0, { run }); // a run lasts as long as some messages take
      return 'running';
    },
  };
  const deps: RunDeps = { ledger, policy, admission, executions, send };
  const stopped = async () => {
    throw new Stop('CUSTOMER_BLOCKED', 'a campaign');
  };
  const end = settle({ ledger, documents, policy, admission, send });
  const context = { getRemainingTimeInMillis: () => 20_000 } as Context;
  /** The run stops at its first step. Its last write is the real one: it frees the slot and wakes the line. */
  const live = async ({ orderKey, run }: { orderKey: string; run: number }): Promise<void> => {
    alive.now -= 1;
    await runStep(ledger, { orderKey, run, action: 'check-customer' }, context, stopped, undefined).catch(() => undefined);
    await runStep(ledger, { orderKey, run, action: 'settle', error: 'Stop' }, context, end, { next: 'stop' });
  };
  const serve = async (one: Work): Promise<void> => ('run' in one ? live(one.run) : dispatch(deps, one.message));
  /** Works until there is nothing left to do: a message that fails comes again, as out of its queue. */
  const drain = async (): Promise<void> => {
    let [busy, failures] = [0, 0];
    const hand = async (): Promise<void> => {
      for (let one = work.shift(); one !== undefined || busy > 0; one = work.shift()) {
        if (one === undefined) {
          await new Promise((soon) => setTimeout(soon, 5));
          continue;
        }
        busy += 1;
        const taken = one;
        await serve(taken).catch((error: unknown) => {
          if (++failures > PATIENCE) throw error;
          work.push(taken);
        });
        busy -= 1;
      }
    };
    await Promise.all(Array.from({ length: WORKERS }, hand));
  };
  /** Works on what was sent, and sweeps as long as that brings something: two runs that end at once may have woken the same order. */
  const handle = async (messages: readonly Message[]): Promise<void> => {
    work.push(...messages.map((message) => ({ message })));
    await drain();
    for (let found = await sweep(deps); found.due + found.woken > 0; found = await sweep(deps)) {
      alive.swept += found.woken;
      await drain();
    }
  };
  return { ledger, names, alive, handle };
}

/** How many items of orders (`O`) and quotes (`Q`) stand in the ledger's table, by kind. */
async function itemsOf({ sdk }: Stage, table: string): Promise<Record<string, number>> {
  const kinds: Record<string, number> = {};
  for await (const { Items = [] } of paginateScan({ client: sdk.documents }, { TableName: table, ProjectionExpression: 'pk, sk' })) {
    for (const { pk, sk } of Items) {
      if (!/^[OQ]#/.test(String(pk))) continue;
      const kind = `${String(pk).split('#')[0]} ${String(sk).split('#')[0]}`;
      kinds[kind] = (kinds[kind] ?? 0) + 1;
    }
  }
  return kinds;
}

/** Very many quotes before the ledger and the starter alone: no ERP and no state machine slow them down. */
export async function ledger(world: World): Promise<Findings> {
  const { quotes: all, burst } = SIZES[world.form];
  const count = Math.max(1, Math.round(all * world.part));
  const next = random(world.seed);
  const policy = await loadedPolicy();
  const quotes = drawQuotes(count, next);
  const events = quotes.map(onTheBus);
  const doubles = shuffled(quotes, next)
    .slice(0, Math.round(DOUBLED * count))
    .map(onTheBus);
  const sent = shuffled([...events, ...doubles], next);
  const tables = await tablesLike(world.stage, `flood-${world.seed}`);
  try {
    const { ledger: table, names, alive, handle } = starter(world.stage, tables, { ...policy, hash: hashOf(policy) }, next);
    const began = Date.now();
    for (let from = 0; from < sent.length; from += burst) await handle(sent.slice(from, from + burst));
    const seconds = (Date.now() - began) / 1000;
    const tenant = createTenant(world.stage, TENANT, simulator);
    const heads = await readHeads(
      table,
      quotes.map((quote) => tenant.keyOf(quote)),
    );
    const items = await itemsOf(world.stage, tables.ledger);
    const wrong = {
      missing: count - heads.length,
      notOneRun: heads.filter(({ run }) => run.n !== 1 || run.active).length,
      notTwoFacts: heads.filter(({ seq }) => seq !== 2).length,
      executions: names.size - count,
      beyondTheLimit: Math.max(0, alive.most - (policy.erps[simulator.instance]?.maxInFlight ?? 0)),
    };
    const none = Object.fromEntries(Object.keys(wrong).map((name) => [name, 0]));
    expect({ ...wrong, items }).toEqual({ ...none, items: expect.objectContaining({ 'O HEAD': count, 'O F': 2 * count, 'Q HEAD': count }) });
    return {
      verdict: { looked: sent.length, at: `events about ${count} quotes`, violations: 0 },
      lines: [
        ['events', `${sent.length}, shuffled, in bursts of ${burst}, by ${WORKERS} starters at once`],
        ['HEADs', `${heads.length}, each with run number 1 and two facts: accepted, parked`],
        ['executions', `${names.size} names; at most ${alive.most} at once, allowed are ${policy.erps[simulator.instance]?.maxInFlight}`],
        ['woken by the sweeper', `${alive.swept} that stood in line after a wake met an order that was woken already`],
        ['quotes per second', (count / seconds).toFixed(0)],
      ],
    };
  } finally {
    await tables.remove();
  }
}
