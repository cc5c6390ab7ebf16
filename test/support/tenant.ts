import { DeleteCommand } from '@aws-sdk/lib-dynamodb';
import type { Milestone } from '../../contracts/events.ts';
import { type InboundEvent, inboundEvent } from '../../contracts/intake.ts';
import { causeOf, type ReferenceKind } from '../../contracts/reference.ts';
import type { TaskOption } from '../../contracts/tasks.ts';
import type { Head } from '../../lambdas/domain/head.ts';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import { decideCancel, decideWake } from '../../lambdas/domain/protocol/index.ts';
import { decideTask } from '../../lambdas/ledger/decide.ts';
import { markResubmitted } from '../../lambdas/ledger/entry-tasks.ts';
import { referenceKey } from '../../lambdas/ledger/keys.ts';
import { listQuarantine, type Quarantined } from '../../lambdas/ledger/quarantine.ts';
import { lineage } from '../../lambdas/ledger/queries.ts';
import { readReference, setReference } from '../../lambdas/ledger/references.ts';
import { carriers, customers, products } from '../../local/northwind/master-data.ts';
import type { NorthwindQuote } from '../../local/northwind/quotes.ts';
import type { Erp } from './erps.ts';
import { loadedPolicy } from './policy.ts';
import { poll } from './poll.ts';
import { acceptedEvent, CANONICAL, inbound, quoteEvent } from './quotes.ts';
import type { Stage } from './stage.ts';

/** Patience for one order while all other tests run too. */
const SECONDS = 150;
const OPERATOR = 'operator of a test';

type Mapping = readonly [kind: ReferenceKind, code: string, target: string];

/** Where Northwind's own master data leads; the planted exceptions too. */
function mappingsOf({ content }: NorthwindQuote): Mapping[] {
  const accounts = new Set(content.parties.map(({ customer }) => customer));
  const skus = new Set(content.lines.map((line) => line.product));
  return [
    ...customers.filter((customer) => accounts.has(customer.account)).map((customer): Mapping => ['customer', customer.account, customer.code]),
    ...products.filter((product) => skus.has(product.sku)).map((product): Mapping => ['product', product.sku, product.code]),
    ...carriers.filter((carrier) => carrier.sku === content.shipping.carrier).map((carrier): Mapping => ['carrier', carrier.sku, carrier.code]),
  ];
}

/** What an order looks like to somebody who waits for it. */
export const situation = ({ state, wait, run, open, lastError }: Head): string =>
  [state, wait?.code, wait?.detail, `run ${run.n}${run.active ? ' active' : ''}`, open && `${open.action} open`, lastError?.code]
    .filter(Boolean)
    .join(', ');

/**
 * One tenant of a test, whose quotes go to one of the ERPs. It acts as a producer of quotes does on the inbound bus, and as an operator
 * does with the CLI; what it reads, it reads in the ledger.
 */
