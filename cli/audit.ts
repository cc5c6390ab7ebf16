import type { Command } from 'commander';
import type { Fact } from '../lambdas/ledger/append.ts';
import { type Broken, firstBroken, type Headless, headless, survey } from '../lambdas/ledger/audit.ts';
import { eachOf, wholeOrder } from '../lambdas/ledger/items.ts';
import { OrderUnknown } from '../lambdas/ledger/ledger.ts';
import type { TaskItem } from '../lambdas/ledger/task-items.ts';
import { type Amiss, orderAmiss, sharedAmiss } from '../lambdas/ledger/task-proof.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { mustBeOrderKey, tenantIn } from './find.ts';
import { count, table } from './print.ts';

/** Of what is wrong, so much is named; all is counted. */
const NAMED = 100;

interface VerifyOptions {
  readonly order: string;
  readonly tenant?: string | undefined;
}

/** `seq` is left out where it is HEAD that is missing. */
type BrokenOrder = Headless & Partial<Pick<Broken, 'seq'>>;
/** An order, or what orders wait for, that is not as it has to be. */
type Forgotten = ({ readonly orderKey: string } | { readonly cause: string }) & Pick<Amiss, 'what'>;

async function chosen({ ledger }: Context, order: string, tenant: string | undefined): ReturnType<typeof survey> {
  await ledger.restoreOf(tenant);
  if (order === 'all') return survey(ledger, tenant);
  const orderKey = mustBeOrderKey(order);
  if (await ledger.read(orderKey)) return { keys: [orderKey], lost: [] };
  const lost = await headless(ledger, orderKey);
  if (!lost) throw new OrderUnknown(`no order ${orderKey} in the ledger`);
  return { keys: [], lost: [lost] };
}

/** One order as it stands at one moment: its chain of facts, and what of its due time and its question is not as it has to be. */
async function looked({ ledger }: Context, orderKey: string) {
  const { head, items } = await wholeOrder(ledger, orderKey);
  const under = <T>(prefix: string) => items.filter(({ sk }) => String(sk).startsWith(prefix)) as unknown as T[];
  const chain = under<Fact>('F#');
  return { facts: chain.length, broken: firstBroken(orderKey, chain, head), amiss: await orderAmiss(ledger, head, under<TaskItem>('T#')) };
}

/** What is amiss at a second look, too: a question may have been asked just then. With what of all orders is asked, if all were looked at. */
async function stillAmiss(context: Context, suspects: readonly string[], { order, tenant }: VerifyOptions): Promise<Forgotten[]> {
  const found: Amiss[] = [];
  for (const orderKey of suspects) found.push(...(await looked(context, orderKey)).amiss);
  if (order === 'all')
    found.push(...(await sharedAmiss(context.ledger, tenant === undefined ? Object.keys(context.config.policy.tenants) : [tenant])));
  return found.map((one) => ('orderKey' in one ? { orderKey: one.orderKey, what: one.what } : { cause: one.task.cause, what: one.what }));
}

function textOf(tally: string, broken: readonly BrokenOrder[], forgotten: readonly Forgotten[]): string {
  if (broken.length + forgotten.length === 0) return `${tally}: every chain is whole, and nobody is forgotten.`;
  const rows = [...broken, ...forgotten].map((one) => ['orderKey' in one ? one.orderKey : one.cause, 'seq' in one ? one.seq : '', one.what]);
  const more = rows.length > NAMED ? `\n... and ${rows.length - NAMED} more` : '';
  const sums = [broken.length > 0 && `${broken.length} broken`, forgotten.length > 0 && `${forgotten.length} without due time or question`];
  return `${table(['ORDER', '>FACT', 'WHAT IS WRONG'], rows.slice(0, NAMED))}${more}\n\n${tally}: ${sums.filter(Boolean).join(', ')}.`;
}

/** Walks all orders, or one: that it has a HEAD, the chain of its facts, that somebody will look at it, and that who has to answer is asked, each as it stands at one moment. */
export async function verify(context: Context, options: VerifyOptions): Promise<Output> {
  const tenant = options.tenant === undefined ? undefined : tenantIn(context, options.tenant);
  const { keys, lost } = await chosen(context, options.order, tenant);
  const broken: BrokenOrder[] = [...lost];
  const suspects: string[] = [];
  let facts = 0;
  let walked = 0;
  const orders = await eachOf(
    keys,
    (orderKey) => orderKey,
    async (orderKey) => {
      const found = await looked(context, orderKey);
      if (found.broken) broken.push({ orderKey, ...found.broken });
      if (found.amiss.length > 0) suspects.push(orderKey);
      facts += found.facts;
      if (++walked % 1000 === 0) context.say(`${walked} orders, ${broken.length} broken`);
    },
  );
  const forgotten = await stillAmiss(context, suspects, { ...options, tenant });
  const view = { orders, facts, broken: broken.slice(0, NAMED), brokenOrders: broken.length, forgotten: forgotten.slice(0, NAMED) };
  const text = textOf(`${count(orders, 'order')}, ${count(facts, 'fact')}`, broken, forgotten);
  return { view, text, ok: broken.length + forgotten.length === 0 };
}

export function addAudit(program: Command): void {
  const audit = program.command('audit').description('is the ledger as it was written');
  audit
    .command('verify')
    .description(
      'walk the hash chains of facts and name the first broken fact of each order, and each order without HEAD, due time or question; exit code 1 when there is one',
    )
    .option('--order <key>', 'one order, or all', 'all')
    .option('--tenant <tenant>', 'only the orders of this tenant')
    .action(act(verify));
}
