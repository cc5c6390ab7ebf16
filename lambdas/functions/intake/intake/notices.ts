import type { InboundEvent } from '../../../../contracts/intake.ts';
import { readNotices } from '../../../connectors/cpq/salesforce/notice.ts';
import { Rejected } from '../../../domain/rejected.ts';
import type { IntakeDeps } from './deps.ts';

/** `aws.partner/salesforce.com/<org>/<relay>`; a laptop sends it without the prefix, which AWS keeps for itself. */
const SOURCE = /(?:^|\/)salesforce\.com\/([^/]+)\//;

/** One message per record that the vendor says has changed. false: not an event of a vendor. Throws Rejected TENANT_UNKNOWN. */
export async function passOnNotices({ policy, sendToCpq }: IntakeDeps, event: InboundEvent): Promise<boolean> {
  const notices = readNotices(event.detail);
  if (!notices) return false;
  const org = SOURCE.exec(event.source)?.[1];
  const found = Object.entries(policy.tenants).flatMap(([tenant, { cpqs }]) =>
    Object.entries(cpqs).flatMap(([cpq, connection]) => (connection.org !== undefined && connection.org === org ? [{ tenant, cpq }] : [])),
  )[0];
  if (!found) throw new Rejected('TENANT_UNKNOWN', `no tenant is configured for the event source ${event.source}`);
  for (const notice of notices) await sendToCpq({ ...found, ...notice, original: event });
  return true;
}