export function createTenant(stage: Stage, name: string, erp: Erp) {
  const { ledger } = stage;

  const map = async (kind: ReferenceKind, code: string, target: string): Promise<void> => {
    await setReference(ledger, { tenant: name, erp: erp.instance, kind, code, target, by: OPERATOR });
    await stage.sendCause({ cause: causeOf(name, erp.instance, kind, code) });
  };

  const order = async (orderKey: string): Promise<Head> => {
    const head = await ledger.read(orderKey);
    if (!head) throw new Error(`the ledger has no order ${orderKey}`);
    return head;
  };

  const until = async (orderKey: string, what: string, holds: (head: Head) => boolean, seconds = SECONDS): Promise<Head> => {
    let last = 'not there';
    const look = async () => {
      const head = await order(orderKey);
      last = situation(head);
      return holds(head) && head;
    };
    return poll(`order ${orderKey} of ${name} ${what}`, look, { seconds, every: 400 }).catch((error: Error) => {
      throw new Error(`${error.message}; it is ${last}`, { cause: error });
    });
  };

  return {
    name,
    erp,
    order,
    until,
    map,
    keyOf: ({ header }: NorthwindQuote, cpq = CANONICAL): string => orderKeyOf(name, cpq, header.id, header.revision),
    /** Maps what this quote needs, except for the codes that are left out. */
    prepare: async (quote: NorthwindQuote, ...leftOut: readonly string[]): Promise<void> => {
      for (const [kind, code, target] of mappingsOf(quote)) {
        if (leftOut.includes(code)) {
          await ledger.client.send(new DeleteCommand({ TableName: ledger.table, Key: referenceKey(name, erp.instance, kind, code) }));
        } else if ((await readReference(ledger, name, erp.instance, kind, code)).target !== target) await map(kind, code, target);
      }
    },
    event: (quote: NorthwindQuote) => acceptedEvent(name, quote, erp.region),
    /** Sends the quote as a canonical event. @returns the key of its order */
    accept: async (quote: NorthwindQuote): Promise<string> => {
      await stage.put(inbound(acceptedEvent(name, quote, erp.region)));
      return orderKeyOf(name, CANONICAL, quote.header.id, quote.header.revision);
    },
    /** Sends that the quote was withdrawn up to this revision, or that it came to a milestone. */
    tell: async (quote: NorthwindQuote, what: 'withdrawn' | Milestone, at?: string): Promise<void> => {
      await stage.put(inbound(quoteEvent(name, quote, what, at)));
    },
    quote: ({ header }: NorthwindQuote, cpq = CANONICAL) => ledger.readQuote(name, cpq, header.id),
    untilState: (orderKey: string, state: Head['state'], seconds?: number) =>
      until(orderKey, `is ${state} and idle`, (head) => head.state === state && !head.run.active, seconds),
    untilWaiting: (orderKey: string, code: string, seconds?: number) =>
      until(orderKey, `waits for ${code}`, (head) => head.wait?.code === code && !head.run.active, seconds),
    facts: async (orderKey: string) => (await lineage(ledger, orderKey)).facts.map(({ event }) => event),
    lineage: (orderKey: string) => lineage(ledger, orderKey),
    /** `quotebridge orders run` */
    run: async (orderKey: string): Promise<void> => {
      await ledger.change(orderKey, decideWake);
      await stage.sendRun({ orderKey });
    },
    /** `quotebridge orders cancel` */
    cancel: async (orderKey: string) => {
      const { answer } = await ledger.change(orderKey, (head, now) => decideCancel(head, OPERATOR, now, 'a test'));
      await stage.sendRun({ orderKey });
      return answer;
    },
    /** `quotebridge tasks decide`: the question that the order asks now. */
    decide: async (orderKey: string, option: TaskOption) => {
      const { task } = await order(orderKey);
      const deps = { ledger, policy: await loadedPolicy(), sendRun: stage.sendRun, sendCause: stage.sendCause };
      return decideTask(deps, { task: task?.id ?? '', option, by: OPERATOR, reason: 'a test' });
    },
    /** `quotebridge quarantine resubmit`, with the original or with what is given instead. */
    resubmit: async (entry: Quarantined, corrected?: InboundEvent): Promise<void> => {
      const original = 'text' in entry.original ? entry.original.text : await stage.documents.text(entry.original.key);
      await markResubmitted(ledger, entry, OPERATOR);
      await stage.put(corrected ?? inboundEvent.parse(JSON.parse(original)));
    },
    /** Waits for an entry in the quarantine of this tenant, or of a given one. */
    quarantined: (what: string, fits: (entry: Quarantined) => boolean, tenant = name): Promise<Quarantined> =>
      poll(`${what} is in quarantine`, async () => (await listQuarantine(ledger, tenant)).find(fits), { seconds: SECONDS, every: 500 }),
  };
}
export type Tenant = ReturnType<typeof createTenant>;
