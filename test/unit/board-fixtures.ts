import { briskRules, everybodyDecides } from '../../config/policies/rules.ts';
import { policy } from '../../contracts/policy.ts';
import type { QuoteDocument } from '../../contracts/quote.ts';
import { type BoardRequest, createBoard } from '../../lambdas/board/board.ts';
import type { BoardDeps } from '../../lambdas/board/deps.ts';
import { opened } from '../../lambdas/domain/cause-task.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import type { Replay } from '../../lambdas/domain/replay.ts';
import { finish } from '../../lambdas/ledger/append.ts';
import { decideTask } from '../../lambdas/ledger/decide.ts';
import { causeTaskKey, factKey, quarantineKey, replayKey, taskPlaceKey } from '../../lambdas/ledger/keys.ts';
import type { Quarantined } from '../../lambdas/ledger/quarantine.ts';
import { indexed, taskItems } from '../../lambdas/ledger/task-items.ts';
import { createSessions } from '../../local/board/sessions.ts';
import { tokenOf } from '../support/board.ts';
import { accepted, inSeconds, NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';
import { asking } from './task-fixtures.ts';

/** The n-th of many orders, each with a key, a number and a second of its own. */
export const nth = (n: number, change: Partial<Head> = {}): Head => ({
  ...accepted,
  orderKey: orderKeyOf(change.tenant ?? accepted.tenant, 'salesforce', `q${n}`, 1),
  quote: { ...accepted.quote, id: `q${n}`, number: `Q-${n}` },
  createdAt: new Date(Date.parse(NOW) - n * 1000).toISOString(),
  ...change,
});

export const waiting = (n: number, change: Partial<Head> = {}): Head =>
  nth(n, {
    run: { ...accepted.run, n: 1 },
    wait: {
      kind: 'person',
      code: 'PRODUCT_UNMAPPED',
      detail: 'product X-1',
      since: new Date(Date.parse(NOW) - n * 60_000).toISOString(),
      times: 1,
      cause: 'acme#erp#product#X-1',
    },
    ...change,
  });

/** The n-th order, which asks sales operations for an approval. */
export const wanted = (n: number, change: Partial<Head> = {}): Head =>
  asking('APPROVAL_NEEDED', { subject: 'discount', value: '0.25', worse: 'larger' }, nth(n, { run: { ...accepted.run, n: 1 }, ...change }));

const trader = {
  cpqs: { salesforce: { vendor: 'canonical' as const, region: 'EU', businessUnit: 'main' } },
  routes: [{ region: '*', businessUnit: '*', erp: 'erp' }],
};
const times = {
  runLimit: 600,
  runTimeout: 500,
  deathBackoff: 1,
  probes: [1],
  lookAgain: 1,
  sweepEvery: 60,
};
const config = policy.parse({
  tenants: { acme: trader, other: trader },
  erps: { erp: { vendor: 'tryton', secretName: 's', maxInFlight: 1 } },
  subscribers: { billing: { secretName: 's' }, analytics: { secretName: 's' } },
  tax: { sellerCountry: 'DE', ossCountries: [], rates: { DE: '19' } },
  rules: briskRules,
  // Everything of sales operations is for ada and bob; whoever can reach the system has a say in the rest.
  owners: { ...everybodyDecides, 'sales-operations': { ...everybodyDecides['sales-operations'], members: ['board:ada', 'board:bob'] } },
  times,
  limits: { eventBytes: 2000 },
});

const quote: QuoteDocument = {
  ...accepted.quote,
  channel: 'direct',
  parties: [{ role: 'sold-to', customer: 'ACC-1', name: 'Vins et alcools Chevalier', address: { country: 'FR' } }],
  shipping: { freight: '0.00' },
  lines: [{ id: '1', product: 'X-1', quantity: '2', unit: 'unit', charge: 'one-time', listPrice: '60.00', netPrice: '50.00', amount: '100.00' }],
};

/** What the ledger has of the question that an order waits with: its own, or that of its cause. */
function tasksOf(head: Head): Record<string, unknown>[] {
  const { wait } = head;
  if (!wait?.cause) return taskItems(undefined, head, 'system', NOW);
  const task = opened(undefined, { cause: wait.cause, causeVersion: 0, code: wait.code }, wait.since, inSeconds(3600));
  return task
    ? [
        { ...causeTaskKey(task.cause), ...task, ...indexed(task) },
        { ...taskPlaceKey(task.id), cause: task.cause },
      ]
    : [];
}

/** A board over orders in memory, with the fact and the question of each. */
export function boardOf(heads: readonly Head[], change: Partial<BoardDeps> = {}) {
  const { ledger, put, head: headOf, facts, log, items } = ledgerWith(heads);
  for (const head of heads) {
    const type = head.wait ? ('order.parked.v1' as const) : ('order.accepted.v1' as const);
    const { fact } = finish({ from: undefined, to: { ...head, seq: 0, lastHash: '' }, fact: { type, actor: 'system' } }, NOW);
    put({ ...factKey(head.orderKey, 1), ...fact });
    for (const item of tasksOf(head)) put(item);
  }
  const sentRuns: string[] = [];
  const sentCauses: string[] = [];
  const deps: BoardDeps = {
    policy: config,
    defaults: { stage: 'local', tenant: 'acme', erp: 'erp' },
    ledger,
    bucket: 'documents',
    quoteOf: async () => quote,
    decide: (request) =>
      decideTask(
        {
          ledger,
          policy: config,
          sendRun: async ({ orderKey }) => void sentRuns.push(orderKey),
          sendCause: async ({ cause }) => void sentCauses.push(cause),
        },
        request,
      ),
    stateMachineArn: 'arn:aws:states:eu-central-1:123456789012:stateMachine:m',
    queues: async () => ({ queues: [], deadLetters: [] }),
    timings: async () => undefined,
    saleLink: () => undefined,
    codesLink: () => undefined,
    ...change,
  };
  const failures: unknown[] = [];
  const board = createBoard({ open: async () => deps, failed: (error) => failures.push(error), now: () => new Date(NOW) });
  const get = (path: string, query: BoardRequest['query'] = {}) => board({ method: 'GET', path, query });
  const quarantined = (id: string, entry: Partial<Quarantined> = {}) => {
    const tenant = entry.tenant ?? 'acme';
    put({
      ...quarantineKey(tenant, id),
      id,
      tenant,
      code: 'EVENT_MALFORMED',
      detail: 'd',
      source: 's',
      type: 't',
      original: { text: '{}' },
      at: NOW,
      ...entry,
    });
  };
  const replayed = (id: string, replay: Partial<Replay>) =>
    put({
      ...replayKey(id),
      ...{ id, queue: 'run-dlq', by: 'cli:alice', reason: 'the ERP is back', filter: {}, dryRun: false, perSecond: 50, status: 'running' },
      ...{ phase: 'send', counts: {}, verdicts: {}, recent: [], createdAt: NOW, leaseUntil: NOW, tries: 1 },
      ...replay,
    });
  const sessions = createSessions();
  /** Somebody who has logged in. */
  const visit = (name: string) => {
    const visitor = sessions.find(sessions.begin(name));
    const see = (path: string, query: BoardRequest['query'] = {}) => board({ method: 'GET', path, query, visitor });
    const send = (path: string, fields: Readonly<Record<string, string | readonly string[]>>) =>
      board({
        method: 'POST',
        path,
        query: {},
        visitor,
        form: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, [value].flat()])),
      });
    /** Opens the task and sends one of its forms. */
    const decide = async (id: string, option: string, fields: Readonly<Record<string, string>> = {}) => {
      const token = tokenOf((await see(`/tasks/${id}`)).body, `/tasks/${id}/decide`);
      return send(`/tasks/${id}/decide`, { token, option, reason: 'because', ...fields });
    };
    const issue = (form: string) => visitor?.issue(form) ?? '';
    return { see, send, decide, issue };
  };
  return { board, get, put, failures, quarantined, replayed, deps, visit, sentRuns, sentCauses, head: headOf, facts, log, items };
}
