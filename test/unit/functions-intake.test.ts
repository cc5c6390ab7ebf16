import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../contracts/envelope.ts';
import type { CpqMessage } from '../../contracts/intake.ts';
import type { LoadedPolicy } from '../../lambdas/aws/policy.ts';
import { contentHashOf, orderKeyOf } from '../../lambdas/domain/identity.ts';
import { takeIn } from '../../lambdas/functions/intake/intake/take-in.ts';
import { NOW } from './domain-fixtures.ts';
import { ledgerWith, memoryDocuments } from './table-fixtures.ts';

const ACCOUNT = '000000000000';
const LIMIT = 4000;
const CONNECTOR = 'quotebridge/cpq/acme/crm';
const place = { region: 'EU', businessUnit: 'main' };
const policy = {
  tenants: {
    acme: {
      cpqs: {
        crm: { vendor: 'salesforce', org: '00D1', secretName: 's', ...place },
        shop: { vendor: 'canonical', sources: ['shop/', 'aws.shop'], ...place },
        any: { vendor: 'canonical', ...place },
      },
      routes: [{ region: 'EU', businessUnit: '*', erp: 'erp' }],
    },
    other: {
      cpqs: { crm: { vendor: 'salesforce', org: '00D2', secretName: 's', ...place } },
      routes: [{ region: 'EU', businessUnit: '*', erp: 'erp' }],
    },
  },
  limits: { eventBytes: LIMIT },
} as unknown as LoadedPolicy;

const header = { cpq: 'crm', id: 'q', number: 'Q-1', revision: 2, currency: 'EUR', total: '30.00' };
const content = {
  channel: 'direct',
  parties: [{ role: 'sold-to', customer: 'ACC-1' }],
  shipping: { freight: '10.00' },
  lines: [{ id: '1', product: 'P', quantity: '2', unit: 'unit', charge: 'one-time', listPrice: '12.00', netPrice: '10.00', amount: '20.00' }],
};
const milestone = { quote: { cpq: 'crm', id: 'q', revision: 2 }, at: NOW };

interface Wish {
  readonly type?: string;
  readonly source?: string;
  /** Source in the CloudEvent, where it is not the event's. */
  readonly inner?: string;
  readonly account?: string | undefined;
  readonly tenant?: string;
  readonly data?: object;
  readonly more?: object;
}
/** An event as a rule puts it on the queue; without wishes a milestone that our own connector tells. */
function event({
  type = 'quote.approved.v1',
  source = CONNECTOR,
  inner = source,
  account = ACCOUNT,
  tenant = 'acme',
  data = milestone,
  more = {},
}: Wish) {
  const detail = { specversion: '1.0', id: '1', source: inner, type, time: NOW, tenant, data, ...more };
  return JSON.stringify({ source, 'detail-type': type, account, detail });
}
const of = (cpq: string) => ({ ...milestone, quote: { ...milestone.quote, cpq } });

async function taken(text: string) {
  const { ledger, items } = ledgerWith([]);
  const { documents, objects } = memoryDocuments();
  const published: CloudEvent<unknown>[] = [];
  const asked: CpqMessage[] = [];
  await takeIn(
    {
      ledger,
      documents,
      policy,
      account: ACCOUNT,
      publish: async (events) => void published.push(...events),
      sendToCpq: async (message) => void asked.push(message),
    },
    text,
  );
  const [rejected, ...more] = [...items.values()];
  expect(more).toEqual([]);
  return { published, asked, objects, rejected };
}

