import * as z from 'zod';
import { envelope } from '../../../../contracts/envelope.ts';
import { ERRORS } from '../../../../contracts/errors.ts';
import { ORDER_EVENTS, type OrderSnapshot, orderSnapshot } from '../../../../contracts/events.ts';
import { METRIC } from '../../../../contracts/metrics.ts';
import { writesBack } from '../../../../contracts/policy.ts';
import { CPQ } from '../../../../contracts/queues.ts';
import { quoteHeader } from '../../../../contracts/quote.ts';
import { count } from '../../../aws/metrics.ts';
import type { OrderStatus } from '../../../connectors/cpq/port.ts';
import { definitionOf } from '../../../domain/event-type.ts';
import { numbersFrom } from '../../../domain/protocol/index.ts';
import { parsed } from '../../../domain/rejected.ts';
import { snapshotOf } from '../../../domain/snapshot.ts';
import { sharedQuestion } from '../../../ledger/cause-tasks.ts';
import { acknowledged } from '../../../ledger/deliveries.ts';
import { type Ledger, OrderUnknown } from '../../../ledger/ledger.ts';
import type { WriteBackDeps } from './deps.ts';

/** As little as is needed: the event only says whose record may be behind. */
const fromBus = z.object({
  detail: envelope.extend({
    data: orderSnapshot.pick({ orderKey: true, sequence: true }).extend({ quote: quoteHeader.pick({ cpq: true, id: true }) }),
  }),
});

/** `No ERP product is known: NWD-027 (waits for master-data)` */
function reasonOf({ code, detail, owner, for: whom }: NonNullable<OrderSnapshot['waiting']>): string {
  const { title } = ERRORS[code];
  return `${title}${detail === undefined ? '' : `: ${detail}`} (${whom === 'person' ? `waits for ${owner}` : 'goes on by itself'})`;
}

/** What the quote's record has to show: the order of its highest revision, as the ledger has it now. */
async function statusOf(ledger: Ledger, tenant: string, quote: { cpq: string; id: string }, orderKey: string): Promise<OrderStatus> {
  const { highest } = await ledger.readQuote(tenant, quote.cpq, quote.id);
  const key = highest?.orderKey ?? orderKey;
  const head = await ledger.read(key);
  if (!head) throw new OrderUnknown(`no order ${key} in the ledger`);
  const { sequence, state, erp, waiting } = snapshotOf(head, await sharedQuestion(ledger, head));
  const { revision } = head.quote;
  // A restored ledger may have forgotten higher revisions, and of this order the facts up to the first that it writes itself (ADR 0006). Of a
  // quote of which nothing was accepted but what had been withdrawn, the record may show any of these revisions: none is the highest.
  const any = head.epoch > 0 || highest === undefined;
  const newest = { revision: any ? Number.POSITIVE_INFINITY : revision, sequence: Math.max(sequence, numbersFrom(head.epoch)) };
  return {
    ...{ revision, sequence, orderKey: key, state, number: erp.number, at: ledger.stamp(), newest },
    waiting: waiting && { code: waiting.code, reason: reasonOf(waiting), due: waiting.due },
  };
}

/**
 * Shows an order in the record of its quote. The message only wakes: what is written is what the ledger says now, so the order of
 * messages and their repetition do not matter, and whoever writes looks again whether that was the newest.
 * @throws VendorError when the record could not be written; Rejected for what is no event
 */
export async function writeBack({ ledger, tenants, cpqOf }: WriteBackDeps, body: unknown): Promise<void> {
  const { type, tenant, data } = parsed(fromBus, body).detail;
  definitionOf(ORDER_EVENTS, type);
  const { orderKey, sequence, quote } = data;
  const connection = tenants[tenant]?.cpqs[quote.cpq];
  if (!connection || !writesBack(connection)) return;
  const cpq = await cpqOf(tenant, quote.cpq);
  if (!cpq.writeStatus) return;

  const read = () => statusOf(ledger, tenant, quote, orderKey);
  let told: OrderStatus;
  let now: OrderStatus;
  do {
    const { answer, status } = await cpq.writeStatus(quote.id, read);
    if (answer === 'written') count(METRIC.delivered(CPQ));
    [told, now] = [status, await read()];
  } while (told.orderKey !== now.orderKey || told.sequence !== now.sequence);
  await acknowledged(ledger, told.orderKey, CPQ, told.sequence);
  // The record shows a higher revision: of this order it has to know nothing any more.
  if (told.orderKey !== orderKey) await acknowledged(ledger, orderKey, CPQ, sequence);
}
