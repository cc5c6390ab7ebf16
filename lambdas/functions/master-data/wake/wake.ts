import * as z from 'zod';
import { causeMessage } from '../../../../contracts/workflow.ts';
import { logger } from '../../../aws/logger.ts';
import { parsed } from '../../../domain/rejected.ts';
import { wakeForCause } from '../../../ledger/causes.ts';
import type { Ledger } from '../../../ledger/ledger.ts';
import { waitingFor } from '../../../ledger/queries.ts';

/** Orders per message: a page is well within the function's time. */
const PAGE = 50;

const message = causeMessage.extend({ after: z.record(z.string(), z.unknown()).optional() });

export interface WakeDeps {
  readonly ledger: Ledger;
  readonly send: (message: { orderKey: string }) => Promise<void>;
  readonly sendCause: (message: { cause: string; after?: Record<string, unknown> }) => Promise<void>;
}

/** A cause got a new version: every order that waits for an older one is due now, or cancelled, page by page (rule 8). */
export async function wake({ ledger, send, sendCause }: WakeDeps, body: unknown): Promise<void> {
  const { cause, after } = parsed(message, body);
  const page = await waitingFor(ledger, cause, PAGE, after);
  for (const orderKey of page.orderKeys) {
    const head = await ledger.read(orderKey);
    if (head && (await wakeForCause(ledger, head))) await send({ orderKey });
  }
  logger.info('cause answered', { orders: page.orderKeys.length, more: page.next !== undefined });
  if (page.next) await sendCause({ cause, after: page.next });
}
