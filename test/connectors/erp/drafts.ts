import type { DraftOrder, ErpPort } from '../../../lambdas/connectors/erp/port.ts';
import { VendorError } from '../../../lambdas/gateway/vendor-error.ts';

/** The VendorError that a call ends with; anything else fails the test. */
export async function failure(call: Promise<unknown>): Promise<Pick<VendorError, 'code' | 'effect' | 'detail' | 'shared'>> {
  const outcome = await call.then(
    (value) => new Error(`succeeded with ${JSON.stringify(value)}`),
    (error: unknown) => error,
  );
  if (!(outcome instanceof VendorError)) throw outcome;
  return { code: outcome.code, effect: outcome.effect, detail: outcome.detail, shared: outcome.shared };
}

const KEY_CHARACTERS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** An order key that no other test has. */
export const newKey = (): string => Array.from({ length: 20 }, () => KEY_CHARACTERS[Math.floor(Math.random() * 32)]).join('');

/** What is sold in these tests, in the customer's currency. */
interface Sale {
  readonly customer: string;
  readonly currency: string;
  readonly carrier?: string;
  readonly freight?: string;
  readonly shipTo?: DraftOrder['shipTo'];
  readonly requestedDate?: string;
  readonly price?: string;
}

export const TO_GERMANY: Sale = { customer: 'ALFKI', currency: 'EUR' };

/** The draft of a sale of 12 x NW-001 and 3 x NW-002, made as the workflow makes it: from what the port answered before. */
export async function draftOf(
  erp: ErpPort,
  key: string,
  sale: Sale,
  products: readonly [string, string] = ['NW-001', 'NW-002'],
): Promise<DraftOrder> {
  const customer = await erp.findCustomer(sale.customer);
  if (customer === undefined) throw new Error(`no customer ${sale.customer}`);
  const found = await erp.findProducts([...products, erp.freightProduct], customer, sale.currency);
  const [first, second, freight] = found.map((product) => product?.ref ?? {});
  const carrier = sale.carrier === undefined ? undefined : await erp.findCarrier(sale.carrier);
  return {
    key,
    customer: customer.ref,
    currency: sale.currency,
    description: 'Quote 10248 revision 1',
    shipTo: sale.shipTo,
    carrier: carrier?.ref,
    requestedDate: sale.requestedDate,
    lines: [
      { product: first ?? {}, description: 'Chai', quantity: '12', unitPrice: sale.price ?? '12.9575' },
      { product: second ?? {}, description: 'Chang', quantity: '3', unitPrice: '9.80' },
    ],
    freight: sale.freight === undefined ? undefined : { product: freight ?? {}, description: 'Freight', quantity: '1', unitPrice: sale.freight },
  };
}
