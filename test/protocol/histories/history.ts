import { type QuoteDocument, quoteDocument } from '../../../contracts/quote.ts';
import { causeOf } from '../../../contracts/reference.ts';
import { optionsOf, type TaskOption } from '../../../contracts/tasks.ts';
import { subjectOf } from '../../../lambdas/domain/cause-task.ts';
import type { Head } from '../../../lambdas/domain/head.ts';
import { atRest, awaitsAnswer, withNews } from '../../../lambdas/domain/head.ts';
import { contentHashOf, orderKeyOf } from '../../../lambdas/domain/identity.ts';
import { decideCancel, decideWake } from '../../../lambdas/domain/protocol/index.ts';
import { routedTo } from '../../../lambdas/domain/protocol/options.ts';
import { wake } from '../../../lambdas/functions/master-data/wake/wake.ts';
import { sweep } from '../../../lambdas/functions/operations/sweep/sweep.ts';
import { accept } from '../../../lambdas/functions/quote-to-order/run/accept.ts';
import { sharedQuestion } from '../../../lambdas/ledger/cause-tasks.ts';
import { decideTask } from '../../../lambdas/ledger/decide.ts';
import { setReference } from '../../../lambdas/ledger/references.ts';
import { createWorld, ERP, type Faults, GOVERNED, type Hands, type Options, OTHER, TENANT, type World } from './world.ts';

export type EventKind = 'accept' | 'cancel' | 'withdraw' | 'decide' | 'approve' | 'reroute' | 'reverse' | 'correct' | 'wake' | 'block' | 'unblock';

/** Something that a person or the CPQ does: once so many calls to the outside were made, or when nothing else is left to do. */
export interface Event {
  readonly kind: EventKind;
  readonly revision: number;
  readonly at: number;
}

export interface Plan {
  readonly seed: number;
  readonly faults: Faults;
  readonly events: readonly Event[];
}

const QUOTE = 'Q1';
const PRODUCT = 'P';
const ACCOUNT = 'C';
export const keyOf = (revision: number): string => orderKeyOf(TENANT, 'cpq', QUOTE, revision);

/** The revision that two groups have to approve. */
const APPROVED = 2;

/** Each revision asks for one piece more, so that each has content of its own. */
function documentOf(revision: number): QuoteDocument {
  const net = `${10 * revision}.00`;
  const family = revision === APPROVED ? GOVERNED : undefined;
  return quoteDocument.parse({
    cpq: 'cpq',
    id: QUOTE,
    revision,
    currency: 'EUR',
    total: net,
    parties: [{ role: 'sold-to', customer: ACCOUNT, address: { country: 'DE' } }],
    lines: [{ id: '1', product: PRODUCT, family, quantity: String(revision), listPrice: '10.00', netPrice: '10.00', amount: net }],
  });
}

async function accepts({ documents, policy, executions }: World, hands: Hands, revision: number): Promise<void> {
  const content = documentOf(revision);
  const document = await documents.storeQuote(TENANT, keyOf(revision), content);
  const { lines: _lines, parties: _parties, shipping: _shipping, channel: _channel, ...quote } = content;
  const event = {
    id: `accepted-${revision}`,
    tenant: TENANT,
    region: 'EU',
    businessunit: 'main',
    source: 'cpq',
    type: 'quote.accepted.v1',
    data: { quote, document: { ...document, hash: contentHashOf(content) }, acceptedAt: hands.ledger.stamp() },
  };
  await accept({ ...hands, policy, executions: executions.of(hands.process) }, event as unknown as Parameters<typeof accept>[1]);
}

/** Writes the next version of a mapping in each ERP, and wakes who waits for it. */
async function corrects(hands: Hands, kind: 'product' | 'customer', code: string, target: string): Promise<void> {
  const { ledger, send } = hands;
  for (const erp of [ERP, OTHER]) {
    await setReference(ledger, { tenant: TENANT, erp, kind, code, target, by: 'anna' } as Parameters<typeof setReference>[1]);
    await wake({ ledger, send, sendCause: async () => {} }, { cause: causeOf(TENANT, erp, kind, code) });
  }
}

