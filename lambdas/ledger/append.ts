import type { CloudEvent } from '../../contracts/envelope.ts';
import type { OrderSnapshot } from '../../contracts/events.ts';
import { ORDER_EVENTS } from '../../contracts/events.ts';
import { type FactDraft, type Head, isForgotten, SYSTEM } from '../domain/head.ts';
import { hashOf } from '../domain/identity.ts';
import { numbersFrom } from '../domain/protocol/index.ts';
import { snapshotOf } from '../domain/snapshot.ts';
import { factKey, headItem } from './keys.ts';
import { taskItems } from './task-items.ts';

/** One fact of an order: the finished event, chained to the one before (rule 10). */
export interface Fact {
  readonly seq: number;
  readonly event: CloudEvent<OrderSnapshot>;
  readonly actor: string;
  readonly run: number;
  readonly previousHash: string;
  readonly hash: string;
}

export interface Write {
  /** What was read; undefined: the order is new. */
  readonly from: Head | undefined;
  readonly to: Head;
  readonly fact: FactDraft | undefined;
}

/** A bug: a decision leaves an order that has something left to do and no due time, so no index would have it, and no sweep. */
export class OrderForgotten extends Error {
  override readonly name = 'OrderForgotten';
}

/** Over every field of the fact, so that none can be changed; what else its item has are its keys, which follow from these. */
export const hashOfFact = ({ seq, event, actor, run, previousHash }: Omit<Fact, 'hash'>): string => hashOf({ seq, event, actor, run, previousHash });

const SOURCE = 'quotebridge';

/** The event that this fact publishes, valid by its contract, or an exception before anything is written. */
function eventOf(head: Head, fact: FactDraft, now: string): CloudEvent<OrderSnapshot> {
  const definition = ORDER_EVENTS.find((event) => event.type === fact.type);
  if (!definition) throw new Error(`no event definition for ${fact.type}`);
  return definition.schema.parse({
    specversion: '1.0',
    id: `${head.orderKey}:${head.seq}`,
    source: SOURCE,
    type: fact.type,
    subject: head.orderKey,
    time: now,
    datacontenttype: 'application/json',
    dataschema: `urn:quotebridge:schema:${fact.type}`,
    tenant: head.tenant,
    region: head.route.region,
    businessunit: head.route.businessUnit,
    correlationid: head.correlationId,
    data: { ...snapshotOf(head), note: fact.note },
  });
}

/** The head to store and the fact that goes with it. A write without a fact moves no sequence. */
export function finish(write: Write, now: string): { head: Head; fact: Fact | undefined } {
  // above every version of an older epoch: who has read HEAD before a restore writes nothing after it
  const first = numbersFrom(write.to.epoch);
  const version = Math.max(write.from?.version ?? 0, first) + 1;
  if (!write.fact) return { head: { ...write.to, version }, fact: undefined };
  const numbered: Head = { ...write.to, version, seq: Math.max(write.to.seq, first) + 1 };
  const event = eventOf(numbered, write.fact, now);
  const fact = { seq: numbered.seq, event, actor: write.fact.actor, run: numbered.run.n, previousHash: numbered.lastHash };
  const hash = hashOfFact(fact);
  return { head: { ...numbered, lastHash: hash }, fact: { ...fact, hash } };
}

/**
 * The write as items of one transaction: HEAD under compare-and-set, FACT never over another, and the question to a person as HEAD has it.
 * Every HEAD is written by this, so none is written that the sweeper would not find. Throws OrderForgotten before anything is written.
 */
export function itemsOf(table: string, write: Write, now: string) {
  const { head, fact } = finish(write, now);
  if (isForgotten(head)) throw new OrderForgotten(`order ${head.orderKey} would be ${head.state}, not at its end, and never looked at again`);
  const condition = write.from
    ? {
        ConditionExpression: '#version = :version',
        ExpressionAttributeNames: { '#version': 'version' },
        ExpressionAttributeValues: { ':version': write.from.version },
      }
    : { ConditionExpression: 'attribute_not_exists(pk)' };
  const tasks = taskItems(write.from, head, write.fact?.actor ?? SYSTEM, now).map((Item) => ({ Put: { TableName: table, Item } }));
  const puts = [{ Put: { TableName: table, Item: headItem(head), ...condition } }, ...tasks];
  if (!fact) return { head, puts };
  return {
    head,
    puts: [
      ...puts,
      { Put: { TableName: table, Item: { ...factKey(head.orderKey, fact.seq), ...fact }, ConditionExpression: 'attribute_not_exists(pk)' } },
    ],
  };
}
