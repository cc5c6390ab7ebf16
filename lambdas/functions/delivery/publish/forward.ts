import type { CloudEvent } from '../../../../contracts/envelope.ts';
import type { Publish } from '../../../aws/bus.ts';
import { logger } from '../../../aws/logger.ts';

export interface FactPointer {
  readonly orderKey: string;
  readonly seq: number;
}

export interface ForwardDeps {
  readonly publish: Publish;
  readonly retry: (pointer: FactPointer) => Promise<void>;
}

/**
 * Forwards one fact of the stream. One that fails goes to the retry queue and the shard moves on: partial-batch answers and bisecting
 * lose or block records on a stream (rule 10). Throws only when the retry queue fails too.
 */
export async function forward({ publish, retry }: ForwardDeps, pointer: FactPointer, event: CloudEvent<unknown>): Promise<void> {
  try {
    await publish([event]);
  } catch (error) {
    logger.error('fact not published', { ...pointer, code: 'PUBLISH_FAILED', error: error as Error });
    await retry(pointer);
  }
}
