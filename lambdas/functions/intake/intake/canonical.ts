import { type CloudEvent, envelope } from '../../../../contracts/envelope.ts';
import { QUOTE_EVENTS, quoteAccepted } from '../../../../contracts/events.ts';
import { connectorSource, type InboundEvent } from '../../../../contracts/intake.ts';
import type { CpqConnection } from '../../../../contracts/policy.ts';
import type { QuoteDocument } from '../../../../contracts/quote.ts';
import { definitionOf } from '../../../domain/event-type.ts';
import { orderKeyOf } from '../../../domain/identity.ts';
import { mustAddUp } from '../../../domain/quote-check.ts';
import { issuesOf, Rejected } from '../../../domain/rejected.ts';
import { routeOf } from '../../../domain/route.ts';
import type { IntakeDeps } from './deps.ts';

/**
 * Quotes of a CPQ that we read ourselves come from its connector only, which runs in our own account: `account` is EventBridge's word,
 * sources are the producer's. Other producers are named in the policy.
 */
function mustSpeakFor(deps: IntakeDeps, tenant: string, cpq: string, connection: CpqConnection, event: InboundEvent, source: string): void {
  const canonical = connection.vendor === 'canonical';
  const allowed = canonical
    ? (connection.sources ?? ['']).some((prefix) => event.source.startsWith(prefix) && source.startsWith(prefix))
    : event.account === deps.account && event.source === connectorSource(tenant, cpq) && source === event.source;
  if (!allowed) throw new Rejected('TENANT_UNKNOWN', `source ${source.slice(0, 100)} may not speak for CPQ ${cpq} of tenant ${tenant}`);
  if (source.startsWith('aws.')) throw new Rejected('EVENT_MALFORMED', 'source: "aws." is kept for AWS itself');
}

function validate(deps: IntakeDeps, event: InboundEvent): CloudEvent<{ quote: { cpq: string } }> {
  const head = envelope.safeParse(event.detail);
  if (!head.success) throw new Rejected('EVENT_MALFORMED', issuesOf(head.error));
  const { type, tenant, region, businessunit } = head.data;
  if (type !== event['detail-type']) throw new Rejected('EVENT_MALFORMED', 'detail-type and the type in detail differ');
  const definition = definitionOf(QUOTE_EVENTS, type);
  const connections = Object.hasOwn(deps.policy.tenants, tenant) ? deps.policy.tenants[tenant] : undefined; // `constructor` is a property of any object
  if (!connections) throw new Rejected('TENANT_UNKNOWN', `tenant ${tenant}`);
  const parsed = definition.schema.safeParse(event.detail);
  if (!parsed.success) throw new Rejected('QUOTE_INVALID', issuesOf(parsed.error));
  const { cpq } = parsed.data.data.quote;
  const connection = connections.cpqs[cpq];
  if (!connection) throw new Rejected('TENANT_UNKNOWN', `tenant ${tenant} has no CPQ ${cpq}`);
  mustSpeakFor(deps, tenant, cpq, connection, event, head.data.source);
  if (!routeOf(connections, cpq, region, businessunit)) throw new Rejected('ROUTE_UNKNOWN', `region ${region}, business unit ${businessunit}`);
  return parsed.data;
}

/** The content goes into the bucket; on the business bus a quote travels by reference. */
async function byReference({ documents }: IntakeDeps, event: CloudEvent<unknown>): Promise<CloudEvent<unknown>> {
  const { data, ...rest } = quoteAccepted.schema.parse(event);
  if (!data.content) throw new Rejected('QUOTE_INVALID', 'content: an accepted quote comes with its content');
  const document: QuoteDocument = { ...data.quote, ...data.content };
  mustAddUp(document);
  const orderKey = orderKeyOf(event.tenant, document.cpq, document.id, document.revision);
  const reference = await documents.storeQuote(event.tenant, orderKey, document);
  return { ...rest, data: { quote: data.quote, acceptedAt: data.acceptedAt, document: reference } };
}

/** Validates an event by its contract and passes it on to the business bus. Throws Rejected. */
export async function admitCanonical(deps: IntakeDeps, event: InboundEvent): Promise<void> {
  const valid = validate(deps, event);
  await deps.publish([valid.type === quoteAccepted.type ? await byReference(deps, valid) : valid]);
}
