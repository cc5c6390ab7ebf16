import type { ErpOrder, ErpPort } from '../../../connectors/erp/port.ts';
import { Stop } from '../../../domain/errors.ts';
import type { Head } from '../../../domain/head.ts';
import { type Found, isSold } from '../../../domain/protocol/index.ts';

const GENERATIONS = 1000;

/**
 * What stands in the ERP under the key of this order, all generations, oldest first. An ERP may keep a reversed order as a confirmed one,
 * so of those that HEAD does not name it is asked what is in force; after a restore, of all. Throws Stop KEY_COLLISION.
 */
export async function lookUp(erp: ErpPort, head: Head): Promise<Found[]> {
  const named = head.lookFrom === undefined ? [head.draft?.ref, head.order?.ref] : [];
  const found: Found[] = [];
  for (const order of await erp.findOrders(head.orderKey)) {
    const one = asFound(erp, head, order);
    const reversed = isSold(one) && !named.includes(one.ref) && (await erp.inForce(one.ref)).length === 0;
    found.push(reversed ? { ...one, status: 'reversed' } : one);
  }
  return found;
}

/** The generation is read back from the key; a key that is none of ours is somebody else's document, never adopted. */
export function asFound(erp: ErpPort, head: Head, order: ErpOrder): Found {
  // also those above HEAD's own: a ledger that was restored has forgotten them
  const generation = Array.from({ length: GENERATIONS }, (_, n) => n).find((n) => erp.vendorKey(head.orderKey, n) === order.key);
  if (generation === undefined) throw new Stop('KEY_COLLISION', `document ${order.ref} carries the key ${order.key}`);
  return { ref: order.ref, key: order.key, generation, status: order.status, total: order.total, number: order.number };
}
