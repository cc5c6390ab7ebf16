import type { EventOf } from '../../../../contracts/envelope.ts';
import type { quoteAccepted } from '../../../../contracts/events.ts';
import { METRIC } from '../../../../contracts/metrics.ts';
import type { QuoteHeader } from '../../../../contracts/quote.ts';
import { logger } from '../../../aws/logger.ts';
import { count, countQuarantined } from '../../../aws/metrics.ts';
import { Stop } from '../../../domain/errors.ts';
import { type Head, later } from '../../../domain/head.ts';
import { orderKeyOf } from '../../../domain/identity.ts';
import { Rejected } from '../../../domain/rejected.ts';
import { routeOf } from '../../../domain/route.ts';
import { parkingOf, rulesOf } from '../../../domain/rules.ts';
import { askAboutEntry } from '../../../ledger/entry-tasks.ts';
import { quarantinePut, readQuarantined } from '../../../ledger/quarantine.ts';
import type { RunDeps } from './deps.ts';
import { start } from './start.ts';

/** An accepted quote becomes an order by rule 16, and its first run starts. The same content under other names is refused, not lost. */
export async function accept(deps: RunDeps, event: EventOf<typeof quoteAccepted>): Promise<void> {
  const { ledger, policy } = deps;
  const { quote, document, acceptedAt } = event.data;
  if (!document) throw new Rejected('MESSAGE_MALFORMED', 'document: on the business bus the content of a quote travels by reference');
  const orderKey = orderKeyOf(event.tenant, quote.cpq, quote.id, quote.revision);
  const route = routeOf(policy.tenants[event.tenant], quote.cpq, event.region, event.businessunit);
  if (!route) throw new Stop('ROUTE_UNKNOWN', `tenant ${event.tenant}, region ${event.region}, business unit ${event.businessunit}`);
  const { answer, head, predecessor } = await ledger.accept({
    orderKey,
    tenant: event.tenant,
    quote,
    contentHash: document.hash,
    document,
    route,
    correlationId: event.correlationid ?? event.id,
    acceptedAt,
    deadline: later(acceptedAt, rulesOf(policy, { tenant: event.tenant, ...route }).deadlines.complete),
    now: ledger.stamp(),
  });
  logger.info('quote accepted', { orderKey, answer });
  if (answer === 'accepted') count(METRIC.accepted);
  if (answer === 'conflict') await conflict(deps, event, head);
  if (predecessor) await deps.send({ orderKey: predecessor });
  await start(deps, orderKey);
}

const totalOf = ({ total, currency }: QuoteHeader): string => `${total} ${currency}`;

/** Quarantine, fact and question in one transaction: a function that dies leaves all or none, and the same conflict again writes nothing. */
async function conflict({ ledger, policy }: RunDeps, event: EventOf<typeof quoteAccepted>, { orderKey, quote }: Head): Promise<void> {
  const entry = {
    tenant: event.tenant,
    code: 'QUOTE_CONTENT_CHANGED',
    detail: `order ${orderKey} was opened with other content: ${totalOf(quote)}, and ${totalOf(event.data.quote)} now`,
    orderKey,
    source: event.source,
    type: event.type,
    original: { key: event.data.document?.key ?? '' },
  } as const;
  const { id, put } = quarantinePut(ledger, entry);
  const known = await readQuarantined(ledger, entry.tenant, id);
  if (known && known.resubmittedAt === undefined) return;
  const fact = { type: 'order.content-conflicted.v1', actor: 'system' } as const;
  await ledger.change(
    orderKey,
    (head) => ({ next: head, fact, answer: null }),
    (head) => [{ Put: put }, ...askAboutEntry(ledger.table, head, { id, ...entry }, parkingOf(policy, head), ledger.stamp())],
  );
  countQuarantined(entry.code);
}
