import { type Command, Option } from 'commander';
import { ERRORS, type ErrorCode } from '../contracts/errors.ts';
import { type DeadLetterDefinition, deadLettersOf } from '../contracts/queues.ts';
import type { ReplayFilter } from '../contracts/replay.ts';
import { type DeadLetterState, rawMessage } from '../lambdas/aws/queues.ts';
import { type DeadLetter, deadLetters } from '../lambdas/ledger/dead-letters.ts';
import { commandLine } from '../lambdas/views/next-command.ts';
import { act, type Output } from './command.ts';
import type { Context } from './context.ts';
import { Refused, Usage } from './failure.ts';
import { mustBeOrderKey, tenantIn } from './find.ts';
import { count, indent, plain, relative, table } from './print.ts';
import { option } from './replay-function.ts';
import { beginOutput } from './replays.ts';
import { WAIT } from './replays-text.ts';

/** Messages of a queue that are asked why they failed, when all queues are listed. */
const SAMPLE = 50;
const PEEKED = 20;

/** A dead-letter queue as people name it: `run-dlq`, or `run`. @throws {Usage} */
function queueIn({ config }: Pick<Context, 'config'>, name: string): DeadLetterDefinition {
  const all = deadLettersOf(config.policy);
  const found = all.find((one) => one.name === name || one.name === `${name}-dlq`);
  if (!found) throw new Usage(`Stage ${config.stage} has no dead-letter queue "${name}"; it has ${all.map((one) => one.name).join(', ')}.`);
  return found;
}

/** ... one whose messages can be sent again. @throws {Refused} */
export function replayable(context: Pick<Context, 'config'>, name: string): DeadLetterDefinition {
  const queue = queueIn(context, name);
  if (!('stream' in queue.takes)) return queue;
  throw new Refused(`${queue.name} only says which part of the stream was given up: publish the facts again.`, nextFor(queue, context.config.stage));
}

async function lettersOf(context: Context, queue: DeadLetterDefinition, limit: number): Promise<DeadLetter[]> {
  const { ledger, failures, queues, config } = context;
  const messages = (await queues.peek(queue.name, limit)).map(rawMessage);
  return deadLetters({ ledger, failures, policy: config.policy, prefix: `quotebridge-${config.stage}` }, queue, messages);
}

function nextFor({ name, takes }: DeadLetterDefinition, stage: string): string {
  return commandLine('stream' in takes ? 'events republish --since TIME --reason TEXT' : `dlq peek ${name}`, stage);
}

async function summaryOf(context: Context, state: DeadLetterState) {
  const letters = await lettersOf(context, state, SAMPLE);
  const byCode = [...Map.groupBy(letters, ({ failure }) => failure?.code ?? 'not noted')].sort(([, a], [, b]) => b.length - a.length);
  const first = byCode.find(([code]) => code !== 'not noted')?.[0] as ErrorCode | undefined;
  return {
    queue: state.name,
    messages: state.visible,
    inFlight: state.inFlight,
    oldestAt: state.oldestAt,
    codes: Object.fromEntries(byCode.map(([code, of]) => [code, of.length])),
    owner: first === undefined ? 'platform' : ERRORS[first].owner,
    next: nextFor(state, context.config.stage),
  };
}

async function list(context: Context): Promise<Output> {
  const all = (await context.queues.all(context.config.policy)).deadLetters;
  const queues = await Promise.all(all.filter(({ visible, inFlight }) => visible + inFlight > 0).map((state) => summaryOf(context, state)));
  if (queues.length === 0) return { view: { queues }, text: `All ${all.length} dead-letter queues are empty.` };
  const now = new Date();
  const rows = queues.map((one) => [
    one.queue,
    one.inFlight > 0 ? `${one.messages} + ${one.inFlight} in flight` : one.messages,
    relative(one.oldestAt, now),
    Object.entries(one.codes)
      .map(([code, n]) => `${n} ${code}`)
      .join(', '),
    one.owner,
    one.next,
  ]);
  return { view: { queues }, text: table(['QUEUE', '>MESSAGES', 'OLDEST', 'CODES', 'OWNER', 'NEXT'], rows) };
}

