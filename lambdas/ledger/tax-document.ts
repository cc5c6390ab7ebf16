import type { Head } from '../domain/head.ts';
import { documentKey } from './keys.ts';
import type { TransactItems } from './table.ts';

/** The tax document as a document of the order, written with the fact that records or voids it. */
export function taxDocumentItem(table: string, head: Head): TransactItems {
  if (!head.tax) return [];
  const { id, key, amount, status } = head.tax;
  return [
    {
      Put: {
        TableName: table,
        Item: { ...documentKey(head.orderKey, 'tax', id), kind: 'tax', id, key, amount, currency: head.quote.currency, status },
      },
    },
  ];
}
