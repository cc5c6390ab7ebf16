import * as z from 'zod';
import { envelope } from '../../contracts/envelope.ts';
import type { ErrorCode } from '../../contracts/errors.ts';
import { ORDER_EVENTS, orderSnapshot, QUOTE_EVENTS, quoteAccepted, quoteWithdrawn } from '../../contracts/events.ts';
import { cpqMessage, inboundEvent } from '../../contracts/intake.ts';
import { type Policy, writesBack } from '../../contracts/policy.ts';
import { type Carries, CPQ, type QueueDefinition } from '../../contracts/queues.ts';
import { quoteContent, quoteHeader } from '../../contracts/quote.ts';
import { replayMessage } from '../../contracts/replay.ts';
import { causeMessage, orderKey, runMessage } from '../../contracts/workflow.ts';
import { definitionOf } from './event-type.ts';
import type { Head } from './head.ts';
import { contentHashOf, orderKeyOf } from './identity.ts';
import { jsonOf } from './labels.ts';
import { decideStart } from './protocol/index.ts';
import { Rejected } from './rejected.ts';
import { hasEnded, type Replay, type Verdict } from './replay.ts';
import { routeOf } from './route.ts';

/** Items of the ledger that a verdict asks for. */
export interface Needs {
  readonly head?: string;
  readonly fact?: { readonly orderKey: string; readonly seq: number };
  readonly delivery?: { readonly orderKey: string; readonly subscriber: string };
  readonly replay?: string;
}

/** ... and what the ledger has of them. */
export interface Found {
  readonly head?: Head | undefined;
  readonly fact?: boolean | undefined;
  /** Last sequence that the subscriber has acknowledged. */
  readonly acknowledged?: number | undefined;
  readonly replay?: Pick<Replay, 'status'> | undefined;
}

/** How to find out what sending a message again would do. */
export interface Reading {
  readonly needs: Needs;
  readonly judge: (found: Found, now: string) => Verdict;
}

type DeployedPolicy = Pick<Policy, 'tenants'>;
type Reader = (body: unknown, policy: DeployedPolicy, subscriber: string) => Reading;

export const refused = (why: string, code?: ErrorCode): Verdict => ({ verdict: 'would be refused', why, code });
const runs = (why: string, code?: ErrorCode): Verdict => ({ verdict: 'would run', why, code });
const done = (why: string): Verdict => ({ verdict: 'already done', why });
/** Whatever the ledger has. */
export const known = (verdict: Verdict): Reading => ({ needs: {}, judge: () => verdict });
const malformed = (why: string): Reading => known(refused(why, 'MESSAGE_MALFORMED'));

const fromBus = z.object({ 'detail-type': z.string(), detail: z.unknown() });
const factPointer = z.object({ orderKey, seq: z.int().min(1) });
const orderEvent = z.object({ detail: envelope.extend({ data: orderSnapshot.pick({ orderKey: true, sequence: true }).loose() }) });
const ofQuote = z.object({ quote: quoteHeader.pick({ cpq: true }) });

/** The definition of a type as consumers find it, or the code with which they refuse it. */
function definedAs<Definition extends { readonly type: string }>(definitions: readonly Definition[], type: string): Definition | ErrorCode {
  try {
    return definitionOf(definitions, type);
  } catch (error) {
    if (error instanceof Rejected) return error.code;
    throw error;
  }
}
const unknownType = (code: ErrorCode): Reading => known(refused('its type, or the version of it, is not known here', code));

const MILESTONE = known(runs('a milestone: an older one than is known changes nothing'));
const WITHDRAWAL = known(runs('a withdrawal: open orders of the quote are asked to stop, once'));
const withoutOrder = (type: string): Reading => (type === quoteWithdrawn.type ? WITHDRAWAL : MILESTONE);
/** The intake drops nothing: what it does not let in stands in quarantine, which is where people correct it. */
const intoQuarantine = (code: ErrorCode): Reading => known(runs('the intake puts it into quarantine', code));

function ofAccepted({ tenant, data }: z.infer<typeof quoteAccepted.schema>): Reading {
  const { quote, content, document } = data;
  const hash = document?.hash ?? contentHashOf({ ...quote, ...quoteContent.parse(content) });
  const judge = ({ head }: Found): Verdict => {
    if (!head) return runs('the order is not in the ledger yet');
    if (head.contentHash === hash) return done(`the order is ${head.state}; the same quote again is no news`);
    return runs('the order was opened with other content: this one goes to quarantine', 'QUOTE_CONTENT_CHANGED');
  };
  return { needs: { head: orderKeyOf(tenant, quote.cpq, quote.id, quote.revision) }, judge };
}

