import { describe, expect, it } from 'vitest';
import { patientRules } from '../../config/policies/rules.ts';
import type { QuoteDocument } from '../../contracts/quote.ts';
import { orderRules, rules } from '../../contracts/rules.ts';
import type { StepCall } from '../../lambdas/aws/step.ts';
import type { ErpCredit, ErpCustomer, ErpPort } from '../../lambdas/connectors/erp/port.ts';
import { Stop } from '../../lambdas/domain/errors.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import type { Approval } from '../../lambdas/domain/waiting.ts';
import { checkCustomer } from '../../lambdas/functions/quote-to-order/erp/check-customer.ts';
import type { ErpDeps } from '../../lambdas/functions/quote-to-order/erp/deps.ts';
import { checkPolicy } from '../../lambdas/functions/quote-to-order/order/check-policy.ts';
import type { OrderDeps } from '../../lambdas/functions/quote-to-order/order/deps.ts';
import { prepare, preparedHash } from '../../lambdas/ledger/prepared.ts';
import { setReference } from '../../lambdas/ledger/references.ts';
import { active, KEY, NOW } from './domain-fixtures.ts';
import { ledgerWith, memoryDocuments } from './table-fixtures.ts';

const quote: QuoteDocument = {
  cpq: 'salesforce',
  id: 'q',
  revision: 1,
  currency: 'EUR',
  total: '100.00',
  channel: 'direct',
  parties: [{ role: 'sold-to', customer: 'ACC-1' }],
  shipping: { freight: '0.00' },
  lines: [{ id: '1', product: 'P', quantity: '4', unit: 'unit', charge: 'one-time', listPrice: '30.00', netPrice: '25.00', amount: '100.00' }],
  requestedBy: 'ann@example.com',
};

interface World {
  readonly rules?: object;
  readonly parties?: QuoteDocument['parties'];
  readonly keeps?: ErpPort['keeps'];
  /** What the ERP knows of its customers, by code. */
  readonly customers?: Record<string, Partial<ErpCustomer>>;
  /** Accounts that are linked, and where to. */
  readonly links?: Record<string, string>;
  readonly approvals?: Head['approvals'];
}

/** Run 3 of one order, from its customer to its policy, over a ledger in memory and an ERP that is a plain object. */
async function world({
  parties = quote.parties,
  keeps = { credit: true, hierarchy: true },
  customers = { C: {} },
  links = { 'ACC-1': 'C' },
  ...given
}: World) {
  const memory = ledgerWith([{ ...active, approvals: given.approvals ?? {} }]);
  const { ledger } = memory;
  const { documents } = memoryDocuments();
  const erp = {
    keeps,
    findCustomer: async (code: string) => customers[code] && { code, active: true, top: code, ref: { party: 1 }, ...customers[code] },
  };
  const { key } = await documents.storeQuote('acme', KEY, { ...quote, parties });
  const head = () => memory.head(KEY);
  await ledger.change(KEY, (current) => ({ next: { ...current, document: { ...current.document, key } }, answer: null }));
  for (const [code, target] of Object.entries(links))
    await setReference(ledger, { tenant: 'acme', erp: 'erp', kind: 'customer', code, target, by: 'test' });
  const policy = { rules: rules.parse({ default: { ...patientRules.default, ...given.rules } }), times: { probes: [60] } };
  const deps = { ledger, documents, policy, erpOf: async () => erp } as unknown as ErpDeps & OrderDeps;
  const call = () => ({ head: head(), run: 3, action: 'check-policy', error: undefined, settleAt: () => NOW }) as StepCall;
  const state = { listPrice: '30.00' };
  return {
    head,
    state,
    milestone: (name: 'approved' | 'rejected', revision: number) => ledger.milestone('acme', 'salesforce', 'q', name, revision, NOW),
    checkCustomer: () => checkCustomer(deps)(call()),
    /** All that stops it, after the steps before it. */
    checkPolicy: async (): Promise<Pick<Stop, 'code' | 'detail' | 'ask'> | undefined> => {
      await checkCustomer(deps)(call());
      await prepare(ledger, documents, head(), 'price', { lines: [{ code: 'NW', listPrice: state.listPrice, ref: {} }] });
      await prepare(ledger, documents, head(), 'tax', { net: '100.00', tax: '19.00', rate: '19', country: 'DE' });
      try {
        await checkPolicy(deps)(call());
        return undefined;
      } catch (error) {
        if (error instanceof Stop) return error;
        throw error;
      }
    },
    approve: async (subject: string, value?: string, measure?: Approval['measure'], lines?: Approval['lines']) => {
      const approval: Approval = { contentHash: active.contentHash, measure, value, lines, by: [{ group: 'finance', by: 'cli:ben', at: NOW }] };
      await ledger.change(KEY, (current) => ({ next: { ...current, approvals: { ...current.approvals, [subject]: approval } }, answer: null }));
    },
  };
}

