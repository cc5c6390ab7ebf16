import * as z from 'zod';
import { type Conversation, createClient, type TrytonSecret } from '../../lambdas/connectors/erp/tryton/client.ts';
import { VendorError } from '../../lambdas/gateway/vendor-error.ts';

/** How Tryton names a warning that waits for an answer: a hash of the records, a point, and what it is about. */
const WARNING = /^([0-9a-f]{32}\.\w+) /;

const records = z.array(z.looseObject({ id: z.int() }));

/**
 * What a person does in the ERP's web client, as far as tests and demonstrations need it: the cures of the planted exceptions, and
 * mishaps. `secret` is the clerk's login, not the integration's.
 */
export function createClerk(secret: TrytonSecret) {
  const client = createClient(secret);

  const find = async (tryton: Conversation, model: string, domain: unknown[], fields: string[] = []) =>
    records.parse(await tryton.read(`model.${model}.search_read`, [domain, 0, 1000, [['id', 'ASC']], fields], { active_test: false }));

  const write = async (model: string, domain: unknown[], values: object): Promise<void> => {
    const tryton = client.converse();
    const ids = (await find(tryton, model, domain)).map(({ id }) => id);
    if (ids.length === 0) throw new Error(`the ERP has no ${model} with ${JSON.stringify(domain)}`);
    const change = () => tryton.write(`model.${model}.write`, [ids, values]);
    try {
      await change();
    } catch (error) {
      const warning = error instanceof VendorError ? WARNING.exec(error.detail)?.[1] : undefined;
      if (warning === undefined) throw error;
      await tryton.write('model.res.user.warning.skip', [warning]); // a person answers it with yes, once
      await change();
    }
  };

  return {
    /** USD per unit. */
    setListPrice: (product: string, price: string) =>
      write('product.template', [['products.code', '=', product]], { list_price: { __class__: 'Decimal', decimal: price } }),
    setProductActive: (product: string, active: boolean) => write('product.template', [['products.code', '=', product]], { active }),
    setCustomerActive: (customer: string, active: boolean) => write('party.party', [['code', '=', customer]], { active }),
    /** Without an accounting category a product's confirmed sale cannot be invoiced: the sale gets stuck. */
    setAccounting: async (product: string, present: boolean): Promise<void> => {
      const [category] = await find(client.converse(), 'product.category', [['accounting', '=', true]]);
      await write('product.template', [['products.code', '=', product]], { account_category: present ? (category?.id ?? null) : null });
    },
    /** Records of any model, for looking at what an order became. */
    read: (model: string, domain: unknown[], fields: string[]) => find(client.converse(), model, domain, fields),
    /** A button or method of sales, as the clerk. */
    press: async (button: string, sale: string): Promise<void> => {
      await client.converse().write(`model.sale.sale.${button}`, [[Number(sale)]]);
    },
  };
}
export type Clerk = ReturnType<typeof createClerk>;
