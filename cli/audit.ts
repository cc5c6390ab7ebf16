import type { Command } from 'commander';
import type { Fact } from '../lambdas/ledger/append.ts';
import { type Broken, firstBroken } from '../lambdas/ledger/audit.ts';
import { eachOf, orderKeys, wholeOrder } from '../lambdas/ledger/backup.ts';
import { OrderUnknown } from '../lambdas/ledger/ledger.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { mustBeOrderKey, tenantIn } from './find.ts';
import { count, table } from './print.ts';

/** Of broken orders, so many are named; all are counted. */
const NAMED = 100;

interface VerifyOptions {
  readonly order: string;
  readonly tenant?: string;
}

async function chosen({ ledger }: Context, order: string, tenant: string | undefined): Promise<AsyncIterable<string> | string[]> {
  await ledger.restoreOf(tenant);
  if (order === 'all') return orderKeys(ledger, tenant);
  const orderKey = mustBeOrderKey(order);
  if (!(await ledger.read(orderKey))) throw new OrderUnknown(`no order ${orderKey} in the ledger`);
  return [orderKey];
}

/** Walks the chain of facts of each order, each as it stands at one moment. */
export async function verify(context: Context, { order, tenant }: VerifyOptions): Promise<Output> {
  const { ledger, say } = context;
  const broken: (Broken & { readonly orderKey: string })[] = [];
  let facts = 0;
  let walked = 0;
  const keys = await chosen(context, order, tenant === undefined ? undefined : tenantIn(context, tenant));
  const orders = await eachOf(
    keys,
    (orderKey) => orderKey,
    async (orderKey) => {
      const { head, items } = await wholeOrder(ledger, orderKey);
      const chain = items.filter(({ sk }) => String(sk).startsWith('F#')) as unknown as Fact[];
      const found = firstBroken(orderKey, chain, head);
      if (found) broken.push({ orderKey, ...found });
      facts += chain.length;
      if (++walked % 1000 === 0) say(`${walked} orders, ${broken.length} broken`);
    },
  );
  const tally = `${count(orders, 'order')}, ${count(facts, 'fact')}`;
  const view = { orders, facts, broken: broken.slice(0, NAMED), brokenOrders: broken.length };
  if (broken.length === 0) return { view, text: `${tally}: every chain is whole.` };
  const rows = view.broken.map(({ orderKey, seq, what }) => [orderKey, seq, what]);
  const more = broken.length > NAMED ? `\n... and ${broken.length - NAMED} more` : '';
  return { view, text: `${table(['ORDER', '>FACT', 'WHAT IS WRONG'], rows)}${more}\n\n${tally}: ${broken.length} broken.`, ok: false };
}

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('is the ledger as it was written');
  audit
    .command('verify')
    .description('walk the hash chains of facts and name the first broken fact of each order; exit code 1 when one is broken')
    .option('--order <key>', 'one order, or all', 'all')
    .option('--tenant <tenant>', 'only the orders of this tenant')
    .action(act(verify));
}
