import { describe, expect, test } from 'vitest';
import type { QuoteContent } from '../../contracts/quote.ts';
import type { TaskOption } from '../../contracts/tasks.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { round } from '../../lambdas/domain/money.ts';
import { decideTask } from '../../lambdas/ledger/decide.ts';
import type { OrderView } from '../../lambdas/views/order.ts';
import type { PolicyView } from '../../lambdas/views/policy.ts';
import { customers, products } from '../../local/northwind/master-data.ts';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import { data } from '../support/cli.ts';
import { output } from '../support/environment.ts';
import { simulator } from '../support/erps.ts';
import { loadedPolicy } from '../support/policy.ts';
import { CANONICAL, inbound, northwindQuote, withContent } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant, type Tenant } from '../support/tenant.ts';

const stage = connectStage();
const policy = await loadedPolicy();

function known<T extends { readonly code: string }>(records: readonly T[], code: string): T {
  const found = records.find((one) => one.code === code);
  if (!found) throw new Error(`Northwind has no ${code}`);
  return found;
}

/** Two pieces of one product at this share of its list price, for a customer outside the EU: no tax. Customers and products are those of no other test. */
function sale(customer: string, product: string, share = 1, others: QuoteContent['parties'] = []): NorthwindQuote {
  const { account, country, currency } = known(customers, customer);
  const { sku, listPrice } = known(products, product);
  const quote = northwindQuote(1);
  const netPrice = round(String(Number(listPrice) * share), 4);
  const amount = round(String(Number(netPrice) * 2));
  return withContent({ ...quote, header: { ...quote.header, currency } }, ({ lines: [line] }) => ({
    channel: 'direct',
    parties: [{ role: 'sold-to', customer: account }, { role: 'ship-to', customer: account, address: { country } }, ...others],
    shipping: { freight: '0.00' },
    lines: [{ ...(line as QuoteContent['lines'][number]), product: sku, quantity: '2', listPrice, netPrice, amount }],
  }));
}

/** What `quotebridge tasks decide` and the board do. */
async function answer(head: Head, option: TaskOption, by: string) {
  const deps = { ledger: stage.ledger, documents: stage.documents, policy, sendRun: stage.sendRun, sendCause: stage.sendCause };
  return decideTask(deps, { task: head.task?.id ?? '', option, by, reason: 'a test' });
}

async function begun(tenant: Tenant, quote: NorthwindQuote, ...unmapped: string[]): Promise<string> {
  await tenant.prepare(quote, ...unmapped);
  return tenant.accept(quote);
}

async function completedOnce(tenant: Tenant, orderKey: string): Promise<Head> {
  const head = await tenant.untilState(orderKey, 'completed');
  expect(await simulator.count(orderKey)).toBe(1);
  return head;
}

