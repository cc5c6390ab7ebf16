import type { Policy } from '../../contracts/policy.ts';
import type { Head, QuoteItem } from '../domain/head.ts';
import { executionName } from '../domain/identity.ts';
import { epochOfNumber, numbersFrom } from '../domain/protocol/index.ts';
import { type Recipients, recipientsOf } from '../domain/recipients.ts';
import type { Fact } from '../ledger/append.ts';
import { firstBroken } from '../ledger/audit.ts';
import type { lineage } from '../ledger/queries.ts';
import type { Defaults } from './defaults.ts';
import { orderView } from './order.ts';

/** What the ledger holds under one order. */
type Items = Awaited<ReturnType<typeof lineage>>;

const factView = ({ seq, event, actor, run }: Fact) => ({
  sequence: seq,
  id: event.id,
  type: event.type,
  at: event.time,
  actor,
  run,
  state: event.data.state,
  code: event.data.waiting?.code,
  detail: event.data.waiting?.detail,
  stop: event.data.stop,
  note: event.data.note,
  /** What was answered and why; later facts carry it too, so it is told where it was given. */
  decision: event.type === 'order.decided.v1' ? event.data.decision : undefined,
});

/** `brokenAt`: sequence of the first fact that does not continue the one before it, or was changed after it was written. */
function chainView(orderKey: string, facts: readonly Fact[]) {
  const brokenAt = firstBroken(orderKey, facts)?.seq;
  return { intact: brokenAt === undefined, brokenAt };
}

/** What every recipient has to have, what it has acknowledged, and how many events it is behind. */
function deliveryViews({ facts, deliveries }: Items, recipients: Recipients) {
  return Object.entries(recipients).map(([subscriber, { events }]) => {
    const known = deliveries.find((delivery) => delivery.subscriber === subscriber);
    const wanted = facts.filter(({ event }) => events.some((prefix) => event.type.startsWith(prefix)));
    const acknowledged = known?.sequence ?? 0;
    return {
      subscriber,
      events,
      acknowledged,
      newest: wanted.at(-1)?.seq ?? 0,
      behind: wanted.filter(({ seq }) => seq > acknowledged).length,
      attempts: known?.attempts ?? 0,
      at: known?.at,
    };
  });
}

function executionViews({ orderKey, epoch, run }: Head, { facts }: Items, stateMachineArn: string) {
  const prefix = stateMachineArn.replace(':stateMachine:', ':execution:');
  const first = numbersFrom(epoch) + 1;
  // of runs before a restore the ledger knows those alone that left a fact
  const before = facts.map((fact) => fact.run).filter((n) => n < first && n > numbersFrom(epochOfNumber(n)));
  const runs = [...new Set(before), ...Array.from({ length: Math.max(0, run.n - first + 1) }, (_, at) => first + at)];
  return runs.map((n) => {
    const name = executionName(orderKey, epochOfNumber(n), n);
    return { run: n, name, arn: `${prefix}:${name}` };
  });
}

export interface Around {
  readonly defaults: Defaults;
  readonly policy: Pick<Policy, 'subscribers' | 'tenants'>;
  readonly bucket: string;
  readonly stateMachineArn: string;
}

/** One revision of a quote: its order, what happened to it, and who knows of it. */
export function revisionView(head: Head, items: Items, around: Around) {
  return {
    ...orderView(head, around.defaults),
    predecessor: head.predecessor,
    supersededBy: head.supersededBy,
    document: { bucket: around.bucket, ...head.document },
    executions: executionViews(head, items, around.stateMachineArn),
    facts: items.facts.map(factView),
    chain: chainView(head.orderKey, items.facts),
    documents: items.documents.map(({ pk: _pk, sk: _sk, ...document }) => document),
    deliveries: deliveryViews(items, recipientsOf(around.policy, head)),
  };
}
export type RevisionView = ReturnType<typeof revisionView>;

/** A quote as its CPQ and the ledger know it. */
export function quoteView({ tenant, cpq, id, highest, withdrawnUpTo, milestones }: QuoteItem, number: string | undefined) {
  return { tenant, cpq, id, number, highestRevision: highest?.revision, withdrawnUpTo, milestones };
}
export type QuoteView = ReturnType<typeof quoteView>;