async function changes(
  { ledger, send }: Hands,
  revision: number,
  decide: (head: Head, now: string) => ReturnType<typeof decideCancel | typeof decideWake>,
): Promise<void> {
  const orderKey = keyOf(revision);
  if (!(await ledger.read(orderKey))) return;
  await ledger.change<unknown>(orderKey, decide);
  await send({ orderKey });
}

/** Answers the question that is open, of the order alone or of all that wait for its cause, with one of its options. */
async function decides({ documents, policy }: World, { ledger, send }: Hands, revision: number, n: number, option?: TaskOption): Promise<void> {
  const head = await ledger.read(keyOf(revision));
  const shared = head && (await sharedQuestion(ledger, head));
  const task = head?.task ?? shared;
  if (!task) return;
  const options = optionsOf(task.code, shared && subjectOf(shared.cause).kind);
  const deps = {
    ledger,
    documents,
    policy,
    sendRun: send,
    sendCause: (cause: { cause: string }) => wake({ ledger, send, sendCause: async () => {} }, cause),
  };
  const answer = {
    task: task.id,
    option: option ?? (options[n % options.length] as TaskOption),
    by: `person-${n}`,
    reason: 'because',
    target: 'E-C',
    to: elsewhere(head),
  };
  await decideTask(deps, answer);
}

const elsewhere = (head: Head | undefined): string => (head?.route.erp === OTHER ? ERP : OTHER);

/** Sends an order to the other ERP, where one asks for that; broken: this one, whatever stands in its ERP. */
async function reroutes(world: World, hands: Hands, revision: number, n: number): Promise<void> {
  if (world.broken === 'routes')
    return changes(hands, revision, (head, now) => ({ next: withNews(routedTo(head, elsewhere(head)), now), answer: 'due' }));
  const asks = headsOf(world).find(({ wait }) => wait?.code === 'CUSTOMER_BLOCKED');
  if (asks) await decides(world, hands, asks.quote.revision, n, 'reroute');
}

/** A person takes an order back in the ERP, in its own way. */
function reverses({ erp }: World, revision: number): void {
  for (const { ref, orderKey, status } of erp.documents) if (orderKey === keyOf(revision) && status === 'confirmed') erp.reversed.add(ref);
}

async function withdraws(hands: Hands, revision: number): Promise<void> {
  const orders = await hands.ledger.withdraw(TENANT, { cpq: 'cpq', id: QUOTE, revision }, 'CPQ cpq');
  for (const orderKey of orders) await hands.send({ orderKey });
}

function happen(world: World, { kind, revision }: Event, n: number): void {
  const act: Record<EventKind, (hands: Hands) => Promise<void>> = {
    accept: (hands) => accepts(world, hands, revision),
    cancel: (hands) => changes(hands, revision, (head, now) => decideCancel(head, 'anna', now)),
    withdraw: (hands) => withdraws(hands, revision),
    decide: (hands) => decides(world, hands, revision, n),
    approve: (hands) => decides(world, hands, APPROVED, n, 'approve'),
    reroute: (hands) => reroutes(world, hands, revision, n),
    reverse: async () => reverses(world, revision),
    correct: (hands) => corrects(hands, 'product', PRODUCT, `E-${n}`),
    wake: (hands) => changes(hands, revision, (head, now) => (atRest(head) && !head.wait ? { answer: 'already due' } : decideWake(head, now))),
    block: async () => world.erp.sell(revision === 3 ? OTHER : ERP, n % 3 === 1 ? 'nothing' : 'not to the customer'),
    unblock: async () => {
      for (const erp of [ERP, OTHER]) world.erp.sell(erp, 'all');
    },
  };
  world.insist(`${kind} ${revision}`, act[kind]);
}

const headItems = (world: World) => [...world.table.items.values()].filter(({ sk, pk }) => sk === 'HEAD' && String(pk).startsWith('O#'));
export const headsOf = (world: World): Head[] => headItems(world).map(({ pk }) => world.table.head(String(pk).slice(2)));

/** Nothing happens any more by itself: every order is at rest with nothing owed, or waits for a person and no news came since it asked. */
function quiet(head: Head, now: string): boolean {
  const { run, dueAt, wait } = head;
  if (run.active || dueAt === undefined) return !run.active;
  // A shared question has its due time on its own item; the order is due by then, or when it was answered.
  return wait?.kind === 'person' && (wait.cause === undefined ? awaitsAnswer(head) : dueAt > now);
}