function readInbound(body: unknown): Reading {
  const event = inboundEvent.safeParse(body).data;
  if (!event) return intoQuarantine('EVENT_MALFORMED');
  const type = envelope.pick({ type: true }).safeParse(event.detail).data?.type;
  if (type === undefined) return known(runs('the intake reads it as an event of a vendor, or puts it into quarantine'));
  const definition = definedAs(QUOTE_EVENTS, type);
  if (typeof definition === 'string') return intoQuarantine(definition);
  if (!definition.schema.safeParse(event.detail).success) return intoQuarantine('QUOTE_INVALID');
  return definition.type === quoteAccepted.type ? ofAccepted(quoteAccepted.schema.parse(event.detail)) : withoutOrder(definition.type);
}

function readQuoteEvent({ 'detail-type': type, detail }: z.infer<typeof fromBus>, { tenants }: DeployedPolicy): Reading {
  const definition = definedAs(QUOTE_EVENTS, type);
  if (typeof definition === 'string') return unknownType(definition);
  if (!definition.schema.safeParse(detail).success) return malformed('it does not satisfy the contract of its type');
  if (definition.type !== quoteAccepted.type) return withoutOrder(definition.type);
  const event = quoteAccepted.schema.parse(detail);
  if (!event.data.document) return malformed('it comes without a reference to its document');
  const route = routeOf(tenants[event.tenant], event.data.quote.cpq, event.region, event.businessunit);
  return route ? ofAccepted(event) : known(refused('no ERP is configured for its region and business unit', 'ROUTE_UNKNOWN'));
}

function readRun(body: unknown, policy: DeployedPolicy): Reading {
  const event = fromBus.safeParse(body);
  if (event.success) return readQuoteEvent(event.data, policy);
  const head = runMessage.safeParse(body).data?.orderKey;
  if (head === undefined) return malformed('it is neither a quote event nor {orderKey}');
  const judge = ({ head }: Found, now: string): Verdict => {
    if (!head) return refused('the ledger has no such order', 'ORDER_UNKNOWN');
    const decision = decideStart(head, now);
    if (decision === 'drop') return done(`the order is ${head.state} and not due`);
    return runs(decision === 'admit' ? 'the order is due' : `run ${head.run.n} is active: it is looked whether it is alive`);
  };
  return { needs: { head }, judge };
}

function readCpq(body: unknown, { tenants }: DeployedPolicy): Reading {
  const message = cpqMessage.safeParse(body).data;
  if (!message) return malformed('it names no record of a CPQ');
  const { tenant, cpq } = message;
  if (!tenants[tenant]?.cpqs[cpq]) return known(refused(`tenant ${tenant} has no CPQ ${cpq}`, 'TENANT_UNKNOWN'));
  return known(runs('the record is fetched again, as it is now'));
}

/** Whether the quote of an order event has a record that shows its order. */
function hasRecord({ tenants }: DeployedPolicy, tenant: string, data: unknown): boolean {
  const connection = tenants[tenant]?.cpqs[ofQuote.safeParse(data).data?.quote.cpq ?? ''];
  return connection !== undefined && writesBack(connection);
}

function readOrderEvent(body: unknown, policy: DeployedPolicy, subscriber: string): Reading {
  const event = orderEvent.safeParse(body).data?.detail;
  if (!event) return malformed('it satisfies the contract of no order event');
  const definition = definedAs(ORDER_EVENTS, event.type);
  if (typeof definition === 'string') return unknownType(definition);
  const { data, tenant } = event;
  if (subscriber === CPQ && !hasRecord(policy, tenant, data)) return known(done('its quote has no record that shows orders'));
  const judge = ({ acknowledged = 0 }: Found): Verdict =>
    (acknowledged >= data.sequence ? done : runs)(`${subscriber} has acknowledged ${acknowledged || 'nothing'}, this is ${data.sequence}`);
  return { needs: { delivery: { orderKey: data.orderKey, subscriber } }, judge };
}

function readFact(body: unknown): Reading {
  const fact = factPointer.safeParse(body).data;
  if (!fact) return malformed('it names no fact');
  const judge = ({ fact: there }: Found) =>
    there ? runs('the fact is published with the id it always had') : refused('the ledger has no such fact');
  return { needs: { fact }, judge };
}

function readReplay(body: unknown): Reading {
  const id = replayMessage.safeParse(body).data?.replay;
  if (id === undefined) return malformed('it names no replay');
  const judge = ({ replay }: Found) => {
    if (!replay) return refused('there is no such replay');
    return hasEnded(replay) ? done(`the replay is ${replay.status}`) : runs('the replay goes on');
  };
  return { needs: { replay: id }, judge };
}

const READERS: Readonly<Record<Carries, Reader>> = {
  'inbound event': readInbound,
  'cpq record': readCpq,
  run: readRun,
  cause: (body) =>
    causeMessage.safeParse(body).success ? known(runs('whoever waits for an older mapping is woken')) : malformed('it names no cause'),
  'order event': readOrderEvent,
  fact: readFact,
  tick: () => known(runs('it only wakes the sweeper')),
  replay: readReplay,
};

/** Reads a message of this queue by what it carries. */
export const readMessage = ({ carries, subscriber = '' }: QueueDefinition, text: string, policy: DeployedPolicy): Reading =>
  READERS[carries](jsonOf(text), policy, subscriber);
