import { describe, expect, test } from 'vitest';
import { lineageText } from '../../cli/lineage-text.ts';
import { nextText } from '../../cli/replays-text.ts';
import type { Head, QuoteItem } from '../../lambdas/domain/head.ts';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import { decideAccept, decideCancel } from '../../lambdas/domain/protocol/index.ts';
import type { Replay } from '../../lambdas/domain/replay.ts';
import { finish } from '../../lambdas/ledger/append.ts';
import { orderKeyIn } from '../../lambdas/ledger/find.ts';
import { quoteView, revisionView } from '../../lambdas/views/lineage.ts';
import { orderView } from '../../lambdas/views/order.ts';

const now = '2026-01-01T00:00:00.000Z';
const defaults = { stage: 'local', tenant: 'acme', erp: 'main' };
const orderKey = orderKeyOf('acme', 'shop', 'Q1', 1);
const nothing: QuoteItem = { tenant: 'acme', cpq: 'shop', id: 'Q1', version: 0, withdrawnUpTo: 0, milestones: {} };

/** An order that was accepted and then asked to stop, with the two facts of it. */
function cancelledSoon() {
  const acceptance = {
    orderKey,
    tenant: 'acme',
    quote: { cpq: 'shop', id: 'Q1', number: 'Q-1', revision: 1, currency: 'EUR', total: '10.00' },
    contentHash: 'a'.repeat(64),
    document: { key: 'quotes/q1.json', hash: 'a'.repeat(64) },
    route: { region: 'EU', businessUnit: 'trade', erp: 'main' },
    correlationId: 'c',
    acceptedAt: now,
    epoch: 0,
    now,
  };
  const accepted = decideAccept(acceptance, nothing, undefined, undefined).head;
  if (!accepted) throw new Error('nothing was accepted');
  const first = finish({ from: undefined, to: accepted.next, fact: accepted.fact }, now);
  const cancelled = decideCancel(first.head, 'cli:ann', now, 'a typo');
  const second = finish({ from: first.head, to: cancelled.next as Head, fact: cancelled.fact }, now);
  return { head: second.head, facts: [first.fact, second.fact].filter((fact) => fact !== undefined) };
}

const around = {
  defaults,
  policy: {
    tenants: {},
    subscribers: {
      billing: { secretName: 's', events: ['order.'] },
      picky: { secretName: 's', events: ['order.accepted.'] },
      new: { secretName: 's', events: ['order.'] },
    },
  },
  bucket: 'b',
  stateMachineArn: 'arn:aws:states:us-east-1:000000000000:stateMachine:m',
};

test('what people see beside the state is derived from HEAD', () => {
  const { head } = cancelledSoon();
  const situation = (change: Partial<Head>) => orderView({ ...head, stops: {}, ...change }, defaults).situation;
  expect(orderView(head, defaults)).toMatchObject({ state: 'accepted', situation: 'cancelling', stop: 'cancel' });
  expect(situation({})).toBe('due');
  expect(situation({ run: { ...head.run, n: 1, active: true } })).toBe('running');
  expect(situation({ admissionSince: now })).toBe('in line');
  expect(situation({ wait: { kind: 'person', code: 'CUSTOMER_UNKNOWN', since: now, times: 1 } })).toBe('waiting');
  expect(situation({ state: 'completed' })).toBe('at rest');
  const open = { action: 'confirm-order' as const, attempt: 'a', at: now, settleAt: now, payloadHash: 'h' };
  expect(situation({ state: 'drafted', open })).toBe('confirming');
});

test('an order that is asked to stop says so at every moment', () => {
  const { head } = cancelledSoon();
  const situation = (change: Partial<Head>) => orderView({ ...head, ...change }, defaults).situation;
  const wait = { kind: 'person' as const, code: 'CUSTOMER_UNKNOWN' as const, since: now, times: 1 };
  expect(situation({ wait })).toBe('cancelling');
  expect(situation({ state: 'completed', run: { ...head.run, active: true } })).toBe('asked to stop');
  expect(situation({ state: 'completed', wait: { ...wait, code: 'CANCEL_AFTER_PIVOT' } })).toBe('waiting');
  expect(situation({ state: 'completed', stops: { cancel: { by: 'a', at: now, decided: 'keep' } } })).toBe('at rest');
  const tax = { id: 'T', key: 'T', hash: 'h', amount: '1.00', status: 'recorded' as const };
  expect(situation({ state: 'reversed', tax })).toBe('cancelling');
  expect(situation({ state: 'reversed', tax: { ...tax, status: 'voided' } })).toBe('at rest');
});

