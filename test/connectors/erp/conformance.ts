import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErpPort } from '../../../lambdas/connectors/erp/port.ts';
import { draftOf, failure, newKey, TO_GERMANY } from './drafts.ts';
import type { Subject } from './subject.ts';

const UNKNOWN = { code: 'ERP_ANSWER_UNKNOWN', effect: 'unknown' };

/** One suite for every ERP: what the port promises, against the real thing behind a fault proxy. `facts` are tests of this vendor alone. */
export function conformance<S extends Subject>(name: string, make: () => Promise<S>, facts?: (subject: () => S) => void): void {
  describe(name, () => {
    let subject: S;
    let erp: ErpPort;
    beforeAll(async () => {
      subject = await make();
      erp = subject.connect();
    });
    afterAll(() => subject?.stop());

    const draft = async (key = newKey(), sale = TO_GERMANY) => erp.createDraft(await draftOf(erp, erp.vendorKey(key, 0), sale));

    describe('customers', () => {
      it('are found by their code', async () => {
        expect(await erp.findCustomer('ALFKI')).toMatchObject({ code: 'ALFKI', active: true });
      });

      it('that do not exist are undefined', async () => {
        expect(await erp.findCustomer('NOBODY')).toBeUndefined();
      });

      it('that are inactive are found as such', async () => {
        await subject.setCustomerActive('ERNSH', false);
        expect(await erp.findCustomer('ERNSH')).toMatchObject({ code: 'ERNSH', active: false });
        await subject.setCustomerActive('ERNSH', true);
        expect(await erp.findCustomer('ERNSH')).toMatchObject({ active: true });
      });
    });

    describe('credit and hierarchy', () => {
      it('are told of every customer, or of none where the port says so', async () => {
        const found = await erp.findCustomer('ALFKI');
        expect([found?.credit !== undefined, found?.top !== undefined]).toEqual([erp.keeps.credit, erp.keeps.hierarchy]);
      });

      it('a limit, what is used of it and a hold are those of the ERP', async () => {
        if (!subject.credit) return expect(erp.keeps.credit).toBe(false);
        const credit = async () => (await erp.findCustomer('ANATR'))?.credit;
        expect(await credit()).toEqual({ limit: undefined, used: { amount: '0.00', currency: 'USD' }, blocked: false });
        await subject.credit('ANATR', '100.00', 'auto');
        expect(await credit()).toMatchObject({ limit: { amount: '100.00', currency: 'USD' }, blocked: false });
        await subject.credit('ANATR', '100.00', 'on');
        expect(await credit()).toMatchObject({ blocked: true });
        await subject.credit('ANATR', null, 'auto');
      });

      it('a customer stands at the top of its own hierarchy until somebody sets another above it', async () => {
        if (!subject.parent) return expect(erp.keeps.hierarchy).toBe(false);
        const top = async (code: string) => (await erp.findCustomer(code))?.top;
        expect(await top('ANATR')).toBe('ANATR');
        await subject.parent('ANATR', 'ANTON');
        await subject.parent('ANTON', 'AROUT');
        expect([await top('ANATR'), await top('AROUT')]).toEqual(['AROUT', 'AROUT']);
        await subject.parent('ANATR', null);
        await subject.parent('ANTON', null);
      });
    });

    describe('products', () => {
      const find = async (codes: string[], customer = 'ALFKI', currency = 'EUR') => {
        const found = await erp.findCustomer(customer);
        if (found === undefined) throw new Error(`no customer ${customer}`);
        return erp.findProducts(codes, found, currency);
      };

      it('come in the order of the codes, undefined where there is none, twice where asked twice', async () => {
        const found = await find(['NW-002', 'NW-999', 'NW-001', 'NW-002']);
        expect(found.map((product) => product?.code)).toEqual(['NW-002', undefined, 'NW-001', 'NW-002']);
      });

      it.each([
        ['USD', 'GREAL', '18'],
        ['EUR', 'ALFKI', '16.2'],
        ['GBP', 'AROUT', '14.4'],
      ])('have their list price in %s', async (currency, customer, price) => {
        const [product] = await find(['NW-001'], customer, currency);
        expect(product?.listPrice?.currency).toBe(currency);
        expect(Number(product?.listPrice?.amount)).toBe(Number(price));
      });

      it('have the list price that the ERP has now', async () => {
        await subject.setListPrice('NW-003', '11.00');
        expect(Number((await find(['NW-003']))[0]?.listPrice?.amount)).toBe(9.9);
        await subject.setListPrice('NW-003', '10.00');
        expect(Number((await find(['NW-003']))[0]?.listPrice?.amount)).toBe(9);
      });

      it('that are inactive are found as such', async () => {
        await subject.setProductActive('NW-006', false);
        expect((await find(['NW-006']))[0]).toMatchObject({ code: 'NW-006', active: false });
        await subject.setProductActive('NW-006', true);
        expect((await find(['NW-006']))[0]).toMatchObject({ active: true });
      });

      it('in a currency that the ERP does not have are refused', async () => {
        expect(await failure(find(['NW-001'], 'ALFKI', 'XTS'))).toMatchObject({ code: 'ERP_REFUSED', effect: 'refused' });
      });
    });

    describe('carriers', () => {
      it('are found by their code, undefined where there is none', async () => {
        expect(await erp.findCarrier('CARRIER-2')).toMatchObject({ code: 'CARRIER-2' });
        expect(await erp.findCarrier('CARRIER-9')).toBeUndefined();
      });
    });

    describe('a draft', () => {
      it('is read back as it was created', async () => {
        const key = newKey();
        const created = await draft(key);
        expect(created).toMatchObject({ key: erp.vendorKey(key, 0), status: 'draft' });
        expect(await erp.readOrder(created.ref)).toEqual(created);
        expect(await erp.findOrders(key)).toEqual([created]);
      });

      // 12 x 12.9575 = 155.49, 3 x 9.80 = 29.40, freight 32.38: net 217.27
      it.each([
        ['in Germany at 19 %', { customer: 'ALFKI', currency: 'EUR', freight: '32.38' }, '258.55'],
        ['in France at 20 %', { customer: 'VINET', currency: 'EUR', freight: '32.38' }, '260.72'],
        ['in Finland at 25.5 %', { customer: 'WARTH', currency: 'EUR', freight: '32.38' }, '272.67'],
        ['in the United Kingdom without tax', { customer: 'AROUT', currency: 'GBP', freight: '32.38' }, '217.27'],
        ['in the United States without tax', { customer: 'GREAL', currency: 'USD', freight: '32.38' }, '217.27'],
        ['without freight', { customer: 'ALFKI', currency: 'EUR' }, '220.02'],
      ])('has the total with tax that the ERP computes for a customer %s', async (_, sale, amount) => {
        expect((await draft(newKey(), sale)).total).toEqual({ amount, currency: sale.currency });
      });

      it('holds carrier, freight as a line of its own, and an address to ship to that is not the customer’s', async () => {
        const shipTo = { street: 'Hafenstraße 7', city: 'Bremen', postalCode: '28195', country: 'DE' };
        const sale = { ...TO_GERMANY, carrier: 'CARRIER-3', freight: '32.38', shipTo };
        for (const { ref } of [await draft(newKey(), sale), await draft(newKey(), sale)]) {
          const held = await subject.held(ref);
          expect(held).toMatchObject({ carrier: 'CARRIER-3', shipTo: { street: 'Hafenstraße 7', city: 'Bremen' } });
          expect(held.lines.map((line) => [line.product, Number(line.quantity), Number(line.unitPrice)])).toEqual([
            ['NW-001', 12, 12.9575],
            ['NW-002', 3, 9.8],
            ['FREIGHT', 1, 32.38],
          ]);
        }
      });

      it.each(['2013-04-04', '2099-12-31'])('with the requested date %s can be confirmed', async (requestedDate) => {
        const { ref } = await draft(newKey(), { ...TO_GERMANY, requestedDate });
        expect(await erp.confirm(ref)).toMatchObject({ status: 'confirmed' });
      });

      it('of every generation is found under the key, oldest first, and none of another key', async () => {
        const key = newKey();
        const made = [];
        for (const generation of [0, 1, 2]) made.push(await erp.createDraft(await draftOf(erp, erp.vendorKey(key, generation), TO_GERMANY)));
        await draft();
        expect(await erp.findOrders(key)).toEqual(made);
        expect(await erp.findOrders(newKey())).toEqual([]);
      });

      it('with the same key again is made twice or not, as the port declares', async () => {
        const key = newKey();
        const [first, second] = [await draft(key), await draft(key)];
        expect(second.ref === first.ref).toBe(erp.uniqueness === 'native');
        expect(await erp.findOrders(key)).toHaveLength(erp.uniqueness === 'native' ? 1 : 2);
      });

      it('of another content under a key that is taken is never adopted, where the ERP keeps keys unique', async () => {
        if (erp.uniqueness !== 'native') return;
        const key = newKey();
        await draft(key);
        expect(await failure(draft(key, { ...TO_GERMANY, price: '1.00' }))).toMatchObject({ code: 'KEY_COLLISION', effect: 'refused' });
      });
    });

    it('its key is another one for each generation, and the same whenever it is asked', () => {
      const key = newKey();
      const keys = Array.from({ length: 1000 }, (_, generation) => erp.vendorKey(key, generation));
      expect(new Set(keys).size).toBe(1000);
      expect(Array.from({ length: 1000 }, (_, generation) => subject.connect().vendorKey(key, generation))).toEqual(keys);
      expect(keys.every((one) => one.startsWith(key))).toBe(true);
    });

    it('an order that does not exist is undefined', async () => {
      expect(await erp.readOrder('987654321')).toBeUndefined();
    });

    describe('confirm', () => {
      it('answers what it read back, and is success when repeated', async () => {
        const { ref, key, total } = await draft();
        const confirmed = await erp.confirm(ref);
        expect(confirmed).toMatchObject({ ref, key, total, status: 'confirmed' });
        expect(confirmed.number).toMatch(/\S/);
        expect(await erp.confirm(ref)).toEqual(confirmed);
        expect(await erp.readOrder(ref)).toEqual(confirmed);
      });

      it('of a cancelled draft, or of one that is gone, says that the draft is lost', async () => {
        const { ref } = await draft();
        await erp.cancelDraft(ref);
        expect(await failure(erp.confirm(ref))).toMatchObject({ code: 'ERP_DRAFT_LOST', effect: 'refused' });
        expect(await failure(erp.confirm('987654321'))).toMatchObject({ code: 'ERP_DRAFT_LOST', effect: 'refused' });
      });

      it('that the ERP cannot process is stuck, tells why when repeated, and goes on when the record is corrected', async () => {
        const { ref } = await erp.createDraft(await draftOf(erp, erp.vendorKey(newKey(), 0), TO_GERMANY, ['NW-010', 'NW-011']));
        await subject.setProcessable('NW-011', false);
        expect(await erp.confirm(ref)).toMatchObject({ ref, status: 'stuck' });
        expect(await erp.readOrder(ref)).toMatchObject({ status: 'stuck' });
        const { code, effect, detail } = await failure(erp.confirm(ref));
        expect({ code, effect }).toEqual({ code: 'ERP_ORDER_STUCK', effect: 'refused' });
        expect(detail).toMatch(/account/i);
        await subject.setProcessable('NW-011', true);
        expect(await erp.confirm(ref)).toMatchObject({ ref, status: 'confirmed' });
      });
    });

    describe('cancelling a draft', () => {
      it('is read back, and is success when repeated', async () => {
        const { ref } = await draft();
        expect(await erp.cancelDraft(ref)).toMatchObject({ ref, status: 'cancelled' });
        expect(await erp.cancelDraft(ref)).toMatchObject({ ref, status: 'cancelled' });
      });

      it('that was confirmed is refused', async () => {
        const { ref } = await draft();
        await erp.confirm(ref);
        expect(await failure(erp.cancelDraft(ref))).toMatchObject({ effect: 'refused' });
        expect(await erp.readOrder(ref)).toMatchObject({ status: 'confirmed' });
      });
    });

    describe('what is still in force of a confirmed order', () => {
      it('is its shipment and its invoice, until a person has taken both back in the ERP', async () => {
        const { ref } = await draft();
        await erp.confirm(ref);
        expect(await erp.inForce(ref)).toEqual([expect.stringMatching(/^shipment /), expect.stringMatching(/^invoice /)]);
        await subject.cancelShipments(ref);
        expect(await erp.inForce(ref)).toEqual([expect.stringMatching(/^invoice /)]);
        await subject.cancelInvoices(ref);
        expect(await erp.inForce(ref)).toEqual([]);
        // the ERP itself does not call it cancelled
        expect(await erp.readOrder(ref)).toMatchObject({ status: 'confirmed' });
      });

      it('is the invoice alone no less than the shipment alone', async () => {
        const { ref } = await draft();
        await erp.confirm(ref);
        await subject.cancelInvoices(ref);
        expect(await erp.inForce(ref)).toEqual([expect.stringMatching(/^shipment /)]);
      });

      it('is the order itself while it is stuck, or not confirmed, or not there', async () => {
        const { ref } = await erp.createDraft(await draftOf(erp, erp.vendorKey(newKey(), 0), TO_GERMANY, ['NW-010', 'NW-012']));
        expect(await erp.inForce(ref)).toHaveLength(1);
        await subject.setProcessable('NW-012', false);
        await erp.confirm(ref);
        expect(await erp.inForce(ref)).toHaveLength(1);
        await subject.setProcessable('NW-012', true);
        await subject.cancelStuck(ref);
        expect(await erp.inForce(ref)).toEqual([]);
        expect(await erp.inForce('987654321')).toHaveLength(1);
      });
    });

    it('a write that the ERP cannot begin before its maximum is given up, and never lands', async () => {
      const key = newKey();
      const wanted = await draftOf(erp, erp.vendorKey(key, 0), TO_GERMANY);
      const began = Date.now();
      const outcome = await subject.whileBusy(key, () => failure(erp.createDraft(wanted)));
      expect(outcome).toMatchObject({ code: 'ERP_UNAVAILABLE', effect: 'not-sent' });
      expect(Date.now() - began).toBeLessThan(erp.vendorMaximumMs + 1000);
      expect(await erp.findOrders(key)).toEqual([]);
    });

    describe('an answer that is lost', () => {
      it('after a create is unknown, and the draft is found by its key', async () => {
        const key = newKey();
        const wanted = await draftOf(erp, erp.vendorKey(key, 0), TO_GERMANY);
        const rule = await subject.faults.plan({ match: { method: subject.methods.create, contains: key }, action: 'drop-answer' });
        expect(await failure(erp.createDraft(wanted))).toMatchObject(UNKNOWN);
        expect(await subject.faults.hit(rule)).toMatchObject({ hits: 1 });
        expect(await erp.findOrders(key)).toMatchObject([{ key: wanted.key, status: 'draft' }]);
      });

      it('after a confirm is unknown, and the order is found confirmed', async () => {
        const key = newKey();
        const { ref } = await draft(key);
        await subject.faults.plan({ match: { method: subject.methods.confirm(ref) }, action: 'drop-answer' });
        expect(await failure(erp.confirm(ref))).toMatchObject(UNKNOWN);
        expect(await erp.findOrders(key)).toMatchObject([{ ref, status: 'confirmed' }]);
      });

      it('after a cancel is unknown, and the draft is found cancelled', async () => {
        const key = newKey();
        const { ref } = await draft(key);
        await subject.faults.plan({ match: { method: subject.methods.cancel(ref) }, action: 'drop-answer' });
        expect(await failure(erp.cancelDraft(ref))).toMatchObject(UNKNOWN);
        expect(await erp.findOrders(key)).toMatchObject([{ ref, status: 'cancelled' }]);
      });

      it('because the connection broke is unknown', async () => {
        const key = newKey();
        await subject.faults.plan({ match: { method: subject.methods.create, contains: key }, action: 'reset' });
        expect(await failure(draft(key))).toMatchObject(UNKNOWN);
      });

      it('because it came after the deadline is unknown, and the draft lands late', async () => {
        const key = newKey();
        const hasty = subject.connect({ callDeadlineMs: 2000 });
        const wanted = await draftOf(hasty, erp.vendorKey(key, 0), TO_GERMANY);
        await subject.faults.plan({ match: { method: subject.methods.create, contains: key }, action: 'delay', ms: 3000 });
        expect(await failure(hasty.createDraft(wanted))).toMatchObject(UNKNOWN);
        await expect.poll(() => erp.findOrders(key), { timeout: 10_000, interval: 200 }).toMatchObject([{ key: wanted.key, status: 'draft' }]);
      });

      it('after a create is unknown also when a proxy says 503 in its place, and the draft is found by its key', async () => {
        const key = newKey();
        await subject.faults.plan({ match: { method: subject.methods.create, contains: key }, action: 'other-answer', status: 503 });
        expect(await failure(draft(key))).toMatchObject(UNKNOWN);
        expect(await erp.findOrders(key)).toMatchObject([{ status: 'draft' }]);
      });

      it.each([500, 502, 503, 504])('because something answered %i in its place is unknown', async (status) => {
        const key = newKey();
        await subject.faults.plan({ match: { method: subject.methods.create, contains: key }, action: 'status', status });
        expect(await failure(draft(key))).toMatchObject(UNKNOWN);
      });
    });

    describe('a call that was certainly not begun', () => {
      it('because the ERP answered 429 is not sent', async () => {
        const key = newKey();
        await subject.faults.plan({ match: { method: subject.methods.create, contains: key }, action: 'status', status: 429 });
        expect(await failure(draft(key))).toMatchObject({ code: 'ERP_UNAVAILABLE', effect: 'not-sent' });
        expect(await erp.findOrders(key)).toEqual([]);
      });

      it('because its session had ended is made again after one login', async () => {
        const before = await draft();
        await subject.expireSessions();
        expect(await erp.readOrder(before.ref)).toEqual(before);
        await subject.expireSessions();
        const [one, two] = await Promise.all([draft(), draft()]);
        expect(one.ref).not.toBe(two.ref);
      });

      it('because the password is wrong names the credentials and has them read anew', async () => {
        let refused = 0;
        const stranger = subject.connect({ onLoginRefused: () => refused++ }, 'wrong');
        expect(await failure(stranger.findCustomer('ALFKI'))).toMatchObject({ code: 'ERP_AUTHENTICATION', effect: 'refused' });
        expect(refused).toBe(1);
      });
    });

    it('a read whose answer is lost is unavailable, since reading has no effect', async () => {
      await subject.connect().findCustomer('ALFKI');
      const hasty = subject.connect({ callDeadlineMs: 10_000, deadline: () => AbortSignal.timeout(1) });
      expect(await failure(hasty.findCustomer('ALFKI'))).toMatchObject({ code: 'ERP_UNAVAILABLE', effect: 'not-sent' });
    });

    if (facts) describe('as this vendor does it', () => facts(() => subject));
  });
}
