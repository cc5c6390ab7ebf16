import { describe, expect, it } from 'vitest';
import { orderKeyOf } from '../../lambdas/domain/identity.ts';
import { labelsOf } from '../../lambdas/domain/labels.ts';

const KEY = '0123456789ABCDEFGHJK';
const quote = { cpq: 'sf', id: 'Q-1', revision: 2 };

describe('whose a message is', () => {
  it.each([
    ['the small message', { orderKey: KEY }, { orderKey: KEY }],
    ['a fact to publish', { orderKey: KEY, seq: 3 }, { orderKey: KEY }],
    ['a cause', { cause: 'acme#main#product#P-1' }, { tenant: 'acme' }],
    ['a record of a CPQ', { tenant: 'acme', cpq: 'sf', recordId: 'a0x', original: {} }, { tenant: 'acme' }],
    [
      'an event of an order',
      { detail: { id: `${KEY}:3`, tenant: 'acme', correlationid: 'sf:Q-1:2', data: { orderKey: KEY } } },
      { tenant: 'acme', orderKey: KEY, correlationId: 'sf:Q-1:2' },
    ],
    [
      'an event of a quote',
      { detail: { id: 'e-1', tenant: 'acme', data: { quote } } },
      { tenant: 'acme', orderKey: orderKeyOf('acme', 'sf', 'Q-1', 2), correlationId: 'e-1' },
    ],
    ['nothing', {}, {}],
    ['nonsense', { detail: { tenant: 'a b', data: { orderKey: 'short', quote: { cpq: 7 } } } }, {}],
    ['a list', [1], {}],
    ['null', null, {}],
  ])('is read of %s', (_name, message, labels) => {
    expect(labelsOf(JSON.stringify(message))).toEqual(labels);
  });

  it('is nobody’s where it is not JSON', () => {
    expect(labelsOf('{"orderKey"')).toEqual({});
  });
});
