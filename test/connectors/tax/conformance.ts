import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import type { TaxPort } from '../../../lambdas/connectors/tax/port.ts';

const REFUSED = { name: 'VendorError', code: 'TAX_REFUSED', effect: 'refused' };

/** One suite for every tax provider: what the port promises. */
export function taxConformance(name: string, connect: () => TaxPort): void {
  describe(name, () => {
    let tax: TaxPort;
    let key: string;
    beforeEach(() => {
      tax = connect();
      key = randomUUID();
    });
    const request = () => ({ key, currency: 'EUR', shipTo: 'AT', amounts: ['10.00', '5.00'] });
    const kept = <T>(value: T): T | undefined => (tax.keepsDocuments ? value : undefined);

    it('records what it estimates, uncommitted', async () => {
      const { tax: amount } = await tax.estimate(request());
      const document = await tax.record(request());
      expect(document).toMatchObject({ tax: amount, status: 'recorded', committed: false });
      expect(await tax.find(key)).toEqual(kept(document));
    });

    it('an estimate is no document', async () => {
      await tax.estimate(request());
      expect(await tax.find(key)).toBeUndefined();
    });

    it('recorded again under the same key it is the same document', async () => {
      expect(await tax.record(request())).toEqual(await tax.record(request()));
    });

    it('a document that was voided is found as such, and voiding it again is success', async () => {
      const { id } = await tax.record(request());
      const voided = await tax.voidDocument(key);
      expect(voided).toMatchObject({ id, status: 'voided' });
      expect(await tax.voidDocument(key)).toEqual(voided);
      expect(await tax.find(key)).toEqual(kept(voided));
    });

    it('a document that was committed is found as such, and committing it again is success', async () => {
      const { id } = await tax.record(request());
      const committed = await tax.commit(key);
      expect(committed).toMatchObject({ id, status: 'recorded', committed: true });
      expect(await tax.commit(key)).toEqual(committed);
      expect(await tax.find(key)).toEqual(kept(committed));
    });

    it('to void a committed document is another act, to commit a voided one none: both are refused, and nothing is done', async () => {
      if (!tax.keepsDocuments) return; // who keeps nothing cannot tell
      await tax.record(request());
      await tax.commit(key);
      await expect(tax.voidDocument(key)).rejects.toMatchObject(REFUSED);
      expect(await tax.find(key)).toMatchObject({ status: 'recorded', committed: true });
      key = randomUUID();
      await tax.record(request());
      await tax.voidDocument(key);
      await expect(tax.commit(key)).rejects.toMatchObject(REFUSED);
      expect(await tax.find(key)).toMatchObject({ status: 'voided', committed: false });
    });

    it('a document that nobody recorded is refused to be voided or committed', async () => {
      if (!tax.keepsDocuments) return;
      await expect(tax.voidDocument(key)).rejects.toMatchObject(REFUSED);
      await expect(tax.commit(key)).rejects.toMatchObject(REFUSED);
      expect(await tax.find(key)).toBeUndefined();
    });
  });
}
