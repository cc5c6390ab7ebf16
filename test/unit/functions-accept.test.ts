import { describe, expect, it } from 'vitest';
import { everybodyDecides, patientRules } from '../../config/policies/rules.ts';
import { owners, rules } from '../../contracts/rules.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import type { RunDeps } from '../../lambdas/functions/quote-to-order/run/deps.ts';
import { dispatch } from '../../lambdas/functions/quote-to-order/run/dispatch.ts';
import { headItem } from '../../lambdas/ledger/keys.ts';
import { completed, NOW, times } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

const orderKey = orderKeyOf('acme', 'salesforce', 'q', 1);
const atRest = { ...completed, orderKey, run: { ...completed.run, active: false }, dueAt: undefined, sweepAt: undefined };

/** The event of the quote that `completed` was made of, with this content, as a rule of the business bus puts it on the queue. */
const event = (hash: string, type = 'quote.accepted.v1') => ({
  'detail-type': type,
  detail: {
    specversion: '1.0',
    id: 'e-1',
    source: 'quoting.example',
    type,
    time: NOW,
    tenant: 'acme',
    data: { quote: completed.quote, acceptedAt: NOW, document: { key: `quotes/${hash}.json`, hash } },
  },
});

function world() {
  const memory = ledgerWith([atRest]);
  const routes = [{ region: '*', businessUnit: '*', erp: 'erp' }];
  const cpqs = { salesforce: { region: 'EU', businessUnit: 'main' } };
  const policy = {
    tenants: { acme: { routes, cpqs } },
    erps: { erp: {} },
    rules: rules.parse(patientRules),
    owners: owners.parse(everybodyDecides),
    times,
  };
  const deps = { ledger: memory.ledger, policy, send: async () => {} } as unknown as RunDeps;
  const of = (key: string) => [...memory.items.values()].filter(({ pk }) => pk === key);
  const quarantined = () => of('X#acme').map(({ code }) => code);
  const asked = () => of(`O#${orderKey}`).filter(({ taskOwner }) => taskOwner !== undefined);
  return { ...memory, deps, quarantined, asked };
}

const CONFLICT = ['order.content-conflicted.v1'];
const other = event('d'.repeat(64));

describe('the same revision of a quote', () => {
  it('with the same content is no news', async () => {
    const { deps, facts, quarantined } = world();
    await dispatch(deps, event(completed.contentHash));
    expect([facts(orderKey), quarantined()]).toEqual([[], []]);
  });

  it('with other content is a fact and stands in quarantine, once', async () => {
    const { deps, facts, quarantined } = world();
    await dispatch(deps, other);
    await dispatch(deps, other);
    expect([facts(orderKey), quarantined()]).toEqual([CONFLICT, ['QUOTE_CONTENT_CHANGED']]);
  });

  it('leaves neither these nor a question where the write failed, and all when the message comes again', async () => {
    const { deps, conflicts, facts, quarantined, asked } = world();
    conflicts.push({ error: new Error('the function died') });
    await expect(dispatch(deps, other)).rejects.toThrow('died');
    expect([facts(orderKey), quarantined(), asked()]).toEqual([[], [], []]);
    await dispatch(deps, other);
    expect([facts(orderKey), quarantined()]).toEqual([CONFLICT, ['QUOTE_CONTENT_CHANGED']]);
    expect(asked()).toMatchObject([{ code: 'QUOTE_CONTENT_CHANGED', state: 'open' }]);
  });
});

describe('a newer revision', () => {
  const revision = (n: number) => {
    const one = event(String(n).repeat(64));
    return { ...one, detail: { ...one.detail, data: { ...one.detail.data, quote: { ...completed.quote, revision: n } } } };
  };

  it.each([
    ['is asked to stop is sent, to be undone at once', false],
    ['is an order is left alone', true],
  ])('accepted: the one before that %s', async (_what, sold) => {
    const { deps, head, put } = world();
    const sent: string[] = [];
    const started: string[] = [];
    const admission = { acquire: async ({ orderKey: key }: Head) => void started.push(key) };
    const all = { ...deps, admission, send: async (message: { orderKey: string }) => void sent.push(message.orderKey) } as unknown as RunDeps;
    const second = orderKeyOf('acme', 'salesforce', 'q', 2);
    const third = orderKeyOf('acme', 'salesforce', 'q', 3);
    await dispatch(all, revision(2));
    if (sold) put(headItem({ ...atRest, orderKey: second, quote: { ...completed.quote, revision: 2 } }));
    await dispatch(all, revision(3));
    expect([head(second).stops.superseded === undefined, sent]).toEqual([sold, sold ? [] : [second]]);
    expect(new Set(started)).toEqual(new Set([second, third]));
  });
});

describe('a message that cannot be read', () => {
  it.each([
    ['is no message', {}, 'MESSAGE_MALFORMED'],
    ['is an event without content', { 'detail-type': 'quote.accepted.v1', detail: {} }, 'MESSAGE_MALFORMED'],
    ['is of another major', event('d'.repeat(64), 'quote.accepted.v2'), 'EVENT_VERSION_UNKNOWN'],
    ['is of another type', event('d'.repeat(64), 'quote.forgotten.v1'), 'EVENT_TYPE_UNKNOWN'],
    ['is of a tenant without route', { ...other, detail: { ...other.detail, tenant: 'nobody' } }, 'ROUTE_UNKNOWN'],
    ['is of an order that nobody knows', { orderKey: '0123456789ABCDEFGHJK' }, 'ORDER_UNKNOWN'],
  ])('because it %s is refused by name', async (_name, body, code) => {
    await expect(dispatch(world().deps, body)).rejects.toMatchObject({ code });
  });
});
