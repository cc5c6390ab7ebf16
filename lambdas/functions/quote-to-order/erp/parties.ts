import type { QuoteDocument } from '../../../../contracts/quote.ts';
import type { ErpCustomer, ErpPort } from '../../../connectors/erp/port.ts';
import { firstOpen } from '../../../domain/approval.ts';
import { Stop } from '../../../domain/errors.ts';
import type { Head } from '../../../domain/head.ts';
import { readReference } from '../../../ledger/references.ts';
import type { ErpDeps } from './deps.ts';

/** The account that the order is for. */
export const soldTo = ({ parties }: QuoteDocument): string => (parties.find((party) => party.role === 'sold-to') ?? parties[0])?.customer ?? '';

/**
 * Every other account of the quote has to be linked to a customer of the ERP, and that one has to stand in one hierarchy with the
 * customer that the order is for, as far as the ERP keeps hierarchies. That it does not can be approved; a link that is missing cannot.
 * Throws Stop CUSTOMER_HIERARCHY_GAP.
 */
export async function mustBelongTogether({ ledger }: Pick<ErpDeps, 'ledger'>, erp: ErpPort, head: Head, quote: QuoteDocument, customer: ErpCustomer) {
  const others = new Map(quote.parties.map((party) => [party.customer, party.role]));
  others.delete(soldTo(quote));
  for (const [account, role] of others) {
    const { target, version, cause } = await readReference(ledger, head.tenant, head.route.erp, 'customer', account);
    const unlinked = (why: string) => new Stop('CUSTOMER_HIERARCHY_GAP', `${role} account ${account} ${why}`, { on: { cause, version } });
    if (!target) throw unlinked('is linked to no customer of the ERP');
    if (!erp.keeps.hierarchy || target === customer.code) continue;
    const other = await erp.findCustomer(target);
    if (!other) throw unlinked(`is linked to ${target}, which the ERP does not have`);
    if (other.top === customer.top) continue;
    const ask = { subject: `CUSTOMER_HIERARCHY_GAP:${head.route.erp}:${customer.code}:${target}`, account };
    const detail = `${role} ${target} (account ${account}) and sold-to ${customer.code} do not belong to one customer in the ERP`;
    const open = firstOpen([{ code: 'CUSTOMER_HIERARCHY_GAP', detail, ask }], head);
    if (open) throw new Stop(open.code, open.detail, { ask: { ...ask, requestedBy: quote.requestedBy } });
  }
}
