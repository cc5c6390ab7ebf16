import { ERRORS } from '../../contracts/errors.ts';
import type { Decision, Head, Open, QuoteItem } from '../../lambdas/domain/head.ts';
import type { Acceptance, Parking, StartTimes } from '../../lambdas/domain/protocol/index.ts';
import type { End } from '../../lambdas/domain/protocol/last-write.ts';
import type { Ledger } from '../../lambdas/ledger/ledger.ts';

export const NOW = '2026-01-01T12:00:00.000Z';
export const LIMIT = '2026-01-01T12:10:00.000Z';
export const inSeconds = (seconds: number): string => new Date(Date.parse(NOW) + seconds * 1000).toISOString();

/** Each a different number, so that a test sees which one was taken. */
export const times: StartTimes = {
  runLimit: 600,
  deathBackoff: 120,
  lookAgain: 601,
};

/** Seconds until an order tries again, by the rule of its code. */
const RETRY = { soon: 20, hold: 300, settle: 20, person: undefined, never: undefined };
export const ANSWER_DUE = 86_400;
export const parking: Parking = {
  triesAgain: (code) => (code === 'PREDECESSOR_OPEN' ? 30 : RETRY[ERRORS[code].retry]),
  answerDue: (_code, _group, now) => new Date(Date.parse(now) + ANSWER_DUE * 1000).toISOString(),
  lookAgain: times.lookAgain,
};

export const KEY = '0123456789ABCDEFGHJK';
export const total = { amount: '119.00', currency: 'EUR' };
export const draft = { ref: '7', key: `${KEY}.0`, inputs: 'inputs', total };
export const order = { ref: '7', number: 'S7', total, stuck: false };
export const recorded = { id: 'T', key: `${KEY}.T0`, hash: 'h', amount: '19.00', status: 'recorded' as const };

/** An idle order as it was accepted, due now. */
export const accepted: Head = {
  orderKey: KEY,
  tenant: 'acme',
  quote: { cpq: 'salesforce', id: 'q', number: 'Q-1', revision: 1, currency: 'EUR', total: '100.00' },
  contentHash: 'c'.repeat(64),
  document: { key: 'quotes/q.json', hash: 'c'.repeat(64) },
  route: { region: 'EU', businessUnit: 'main', erp: 'erp' },
  correlationId: 'correlation',
  acceptedAt: NOW,
  createdAt: NOW,
  state: 'accepted',
  epoch: 0,
  seq: 1,
  lastHash: 'hash',
  version: 1,
  generation: 0,
  run: { n: 0, active: false, limit: NOW, startedAt: NOW, deaths: 0, undos: 0, policyHash: '' },
  probes: [],
  everUnknown: false,
  prepared: {},
  approvals: {},
  stops: {},
  dueAt: NOW,
  sweepAt: NOW,
};

/** Run 3 is active and nothing new has come. */
export const active: Head = {
  ...accepted,
  run: { n: 3, active: true, limit: LIMIT, startedAt: NOW, deaths: 0, undos: 0, policyHash: 'p', slot: 1 },
  dueAt: LIMIT,
  sweepAt: LIMIT,
};
export const drafted: Head = { ...active, state: 'drafted', draft };
export const confirmed: Head = { ...drafted, state: 'confirmed', order, tax: recorded };
export const completed: Head = { ...confirmed, state: 'completed' };
export const cancelled: Head = { ...active, state: 'cancelled', stops: { cancel: { by: 'alice', at: NOW } } };

export const cancel = { cancel: { by: 'alice', at: NOW } };
export const superseded = { superseded: { by: 'R2', at: NOW } };
export const news = (head: Head): Head => ({ ...head, dueAt: NOW, sweepAt: NOW });

export const open = (patch: Partial<Open> = {}): Open => ({
  action: 'create-draft',
  attempt: 'mine',
  at: NOW,
  settleAt: inSeconds(60),
  payloadHash: 'inputs',
  ...patch,
});

export const failed = (code: NonNullable<Head['lastError']>['code'], step: NonNullable<Head['lastError']>['step'] = 'check-customer', run = 3) => ({
  lastError: { run, step, code, detail: 'detail' },
});

export const end = (patch: Partial<End> = {}): End => ({ run: 3, now: NOW, parking, error: 'Stop', ...patch });

export const quote: QuoteItem = { tenant: 'acme', cpq: 'salesforce', id: 'q', version: 0, withdrawnUpTo: 0, milestones: {} };

export const acceptance = (revision: number): Acceptance => ({
  orderKey: `KEY-OF-REVISION-${revision}`,
  tenant: 'acme',
  quote: { ...accepted.quote, revision },
  contentHash: accepted.contentHash,
  document: accepted.document,
  route: accepted.route,
  correlationId: 'correlation',
  acceptedAt: NOW,
  now: NOW,
});

/** A ledger that is one order in memory: what the functions use of it, under the clock of these tests. */
export function memoryLedger(head: Head, now = NOW) {
  const facts: string[] = [];
  const state = { head };
  const ledger = {
    table: 'ledger',
    stamp: () => now,
    read: async (key: string) => (key === state.head.orderKey ? state.head : undefined),
    change: async <Answer>(_key: string, decide: (head: Head, now: string) => Decision<Answer>) => {
      const before = state.head;
      const { next, fact, answer } = decide(before, now);
      if (next) state.head = { ...next, version: before.version + 1 };
      if (fact) facts.push(fact.type);
      return { answer, head: state.head, before };
    },
  };
  return { ledger: ledger as unknown as Ledger, state, facts };
}
