import type { CloudEvent } from '../../../../contracts/envelope.ts';
import { ERRORS } from '../../../../contracts/errors.ts';
import { type CpqMessage, connectorSource, cpqMessage } from '../../../../contracts/intake.ts';
import { logger } from '../../../aws/logger.ts';
import { countQuarantined } from '../../../aws/metrics.ts';
import type { CpqQuote } from '../../../connectors/cpq/port.ts';
import { parsed } from '../../../domain/rejected.ts';
import { VendorError } from '../../../gateway/vendor-error.ts';
import { quarantine } from '../../../ledger/quarantine.ts';
import type { CpqDeps } from './deps.ts';

/** The quote as a canonical event, as any other producer would send it; undefined: a status that nobody waits for. */
function eventOf({ tenant, cpq, recordId }: CpqMessage, quote: CpqQuote): CloudEvent<unknown> | undefined {
  if (!quote.status) return undefined;
  const { number, id, revision } = quote.header;
  const data =
    quote.status === 'accepted'
      ? { quote: quote.header, acceptedAt: quote.at, content: quote.content }
      : { quote: { cpq, id, number, revision }, at: quote.at };
  return {
    specversion: '1.0',
    id: `${tenant}:${cpq}:${recordId}:${revision}:${quote.status}`,
    source: connectorSource(tenant, cpq),
    type: `quote.${quote.status}.v1`,
    subject: `${id}/${revision}`,
    time: quote.at,
    datacontenttype: 'application/json',
    tenant,
    ...(quote.region && { region: quote.region }),
    ...(quote.businessUnit && { businessunit: quote.businessUnit }),
    correlationid: `${cpq}:${id}:${revision}`,
    data,
  };
}

/** What the CPQ refuses for good stands in quarantine with the event that named it; what may pass is tried again by the queue. */
async function refused({ ledger }: CpqDeps, message: CpqMessage, error: VendorError): Promise<void> {
  const { source, 'detail-type': type } = message.original;
  const original = { text: JSON.stringify(message.original) };
  const detail = `record ${message.recordId}: ${error.detail}`;
  const { id, known } = await quarantine(ledger, { tenant: message.tenant, code: error.code, detail, source, type, original });
  if (!known) countQuarantined(error.code);
  logger.warn('record quarantined', { id, code: error.code, tenant: message.tenant });
}

/** What the intake would not take is refused here, before the bus refuses it for its size. */
async function announce({ publish, eventBytes }: CpqDeps, event: CloudEvent<unknown>): Promise<void> {
  const bytes = Buffer.byteLength(JSON.stringify(event));
  if (bytes > eventBytes) throw new VendorError('EVENT_TOO_LARGE', 'refused', `${bytes} bytes; the limit is ${eventBytes}`);
  await publish([event]);
}

/** The vendor's event is only a trigger: the record is fetched, and what it says now is what counts. */
export async function refetch(deps: CpqDeps, body: unknown): Promise<void> {
  const message = parsed(cpqMessage, body);
  try {
    const cpq = await deps.cpqOf(message.tenant, message.cpq);
    const event = eventOf(message, await cpq.fetchQuote(message.recordId));
    if (event) await announce(deps, event);
    else logger.info('status is of no interest', { tenant: message.tenant, recordId: message.recordId });
  } catch (error) {
    if (!(error instanceof VendorError) || ERRORS[error.code].retry !== 'never') throw error;
    await refused(deps, message, error);
  }
}
