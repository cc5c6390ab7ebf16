import type { Policy } from './policy.ts';
import { type Carries, CPQ, deadLettersOf, type QueueDefinition, queuesOf } from './queues.ts';
import type { SectionName } from './runbooks.ts';

/** What an alarm says: to the business in one sentence, and to whom by its runbook section. */
export interface AlarmDefinition {
  /** The alarm is `quotebridge-<stage>-<name>`. */
  readonly name: string;
  readonly impact: string;
  readonly section: SectionName;
}

const alarm = (name: string, impact: string, section: SectionName): AlarmDefinition => ({ name, impact, section });

interface Hop {
  readonly waits: readonly [impact: string, section: SectionName];
  readonly givenUp: readonly [impact: string, section: SectionName];
}

/** What it means when messages wait in a queue, and when they were given up. A queue of a new kind does not compile without. */
const HOPS: Readonly<Record<Carries, (queue: QueueDefinition) => Hop>> = {
  'inbound event': () => ({
    waits: ['Accepted quotes are not taken in: no new order begins.', 'intake waits'],
    givenUp: ['An event of a producer was not taken in: a quote in it has no order.', 'intake given up'],
  }),
  'cpq record': () => ({
    waits: ['Quotes that were accepted in the CPQ are not fetched: their orders begin late.', 'cpq waits'],
    givenUp: ['A quote that changed in the CPQ was never fetched: if it was accepted, it has no order.', 'cpq given up'],
  }),
  run: () => ({
    waits: ['Accepted quotes and corrected orders are not worked on: orders are late.', 'runs wait'],
    givenUp: ['A quote was not accepted as an order, or an order was not run: it may be missing in the ERP.', 'runs given up'],
  }),
  cause: () => ({
    waits: ['A mapping was corrected, and the orders that wait for it do not hear of it.', 'corrections wait'],
    givenUp: ['Orders that wait for a corrected mapping go on minutes late, when the sweeper looks.', 'corrections wait'],
  }),
  fact: () => ({
    waits: ['What happens to orders is published late: subscribers have an old status.', 'publisher'],
    givenUp: ['Something that happened to an order was told to no subscriber.', 'publisher given up'],
  }),
  'order event': ({ subscriber }) =>
    subscriber === CPQ
      ? {
          waits: ['Quotes in the CPQ show an old status of their order: sales does not see what waits, nor the number.', 'write-back waits'],
          givenUp: ['A quote in the CPQ shows an old status of its order, or none, until it is written again.', 'write-back given up'],
        }
      : {
          waits: [`${subscriber} does not hear of orders: what it does with them is late.`, 'subscriber waits'],
          givenUp: [`${subscriber} missed events of orders and has an old status until they are sent again.`, 'subscriber given up'],
        },
  tick: () => ({
    waits: ['Nobody looks for orders whose message was lost: such an order stands still.', 'sweeper'],
    givenUp: ['The sweeper fails again and again: an order whose message was lost stands still.', 'sweeper'],
  }),
  replay: () => ({
    waits: ['Messages that an operator replays are not sent: what they stand for stays undone.', 'replay'],
    givenUp: ['A replay stopped before its end: what it has not sent stays undone.', 'replay'],
  }),
};

/** Of a queue: how many messages wait, and for how long. */
export function queueAlarms(queue: QueueDefinition): { readonly depth: AlarmDefinition; readonly age: AlarmDefinition } {
  const [impact, section] = HOPS[queue.carries](queue).waits;
  return { depth: alarm(`${queue.name}-queue-depth`, impact, section), age: alarm(`${queue.name}-queue-age`, impact, section) };
}

const NOT_OF_A_QUEUE: Readonly<Record<string, readonly [impact: string, section: SectionName]>> = {
  'inbound-rule-dlq': ['An event of a producer did not reach the intake: a quote in it has no order.', 'rules'],
  'business-rule-dlq': ['A quote did not reach the starter and has no order, or a subscriber missed an event.', 'rules'],
  'sweep-rule-dlq': ['The sweeper was not woken for a day: orders whose message was lost stand still.', 'rules'],
  'publish-stream-dlq': ['Something that happened to orders was told to no subscriber.', 'publisher given up'],
};

/** Of a dead-letter queue: it is not empty. @throws Error for a queue that contracts/queues.ts does not have */
export function deadLetterAlarm(policy: Pick<Policy, 'subscribers'>, name: string): AlarmDefinition {
  const takes = deadLettersOf(policy).find((one) => one.name === name)?.takes;
  const [impact, section] = (takes && 'queue' in takes ? HOPS[takes.queue.carries](takes.queue).givenUp : NOT_OF_A_QUEUE[name]) ?? [];
  if (impact === undefined || section === undefined) throw new Error(`no impact is known for the dead-letter queue ${name}`);
  return alarm(`${name}-not-empty`, impact, section);
}

const FUNCTIONS: Readonly<Record<string, string>> = {
  'intake-intake': 'Accepted quotes are not taken in, or late: no new order begins.',
  'intake-cpq': 'Quotes that were accepted in the CPQ are not fetched: their orders begin late.',
  'quote-to-order-run': 'Accepted quotes do not become orders, or late.',
  'quote-to-order-order': 'Orders stop half-way, and may not end their run.',
  'quote-to-order-erp': 'Orders do not get into the ERP.',
  'quote-to-order-tax': 'Orders get no tax, and stop before they are confirmed.',
  'delivery-publish': 'What happens to orders is published late: subscribers have an old status.',
  'delivery-deliver': 'Subscribers do not hear of orders, or late.',
  'delivery-write-back': 'Quotes in the CPQ show an old status of their order.',
  'master-data-wake': 'Orders that wait for a corrected mapping go on late.',
  'operations-sweep': 'Nobody looks for orders whose message was lost: such an order stands still.',
  'operations-replay': 'Messages that an operator replays are not sent.',
};

