import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';

/** A sale as it stands in the ERP's own database. */
const row = z.object({ id: z.int(), reference: z.string(), number: z.string().nullable(), state: z.string() });
type CountedSale = z.infer<typeof row>;

export interface SaleCount {
  /** Sales that are not cancelled, by order key. A cancelled one is a draft that was undone. */
  readonly byKey: ReadonlyMap<string, readonly CountedSale[]>;
  /** Keys with more than one sale that is not cancelled. */
  readonly duplicates: readonly string[];
  /** The key of each cancelled sale: drafts that were undone. */
  readonly undone: readonly string[];
  /** How many sales are in each state of the ERP, cancelled ones too. */
  readonly states: Readonly<Record<string, number>>;
}

/**
 * Counts the sales in the ERP by our key, asking neither our ledger nor our connector: this reads Tryton's database file itself,
 * which may be in use. The key is what stands before the point in `reference` (`<order key>.<generation>`).
 * @param leftOut keys of which nothing is counted
 */
export function countSales(database: string, leftOut: ReadonlySet<string> = new Set()): SaleCount {
  const file = new DatabaseSync(database, { readOnly: true });
  try {
    const sql = 'SELECT id, reference, number, state FROM sale_sale WHERE reference IS NOT NULL ORDER BY id';
    return tally(z.array(row).parse(file.prepare(sql).all()), leftOut);
  } finally {
    file.close();
  }
}

function tally(sales: readonly CountedSale[], leftOut: ReadonlySet<string>): SaleCount {
  const byKey = new Map<string, CountedSale[]>();
  const states: Record<string, number> = {};
  const undone: string[] = [];
  for (const sale of sales) {
    const key = sale.reference.replace(/\.\d+$/, '');
    if (leftOut.has(key)) continue;
    states[sale.state] = (states[sale.state] ?? 0) + 1;
    if (sale.state === 'cancelled') undone.push(key);
    else byKey.set(key, [...(byKey.get(key) ?? []), sale]);
  }
  const duplicates = [...byKey].filter(([, found]) => found.length > 1).map(([key]) => key);
  return { byKey, duplicates, undone, states };
}
