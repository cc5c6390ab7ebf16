import { describe, expect, it } from 'vitest';
import type { CloudEvent } from '../../contracts/envelope.ts';
import { ALL_EVENTS } from '../../contracts/events.ts';
import type { CpqQuote } from '../../lambdas/connectors/cpq/port.ts';
import { refetch } from '../../lambdas/functions/intake/cpq/refetch.ts';
import { VendorError } from '../../lambdas/gateway/vendor-error.ts';
import { NOW } from './domain-fixtures.ts';
import { ledgerWith } from './table-fixtures.ts';

const original = { source: 'salesforce.com/00D1/relay', 'detail-type': 'change', detail: { payload: 1 } };
const message = { tenant: 'acme', cpq: 'crm', recordId: 'a0q1', change: 'UPDATE', original };
const content: NonNullable<CpqQuote['content']> = {
  channel: 'direct',
  parties: [{ role: 'sold-to', customer: 'ACC-1' }],
  shipping: { freight: '0.00' },
  lines: [{ id: '1', product: 'P', quantity: '1', unit: 'unit', charge: 'one-time', listPrice: '1.00', netPrice: '1.00', amount: '1.00' }],
};
const header = { cpq: 'crm', id: 'q', number: 'Q-1', revision: 2, currency: 'EUR', total: '1.00' };
const accepted: CpqQuote = { header, status: 'accepted', at: NOW, region: 'EU', businessUnit: undefined, content };

async function refetched(fetchQuote: () => Promise<CpqQuote>, eventBytes = 10_000, publishing: Error | undefined = undefined) {
  const { ledger, items } = ledgerWith([]);
  const published: CloudEvent<unknown>[] = [];
  const asked: string[] = [];
  const deps = {
    ledger,
    eventBytes,
    cpqOf: async (tenant: string, cpq: string) => {
      asked.push(`${tenant} ${cpq}`);
      return { vendor: 'test', fetchQuote };
    },
    publish: async (events: readonly CloudEvent<unknown>[]) => {
      if (publishing) throw publishing;
      published.push(...events);
    },
  };
  const error = await refetch(deps, message).catch((thrown: unknown) => thrown);
  return { published, asked, error, quarantined: [...items.values()] };
}

describe('a record of a CPQ that has changed', () => {
  it('that is accepted is told with its content, as any producer would', async () => {
    const { published, asked, quarantined } = await refetched(async () => accepted);
    expect(asked).toEqual(['acme crm']);
    expect(published).toEqual([
      {
        specversion: '1.0',
        id: 'acme:crm:a0q1:2:accepted',
        source: 'quotebridge/cpq/acme/crm',
        type: 'quote.accepted.v1',
        subject: 'q/2',
        time: NOW,
        datacontenttype: 'application/json',
        tenant: 'acme',
        region: 'EU',
        correlationid: 'crm:q:2',
        data: { quote: header, acceptedAt: NOW, content },
      },
    ]);
    expect(quarantined).toEqual([]);
  });

  it.each(['created', 'submitted', 'approved', 'rejected', 'expired', 'withdrawn'] as const)(
    'that is %s is told as such: who and when, no content',
    async (status) => {
      const { published } = await refetched(async () => ({ ...accepted, status }));
      expect(published).toMatchObject([{ type: `quote.${status}.v1`, id: `acme:crm:a0q1:2:${status}` }]);
      expect(published[0]?.data).toEqual({ quote: { cpq: 'crm', id: 'q', number: 'Q-1', revision: 2 }, at: NOW });
    },
  );

  it.each(['accepted', 'approved', 'withdrawn'] as const)('tells what satisfies the contract of its type (%s)', async (status) => {
    const { published } = await refetched(async () => ({ ...accepted, status }));
    const definition = ALL_EVENTS.find(({ type }) => type === published[0]?.type);
    expect(definition?.schema.safeParse(published[0])).toMatchObject({ success: true });
  });

  it('in a status that nobody waits for is no event', async () => {
    const { published, error, quarantined } = await refetched(async () => ({ ...accepted, status: undefined }));
    expect([published, error, quarantined]).toEqual([[], undefined, []]);
  });

  it('larger than the intake takes is quarantined, one as large as that is not', async () => {
    const { published } = await refetched(async () => accepted);
    const bytes = JSON.stringify(published[0]).length;
    expect((await refetched(async () => accepted, bytes)).published).toHaveLength(1);
    const large = await refetched(async () => accepted, bytes - 1);
    expect([large.published, large.error]).toEqual([[], undefined]);
    expect(large.quarantined).toMatchObject([
      { pk: 'X#acme', code: 'EVENT_TOO_LARGE', source: original.source, type: 'change', original: { text: JSON.stringify(original) } },
    ]);
  });

  it.each([
    ['CPQ_UNAVAILABLE', 'not-sent'],
    ['CPQ_AUTHENTICATION', 'refused'],
  ] as const)('that may be read later (%s) is thrown: the queue tries again', async (code, effect) => {
    const { error, quarantined } = await refetched(() => Promise.reject(new VendorError(code, effect, 'no')));
    expect([error, quarantined]).toEqual([expect.objectContaining({ code }), []]);
  });

  it.each(['CPQ_REFUSED', 'CPQ_RECORD_MISSING', 'QUOTE_INVALID'] as const)(
    'that is refused for good (%s) is quarantined with what named it',
    async (code) => {
      const { error, quarantined } = await refetched(() => Promise.reject(new VendorError(code, 'refused', 'no')));
      expect(error).toBeUndefined();
      expect(quarantined).toMatchObject([{ code, detail: 'record a0q1: no', original: { text: JSON.stringify(original) } }]);
    },
  );

  it.each([
    ['a fault of our own', () => refetched(() => Promise.reject(new TypeError('bug')))],
    ['a bus that refuses', () => refetched(async () => accepted, 10_000, new TypeError('bug'))],
  ])('%s is thrown, not quarantined', async (_name, run) => {
    const { error, quarantined } = await run();
    expect([error, quarantined]).toEqual([expect.objectContaining({ message: 'bug' }), []]);
  });
});
