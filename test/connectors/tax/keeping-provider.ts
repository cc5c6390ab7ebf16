import { vat } from '../../../config/policies/vat.ts';
import type { TaxDocument, TaxPort } from '../../../lambdas/connectors/tax/port.ts';
import { createVatTable } from '../../../lambdas/connectors/tax/vat-table/index.ts';
import { VendorError } from '../../../lambdas/gateway/vendor-error.ts';

/** A provider that keeps documents, as AvaTax does: it computes as the table, and remembers. In memory; one per test. */
export function createKeepingProvider(): TaxPort {
  const table = createVatTable(vat);
  const documents = new Map<string, TaxDocument>();
  const change = (key: string, patch: Partial<TaxDocument>, refused: (document: TaxDocument) => boolean): TaxDocument => {
    const document = documents.get(key);
    if (!document) throw new VendorError('TAX_REFUSED', 'refused', 'there is no such document');
    if (refused(document)) throw new VendorError('TAX_REFUSED', 'refused', document.committed ? 'it is committed' : `it is ${document.status}`);
    const next = { ...document, ...patch };
    documents.set(key, next);
    return next;
  };
  return {
    ...table,
    vendor: 'keeping provider',
    keepsDocuments: true,
    record: async (request) => {
      const known = documents.get(request.key);
      if (known) return known;
      const document = await table.record(request);
      documents.set(request.key, document);
      return document;
    },
    voidDocument: async (key) => change(key, { status: 'voided' }, ({ committed }) => committed),
    commit: async (key) => change(key, { committed: true }, ({ status }) => status === 'voided'),
    find: async (key) => documents.get(key),
  };
}
