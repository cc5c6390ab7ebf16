import { describe, expect, it } from 'vitest';
import type { Conversation } from '../../lambdas/connectors/erp/tryton/client.ts';
import { inForce } from '../../lambdas/connectors/erp/tryton/in-force.ts';

/** A sale of which everything was cancelled; what Tryton itself says in each of these states is measured in test/connectors. */
const sale = {
  state: 'processing',
  number: '7',
  shipment_state: 'none',
  invoice_state: 'none',
  'shipments.': [{ id: 4, number: '4', state: 'cancelled' }],
  'invoices.': [],
};

const asked = (patch: Partial<typeof sale>): Promise<string[]> => {
  const tryton = { read: async () => [{ ...sale, ...patch }] } as unknown as Conversation;
  return inForce(tryton, '7');
};

describe('a sale of which everything was cancelled', () => {
  it('is not in force', async () => {
    expect(await asked({})).toEqual([]);
  });

  it.each(['shipment', 'invoice'])('is in force as long as Tryton asks whether to make its %s anew', async (document) => {
    expect(await asked({ [`${document}_state`]: 'exception' })).toEqual([`the ${document} exception of sale 7 is not handled`]);
  });
});
