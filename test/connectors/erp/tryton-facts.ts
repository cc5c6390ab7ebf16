import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { createClient } from '../../../lambdas/connectors/erp/tryton/client.ts';
import { countSales } from '../../../local/erp/count.ts';
import { prepareErp } from '../../../local/erp/prepare.ts';
import { Interrupted } from '../../../local/problem.ts';
import { draftOf, failure, newKey, TO_GERMANY } from './drafts.ts';
import type { TrytonSubject } from './tryton-subject.ts';

/** What the connector and the environment lean on in Tryton: held here, so that an upgrade that changes it is noticed. */
export function trytonFacts(subject: () => TrytonSubject): void {
  it('the price that is read for all products at once is the one of a line on a sale', async () => {
    const { connect, secret } = subject();
    const erp = connect();
    const customer = await erp.findCustomer('AROUT');
    if (customer === undefined) throw new Error('no customer AROUT');
    const products = await erp.findProducts(['NW-001', 'NW-033', 'NW-038', 'NW-052', 'FREIGHT'], customer, 'GBP');
    const [currency] = z.tuple([z.object({ id: z.int() })]).parse(await subject().clerk.read('currency.currency', [['code', '=', 'GBP']], []));
    const tryton = createClient(secret).converse();
    for (const product of products) {
      const sale = {
        '_parent_sale.id': -1,
        '_parent_sale.company': 1,
        '_parent_sale.party': customer.ref.party,
        '_parent_sale.currency': currency.id,
      };
      const line = { id: -1, type: 'line', product: product?.ref.product, quantity: 1, taxes: [], ...sale };
      const change = await tryton.read('model.sale.line.on_change', [line, ['product']]);
      expect(change).toMatchObject({ unit_price: { decimal: product?.listPrice?.amount } });
    }
  });

  it('the integration’s user may not change master data', async () => {
    const tryton = createClient(subject().secret).converse();
    expect(await failure(tryton.write('model.product.template.write', [[1], { name: 'Other' }]))).toMatchObject({ effect: 'refused' });
  });

  it('a draft for an inactive customer is accepted, so activity has to be checked before', async () => {
    const { connect, setCustomerActive } = subject();
    const erp = connect();
    const draft = await draftOf(erp, erp.vendorKey(newKey(), 0), { customer: 'FOLKO', currency: 'USD' });
    await setCustomerActive('FOLKO', false);
    expect(await erp.createDraft(draft)).toMatchObject({ status: 'draft' });
    await setCustomerActive('FOLKO', true);
  });

  it('a sale that was made and cannot be read back is unknown, never not made', async () => {
    const { connect, faults } = subject();
    const erp = connect();
    const key = newKey();
    const draft = await draftOf(erp, erp.vendorKey(key, 0), TO_GERMANY);
    const readBack = { match: { method: 'model.sale.sale.search_read' }, action: 'status', status: 503 } as const;
    await faults.plan(readBack);
    expect(await failure(erp.createDraft(draft))).toMatchObject({ code: 'ERP_ANSWER_UNKNOWN', effect: 'unknown' });
    const [order] = await erp.findOrders(key);
    expect(order).toMatchObject({ status: 'draft' });
  });

  it('what it fails on without a word of its own is refused, for its transaction is rolled back', async () => {
    const tryton = createClient(subject().secret).converse();
    expect(await failure(tryton.write('model.no.such.create', [[{}]]))).toMatchObject({ code: 'ERP_REFUSED', effect: 'refused' });
    expect(await failure(tryton.write('model.sale.sale.no_such', [[1]]))).toMatchObject({ code: 'ERP_REFUSED', effect: 'refused' });
  });

  it('a database that it does not serve is unavailable', async () => {
    const erp = createClient({ ...subject().secret, database: 'another' }).converse();
    expect(await failure(erp.read('model.sale.sale.search', [[]]))).toMatchObject({ code: 'ERP_UNAVAILABLE', effect: 'not-sent' });
  });

  it('its own database tells how many sales stand under a key: duplicates, but no cancelled drafts', async () => {
    const { connect, database } = subject();
    const erp = connect();
    const [once, twice, never] = [newKey(), newKey(), newKey()];
    const create = async (key: string, generation: number) => erp.createDraft(await draftOf(erp, erp.vendorKey(key, generation), TO_GERMANY));
    const stale = await create(once, 0);
    await erp.cancelDraft(stale.ref);
    const kept = await create(once, 1);
    await erp.confirm(kept.ref);
    await create(twice, 0);
    await create(twice, 0);
    const count = countSales(database);
    expect(count.byKey.get(once)).toMatchObject([{ reference: erp.vendorKey(once, 1), state: 'processing' }]);
    expect(count.byKey.get(twice)).toHaveLength(2);
    expect(count.byKey.has(never)).toBe(false);
    expect(count.duplicates).toContain(twice);
    expect(count.duplicates).not.toContain(once);
    expect(count.states.cancelled).toBeGreaterThan(0);
    expect(count.undone.filter((key) => [once, twice, never].includes(key))).toEqual([once]);
  });

  it('its web client is served with everything that its page loads', async () => {
    const { url } = subject().server;
    const page = await (await fetch(`${url}/`)).text();
    const parts = [...page.matchAll(/(?:src|href)="((?:node_modules|dist)\/[^"]+)"/g)].map((match) => match[1]);
    expect(parts.length).toBeGreaterThan(10);
    for (const part of parts) {
      const answer = await fetch(`${url}/${part}`);
      expect({ part, status: answer.status, size: (await answer.text()).length > 0 }).toEqual({ part, status: 200, size: true });
    }
  });

  it('an interrupted preparation leaves nothing that looks finished', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'quotebridge-prepare-'));
    const interruption = new AbortController();
    const progress = () => interruption.abort(new Interrupted());
    await expect(prepareErp({ folder, signal: interruption.signal, progress })).rejects.toBeInstanceOf(Interrupted);
    expect(readdirSync(folder)).toEqual([]);
    rmSync(folder, { recursive: true });
  });

  it.each([
    ['with refund is out of force at once', true],
    ['without refund is in force until its credit note is posted', false],
  ])('a posted invoice that is credited %s', async (_name, refund) => {
    const { connect, cancelShipments, clerk } = subject();
    const erp = connect();
    const { ref } = await erp.createDraft(await draftOf(erp, erp.vendorKey(newKey(), 0), TO_GERMANY));
    await erp.confirm(ref);
    await cancelShipments(ref);
    const [invoice = 0] = await clerk.invoicesOf(ref);
    await clerk.postInvoice(invoice);
    expect(await erp.inForce(ref)).toEqual([expect.stringMatching(/^invoice \S+ is posted$/)]);
    const note = await clerk.creditInvoice(invoice, refund);
    if (!refund) {
      expect(await erp.inForce(ref)).toHaveLength(1);
      await clerk.postInvoice(note);
    }
    expect(await erp.inForce(ref)).toEqual([]);
  });

  it('a shipment that was cancelled is in force as long as Tryton asks whether to make it anew, and again when somebody says so', async () => {
    const { connect, cancelInvoices, clerk } = subject();
    const erp = connect();
    const { ref } = await erp.createDraft(await draftOf(erp, erp.vendorKey(newKey(), 0), TO_GERMANY));
    await erp.confirm(ref);
    await cancelInvoices(ref);
    await clerk.cancelShipmentsOf(ref);
    expect(await erp.inForce(ref)).toEqual([expect.stringContaining('the shipment exception of sale')]);
    await clerk.handleException(ref, 'shipment', 'recreate');
    expect(await erp.inForce(ref)).toEqual([expect.stringMatching(/^shipment \S+ is waiting$/)]);
  });
}
