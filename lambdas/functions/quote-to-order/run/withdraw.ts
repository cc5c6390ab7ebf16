import type { EventOf } from '../../../../contracts/envelope.ts';
import type { quoteWithdrawn } from '../../../../contracts/events.ts';
import { METRIC } from '../../../../contracts/metrics.ts';
import { logger } from '../../../aws/logger.ts';
import { count } from '../../../aws/metrics.ts';
import type { RunDeps } from './deps.ts';

/** A quote is taken back: its open orders are asked to stop, and what is accepted of it later makes nothing (rule 16). */
export async function withdraw({ ledger, send }: RunDeps, event: EventOf<typeof quoteWithdrawn>): Promise<void> {
  const { quote } = event.data;
  const orders = await ledger.withdraw(event.tenant, quote, `CPQ ${quote.cpq}`);
  logger.info('quote withdrawn', { tenant: event.tenant, revision: quote.revision, orders });
  if (orders.length > 0) count(METRIC.withdrawn, orders.length);
  for (const orderKey of orders) await send({ orderKey });
}
