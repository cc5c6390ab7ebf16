import { describe, expect, test } from 'vitest';
import type { TaskView } from '../../lambdas/views/task.ts';
import { products } from '../../local/northwind/master-data.ts';
import { planted } from '../../local/northwind/planted.ts';
import { data } from '../support/cli.ts';
import { clerk, HIT_MS, simulator, tryton } from '../support/erps.ts';
import { northwindQuote } from '../support/quotes.ts';
import { everySubscriberAgrees } from '../support/receivers.ts';
import { connectStage } from '../support/stage.ts';
import { createTenant, type Tenant } from '../support/tenant.ts';

const stage = connectStage();
/** Northwind's number of a product that no other test sells through the simulator. */
const SUCCESSOR = 71;
const product = (number: number) => {
  const found = products.find((one) => one.number === number);
  if (!found) throw new Error(`Northwind has no product ${number}`);
  return found;
};

/** The order went through after all: once in the ERP, with the facts of an order that waited once. */
async function completedAfterWaiting(tenant: Tenant, orderKey: string): Promise<void> {
  await tenant.untilState(orderKey, 'completed');
  expect(await tenant.erp.count(orderKey)).toBe(1);
  const types = (await tenant.facts(orderKey)).map(({ type }) => type);
  expect(types.filter((type) => type === 'order.parked.v1' || type === 'order.resumed.v1')).toEqual(['order.parked.v1', 'order.resumed.v1']);
}

