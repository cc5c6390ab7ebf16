import * as z from 'zod';
import { type Conversation, createClient, type TrytonSecret } from '../../lambdas/connectors/erp/tryton/client.ts';
import { VendorError } from '../../lambdas/gateway/vendor-error.ts';

/** How Tryton names a warning that waits for an answer: a hash of the records, a point, and what it is about. */
const WARNING = /^([0-9a-f]{32}\.\w+) /;

const records = z.array(z.looseObject({ id: z.int() }));

const followers = z.tuple([z.object({ shipments: z.array(z.int()), invoices: z.array(z.int()) })]);
const asked = z.object({ view: z.object({ defaults: z.record(z.string(), z.unknown()) }) });
const opened = z.object({ actions: z.tuple([z.tuple([z.unknown(), z.object({ res_id: z.tuple([z.int()]) })])]) });

/** How a person takes a confirmed sale back: Tryton has no button for the whole of it. */
function takeBack(client: { converse(): Conversation }) {
  const of = async (sale: string) => {
    const found = await client.converse().read('model.sale.sale.read', [[Number(sale)], ['shipments', 'invoices']]);
    return followers.parse(found)[0];
  };

  /** A wizard of one question: `answer` makes the answer of what it proposes. */
  const wizard = async (name: string, model: string, id: number, step: [string, string], answer: (proposed: Record<string, unknown>) => object) => {
    const tryton = client.converse();
    const context = { active_model: model, active_id: id, active_ids: [id] };
    const [session, first] = z.tuple([z.int(), z.string()], z.unknown()).parse(await tryton.read(`wizard.${name}.create`, []));
    const { defaults } = asked.parse(await tryton.read(`wizard.${name}.execute`, [session, {}, first], context)).view;
    const proposed = Object.fromEntries(Object.entries(defaults).filter(([field]) => !field.endsWith('.')));
    const done = await tryton.read(`wizard.${name}.execute`, [session, { [step[0]]: { ...proposed, ...answer(proposed) } }, step[1]], context);
    await tryton.read(`wizard.${name}.delete`, [session]);
    return done;
  };

  return {
    cancelShipmentsOf: async (sale: string): Promise<void> => {
      await client.converse().write('model.stock.shipment.out.cancel', [(await of(sale)).shipments]);
    },
    cancelInvoicesOf: async (sale: string): Promise<void> => {
      await client.converse().write('model.account.invoice.cancel', [(await of(sale)).invoices]);
    },
    /** What was cancelled is made anew, or not. */
    handleException: async (sale: string, kind: 'shipment' | 'invoice', how: 'ignore' | 'recreate'): Promise<void> => {
      const records = kind === 'shipment' ? 'moves' : 'invoices';
      const answer = (proposed: Record<string, unknown>) => ({ [`${how}_${records}`]: proposed[`domain_${records}`] });
      await wizard(`sale.handle.${kind}.exception`, 'sale.sale', Number(sale), ['ask', 'handle'], answer);
    },
    invoicesOf: async (sale: string): Promise<number[]> => (await of(sale)).invoices,
    postInvoice: async (invoice: number): Promise<void> => {
      await client.converse().write('model.account.invoice.post', [[invoice]]);
    },
    /** @returns the credit note: posted when it refunds, else a draft */
    creditInvoice: async (invoice: number, refund: boolean): Promise<number> => {
      const done = await wizard('account.invoice.credit', 'account.invoice', invoice, ['start', 'credit'], () => ({ with_refund: refund }));
      return opened.parse(done).actions[0][1].res_id[0];
    },
  };
}

/**
 * What a person does in the ERP's web client, as far as tests and demonstrations need it: the cures of the planted exceptions, and
 * mishaps. `secret` is the clerk's login, not the integration's.
 */
export function createClerk(secret: TrytonSecret) {
  const client = createClient(secret);
  const takesBack = takeBack(client);

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
    ...takesBack,
    /** A button or method of sales, as the clerk. */
    press: async (button: string, sale: string): Promise<void> => {
      await client.converse().write(`model.sale.sale.${button}`, [[Number(sale)]]);
    },
  };
}
export type Clerk = ReturnType<typeof createClerk>;