/** Times that the clock is moved on because nobody has anything to do: more means that the system goes round, or that nobody comes. */
const MOST_IDLE = 600;

/** Lets time pass until nothing happens by itself any more. @returns false: it goes on and on */
export async function untilQuiet(world: World, before: () => void, more: () => boolean): Promise<boolean> {
  const { scheduler, policy } = world;
  for (let idle = 0; idle < MOST_IDLE; idle++) {
    await scheduler.settle(before);
    const heads = headsOf(world);
    const timer = scheduler.nextTimer();
    const moments = [timer, ...heads.map(({ sweepAt }) => sweepAt && Date.parse(sweepAt))].filter(
      (at): at is number => at !== undefined && at !== '',
    );
    if (more()) continue;
    if (timer === undefined && heads.every((head) => quiet(head, scheduler.now().toISOString()))) return true;
    if (moments.length === 0) return false;
    scheduler.passUntil(Math.min(...moments));
    world.begin('sweeper', (hands) => sweep({ ...hands, policy }));
  }
  return false;
}

export interface History {
  readonly world: World;
  /** What people and the CPQ have still to do, in this order. */
  readonly left: { readonly event: Event; readonly n: number }[];
  /** What they have done. */
  readonly past: Event[];
}

/** What happens to the whole of it. */
export interface Beside {
  /** Before each call to the outside. */
  readonly between: () => void;
  /** Nobody has anything left to do. @returns whether there is more after all */
  readonly more: () => boolean;
}
const NOTHING: Beside = { between: () => {}, more: () => false };

/** A history at its beginning: the mappings stand, nothing was accepted yet. Deterministic: the same plan is the same history. */
export async function begin({ seed, faults, events }: Plan, options: Options = {}): Promise<History> {
  const world = createWorld(seed, { ...faults }, options);
  world.insist('master data', (hands) => corrects(hands, 'customer', ACCOUNT, 'E-C'));
  world.insist('master data', (hands) => corrects(hands, 'product', PRODUCT, 'E-P'));
  await world.scheduler.settle();
  return { world, left: later(world, events), past: [] };
}

const later = (world: World, events: readonly Event[]): History['left'] =>
  events.map((event, n) => ({ event: { ...event, at: event.at + world.scheduler.calls() }, n })).sort((a, b) => a.event.at - b.event.at);

/** Everything that is left happens, and then what follows from it. @returns false: it goes on and on */
export async function finish({ world, left, past }: History, more: readonly Event[] = [], beside = NOTHING): Promise<boolean> {
  let added = false;
  const next = (): boolean => {
    const first = left.shift();
    if (!first) return beside.more();
    past.push(first.event);
    happen(world, first.event, first.n);
    return true;
  };
  const whenItsTimeHasCome = (): void => {
    while (left[0] && left[0].event.at <= world.scheduler.calls()) next();
    beside.between();
    // Once somebody stands still, what happens meanwhile begins.
    if (added || world.scheduler.stalled().length === 0) return;
    added = true;
    left.push(...later(world, more));
  };
  if (!(await untilQuiet(world, whenItsTimeHasCome, next))) return false;
  // Slots of functions that died before they gave them back come back when they are old enough. For that time must pass, in which a look
  // that is owed may begin a run that dies itself: then once more.
  for (let before = -1, now = runsOf(world); now !== before; before = now, now = runsOf(world)) {
    world.scheduler.pass(2 * world.policy.times.runTimeout * 1000);
    world.insist('sweeper', (hands) => sweep({ ...hands, policy: world.policy }));
    const rests = await untilQuiet(
      world,
      () => {},
      () => false,
    );
    if (!rests) return false;
  }
  return true;
}

const runsOf = (world: World): number => headsOf(world).reduce((sum, { run }) => sum + run.n, 0);

/** One history from its plan, as long as it lasts. */
export async function live(plan: Plan, options: Options = {}): Promise<{ world: World; quiet: boolean }> {
  const history = await begin(plan, options);
  return { world: history.world, quiet: await finish(history) };
}