test('a subscriber is behind by the events that it asked for and has not acknowledged', () => {
  const { head, facts } = cancelledSoon();
  const deliveries = [
    { subscriber: 'billing', sequence: 1, attempts: 3, at: now },
    { subscriber: 'picky', sequence: 1, attempts: 1, at: now },
  ];
  const view = revisionView(head, { facts, documents: [], tasks: [], deliveries }, around);
  expect(view.deliveries).toEqual([
    { subscriber: 'billing', events: ['order.'], acknowledged: 1, newest: 2, behind: 1, attempts: 3, at: now },
    { subscriber: 'picky', events: ['order.accepted.'], acknowledged: 1, newest: 1, behind: 0, attempts: 1, at: now },
    { subscriber: 'new', events: ['order.'], acknowledged: 0, newest: 2, behind: 2, attempts: 0, at: undefined },
  ]);
});

test('the CPQ is a recipient of the orders that a record of it shows, and of no others', () => {
  const { head, facts } = cancelledSoon();
  const recipients = (vendor: 'salesforce' | 'canonical', writeBack?: boolean) => {
    const connection = { vendor, writeBack, region: 'EU', businessUnit: 'trade' };
    const tenants = { [head.tenant]: { cpqs: { [head.quote.cpq]: connection }, routes: [], tolerance: { absolute: '0', relative: '0' } } };
    const policy = { subscribers: {}, tenants } as unknown as (typeof around)['policy'];
    return revisionView(head, { facts, documents: [], tasks: [], deliveries: [] }, { ...around, policy }).deliveries;
  };
  expect(recipients('salesforce')).toMatchObject([{ subscriber: 'cpq', newest: 2, behind: 2 }]);
  expect(recipients('salesforce', false)).toEqual([]);
  expect(recipients('canonical')).toEqual([]);
});

test('a fact that was changed after it was written breaks the chain of hashes', () => {
  const { head, facts } = cancelledSoon();
  const chain = (of: typeof facts) => revisionView(head, { facts: of, documents: [], tasks: [], deliveries: [] }, around).chain;
  expect(chain(facts)).toEqual({ intact: true, brokenAt: undefined });
  expect(chain(facts.map((fact) => (fact.seq === 2 ? { ...fact, actor: 'somebody else' } : fact)))).toEqual({ intact: false, brokenAt: 2 });
  expect(chain(facts.slice(1))).toEqual({ intact: false, brokenAt: 2 });
});

test('a decision says in the history what was decided and why, and later facts do not repeat it', () => {
  const { head, facts } = cancelledSoon();
  const decision = { task: 't', code: 'ERP_REFUSED', option: 'keep', reason: 'the customer wants it', at: now } as const;
  const types = ['order.decided.v1', 'order.completed.v1'] as const;
  const told = facts.map((fact, at) => ({ ...fact, event: { ...fact.event, type: types[at] ?? '', data: { ...fact.event.data, decision } } }));
  const view = revisionView(head, { facts: told as typeof facts, documents: [], tasks: [], deliveries: [] }, around);
  expect(view.facts.map((fact) => fact.decision)).toEqual([decision, undefined]);
  const text = lineageText({ quote: quoteView(nothing, 'Q-1'), revisions: [view] }, new Date(now));
  expect(text).toMatch(/order\.decided\.v1 .* keep: the customer wants it$/m);
  expect(text.match(/the customer wants it/g)).toHaveLength(1);
});

test('every run has the name of its execution', () => {
  const { head } = cancelledSoon();
  const view = revisionView({ ...head, run: { ...head.run, n: 2 } }, { facts: [], documents: [], tasks: [], deliveries: [] }, around);
  expect(view.executions.map(({ name }) => name)).toEqual([`${orderKey}-0-1`, `${orderKey}-0-2`]);
  expect(view.executions[0]?.arn).toBe(`arn:aws:states:us-east-1:000000000000:execution:m:${orderKey}-0-1`);
});

test('an order key is understood as it is read over the phone', () => {
  expect(orderKeyIn('oLi3456789abcdefghjk')).toBe('0113456789ABCDEFGHJK');
  expect(orderKeyIn('Q-10248')).toBeUndefined();
});

describe('what to do next about a replay', () => {
  const replay = { id: '20260101T120000-AAAA', queue: 'run-dlq', leaseUntil: now } as unknown as Replay;
  const [soon, late] = [Date.parse(now) + 60_000, Date.parse(now) + 180_000];
  test.each([
    ['stopped', soon, /replays resume 20260101T120000-AAAA --reason TEXT/],
    ['failed', soon, /replays resume/],
    ['running', soon, /replays show/],
    ['running', late, /replays resume .* nobody/],
    ['queued', late, /replays resume .* nobody/],
    ['done', late, /dlq peek run-dlq/],
  ] as const)('%s', (status, at, text) => {
    expect(nextText({ ...replay, status }, 'local', at)).toMatch(text);
  });
});
