import { randomUUID } from 'node:crypto';
import type { CloudEvent } from '../../../../contracts/envelope.ts';
import { CPQ, deliveryQueue } from '../../../../contracts/queues.ts';
import { REPUBLISHED_DAYS, type Republication } from '../../../../contracts/replay.ts';
import type { Head } from '../../../domain/head.ts';
import type { Replay } from '../../../domain/replay.ts';
import { lineage, ordersOfDay, unfinished } from '../../../ledger/queries.ts';
import { writeOutcomes } from '../../../ledger/replay-outcomes.ts';
import { ENOUGH_MS, type ReplayDeps } from './deps.ts';
import { createPace } from './pace.ts';
import type { Session } from './session.ts';

const DAY_MS = 86_400_000;
/** How far it has come, and the order that stands there; none after the last of a day. */
type Place = readonly [place: string, orderKey?: string];
const placesOf = (heads: readonly Head[]): Place[] =>
  heads.map(({ createdAt, orderKey }) => [`${createdAt}#${orderKey}`, orderKey] as const).sort(([a], [b]) => (a < b ? -1 : 1));
const dayOf = (milliseconds: number): string => new Date(milliseconds).toISOString().slice(0, 10);

/** Orders that may have facts since then, as `<accepted>#<order key>`, in this order, after `cursor`, and each day that is done. */
async function* ordersSince({ ledger }: ReplayDeps, since: string, cursor: string): AsyncGenerator<Place> {
  const today = ledger.stamp().slice(0, 10);
  const first = dayOf(Date.parse(since) - REPUBLISHED_DAYS * DAY_MS);
  if (cursor < first) {
    for (const place of placesOf(await unfinished(ledger))) if (place[0] > cursor && place[0] < first) yield place;
    yield [first];
  }
  const begin = cursor.slice(0, 10) > first ? cursor.slice(0, 10) : first;
  for (let at = Date.parse(begin); dayOf(at) <= today; at += DAY_MS) {
    for (const place of placesOf(await ordersOfDay(ledger, dayOf(at)))) if (place[0] > cursor) yield place;
    yield [dayOf(at + DAY_MS)];
  }
}

/** As a rule of the business bus puts it into the queue of a subscriber. */
const asFromRule = (event: CloudEvent<unknown>, { account, region }: ReplayDeps['place']): string =>
  JSON.stringify({
    ...{ version: '0', id: randomUUID(), 'detail-type': event.type, source: event.source },
    ...{ account, time: event.time, region, resources: [], detail: event },
  });

async function send(deps: ReplayDeps, subscriber: string | undefined, events: readonly CloudEvent<unknown>[]): Promise<void> {
  if (subscriber === undefined) return deps.publish(events);
  const messages = events.map((event) => ({ body: asFromRule(event, deps.place) }));
  const taken = await deps.queues.sendAll(deliveryQueue(subscriber), messages);
  if (taken.size < messages.length) throw new Error(`${messages.length - taken.size} events were not taken by the queue of ${subscriber}`);
}

/** The events of an order that are asked for, and that the subscriber wants. */
async function eventsOf({ ledger, policy }: ReplayDeps, orderKey: string, { since, subscriber }: Republication): Promise<CloudEvent<unknown>[]> {
  const { facts } = await lineage(ledger, orderKey);
  const prefixes = subscriber === undefined || subscriber === CPQ ? [''] : (policy.subscribers[subscriber]?.events ?? []);
  const wanted = ({ time, type }: CloudEvent<unknown>) =>
    (since === undefined || Date.parse(time) >= Date.parse(since)) && prefixes.some((prefix) => type.startsWith(prefix));
  return facts.map(({ event }) => event).filter(wanted);
}

/**
 * Sends facts of the ledger again, with the ids they always had: consumers that have them are not moved.
 * @returns whether it came to the end
 */
export async function republish(deps: ReplayDeps, session: Session, what: Republication): Promise<boolean> {
  const { id, dryRun, perSecond, cursor = '' }: Replay = session.replay;
  const pace = createPace(perSecond, deps);
  const one = async (orderKey: string): Promise<void> => {
    const events = await eventsOf(deps, orderKey, what);
    if (events.length === 0) return;
    const outcome = { id: orderKey, orderKey, outcome: dryRun ? ('looked at' as const) : ('sent' as const), events: events.length };
    if (!dryRun) {
      await pace(events.length);
      await send(deps, what.subscriber, events);
    }
    await writeOutcomes(deps.ledger, id, [{ ...outcome, at: deps.ledger.stamp() }]);
    session.tally([{ ...outcome, at: '' }]);
  };
  if (what.orderKey !== undefined) {
    await one(what.orderKey);
    return true;
  }
  for await (const [place, orderKey] of ordersSince(deps, what.since ?? '', cursor)) {
    if (orderKey !== undefined) await one(orderKey);
    session.update({ cursor: place });
    await session.saveNowAndThen();
    if (deps.left() <= ENOUGH_MS) return false;
  }
  return true;
}