describe('who may speak for a CPQ', () => {
  it.each<[string, Wish]>([
    ['the connector of the tenant, in our own account', {}],
    ['a producer under a prefix of the policy', { source: 'shop/eu', data: of('shop') }],
    ['anybody on the bus, where the policy names nobody', { source: 'erp.elsewhere', account: '111111111111', data: of('any') }],
  ])('%s', async (_name, wish) => {
    const { published, rejected } = await taken(event(wish));
    expect([published.map(({ type }) => type), rejected]).toEqual([['quote.approved.v1'], undefined]);
  });

  it.each<[string, Wish, string?]>([
    ['the connector’s name in another account', { account: '111111111111' }],
    ['the connector’s name without an account', { account: '' }],
    ['the connector of another tenant', { source: 'quotebridge/cpq/other/crm' }],
    ['a source that begins like the connector’s', { source: `${CONNECTOR}/x` }],
    ['another source inside than outside', { inner: 'shop/eu' }],
    ['another source outside than inside', { source: 'shop/eu', inner: CONNECTOR }],
    ['a producer under no prefix of the policy', { source: 'myshop/eu', data: of('shop') }],
    ['a producer under a prefix inside alone', { source: 'myshop/eu', inner: 'shop/eu', data: of('shop') }],
    ['a producer under a prefix outside alone', { source: 'shop/eu', inner: 'myshop/eu', data: of('shop') }],
    ['a tenant that nobody knows', { tenant: 'nobody' }],
    ['a tenant that is a word of the language', { tenant: 'constructor' }],
    ['a CPQ that the tenant does not have', { data: of('nothing') }],
    ['a CPQ that is a word of the language', { data: of('constructor') }],
    ['a source that AWS keeps for itself', { source: 'aws.x', data: of('any') }, 'EVENT_MALFORMED'],
    ['a source of AWS that the policy names', { source: 'aws.shop', data: of('shop') }, 'EVENT_MALFORMED'],
  ])('not: %s', async (_name, wish, code = 'TENANT_UNKNOWN') => {
    const { published, rejected } = await taken(event(wish));
    expect([published, rejected?.code]).toEqual([[], code]);
  });
});

describe('a canonical event', () => {
  it('of a milestone is passed on as it came', async () => {
    const { published, objects } = await taken(event({}));
    expect(published).toEqual([JSON.parse(event({})).detail]);
    expect(objects.size).toBe(0);
  });

  it('of an accepted quote is passed on by reference, its content in the bucket', async () => {
    const { published, objects } = await taken(event({ type: 'quote.accepted.v1', data: { quote: header, acceptedAt: NOW, content } }));
    const key = orderKeyOf('acme', 'crm', 'q', 2);
    const hash = contentHashOf({ ...header, ...content } as never);
    expect(published).toMatchObject([{ data: { quote: header, acceptedAt: NOW, document: { key: `quotes/acme/${key}/${hash}.json`, hash } } }]);
    expect(published[0]?.data).not.toHaveProperty('content');
    expect(JSON.parse(objects.get(`quotes/acme/${key}/${hash}.json`) ?? '')).toEqual({ ...header, ...content });
  });

  it.each<[string, string, Wish]>([
    ['of no known type', 'EVENT_TYPE_UNKNOWN', { type: 'quote.eaten.v1' }],
    ['of another version', 'EVENT_VERSION_UNKNOWN', { type: 'quote.approved.v2' }],
    ['without an id', 'EVENT_MALFORMED', { more: { id: '' } }],
    ['of two types', 'EVENT_MALFORMED', { more: { type: 'quote.created.v1' } }],
    ['without its data', 'QUOTE_INVALID', { data: {} }],
    ['of a region that has no route', 'ROUTE_UNKNOWN', { more: { region: 'US' } }],
    [
      'of a quote that does not add up',
      'QUOTE_INVALID',
      { type: 'quote.accepted.v1', data: { quote: { ...header, total: '31.00' }, acceptedAt: NOW, content } },
    ],
    [
      'of an accepted quote that brings a reference of its own',
      'QUOTE_INVALID',
      { type: 'quote.accepted.v1', data: { quote: header, acceptedAt: NOW, document: { key: 'quotes/other/x.json', hash: 'a'.repeat(64) } } },
    ],
  ])('%s is quarantined as %s', async (_name, code, wish) => {
    const { published, rejected } = await taken(event(wish));
    expect([published, rejected?.code]).toEqual([[], code]);
  });
});

