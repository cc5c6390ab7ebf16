import type { StepAction } from '../../../aws/step.ts';
import { Stop } from '../../../domain/errors.ts';
import { mustGoForward } from '../../../domain/forward.ts';
import { isConfirmed } from '../../../domain/head.ts';
import type { ProductsWorking } from '../../../domain/workings.ts';
import { prepare } from '../../../ledger/prepared.ts';
import { readReference } from '../../../ledger/references.ts';
import type { OrderDeps } from './deps.ts';

/** Each product code of the quote becomes a code of the ERP. Throws Stop PRODUCT_UNMAPPED with the mapping as its cause, CHARGE_UNSUPPORTED. */
export const mapProducts =
  ({ ledger, documents }: OrderDeps): StepAction =>
  async ({ head }) => {
    if (isConfirmed(head)) return;
    mustGoForward(head);
    const quote = await documents.readQuote(head.document);
    // Sold as a one-time line it would be billed once and never again.
    const recurring = quote.lines.find((line) => line.charge === 'recurring');
    if (recurring) throw new Stop('CHARGE_UNSUPPORTED', `line ${recurring.id} is recurring`);
    const mappings = new Map<string, string>();
    for (const product of new Set(quote.lines.map((line) => line.product))) {
      const { target, version, cause } = await readReference(ledger, head.tenant, head.route.erp, 'product', product);
      if (!target) throw new Stop('PRODUCT_UNMAPPED', `product ${product}`, { on: { cause, version } });
      mappings.set(product, target);
    }
    const working: ProductsWorking = { codes: quote.lines.map((line) => mappings.get(line.product) ?? '') };
    await prepare(ledger, documents, head, 'products', working);
  };
