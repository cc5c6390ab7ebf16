import { expect, test } from 'vitest';
import type { StepCall } from '../../lambdas/aws/step.ts';
import type { OrderDeps } from '../../lambdas/functions/quote-to-order/order/deps.ts';
import { mapProducts } from '../../lambdas/functions/quote-to-order/order/map-products.ts';
import { accepted, active } from './domain-fixtures.ts';

const line = { id: '1', product: 'NWD-001', quantity: '1', unit: 'unit', listPrice: '10.00', netPrice: '10.00', amount: '10.00' };

test('a recurring charge is not sold as a one-time line: the order stops for a person', async () => {
  const quote = {
    lines: [
      { ...line, charge: 'one-time' },
      { ...line, id: '2', charge: 'recurring' },
    ],
  };
  const deps = { documents: { readQuote: async () => quote } } as unknown as OrderDeps;
  const call = { head: { ...accepted, ...active }, run: 1, action: 'map-products' } as unknown as StepCall;
  await expect(mapProducts(deps)(call)).rejects.toMatchObject({ name: 'Stop', code: 'CHARGE_UNSUPPORTED' });
});
