import { type InboundEvent, inboundEvent } from '../../../../contracts/intake.ts';
import { logger } from '../../../aws/logger.ts';
import { countQuarantined } from '../../../aws/metrics.ts';
import { hashOf } from '../../../domain/identity.ts';
import { jsonOf } from '../../../domain/labels.ts';
import { Rejected } from '../../../domain/rejected.ts';
import { NO_TENANT, quarantine } from '../../../ledger/quarantine.ts';
import { admitCanonical } from './canonical.ts';
import type { IntakeDeps } from './deps.ts';
import { passOnNotices } from './notices.ts';

/** What can be read of an event that is not fit to go on. */
function labels(text: string, tenants: object) {
  const body = jsonOf(text) as { source?: unknown; 'detail-type'?: unknown; detail?: { tenant?: unknown } } | undefined;
  const word = (value: unknown) => (typeof value === 'string' ? value.slice(0, 200).toWellFormed() : '');
  const tenant = word(body?.detail?.tenant);
  return { source: word(body?.source), type: word(body?.['detail-type']), tenant: Object.hasOwn(tenants, tenant) ? tenant : NO_TENANT };
}

/** The original stands in the bucket, where size does not matter, and can be submitted again from there. */
async function reject({ documents, ledger, policy }: IntakeDeps, text: string, { code, detail }: Rejected): Promise<void> {
  const seen = labels(text, policy.tenants);
  const key = `quarantine/${seen.tenant}/${hashOf(text)}.json`;
  await documents.put(key, text);
  const { id, known } = await quarantine(ledger, { ...seen, code, detail, original: { key } });
  if (!known) countQuarantined(code);
  logger.warn('event quarantined', { id, code, tenant: seen.tenant });
}

function parse(text: string, limit: number): InboundEvent {
  if (Buffer.byteLength(text) > limit) throw new Rejected('EVENT_TOO_LARGE', `${Buffer.byteLength(text)} bytes; the limit is ${limit}`);
  const event = inboundEvent.safeParse(jsonOf(text));
  if (!event.success) throw new Rejected('EVENT_MALFORMED', 'not an event of EventBridge');
  return event.data;
}

/**
 * Whatever comes on the inbound bus is validated here: canonical events go to the business bus, a vendor's change events become one
 * message per record, everything else goes to quarantine. Nothing is dropped, nothing unvalidated goes on.
 */
export async function takeIn(deps: IntakeDeps, text: string): Promise<void> {
  try {
    const event = parse(text, deps.policy.limits.eventBytes);
    if (await passOnNotices(deps, event)) return;
    await admitCanonical(deps, event);
  } catch (error) {
    if (!(error instanceof Rejected)) throw error;
    await reject(deps, text, error);
  }
}
