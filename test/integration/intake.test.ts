import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ALL_EVENTS } from '../../contracts/events.ts';
import type { InboundEvent } from '../../contracts/intake.ts';
import { NO_TENANT } from '../../lambdas/ledger/quarantine.ts';
import { tapBusinessBus } from '../support/bus-tap.ts';
import { simulator } from '../support/erps.ts';
import { poll } from '../support/poll.ts';
import { acceptedEvent, inbound, northwindQuote, withContent } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { createSalesforce } from '../support/salesforce.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant } from '../support/tenant.ts';

const stage = connectStage();
const tenant = createTenant(stage, 't16', simulator);
const good = () => tenant.event(northwindQuote(2));
let tap: Awaited<ReturnType<typeof tapBusinessBus>>;

beforeAll(async () => {
  tap = await tapBusinessBus(stage);
});
afterAll(() => tap.stop());

interface Bad {
  readonly what: string;
  readonly code: string;
  readonly detail: RegExp;
  /** Marks the event; where its tenant cannot be told it is found by this alone. */
  readonly event: (mark: string) => InboundEvent;
  readonly tenant?: string;
}

const bad: readonly Bad[] = [
  {
    what: 'an envelope without specversion',
    code: 'EVENT_MALFORMED',
    detail: /specversion/,
    event: (mark) => ({ ...inbound({ ...good(), source: mark }), detail: { ...good(), source: mark, specversion: undefined } }),
  },
  {
    what: 'a detail that says nothing',
    code: 'EVENT_MALFORMED',
    detail: /specversion.*id/,
    event: (mark) => ({ source: mark, 'detail-type': 'quote.accepted.v1', detail: { hello: 'world' } }),
    tenant: NO_TENANT,
  },
  {
    what: 'another type outside than inside',
    code: 'EVENT_MALFORMED',
    detail: /differ/,
    event: (mark) => ({ ...inbound({ ...good(), source: mark }), 'detail-type': 'quote.created.v1' }),
  },
  {
    what: 'an unknown type',
    code: 'EVENT_TYPE_UNKNOWN',
    detail: /teleported/,
    event: (mark) => inbound({ ...good(), source: mark, type: 'quote.teleported.v1' }),
  },
  {
    what: 'an unknown version',
    code: 'EVENT_VERSION_UNKNOWN',
    detail: /v9.*v1/,
    event: (mark) => inbound({ ...good(), source: mark, type: 'quote.accepted.v9' }),
  },
  {
    what: 'an unknown tenant',
    code: 'TENANT_UNKNOWN',
    detail: /nobody/,
    event: (mark) => inbound({ ...good(), source: mark, tenant: 'nobody' }),
    tenant: NO_TENANT,
  },
  {
    what: "another tenant's CPQ",
    code: 'TENANT_UNKNOWN',
    detail: /no CPQ sap/,
    event: (mark) => inbound({ ...acceptedEvent(tenant.name, northwindQuote(2), 'SIM', 'sap'), source: mark }),
  },
  {
    what: 'a stranger who speaks for the CPQ that we read ourselves',
    code: 'TENANT_UNKNOWN',
    detail: /may not speak for CPQ salesforce/,
    event: (mark) => inbound({ ...acceptedEvent(tenant.name, northwindQuote(2), 'SIM', 'salesforce'), source: mark }),
  },
  {
    what: 'an unknown Salesforce organisation',
    code: 'TENANT_UNKNOWN',
    detail: /no tenant is configured/,
    event: (mark) => ({
      source: `salesforce.com/${mark}/0YLQb0000000001IAA`,
      'detail-type': 'SBQQ__Quote__ChangeEvent',
      detail: { payload: { ChangeEventHeader: { entityName: 'SBQQ__Quote__c', recordIds: ['a0qQb000000000001'], changeType: 'UPDATE' } } },
    }),
    tenant: NO_TENANT,
  },
  {
    what: 'content that does not add up',
    code: 'QUOTE_INVALID',
    detail: /total is not the sum/,
    event: (mark) => {
      const quote = northwindQuote(2);
      return inbound({ ...tenant.event({ ...quote, header: { ...quote.header, total: '1.00' } }), source: mark });
    },
  },
  {
    what: 'an amount that is a number and no text',
    code: 'QUOTE_INVALID',
    detail: /data\.quote\.total/,
    event: (mark) => {
      const event = tenant.event(northwindQuote(2)) as ReturnType<typeof good> & { data: { quote: object } };
      return inbound({ ...event, source: mark, data: { ...event.data, quote: { ...event.data.quote, total: 1863.4 } } });
    },
  },
  {
    what: 'more than the intake accepts',
    code: 'EVENT_TOO_LARGE',
    detail: /limit is 200000/,
    event: (mark) => inbound({ ...good(), source: mark, subject: 'x'.repeat(210_000) }),
  },
];