/** Each exception of local/northwind/planted.ts, at the first quote that it stops alone. What a cure changes in the ERP is put back. */
describe.concurrent('an order that cannot go through waits and goes on after its cure', () => {
  test('CUSTOMER_UNKNOWN: the account is mapped', async () => {
    const tenant = createTenant(stage, 't04', tryton);
    const quote = northwindQuote(7);
    expect(quote.planted).toEqual(['CUSTOMER_UNKNOWN']);
    const account = `ACC-${planted.unknownCustomer}`;
    await tenant.prepare(quote, account);
    const orderKey = await tenant.accept(quote);
    const head = await tenant.untilWaiting(orderKey, 'CUSTOMER_UNKNOWN');
    expect(head).toMatchObject({ state: 'accepted', wait: { kind: 'person', cause: `t04#main#customer#${account}` } });
    expect(await tryton.sales(orderKey)).toEqual([]);
    await tenant.map('customer', account, planted.unknownCustomer);
    await completedAfterWaiting(tenant, orderKey);
  });

  test('CUSTOMER_BLOCKED: the customer is released in the ERP, then the one question is answered for both its orders', async () => {
    const tenant = createTenant(stage, 't05', tryton);
    const quote = northwindQuote(8);
    expect(quote.planted).toEqual(['CUSTOMER_BLOCKED']);
    const other = { ...quote, header: { ...quote.header, id: `${quote.header.id}-other`, number: `${quote.header.number}-OTHER` } };
    await clerk().setCustomerActive(planted.blockedCustomer, false);
    for (const one of [quote, other]) await tenant.prepare(one);
    const keys = [await tenant.accept(quote), await tenant.accept(other)];
    for (const orderKey of keys) expect((await tenant.untilWaiting(orderKey, 'CUSTOMER_BLOCKED')).task).toBeUndefined();
    for (const orderKey of keys) expect(await tryton.sales(orderKey)).toEqual([]);
    await clerk().setCustomerActive(planted.blockedCustomer, true);
    const { task } = await data<{ task: TaskView }>('tasks', 'show', keys[0] ?? '');
    expect(task).toMatchObject({ code: 'CUSTOMER_BLOCKED', orders: 2, owner: 'finance' });
    await data('tasks', 'decide', task.id, 'retry', '--reason', 'released');
    for (const orderKey of keys) await completedAfterWaiting(tenant, orderKey);
    await clerk().setCustomerActive(planted.blockedCustomer, false);
  });

  test('PRODUCT_UNMAPPED: one mapping wakes both orders that wait for it', async () => {
    const tenant = createTenant(stage, 't06', tryton);
    const [first, second] = [northwindQuote(10), northwindQuote(37)];
    const { sku, code } = product(planted.unmappedProduct);
    await tenant.prepare(first, sku);
    await tenant.prepare(second, sku);
    const keys = [await tenant.accept(first), await tenant.accept(second)];
    for (const orderKey of keys) expect((await tenant.untilWaiting(orderKey, 'PRODUCT_UNMAPPED')).wait?.cause).toBe(`t06#main#product#${sku}`);
    await tenant.map('product', sku, code);
    for (const orderKey of keys) await completedAfterWaiting(tenant, orderKey);
  });

  test('PRODUCT_INACTIVE: the product is activated in the ERP, then the order is run', async () => {
    const tenant = createTenant(stage, 't07', tryton);
    const quote = northwindQuote(11);
    const { code } = product(planted.inactiveProduct);
    await clerk().setProductActive(code, false);
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    const head = await tenant.untilWaiting(orderKey, 'PRODUCT_INACTIVE');
    expect(head.wait?.detail).toContain(code);
    await clerk().setProductActive(code, true);
    await tenant.run(orderKey);
    await completedAfterWaiting(tenant, orderKey);
    await clerk().setProductActive(code, false);
  });

  test('PRODUCT_INACTIVE: the code is mapped to the successor, and the order goes on', async () => {
    const tenant = createTenant(stage, 't08', simulator);
    const quote = northwindQuote(11);
    const { sku, listPrice } = product(planted.inactiveProduct);
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    expect((await tenant.untilWaiting(orderKey, 'PRODUCT_INACTIVE')).wait?.cause).toBe(`t08#${simulator.instance}#product#${sku}`);
    // The ERP asks another price for it; the rest of this test is not about that.
    await simulator.setListPrice(product(SUCCESSOR).code, listPrice);
    await tenant.map('product', sku, product(SUCCESSOR).code);
    await completedAfterWaiting(tenant, orderKey);
    await simulator.setListPrice(product(SUCCESSOR).code, product(SUCCESSOR).listPrice);
  });

  test('PRICE_OUT_OF_TOLERANCE: the list price is corrected in the ERP, then the order is run', async () => {
    const tenant = createTenant(stage, 't09', tryton);
    const quote = northwindQuote(19);
    expect(quote.planted).toEqual(['PRICE_OUT_OF_TOLERANCE']);
    const { code, listPrice } = product(planted.priceProduct);
    await clerk().setListPrice(code, planted.priceInErp);
    await tenant.prepare(quote);
    const orderKey = await tenant.accept(quote);
    const head = await tenant.untilWaiting(orderKey, 'PRICE_OUT_OF_TOLERANCE');
    expect(head.wait).toMatchObject({ kind: 'person', detail: expect.stringContaining('37.62') });
    await clerk().setListPrice(code, listPrice);
    await tenant.run(orderKey);
    await completedAfterWaiting(tenant, orderKey);
    await clerk().setListPrice(code, planted.priceInErp);
  });

  test('ERP_UNAVAILABLE: the order tries again by itself', async () => {
    const tenant = createTenant(stage, 't10', tryton);
    const quote = northwindQuote(5);
    await tenant.prepare(quote);
    const orderKey = tenant.keyOf(quote);
    const fault = await tryton.faults().plan({ match: tryton.draftOf(orderKey), action: 'status', status: 429 });
    await tenant.accept(quote);
    await tryton.faults().hit(fault, HIT_MS);
    const head = await tenant.untilWaiting(orderKey, 'ERP_UNAVAILABLE');
    expect(head).toMatchObject({ state: 'accepted', wait: { kind: 'vendor' }, everUnknown: false });
    await completedAfterWaiting(tenant, orderKey);
  });
});

test('every subscriber has what the ledger has of all these orders', async () => {
  const tenants = ['t04', 't05', 't06', 't07', 't08', 't09', 't10'];
  expect(await everySubscriberAgrees(stage, tenants)).toBeGreaterThan(0);
});