const rule = (when: object, approvers = ['sales-operations', 'finance']) =>
  orderRules.shape.approvals.parse({ r: { title: 'A high discount', when, approvers } });

describe('the policy asks', () => {
  it('nothing of an order that no rule is about', async () => {
    expect(await (await world({})).checkPolicy()).toBeUndefined();
  });

  it('for the approvers of a rule in their order, by rule and value, and who asked for the terms', async () => {
    const order = await world({ rules: { approvals: rule({ discountAbove: '0.1' }) } });
    const stop = await order.checkPolicy();
    expect(stop).toMatchObject({ code: 'APPROVAL_NEEDED', detail: 'A high discount: a discount of 16.67 %' });
    expect(stop?.ask).toEqual({
      subject: 'r',
      measure: 'discount',
      value: '0.166667',
      worse: 'larger',
      approvers: ['sales-operations', 'finance'],
      requestedBy: 'ann@example.com',
    });
    await order.approve('r', '0.166667', 'discount');
    expect(await order.checkPolicy()).toBeUndefined();
  });

  it("again when the ERP's price is further away than the approved one, and not when it comes nearer", async () => {
    const order = await world({});
    order.state.listPrice = '33.00';
    expect(await order.checkPolicy()).toMatchObject({ code: 'PRICE_OUT_OF_TOLERANCE', ask: { subject: 'PRICE_OUT_OF_TOLERANCE', value: '12.00' } });
    await order.approve('PRICE_OUT_OF_TOLERANCE', '12.00', 'price deviation', [1]);
    expect(await order.checkPolicy()).toBeUndefined();
    order.state.listPrice = '32.50';
    expect(await order.checkPolicy()).toBeUndefined();
    order.state.listPrice = '33.01';
    expect(await order.checkPolicy()).toMatchObject({ code: 'PRICE_OUT_OF_TOLERANCE', ask: { value: '12.04' } });
  });

  it('with the tolerance of the currency, where it has one of its own', async () => {
    const tolerance = { absolute: '0.01', relative: '0', currencies: { EUR: { absolute: '5.00', relative: '0' } } };
    const order = await world({ rules: { tolerance } });
    order.state.listPrice = '35.00';
    expect(await order.checkPolicy()).toBeUndefined();
    order.state.listPrice = '35.01';
    expect(await order.checkPolicy()).toMatchObject({ code: 'PRICE_OUT_OF_TOLERANCE' });
  });

  it("for the CPQ's own approval of this very revision, if the policy requires it", async () => {
    const order = await world({ rules: { cpqApproval: 'required' } });
    expect(await order.checkPolicy()).toMatchObject({ code: 'CPQ_APPROVAL_MISSING' });
    await order.milestone('approved', 2);
    expect(await order.checkPolicy()).toMatchObject({ code: 'CPQ_APPROVAL_MISSING' });
    const approved = await world({ rules: { cpqApproval: 'required' } });
    await approved.milestone('approved', 1);
    expect(await approved.checkPolicy()).toBeUndefined();
  });

  it('and once more when the CPQ rejects what a person has approved for it', async () => {
    const order = await world({ rules: { cpqApproval: 'required' } });
    await order.approve('CPQ_APPROVAL_MISSING');
    expect(await order.checkPolicy()).toBeUndefined();
    await order.milestone('rejected', 1);
    const rejected = await order.checkPolicy();
    expect(rejected?.detail).toMatch(/^the CPQ rejected revision 1 at 20/);
    await order.approve(rejected?.ask?.subject ?? '');
    expect(await order.checkPolicy()).toBeUndefined();
  });
});