const letterView = ({ id, target, sentAt, tenant, orderKey, correlationId, failure, verdict, body, attributes }: DeadLetter, withBody: boolean) => ({
  ...{ id, target, tenant, orderKey, correlationId, sentAt },
  ...{ code: failure?.code, class: failure && ERRORS[failure.code].class, detail: failure?.detail, attempts: failure?.attempts },
  ...{ firstAt: failure?.firstAt, lastAt: failure?.lastAt },
  rule: attributes.RULE_ARN && { rule: attributes.RULE_ARN, error: attributes.ERROR_CODE, message: attributes.ERROR_MESSAGE },
  verdict,
  ...(withBody && { body }),
});
type LetterView = ReturnType<typeof letterView>;

function lettersText(letters: readonly LetterView[], now: Date): string {
  const titles = ['MESSAGE', 'CODE', 'CLASS', '>TRIES', 'FIRST', 'LAST', 'TENANT', 'ORDER KEY', 'CORRELATION', 'IF SENT AGAIN'];
  const rows = letters.map((one) => [
    ...[one.id, one.code ?? (one.rule ? `rule: ${one.rule.error}` : 'not noted'), one.class, one.attempts],
    ...[relative(one.firstAt ?? one.sentAt, now), relative(one.lastAt, now), one.tenant, one.orderKey, one.correlationId],
    `${one.verdict.verdict}${one.verdict.code === undefined ? '' : ` (${one.verdict.code})`}: ${one.verdict.why}`,
  ]);
  const [head, ...lines] = table(titles, rows).split('\n');
  return [
    head,
    ...lines.flatMap((line, at) => {
      const body = letters[at]?.body;
      return body === undefined ? [line] : [line, indent(plain(body), 4)];
    }),
  ].join('\n');
}

async function peek(context: Context, { limit = PEEKED, body = false }: { limit?: number; body?: boolean }, name: string): Promise<Output> {
  const queue = queueIn(context, name);
  const { stage } = context.config;
  const messages = (await lettersOf(context, queue, limit)).map((letter) => letterView(letter, body));
  if (messages.length === 0) return { view: { queue: queue.name, messages }, text: `${queue.name} shows no message.` };
  const next = 'stream' in queue.takes ? nextFor(queue, stage) : commandLine(`dlq replay ${queue.name} --reason TEXT --dry-run --wait`, stage);
  const text = `${lettersText(messages, new Date())}\n\n${count(messages.length, 'message')} of ${queue.name}. ${next}`;
  return { view: { queue: queue.name, messages }, text };
}

interface ReplayOptions extends Omit<ReplayFilter, 'orderKey'> {
  readonly reason: string;
  readonly order?: string;
  readonly dryRun?: boolean;
  readonly perSecond?: number;
  readonly wait?: boolean;
}

function replay(context: Context, options: ReplayOptions, name: string): Promise<Output> {
  const { reason, order, dryRun, perSecond, wait, code, class: group, since, until } = options;
  const tenant = options.tenant === undefined ? undefined : tenantIn(context, options.tenant);
  const filter = { tenant, code, class: group, since, until, orderKey: order === undefined ? undefined : mustBeOrderKey(order) };
  return beginOutput(context, { queue: replayable(context, name).name, reason, filter, dryRun, perSecond }, wait);
}

export function addDlq(program: Command): void {
  const dlq = program.command('dlq').description('dead-letter queues: what was given up, why, and sending it again');
  dlq.command('list').description('the queues that hold dead letters').action(act(list));
  dlq
    .command('peek')
    .description('messages of a queue: why they failed, and what sending them again would do')
    .argument('<queue>', 'dead-letter queue, such as run-dlq')
    .option('--limit <n>', `how many messages (default: ${PEEKED})`, option.number(100))
    .option('--body', 'show what the messages say')
    .action(act(peek));
  dlq
    .command('replay')
    .description('send messages again, to the queues that they were for')
    .argument('<queue>', 'dead-letter queue, such as run-dlq')
    .requiredOption('--reason <text>', 'why; kept in the ledger', option.reason)
    .option('--tenant <tenant>', 'only messages of this tenant')
    .addOption(new Option('--code <code>', 'only what failed last with this code').choices(Object.keys(ERRORS)))
    .addOption(new Option('--class <class>', 'only what failed last with a code of this class').choices(classes))
    .option('--since <time>', 'only what failed last at or after this', option.time)
    .option('--until <time>', '... and before this', option.time)
    .option('--order <key>', 'only messages of this order')
    .option('--dry-run', 'only say what would happen')
    .option('--per-second <n>', 'messages sent per second at most (default: 50)', option.number(1000))
    .option('--wait', WAIT)
    .action(act(replay));
}

const classes = [...new Set(Object.values(ERRORS).map((one) => one.class))];
