import type { QuoteDocument } from '../../../../contracts/quote.ts';
import type { StepAction } from '../../../aws/step.ts';
import type { ErpCarrier, ErpPort, ErpProduct } from '../../../connectors/erp/port.ts';
import { RetrySoon, Stop } from '../../../domain/errors.ts';
import { mustGoForward } from '../../../domain/forward.ts';
import { type Head, isConfirmed } from '../../../domain/head.ts';
import { isZero } from '../../../domain/money.ts';
import type { CustomerWorking, PriceWorking, ProductsWorking } from '../../../domain/workings.ts';
import { prepare, preparedBy } from '../../../ledger/prepared.ts';
import { readReference } from '../../../ledger/references.ts';
import type { ErpDeps } from './deps.ts';

type Sellable = ErpProduct & { readonly listPrice: NonNullable<ErpProduct['listPrice']> };

/** A product that may be sold, or why not. */
function sellable(product: ErpProduct | undefined, code: string): Sellable | string {
  if (!product) return `the ERP has no product ${code}`;
  if (!product.active) return `product ${code} is inactive`;
  if (!product.listPrice) return `product ${code} has no list price in this currency`;
  return { ...product, listPrice: product.listPrice };
}

/**
 * What becomes of a line whose product is not sold: its mapping can be corrected, for all orders that wait with it. Was that done since
 * it was read, then nobody will do it again for this order: RetrySoon.
 */
async function notSold({ ledger }: ErpDeps, { tenant, route }: Head, sku: string, code: string, why: string): Promise<Stop | RetrySoon> {
  const { target, version, cause } = await readReference(ledger, tenant, route.erp, 'product', sku);
  if (target !== code) return new RetrySoon('NEWS_ARRIVED', `product ${sku} was mapped to another one just now`);
  return new Stop('PRODUCT_INACTIVE', why, { on: { cause, version } });
}

async function carrierOf({ ledger }: ErpDeps, erp: ErpPort, head: Head, quote: QuoteDocument): Promise<ErpCarrier['ref'] | undefined> {
  const code = quote.shipping.carrier;
  if (!code) return undefined;
  const { target, version, cause } = await readReference(ledger, head.tenant, head.route.erp, 'carrier', code);
  const carrier = target && (await erp.findCarrier(target));
  if (!carrier) throw new Stop('CARRIER_UNMAPPED', `carrier ${code}`, { on: { cause, version } });
  return carrier.ref;
}

type Products = ReadonlyMap<string | undefined, ErpProduct | undefined>;

async function pricedLines(
  deps: ErpDeps,
  head: Head,
  quote: QuoteDocument,
  codes: readonly string[],
  products: Products,
): Promise<PriceWorking['lines']> {
  const lines: PriceWorking['lines'][number][] = [];
  for (const [n, code] of codes.entries()) {
    const product = sellable(products.get(code), code);
    if (typeof product === 'string') throw await notSold(deps, head, quote.lines[n]?.product ?? '', code, product);
    lines.push({ code, listPrice: product.listPrice.amount, ref: product.ref });
  }
  return lines;
}

/** The freight of an ERP is its configuration, no mapping: every order with freight meets the same. */
function freightOf(products: Products, erp: string, code: string): PriceWorking['freight'] {
  const product = sellable(products.get(code), code);
  if (typeof product === 'string') throw new Stop('PRODUCT_INACTIVE', product, { shared: { erp, kind: 'freight', code } });
  return product.ref;
}

/** The ERP's products, list prices and carrier for this order. Throws Stop PRODUCT_INACTIVE, CARRIER_UNMAPPED, with the mapping as the cause. */
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
      lines: await pricedLines(deps, head, quote, codes, products),
      carrier: await carrierOf(deps, erp, head, quote),
      freight: freight.length > 0 ? freightOf(products, head.route.erp, erp.freightProduct) : undefined,
    };
    // The ERP's list price decides whether we sell, not what the draft looks like: a corrected one makes no draft stale.
    // Product, unit and taxes do: a corrected tax rule makes the draft anew.
    const identity = { ...working, lines: working.lines.map(({ code, ref }) => ({ code, ref })) };
    await prepare(ledger, documents, head, 'price', working, identity);
  };
