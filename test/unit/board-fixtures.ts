import { briskRules, everybodyDecides } from '../../config/policies/rules.ts';
import { policy } from '../../contracts/policy.ts';
import { type BoardRequest, createBoard } from '../../lambdas/board/board.ts';
import type { BoardDeps } from '../../lambdas/board/deps.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import type { Replay } from '../../lambdas/domain/replay.ts';
import { finish } from '../../lambdas/ledger/append.ts';
import { factKey, quarantineKey, replayKey } from '../../lambdas/ledger/keys.ts';
import type { Quarantined } from '../../lambdas/ledger/quarantine.ts';
import { accepted, NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

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
  owners: everybodyDecides,
  times,
  limits: { eventBytes: 2000 },
});

/** A board over orders in memory, with the fact of each. */
export function boardOf(heads: readonly Head[], change: Partial<BoardDeps> = {}) {
  const { ledger, put } = ledgerWith(heads);
  for (const head of heads) {
    const type = head.wait ? ('order.parked.v1' as const) : ('order.accepted.v1' as const);
    const { fact } = finish({ from: undefined, to: { ...head, seq: 0, lastHash: '' }, fact: { type, actor: 'system' } }, NOW);
    put({ ...factKey(head.orderKey, 1), ...fact });
  }
  const deps: BoardDeps = {
    policy: config,
    defaults: { stage: 'local', tenant: 'acme', erp: 'erp' },
    ledger,
    bucket: 'documents',
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
  return { board, get, put, failures, quarantined, replayed, deps };
}

/** What a person reads: no markup, spaces as one. */
export const textOf = (body: string): string =>
  body
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll(/\s+/g, ' ');
