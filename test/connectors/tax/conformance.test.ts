import { vat } from '../../../config/policies/vat.ts';
import { createVatTable } from '../../../lambdas/connectors/tax/vat-table/index.ts';
import { taxConformance } from './conformance.ts';
import { createKeepingProvider } from './keeping-provider.ts';

taxConformance('VAT table', () => createVatTable(vat));
taxConformance('a provider that keeps documents', createKeepingProvider);
