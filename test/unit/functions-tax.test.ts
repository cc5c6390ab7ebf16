import { describe, expect, it } from 'vitest';
import { vat } from '../../config/policies/vat.ts';
import { type QuoteDocument, quoteDocument } from '../../contracts/quote.ts';
import type { StepAction } from '../../lambdas/aws/step.ts';
import type { TaxPort } from '../../lambdas/connectors/tax/port.ts';
import { createVatTable } from '../../lambdas/connectors/tax/vat-table/index.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { TaxDeps } from '../../lambdas/functions/quote-to-order/tax/deps.ts';
import { estimateTax } from '../../lambdas/functions/quote-to-order/tax/estimate-tax.ts';
import { recordTax } from '../../lambdas/functions/quote-to-order/tax/record-tax.ts';
import { accepted, cancel, confirmed, drafted, inSeconds, KEY } from './domain-fixtures.ts';
import { ledgerWith, memoryDocuments } from './table-fixtures.ts';

/** No party of the quote has a country. */
const NOWHERE = '';

const quoteTo = (country: string): QuoteDocument =>
  quoteDocument.parse({
    cpq: 'salesforce',
    id: 'q',
    revision: 1,
    currency: 'EUR',
    total: '100.00',
    parties: [{ role: 'sold-to', customer: 'ACC-1', ...(country !== NOWHERE && { address: { country } }) }],
    lines: [{ id: '1', product: 'P', quantity: '4', listPrice: '30.00', netPrice: '25.00', amount: '100.00' }],
  });

/** Steps of run 3 on one order, with a log of the writes that the tax provider was asked for. */
async function world(start: Head, country = 'DE') {
  const { ledger, head, facts } = ledgerWith([start]);
  const { documents } = memoryDocuments();
  const { key } = await documents.storeQuote('acme', KEY, quoteTo(country));
  await ledger.change(KEY, (current) => ({ next: { ...current, document: { ...current.document, key } }, answer: null }));
  const calls: string[] = [];
  const table = createVatTable(vat);
  const tax: TaxPort = {
    ...table,
    record: async (request) => {
      calls.push(`record ${request.key}`);
      return table.record(request);
    },
    voidDocument: async (document) => {
      calls.push(`void ${document}`);
      return table.voidDocument(document);
    },
  };
  const step = (action: (deps: TaxDeps) => StepAction) =>
    action({ ledger, documents, tax })({ head: head(KEY), run: 3, action: 'estimate-tax', error: undefined, settleAt: () => inSeconds(60) });
  /** The provider has other rates from now on. */
  const taxed = (DE: string) => Object.assign(tax, { estimate: createVatTable({ ...vat, rates: { ...vat.rates, DE } }).estimate });
  return { step, taxed, calls, head: () => head(KEY), facts: () => facts(KEY) };
}

/** An order whose tax this run has recorded. */
async function recordedBy(start: Head) {
  const order = await world(start);
  await order.step(estimateTax);
  await order.step(recordTax);
  return order;
}

describe('a recorded tax document', () => {
  it('that is as the tax would be today is left as it is', async () => {
    const { step, calls, head } = await recordedBy(drafted);
    await step(estimateTax);
    await step(recordTax);
    expect([calls, head().tax?.status]).toEqual([[`record ${KEY}.T0`], 'recorded']);
  });

  it('that was made from other data is voided before the draft, and recorded anew under another key', async () => {
    const { step, taxed, calls, head, facts } = await recordedBy(drafted);
    taxed('7');
    await step(estimateTax);
    expect([calls, head().tax?.status]).toEqual([[`record ${KEY}.T0`, `void ${KEY}.T0`], 'voided']);
    await step(recordTax);
    expect(head().tax).toMatchObject({ key: `${KEY}.T1`, status: 'recorded' });
    expect(facts()).toEqual(['order.tax-recorded.v1', 'order.tax-voided.v1', 'order.tax-recorded.v1']);
  });

  it('of an order that the ERP has stays, also when the tax would be another one today', async () => {
    const { tax: _none, ...untaxed } = confirmed;
    const { step, taxed, calls, head } = await recordedBy(untaxed);
    taxed('7');
    await step(estimateTax);
    expect([calls, head().tax?.status]).toEqual([[`record ${KEY}.T0`], 'recorded']);
  });
});

describe('an order that is asked to stop', () => {
  const { tax: _none, ...untaxed } = confirmed;
  it.each<[string, (deps: TaxDeps) => StepAction, Head]>([
    ['records no tax', recordTax, { ...drafted, stops: cancel }],
    ['estimates none', estimateTax, { ...drafted, stops: cancel }],
    ['and has ended records none', recordTax, { ...accepted, run: drafted.run, state: 'cancelled' }],
  ])('%s, and nobody is asked what its quote lacks', async (_name, action, start) => {
    const { step, calls } = await world(start, NOWHERE);
    await expect(step(action)).rejects.toMatchObject({ name: 'Stop', code: 'NEWS_ARRIVED' });
    expect(calls).toEqual([]);
  });

  it('when the ERP has confirmed it has its tax recorded all the same', async () => {
    const { calls, head } = await recordedBy({ ...untaxed, stops: cancel });
    expect([calls, head().tax?.status]).toEqual([[`record ${KEY}.T0`], 'recorded']);
  });
});