/** Every function, by `<feature>-<function>`. */
export const functionIds: readonly string[] = Object.keys(FUNCTIONS);

/** Functions that the state machine calls. They end in an error whenever an order stops, be it for an unmapped product: their errors count as a share. */
const OF_STEPS: readonly string[] = ['quote-to-order-order', 'quote-to-order-erp', 'quote-to-order-tax'];

/** Of a function by `<feature>-<function>`: it fails, it is throttled. @throws Error for a function of which nobody has said what hangs on it */
export function functionAlarms(id: string) {
  const impact = FUNCTIONS[id];
  if (impact === undefined) throw new Error(`what hangs on the function ${id} is not written down in contracts/alarms.ts`);
  const ofSteps = OF_STEPS.includes(id);
  return {
    ofSteps,
    errors: alarm(`${id}-errors`, impact, ofSteps ? 'steps stop' : 'function fails'),
    throttles: alarm(`${id}-throttles`, impact, 'function throttled'),
  };
}

const ROUTES: Readonly<Record<string, string>> = {
  inbound: 'Events of producers do not reach the intake: no new order begins.',
  salesforce: 'Events of Salesforce do not reach the intake: no new order begins.',
  quotes: 'Accepted quotes do not reach the starter: no new order begins.',
  sweep: 'Nobody wakes the sweeper: an order whose message was lost stands still.',
};

/** Of a rule: EventBridge gave an event up. A rule that is not listed is that of a subscriber. */
export const routeAlarm = (name: string): AlarmDefinition =>
  alarm(`${name}-rule-failed`, ROUTES[name] ?? `${name.replace(/^deliver-/, '')} does not hear of orders.`, 'rules');

/** Of the workflow, by how an execution can end that does not end well. Settle catches what a step throws, so none of them is everyday. */
export const WORKFLOW_ALARMS = {
  failed: alarm('quote-to-order-failed', 'An order stopped without saying why, and is late until its run is taken over.', 'executions fail'),
  timedOut: alarm('quote-to-order-timed-out', 'An order took longer than a run may take, and is late.', 'executions fail'),
  aborted: alarm('quote-to-order-aborted', 'Somebody stopped the run of an order, which is late until it is taken over.', 'executions fail'),
} as const;

export const lineAlarm = (erp: string): AlarmDefinition =>
  alarm(`line-${erp}-age`, `Orders for the ERP ${erp} wait for a free place and are late.`, 'line');

/** Those of which there is one each. */
export const SINGLE_ALARMS = {
  lag: alarm('publisher-lag', 'What happens to orders is published late: subscribers have an old status.', 'publisher'),
  overdue: alarm('orders-overdue', 'Orders are due and nobody works on them, or the sweeper is silent and nobody knows.', 'overdue'),
  late: alarm(
    'orders-late',
    'Orders are past the time that the business gave them, and not complete: customers wait longer than was promised.',
    'orders late',
  ),
  dead: alarm('orders-dead-run', 'Runs of an order end without a word: the order is late, and after five a person is asked.', 'runs die'),
  erpUnavailable: alarm('erp-unavailable', 'An ERP has not answered for a quarter of an hour: orders for it wait.', 'erp down'),
  secondDraft: alarm(
    'second-draft',
    'The ERP held a second draft of an order for a while; it was cancelled, and nobody but a person sees why.',
    'second draft',
  ),
  quarantine: alarm('quarantine-growing', 'Many events of producers were refused at once: quotes among them have no order.', 'quarantine'),
  replay: alarm('replay-cut-short', 'A replay stopped before its end: what it has not sent stays undone.', 'replay'),
  tasksAmiss: alarm(
    'tasks-amiss',
    'An order waits for a person whom nobody has asked, or a question has no order: it is put right, and comes again.',
    'tasks amiss',
  ),
  tasksOverdue: alarm('tasks-overdue', 'Questions to people have not been answered in time: their orders wait.', 'tasks overdue'),
  /** A composite of others. */
  notFlowing: alarm('orders-not-flowing', 'Accepted quotes do not become orders.', 'not flowing'),
} as const;

/** Every alarm of a deployment. */
export function alarmsOf({
  policy,
  salesforceEventSource,
}: {
  policy: Pick<Policy, 'subscribers' | 'erps'>;
  salesforceEventSource?: string | undefined;
}) {
  const routes = ['inbound', ...(salesforceEventSource ? ['salesforce'] : []), 'quotes', 'sweep'];
  const subscribed = queuesOf(policy).filter(({ subscriber }) => subscriber !== undefined);
  return [
    ...queuesOf(policy).flatMap((queue) => Object.values(queueAlarms(queue))),
    ...deadLettersOf(policy).map(({ name }) => deadLetterAlarm(policy, name)),
    ...functionIds.flatMap((id) => [functionAlarms(id).errors, functionAlarms(id).throttles]),
    ...[...routes, ...subscribed.map(({ name }) => name)].map(routeAlarm),
    ...Object.values(WORKFLOW_ALARMS),
    ...Object.keys(policy.erps).map(lineAlarm),
    ...Object.values(SINGLE_ALARMS),
  ];
}
