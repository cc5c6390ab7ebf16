import type { DeadLetterState, QueueState } from '../aws/queues.ts';
import { sharedQuestions } from '../ledger/cause-tasks.ts';
import { newestOrders, waitingOrders } from '../ledger/queries.ts';
import { listReplays } from '../ledger/replays.ts';
import { openTasks } from '../ledger/tasks.ts';
import { commandLine } from '../views/next-command.ts';
import { orderView } from '../views/order.ts';
import { type QuarantineGroup, quarantineGroups, type StateCount, statesOf, type WaitingGroup, waitingGroups } from '../views/overview.ts';
import { taskGroups } from '../views/tasks.ts';
import { count } from '../views/text.ts';
import type { BoardDeps } from './deps.ts';
import { type Content, type Html, html } from './html.ts';
import { ordersTable } from './orders.ts';
import { address, age, ago, badge, command, section, sums, table } from './parts.ts';
import { attempt, READ, readQuarantine } from './reads.ts';
import { replaysPart } from './replays.ts';
import { tasksPart } from './tasks.ts';

const RECENT = 15;
/** Replays that are read, the newest. */
const REPLAYS = 100;

const tiles = (states: readonly StateCount[], days: number): Html =>
  html`<ul class="tiles">${states.map(
    ({ state, orders, money }) => html`<li><a href="${address('/orders', { state, days })}">${badge(state)}<b>${orders}</b>${sums(money)}</a></li>`,
  )}</ul>`;

function waitingPart(groups: readonly WaitingGroup[], more: boolean, now: Date): Content {
  if (groups.length === 0) return html`<p>No order waits.</p>`;
  const rows = groups.map((group) => [
    html`<a href="${address('/orders', { code: group.code })}">${group.code}</a><br><span class="small">${group.title}</span>`,
    group.person ? group.owner : html`${group.owner} <span class="small soft">(goes on by itself)</span>`,
    group.count,
    age(group.since, now),
    sums(group.money),
  ]);
  const columns = [
    { title: 'Why' },
    { title: 'Who has to act' },
    { title: 'Orders', number: true },
    { title: 'For' },
    { title: 'Worth', number: true },
  ];
  return [
    table({ id: 'waiting-table', caption: 'Orders that wait, by reason', columns, rows }),
    more && html`<p class="soft">More than ${READ} orders are not at rest; those that are due first were read.</p>`,
  ];
}

const messages = ({ visible, delayed, inFlight }: QueueState | DeadLetterState): number => visible + delayed + inFlight;

/** What a queue is there for, in a word or two. */
const takes = ({ takes: from }: DeadLetterState): string =>
  'queue' in from
    ? `given up by ${from.queue.name}`
    : 'rules' in from
      ? `not delivered by a rule (${from.rules})`
      : 'not taken from the stream of the ledger';

function deadLettersPart(all: readonly DeadLetterState[], stage: string, now: Date): Content {
  const filled = all.filter((queue) => messages(queue) > 0);
  if (filled.length === 0) return html`<p>${badge('empty')} All ${all.length} dead-letter queues are empty.</p>`;
  const rows = filled.map((queue) => [
    html`<b>${queue.name}</b> <span class="badge bad"><span aria-hidden="true">!</span> given up</span>`,
    takes(queue),
    messages(queue),
    queue.oldestAt && ago(queue.oldestAt, now),
  ]);
  const columns = [{ title: 'Dead-letter queue' }, { title: 'Holds what was' }, { title: 'Messages', number: true }, { title: 'Oldest' }];
  return [
    table({ id: 'dead-letters', caption: 'Dead-letter queues that hold messages', columns, rows }),
    html`<p>Why they were given up:</p>`,
    filled.map(({ name }) => command(commandLine(`dlq peek ${name}`, stage))),
  ];
}