describe.concurrent('nothing is dropped:', () => {
  test.for(bad)('$what stands in quarantine with reason and original', async (one) => {
    const mark = `test.${randomUUID()}`;
    const event = one.event(mark);
    await stage.put(event);
    const entry = await tenant.quarantined(one.what, ({ source }) => source.includes(mark), one.tenant ?? tenant.name);
    expect(entry.code).toBe(one.code);
    expect(entry.detail).toMatch(one.detail);
    const original = 'key' in entry.original ? await stage.documents.text(entry.original.key) : entry.original.text;
    expect(JSON.parse(original)).toMatchObject(JSON.parse(JSON.stringify(event)));
  });

  test('a corrected event becomes an order', async () => {
    const tenant = createTenant(stage, 't17', simulator);
    const quote = northwindQuote(2);
    await tenant.prepare(quote);
    const event = tenant.event(quote);
    const source = `test.${randomUUID()}`;
    await stage.put(inbound({ ...event, source, type: 'quote.acepted.v1' }));
    const entry = await tenant.quarantined('the misspelt event', (one) => one.source === source);
    await tenant.resubmit(entry, inbound(event));
    await tenant.untilState(tenant.keyOf(quote), 'completed');
    expect(await simulator.count(tenant.keyOf(quote))).toBe(1);
  });

  test('a record that the CPQ does not have yet becomes an order when its original is submitted again', async () => {
    const tenant = createTenant(stage, 't18', simulator);
    const quote = northwindQuote(3);
    const salesforce = createSalesforce(stage, tenant.name);
    await tenant.prepare(quote);
    await salesforce.announce({ recordIds: [quote.header.id], change: 'UPDATE' });
    const entry = await tenant.quarantined(
      'the missing record',
      ({ code, detail }) => code === 'CPQ_RECORD_MISSING' && detail.includes(quote.header.id),
    );
    await salesforce.put([quote], { region: 'SIM' });
    await tenant.resubmit(entry);
    await tenant.untilState(tenant.keyOf(quote, 'salesforce'), 'completed');
  });

  test('the same revision with other content: the first goes on, the other stands in quarantine, once', async () => {
    const tenant = createTenant(stage, 't19', simulator);
    const quote = northwindQuote(3);
    const other = withContent(quote, (content) => ({ ...content, shipping: { ...content.shipping, freight: '99.00' } }));
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    await tenant.until(orderKey, 'is there', () => true);
    await tenant.accept(other);
    const entry = await tenant.quarantined('the other content', ({ code, detail }) => code === 'QUOTE_CONTENT_CHANGED' && detail.includes(orderKey));
    await tenant.accept(other);
    const head = await tenant.untilState(orderKey, 'completed');
    expect(head.quote.total).toBe(quote.header.total);
    expect(await stage.documents.text('key' in entry.original ? entry.original.key : '')).toContain('99.00');
    await poll('the fact is there', async () => (await tenant.facts(orderKey)).some(({ type }) => type === 'order.content-conflicted.v1'));
    expect((await tenant.facts(orderKey)).filter(({ type }) => type === 'order.content-conflicted.v1')).toHaveLength(1);
    expect(await simulator.count(orderKey)).toBe(1);
  });
});

test('nothing unvalidated reached the business bus', async () => {
  const quote = northwindQuote(2);
  await tenant.prepare(quote);
  await tenant.accept(quote);
  const events = await poll('the last quote is on the business bus', async () => {
    const seen = await tap.events();
    return seen.some(({ detail }) => JSON.stringify(detail).includes(quote.header.id)) && seen;
  });
  for (const event of events) {
    const definition = ALL_EVENTS.find(({ type }) => type === event['detail-type']);
    expect(definition?.schema.safeParse(event.detail), event['detail-type']).toMatchObject({ success: true });
    expect(event.source).not.toMatch(/^test\./);
    expect(event).not.toHaveProperty('detail.data.content');
  }
  await tenant.untilState(tenant.keyOf(quote), 'completed');
  expect(await everySubscriberAgrees(stage, ['t16', 't17', 't18', 't19'])).toBeGreaterThan(0);
});