describe.concurrent('the policy of an order', () => {
  test('a high discount is approved by two groups in order, each by another person', async () => {
    const tenant = createTenant(stage, 't59', simulator);
    const orderKey = await begun(tenant, sale('LAZYK', 'NW-004', 0.6));
    const asked = await tenant.untilWaiting(orderKey, 'APPROVAL_NEEDED');
    expect(asked.task).toMatchObject({
      owner: 'sales-operations',
      ask: { subject: 'discount', value: '0.400000', approvers: ['sales-operations', 'finance'] },
    });
    expect(asked.wait?.detail).toBe('A discount above 30 %: a discount of 40 %');
    expect(await answer(asked, 'approve', 'cli:anna')).toMatchObject({ answer: 'approved in part', next: 'finance' });
    expect(await answer(asked, 'approve', 'cli:anna')).toMatchObject({ answer: 'already decided' });
    expect((await tenant.order(orderKey)).task).toMatchObject({ owner: 'finance' });
    expect(await answer(asked, 'approve', 'cli:ben')).toMatchObject({ answer: 'decided' });
    const { approvals } = await completedOnce(tenant, orderKey);
    expect(approvals.discount).toMatchObject({ value: '0.400000', by: [{ by: 'cli:anna' }, { group: 'finance', by: 'cli:ben' }] });
  });

  test('a discount below the rule asks nobody, and one that is rejected makes no order', async () => {
    const tenant = createTenant(stage, 't59', simulator);
    await completedOnce(tenant, await begun(tenant, sale('GREAL', 'NW-025', 0.8)));
    const orderKey = await begun(tenant, sale('GREAL', 'NW-025', 0.5));
    const asked = await tenant.untilWaiting(orderKey, 'APPROVAL_NEEDED');
    expect(await answer(asked, 'reject', 'cli:anna')).toMatchObject({ answer: 'decided' });
    expect(await tenant.untilState(orderKey, 'cancelled')).toMatchObject({ stops: { policy: { by: 'cli:anna' } } });
    expect(await simulator.count(orderKey)).toBe(0);
  });

  test('an approved price is asked for again when the ERP asks a worse one, and not when it is no worse', async () => {
    const tenant = createTenant(stage, 't74', simulator);
    const { listPrice } = known(products, 'NW-006');
    await simulator.setListPrice('NW-006', '30.00');
    const quote = sale('HUNGC', 'NW-006');
    const product = quote.content.lines[0]?.product ?? '';
    // The order stops once more, behind the question about its price: there the test can turn the price.
    await tenant.prepare(quote);
    await simulator.setCustomer('HUNGC', { creditLimit: '0.00' });
    const orderKey = await tenant.accept(quote);
    const first = await tenant.untilWaiting(orderKey, 'PRICE_OUT_OF_TOLERANCE');
    expect(first.task?.ask).toMatchObject({ value: '10.00', worse: 'larger' });
    expect(first.wait?.detail).toContain(`product ${product}: list price 25.00 in the quote, 30.0000 in the ERP (USD)`);
    expect(await answer(first, 'approve', 'cli:anna')).toMatchObject({ answer: 'decided' });
    await tenant.untilWaiting(orderKey, 'CREDIT_BLOCKED');
    await simulator.setListPrice('NW-006', '31.00');
    await tenant.run(orderKey);
    const again = await tenant.until(orderKey, 'is asked again', ({ wait, run }) => wait?.code === 'PRICE_OUT_OF_TOLERANCE' && !run.active);
    expect(again.task).toMatchObject({ id: first.task?.id, ask: { value: '12.00' } });
    expect(await answer(again, 'approve', 'cli:ben')).toMatchObject({ answer: 'decided' });
    await tenant.untilWaiting(orderKey, 'CREDIT_BLOCKED');
    await simulator.setListPrice('NW-006', '29.00');
    await simulator.setCustomer('HUNGC', { creditLimit: null });
    await tenant.run(orderKey);
    await completedOnce(tenant, orderKey);
    await simulator.setListPrice('NW-006', listPrice);
  });

  test('a credit limit asks finance, whose approval is good up to an amount', async () => {
    const tenant = createTenant(stage, 't60', simulator);
    await simulator.setCustomer('TRAIH', { creditLimit: '50.00' });
    const first = await begun(tenant, sale('TRAIH', 'NW-008'));
    const asked = await tenant.untilWaiting(first, 'CREDIT_BLOCKED');
    expect(asked.task).toMatchObject({ owner: 'finance', ask: { worse: 'larger' } });
    const exposure = Number(asked.task?.ask?.value);
    expect(asked.wait?.detail).toContain(`customer TRAIH: ${(exposure - 80).toFixed(2)} USD used of 50.00 USD, this order 80 USD with tax`);
    expect(await answer(asked, 'approve', 'cli:anna')).toMatchObject({ answer: 'decided' });
    await completedOnce(tenant, first);

    // What was confirmed counts: the next order is asked for, and goes on by itself once the ERP gives more credit.
    const second = await begun(tenant, sale('TRAIH', 'NW-008'));
    expect((await tenant.untilWaiting(second, 'CREDIT_BLOCKED')).task?.ask).toMatchObject({ value: String(exposure + 80) });
    await simulator.setCustomer('TRAIH', { creditLimit: '100000.00' });
    await tenant.run(second);
    await completedOnce(tenant, second);
    await simulator.setCustomer('TRAIH', { creditLimit: null });
  });

  test('an acceptance without an approval in the CPQ waits, and goes on by itself when the CPQ tells of it', async () => {
    const tenant = createTenant(stage, 't73', simulator);
    const quote = sale('SAVEA', 'NW-009');
    const orderKey = await begun(tenant, quote);
    const asked = await tenant.untilWaiting(orderKey, 'CPQ_APPROVAL_MISSING');
    expect(asked.task).toMatchObject({ code: 'CPQ_APPROVAL_MISSING', owner: 'sales-operations' });
    const { id, revision } = quote.header;
    const data = { quote: { cpq: CANONICAL, id, revision }, at: new Date().toISOString() };
    await stage.put(inbound({ ...tenant.event(quote), id: crypto.randomUUID(), type: 'quote.approved.v1', data }));
    const { decided } = await completedOnce(tenant, orderKey);
    expect(decided).toBeUndefined();
  });

  test('parties that do not belong to one customer in the ERP ask, and go on when they do', async () => {
    const tenant = createTenant(stage, 't76', simulator);
    const payer = known(customers, 'THEBI').account;
    const quote = sale('THECR', 'NW-023', 1, [{ role: 'payer', customer: payer }]);
    const orderKey = await begun(tenant, quote, payer);
    const unlinked = await tenant.untilWaiting(orderKey, 'CUSTOMER_HIERARCHY_GAP');
    expect(unlinked.wait?.cause).toBe(`t76#sim#customer#${payer}`);
    await tenant.map('customer', payer, 'THEBI');
    const apart = await tenant.until(orderKey, 'asks about the two', ({ task }) => task?.code === 'CUSTOMER_HIERARCHY_GAP');
    expect(apart.wait?.detail).toBe('payer THEBI (account ACC-THEBI) and sold-to THECR do not belong to one customer in the ERP');
    await simulator.setCustomer('THEBI', { parent: 'THECR' });
    await tenant.run(orderKey);
    await completedOnce(tenant, orderKey);
    await simulator.setCustomer('THEBI', { parent: null });
  });

  test('an order past its deadline shows as late and its question is escalated; its rules say where they come from', async () => {
    const tenant = createTenant(stage, 't75', simulator);
    const orderKey = await begun(tenant, sale('LETSS', 'NW-045'));
    const asked = await tenant.untilWaiting(orderKey, 'APPROVAL_NEEDED');
    expect(asked.deadline).toBe(new Date(Date.parse(asked.acceptedAt) + 30_000).toISOString());
    if ((asked.task?.openedAt ?? '') < (asked.deadline ?? '')) {
      expect(asked.task?.dueAt).toBe(asked.deadline);
      await tenant.until(orderKey, 'is escalated', ({ task }) => task?.owner === 'finance' && task.level === 1);
    }
    await tenant.until(orderKey, 'is past its deadline', ({ deadline = '' }) => new Date().toISOString() > deadline);
    const late = await data<OrderView>('orders', 'show', orderKey);
    expect(late).toMatchObject({ lateSince: asked.deadline, state: 'accepted', situation: 'waiting' });

    const { rules, policy: hashes } = await data<PolicyView>('policy', 'explain', orderKey);
    const from = Object.fromEntries(rules.map((rule) => [rule.rule, rule.from]));
    expect(from).toMatchObject({ 'approvals.every': 'tenant t75', deadlines: 'tenant t75', 'retry.hold': 'default', tolerance: 'default' });
    const deployed = output('PolicyHash');
    expect(hashes).toEqual({ here: deployed, deployed, lastRun: deployed });

    expect(await answer(await tenant.order(orderKey), 'approve', 'cli:anna')).toMatchObject({ answer: 'decided' });
    await completedOnce(tenant, orderKey);
    expect(await data<OrderView>('orders', 'show', orderKey)).not.toHaveProperty('lateSince');
  });
});

test('every subscriber has what the ledger has of all these orders', async () => {
  expect(await everySubscriberAgrees(stage, ['t59', 't60', 't73', 't74', 't75', 't76'])).toBeGreaterThan(0);
});
