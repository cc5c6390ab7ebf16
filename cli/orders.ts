import { type Command, InvalidArgumentError } from 'commander';
import { atRest, type Decision, type Head } from '../lambdas/domain/head.ts';
import { type CancelAnswer, decideCancel, decideWake } from '../lambdas/domain/protocol/index.ts';
import { sharedQuestion, sharedQuestions } from '../lambdas/ledger/cause-tasks.ts';
import { OrderUnknown } from '../lambdas/ledger/ledger.ts';
import { ordersOfDay, waitingOrders } from '../lambdas/ledger/queries.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { orderDetail, orderView } from '../lambdas/views/order.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Refused } from './failure.ts';
import { mustBeOrderKey, tenantIn } from './find.ts';
import { ordersText, orderText, waitingText } from './orders-text.ts';
import { option } from './replay-function.ts';

const DAY_MS = 86_400_000;
const DAYS = 7;

interface ListOptions {
  readonly waiting?: boolean;
  readonly days?: number;
  readonly tenant?: string;
}

/** The days of the ledger's index, in UTC. */
async function ofDays({ ledger }: Context, days: number): Promise<Head[]> {
  const today = Date.parse(ledger.stamp());
  const names = Array.from({ length: days }, (_, back) => new Date(today - (days - 1 - back) * DAY_MS).toISOString().slice(0, 10));
  const found: Head[] = [];
  for (const day of names) found.push(...(await ordersOfDay(ledger, day)));
  return found;
}

async function list(context: Context, options: ListOptions): Promise<Output> {
  const tenant = options.tenant === undefined ? undefined : tenantIn(context, options.tenant);
  const days = options.days ?? DAYS;
  const since = new Date(Date.parse(context.ledger.stamp()) - days * DAY_MS).toISOString();
  const heads = options.waiting ? (await waitingOrders(context.ledger)).heads : await ofDays(context, days);
  const wanted = heads.filter(
    (head) => (tenant === undefined || head.tenant === tenant) && (!options.waiting || options.days === undefined || head.createdAt >= since),
  );
  const now = new Date();
  const shared = await sharedQuestions(context.ledger, wanted);
  const orders = wanted.map((head) => orderView(head, context.defaults, now, shared(head)));
  return { view: { orders }, text: options.waiting ? waitingText(orders, now) : ordersText(orders, days, now, context.defaults) };
}

async function show(context: Context, _options: object, key: string): Promise<Output> {
  const head = await context.ledger.read(mustBeOrderKey(key));
  if (!head) throw new OrderUnknown(`no order ${mustBeOrderKey(key)} in the ledger`);
  const order = orderDetail(head, context.defaults, await sharedQuestion(context.ledger, head));
  return { view: order, text: orderText(order, new Date(), context.defaults) };
}

async function run(context: Context, _options: object, key: string): Promise<Output> {
  const orderKey = mustBeOrderKey(key);
  const { answer, head } = await context.ledger.change(
    orderKey,
    (current, now): Decision<'at rest' | 'due' | 'already due'> =>
      atRest(current) && !current.wait ? { answer: 'at rest' } : decideWake(current, now),
  );
  if (answer === 'at rest')
    throw new Refused(
      `Order ${orderKey} is ${head.state}: there is nothing left to run.`,
      `${commandLine(`lineage ${orderKey}`, context.config.stage)}    shows what happened`,
    );
  await context.sendRun({ orderKey });
  const underWay = `Run ${head.run.n} of order ${orderKey} is under way; another follows it.`;
  return { view: { orderKey, answer, run: head.run }, text: head.run.active ? underWay : `Order ${orderKey} is due: run ${head.run.n + 1} starts.` };
}

/** What happens now, for people. */
const CANCELLED: Record<CancelAnswer, string> = {
  undoing: 'is being cancelled: a recorded tax document is voided and a draft is cancelled in the ERP.',
  'asks a person':
    'was already confirmed in the ERP, or is being confirmed: it is not undone by itself. sales-operations is asked (CANCEL_AFTER_PIVOT) and decides whether to keep it or to reverse it in the ERP.',
  'already requested': 'has been asked to cancel before: nothing changes.',
  'already ended': 'has already ended: nothing changes.',
};

async function cancel(context: Context, { reason }: { reason: string }, key: string): Promise<Output> {
  const orderKey = mustBeOrderKey(key);
  const by = await context.actor();
  const { answer, head } = await context.ledger.change(orderKey, (current, now) => decideCancel(current, by, now, reason));
  if (answer !== 'already ended') await context.sendRun({ orderKey });
  const text = `Order ${orderKey} ${CANCELLED[answer]}\n${commandLine(`orders show ${orderKey}`, context.config.stage)}    shows how far it is`;
  return { view: { orderKey, answer, state: head.state, stops: head.stops }, text };
}

function days(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 366) throw new InvalidArgumentError('Expected a number of days, 1 to 366.');
  return value;
}

export function addOrders(program: Command): void {
  const orders = program.command('orders').description('the orders: where they are, what they wait for');
  orders
    .command('list')
    .description('orders of the last days, or all that wait with what to do')
    .option('--waiting', 'only orders that wait, oldest first, with the next command')
    .option('--days <n>', `accepted in the last n days (UTC; default: ${DAYS}, with --waiting: all)`, days)
    .option('--tenant <tenant>', 'only orders of this tenant')
    .action(act(list));
  orders.command('show').description('one order in detail').argument('<key>', 'order key').action(act(show));
  orders.command('run').description('run an order now, after its cause was corrected').argument('<key>', 'order key').action(act(run));
  orders
    .command('cancel')
    .description('stop an order and undo what was made of it; once it is confirmed a person is asked')
    .argument('<key>', 'order key')
    .requiredOption('--reason <text>', 'why; kept in the ledger', option.reason)
    .action(act(cancel));
}
