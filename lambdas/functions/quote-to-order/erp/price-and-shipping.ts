import type { QuoteDocument } from '../../../../contracts/quote.ts';
import type { StepAction } from '../../../aws/step.ts';
import type { ErpCarrier, ErpPort, ErpProduct } from '../../../connectors/erp/port.ts';
import { Stop } from '../../../domain/errors.ts';
import { mustGoForward } from '../../../domain/forward.ts';
import { type Head, isConfirmed } from '../../../domain/head.ts';
import { isZero } from '../../../domain/money.ts';
import type { CustomerWorking, PriceWorking, ProductsWorking } from '../../../domain/workings.ts';
import { prepare, preparedBy } from '../../../ledger/prepared.ts';
import { readReference } from '../../../ledger/references.ts';
import type { ErpDeps } from './deps.ts';

/** A product that may be sold, or Stop PRODUCT_INACTIVE. */
function sellable(product: ErpProduct | undefined, code: string): ErpProduct & { listPrice: NonNullable<ErpProduct['listPrice']> } {
  if (!product) throw new Stop('PRODUCT_INACTIVE', `the ERP has no product ${code}`);
  if (!product.active) throw new Stop('PRODUCT_INACTIVE', `product ${code} is inactive`);
  if (!product.listPrice) throw new Stop('PRODUCT_INACTIVE', `product ${code} has no list price in this currency`);
  return { ...product, listPrice: product.listPrice };
}

async function carrierOf({ ledger }: ErpDeps, erp: ErpPort, head: Head, quote: QuoteDocument): Promise<ErpCarrier['ref'] | undefined> {
  const code = quote.shipping.carrier;
  if (!code) return undefined;
  const { target, version, cause } = await readReference(ledger, head.tenant, head.route.erp, 'carrier', code);
  const carrier = target && (await erp.findCarrier(target));
  if (!carrier) throw new Stop('CARRIER_UNMAPPED', `carrier ${code}`, { on: { cause, version } });
  return carrier.ref;
}

/** The ERP's products, list prices and carrier for this order. Throws Stop PRODUCT_INACTIVE, CARRIER_UNMAPPED. */
export const priceAndShipping =
  (deps: ErpDeps): StepAction =>
  async ({ head }) => {
    const { documents, ledger } = deps;
    if (isConfirmed(head)) return;
    mustGoForward(head);
    const erp = await deps.erpOf(head.route.erp);
    const quote = await documents.readQuote(head.document);
    const { codes } = await preparedBy<ProductsWorking>(documents, head, 'products');
    const customer = await preparedBy<CustomerWorking>(documents, head, 'customer');
    const freight = isZero(quote.shipping.freight) ? [] : [erp.freightProduct];
    const wanted = [...new Set([...codes, ...freight])];
    const products = new Map((await erp.findProducts(wanted, customer, quote.currency)).map((product, n) => [wanted[n], product]));
    const working: PriceWorking = {
      lines: codes.map((code) => {
        const { listPrice, ref } = sellable(products.get(code), code);
        return { code, listPrice: listPrice.amount, ref };
      }),
      carrier: await carrierOf(deps, erp, head, quote),
      freight: freight.length > 0 ? sellable(products.get(erp.freightProduct), erp.freightProduct).ref : undefined,
    };
    // The ERP's list price decides whether we sell, not what the draft looks like: a corrected one makes no draft stale.
    // Product, unit and taxes do: a corrected tax rule makes the draft anew.
    const identity = { ...working, lines: working.lines.map(({ code, ref }) => ({ code, ref })) };
    await prepare(ledger, documents, head, 'price', working, identity);
  };