describe('what is no event', () => {
  it.each([
    ['a text', 'not json'],
    ['JSON of another kind', '[1]'],
    ['an event without a source', JSON.stringify({ 'detail-type': 't', detail: {} })],
  ])('%s is quarantined without a tenant, its original in the bucket', async (_name, text) => {
    const { rejected, objects } = await taken(text);
    expect(rejected).toMatchObject({ code: 'EVENT_MALFORMED', tenant: '-', original: { key: expect.stringMatching(/^quarantine\/-\//) } });
    expect([...objects.values()]).toEqual([text]);
  });

  it('larger than the limit is quarantined, one as large as it is not', async () => {
    const padded = (bytes: number) => `${event({})}${' '.repeat(bytes - event({}).length)}`;
    expect((await taken(padded(LIMIT))).rejected).toBeUndefined();
    expect((await taken(padded(LIMIT + 1))).rejected).toMatchObject({
      code: 'EVENT_TOO_LARGE',
      tenant: 'acme',
      source: CONNECTOR,
      type: 'quote.approved.v1',
    });
  });

  it('is measured in bytes, not in characters', async () => {
    expect((await taken('€'.repeat(LIMIT / 2))).rejected).toMatchObject({ code: 'EVENT_TOO_LARGE', tenant: '-' });
  });

  it.each([
    ['a tenant of the policy', 'acme', 'acme'],
    ['a tenant that nobody knows', 'nobody', '-'],
    ['a word of the language', 'toString', '-'],
  ])('that claims %s stands under %s', async (_name, claimed, tenant) => {
    expect((await taken(event({ tenant: claimed, more: { id: '' } }))).rejected?.pk).toBe(`X#${tenant}`);
  });

  it('a label that is cut in the middle of a character is still one that a table takes', async () => {
    const source = `m${'💥'.repeat(120)}`;
    const { rejected } = await taken(JSON.stringify({ source, 'detail-type': 'x', detail: {} }));
    expect(String(rejected?.source).isWellFormed()).toBe(true);
  });

  it('a failure that is not the event’s own is thrown: the queue tries again', async () => {
    const { ledger } = ledgerWith([]);
    const publish = () => Promise.reject(new Error('throttled'));
    const deps = { ledger, documents: memoryDocuments().documents, policy, account: ACCOUNT, publish, sendToCpq: async () => {} };
    await expect(takeIn(deps, event({}))).rejects.toThrow('throttled');
  });
});

describe('a change event of a vendor', () => {
  const change = (org: string, recordIds: string[], entityName = 'SBQQ__Quote__c') =>
    JSON.stringify({
      source: `aws.partner/salesforce.com/${org}/relay`,
      'detail-type': 'change',
      detail: { payload: { ChangeEventHeader: { entityName, recordIds, changeType: 'UPDATE' } } },
    });

  it('becomes one message per record, for the tenant of its organisation', async () => {
    const { asked, published } = await taken(change('00D2', ['a', 'b', 'a']));
    expect(asked.map(({ tenant, cpq, recordId }) => [tenant, cpq, recordId])).toEqual([
      ['other', 'crm', 'a'],
      ['other', 'crm', 'b'],
    ]);
    expect(asked[0]?.original).toEqual(JSON.parse(change('00D2', ['a', 'b', 'a'])));
    expect(published).toEqual([]);
  });

  it('of another object is of no interest', async () => {
    const { asked, rejected } = await taken(change('00D1', ['a'], 'Account'));
    expect([asked, rejected]).toEqual([[], undefined]);
  });

  it('of an organisation that nobody knows is quarantined', async () => {
    const { asked, rejected } = await taken(change('00D3', ['a']));
    expect([asked, rejected?.code]).toEqual([[], 'TENANT_UNKNOWN']);
  });
});