describe('credit', () => {
  const EUR = (amount: string) => ({ amount, currency: 'EUR' });
  const credit = (limit: string | undefined, used: string, blocked = false, currency = 'EUR'): ErpCredit => ({
    limit: limit === undefined ? undefined : { amount: limit, currency },
    used: { ...EUR(used), currency },
    blocked,
  });
  const stopped = async (given: ErpCredit | undefined) => (await world({ customers: { C: { credit: given } } })).checkPolicy();

  it('is asked for when this order, with its tax, would take the customer over its limit', async () => {
    expect(await stopped(credit('1000.00', '881.00'))).toBeUndefined();
    expect(await stopped(credit('1000.00', '881.01'))).toMatchObject({
      code: 'CREDIT_BLOCKED',
      detail: 'customer C: 881.01 EUR used of 1000.00 EUR, this order 119 EUR with tax',
      ask: { value: '1000.01', worse: 'larger' },
    });
  });

  it('is asked for when the ERP has the customer on hold, limit or not', async () => {
    expect(await stopped(credit(undefined, '0.00', true))).toMatchObject({ code: 'CREDIT_BLOCKED', detail: expect.stringContaining('on hold') });
    expect(await stopped(credit('1000.00', '0.00', true))).toMatchObject({ code: 'CREDIT_BLOCKED', ask: { value: '119' } });
  });

  it('is not compared over currencies: there only the hold of the ERP counts', async () => {
    expect(await stopped(credit('1.00', '0.00', false, 'USD'))).toBeUndefined();
    expect(await stopped(credit('1.00', '0.00', true, 'USD'))).toMatchObject({ code: 'CREDIT_BLOCKED', ask: { value: '119' } });
  });

  it('is not asked for where the ERP keeps none', async () => {
    expect(await stopped(undefined)).toBeUndefined();
  });

  it('approved up to an amount covers that amount, and asks again when the customer owes more', async () => {
    const customers = { C: { credit: credit('100.00', '50.00') } };
    const order = await world({ customers });
    expect((await order.checkPolicy())?.ask?.value).toBe('169');
    await order.approve('CREDIT_BLOCKED:erp:C:limit', '169', 'exposure');
    expect(await order.checkPolicy()).toBeUndefined();
    customers.C = { credit: credit('100.00', '50.01') };
    expect((await order.checkPolicy())?.ask?.value).toBe('169.01');
  });

  it('approved is so for that customer, and for its limit: another customer, or one that is put on hold after all, is asked about', async () => {
    const customers = { C: { credit: credit('100.00', '50.00') } };
    const order = await world({ customers });
    await order.checkPolicy();
    await order.approve('CREDIT_BLOCKED:erp:C:limit', '169', 'exposure');
    customers.C = { credit: { ...credit('100.00', '10.00'), blocked: true } };
    expect((await order.checkPolicy())?.ask).toMatchObject({ subject: 'CREDIT_BLOCKED:erp:C:hold', value: '129' });
    const other = await world({
      customers: { D: { credit: credit('100.00', '20.00') } },
      links: { 'ACC-1': 'D' },
      approvals: order.head().approvals,
    });
    expect((await other.checkPolicy())?.ask?.subject).toBe('CREDIT_BLOCKED:erp:D:limit');
  });

  it('makes no draft stale: what is owed may change between two runs', async () => {
    const customers = { C: { credit: credit(undefined, '0.00') } };
    const order = await world({ customers });
    await order.checkCustomer();
    const before = preparedHash(order.head(), 'customer');
    customers.C = { credit: credit(undefined, '77.00') };
    await order.checkCustomer();
    expect(preparedHash(order.head(), 'customer')).toBe(before);
  });
});

describe('the parties of a quote', () => {
  const parties: QuoteDocument['parties'] = [
    { role: 'sold-to', customer: 'ACC-1' },
    { role: 'ship-to', customer: 'ACC-1' },
    { role: 'bill-to', customer: 'ACC-2' },
  ];
  const both = { 'ACC-1': 'C', 'ACC-2': 'D' };

  it('go on when each is linked to a customer of one hierarchy', async () => {
    await (await world({ parties, links: both, customers: { C: { top: 'T' }, D: { top: 'T' } } })).checkCustomer();
    await (await world({ parties, links: { ...both, 'ACC-2': 'C' } })).checkCustomer();
  });

  it('stop when one is linked to no customer: the link is the cause that the order waits for', async () => {
    const stop = { name: 'Stop', code: 'CUSTOMER_HIERARCHY_GAP', on: { cause: 'acme#erp#customer#ACC-2', version: 0 } };
    await expect((await world({ parties })).checkCustomer()).rejects.toMatchObject(stop);
    await expect((await world({ parties, keeps: { credit: false, hierarchy: false } })).checkCustomer()).rejects.toMatchObject(stop);
    await expect((await world({ parties, links: both })).checkCustomer()).rejects.toMatchObject({
      detail: 'bill-to account ACC-2 is linked to D, which the ERP does not have',
    });
  });

  it('ask for an approval when they do not belong together, which holds for these two customers alone', async () => {
    const customers: Record<string, Partial<ErpCustomer>> = { C: {}, D: {} };
    const order = await world({ parties, links: both, customers });
    await expect(order.checkCustomer()).rejects.toMatchObject({
      code: 'CUSTOMER_HIERARCHY_GAP',
      detail: 'bill-to D (account ACC-2) and sold-to C do not belong to one customer in the ERP',
      ask: { subject: 'CUSTOMER_HIERARCHY_GAP:erp:C:D', account: 'ACC-2', requestedBy: 'ann@example.com' },
    });
    await order.approve('CUSTOMER_HIERARCHY_GAP:erp:C:D', undefined);
    await order.checkCustomer();
    const other = await world({ parties, links: { ...both, 'ACC-2': 'E' }, customers: { C: {}, E: {} }, approvals: order.head().approvals });
    await expect(other.checkCustomer()).rejects.toMatchObject({ ask: { subject: 'CUSTOMER_HIERARCHY_GAP:erp:C:E' } });
  });

  it('are not judged by an ERP that keeps no hierarchies', async () => {
    await (await world({ parties, links: both, keeps: { credit: false, hierarchy: false }, customers: { C: {} } })).checkCustomer();
  });
});