function queuesPart(all: readonly QueueState[]): Content {
  const rows = all.map((queue) => [queue.name, queue.carries, queue.visible, queue.inFlight, queue.delayed]);
  const number = true;
  const columns = [
    { title: 'Queue' },
    { title: 'Carries' },
    { title: 'Ready', number },
    { title: 'Being handled', number },
    { title: 'Later', number },
  ];
  const busy = all.filter((queue) => messages(queue) > 0);
  const summary =
    busy.length === 0
      ? `All ${all.length} queues are empty`
      : `${busy.length} of ${all.length} queues hold messages: ${busy.map((queue) => `${queue.name} ${messages(queue)}`).join(', ')}`;
  return html`<details id="queues-all"><summary>${summary}</summary>${table({ id: 'queues-table', caption: 'Queues', columns, rows })}
<p class="soft small">How long the oldest message of a queue waits only CloudWatch knows; on a local cloud nobody does.</p></details>`;
}

function quarantinePart(groups: readonly QuarantineGroup[], stage: string, now: Date): Content {
  if (groups.length === 0) return html`<p>${badge('empty')} No event is in quarantine.</p>`;
  const rows = groups.map((group) => [
    html`<b>${group.code}</b><br><span class="small">${group.title}</span>`,
    group.owner,
    group.count,
    ago(group.since, now),
    group.cure,
  ]);
  const columns = [{ title: 'Why' }, { title: 'Who has to act' }, { title: 'Events', number: true }, { title: 'Oldest' }, { title: 'What to do' }];
  return [
    table({ id: 'quarantine-table', caption: 'Rejected events, by reason', columns, rows }),
    html`<p>Each with its original:</p>`,
    command(commandLine('quarantine list', stage)),
  ];
}

const unread = (name: string): Html => html`<p>${badge('not read')} This could not be read just now (${name}).</p>`;

/** Where everything stands: what waits first, for that is what somebody came for. */
export async function overview(deps: BoardDeps, days: number, now: Date): Promise<Content> {
  const { ledger, policy, defaults } = deps;
  const [recent, waiting, tasks, queues, replays, quarantine] = await Promise.all([
    newestOrders(ledger, days, READ),
    waitingOrders(ledger, READ),
    attempt(openTasks(ledger, {}, READ)),
    attempt(deps.queues()),
    attempt(listReplays(ledger, REPLAYS)),
    attempt(readQuarantine(deps)),
  ]);
  const groups = waitingGroups(waiting.heads);
  const period = recent.more
    ? `The newest ${READ} orders of the last ${count(days, 'day')} (UTC); the rest was not read.`
    : `${count(recent.heads.length, 'order')} accepted in the last ${count(days, 'day')} (UTC).`;
  const newest = recent.heads.slice(0, RECENT);
  const shared = await sharedQuestions(deps.ledger, newest);
  const orders = newest.map((head) => orderView(head, defaults, now, shared(head)));
  return [
    section('waiting', `Waiting: ${waiting.more ? 'at least ' : ''}${count(waiting.heads.length, 'order')}`, waitingPart(groups, waiting.more, now)),
    section(
      'tasks',
      'Tasks',
      'failed' in tasks ? unread(tasks.failed) : tasksPart(taskGroups(tasks.value, waiting.heads, now), tasks.value.length === READ, now),
    ),
    section('states', 'Orders by state', [tiles(statesOf(recent.heads), days), html`<p class="soft small">${period} Amounts before tax.</p>`]),
    section(
      'queues',
      'Queues',
      'failed' in queues ? unread(queues.failed) : [deadLettersPart(queues.value.deadLetters, defaults.stage, now), queuesPart(queues.value.queues)],
    ),
    section('replays', 'Replays', 'failed' in replays ? unread(replays.failed) : replaysPart(replays.value, days, defaults.stage, now)),
    section(
      'quarantine',
      'Quarantine',
      'failed' in quarantine ? unread(quarantine.failed) : quarantinePart(quarantineGroups(quarantine.value), defaults.stage, now),
    ),
    section('recent', 'Newest orders', [
      ordersTable('recent-table', 'Newest orders', orders, Object.keys(policy.tenants).length > 1, now),
      html`<p><a href="${address('/orders', { days })}">All orders of this period</a></p>`,
    ]),
  ];
}
