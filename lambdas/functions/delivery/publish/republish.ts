import * as z from 'zod';
import { METRIC } from '../../../../contracts/metrics.ts';
import { orderKey } from '../../../../contracts/workflow.ts';
import type { Publish } from '../../../aws/bus.ts';
import { count } from '../../../aws/metrics.ts';
import { parsed, Rejected } from '../../../domain/rejected.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { readFact } from '../../../ledger/queries.ts';

const pointer = z.object({ orderKey, seq: z.int().min(1) });

/** Publishes a fact from the ledger, with the id it always had. */
export async function republish({ ledger, publish }: { ledger: Ledger; publish: Publish }, body: unknown): Promise<void> {
  const { orderKey: key, seq } = parsed(pointer, body);
  const fact = await readFact(ledger, key, seq);
  if (!fact) throw new Rejected('ORDER_UNKNOWN', `order ${key} has no fact ${seq}`);
  await publish([fact.event]);
  count(METRIC.published);
}
