import type { CloudEvent } from '../../../../contracts/envelope.ts';
import { METRIC } from '../../../../contracts/metrics.ts';
import type { Publish } from '../../../aws/bus.ts';
import { logger, shown } from '../../../aws/logger.ts';
import { count } from '../../../aws/metrics.ts';

export interface FactPointer {
  readonly orderKey: string;
  readonly seq: number;
}

export interface StreamedFact extends FactPointer {
  readonly event: CloudEvent<unknown>;
}

export interface ForwardDeps {
  readonly publish: Publish;
  readonly retry: (pointer: FactPointer) => Promise<void>;
  /** Milliseconds that this invocation has left. */
  readonly left: () => number;
}

/** As many as one call of PutEvents takes. */
const GROUP = 10;
/** What one call may take, and what it takes to hand the rest over. */
const ENOUGH_MS = 10_000;

/**
 * Forwards the facts of a stream batch. Those that fail, and those for which no time is left, go to the retry queue and the shard moves
 * on: partial-batch answers and bisecting lose or block records on a stream (rule 10). Of a group that failed some may have gone out; they go
 * out again with the same ids. Throws only when the retry queue fails too.
 */
export async function forward({ publish, retry, left }: ForwardDeps, facts: readonly StreamedFact[]): Promise<void> {
  for (let from = 0; from < facts.length; from += GROUP) {
    const group = facts.slice(from, from + GROUP);
    try {
      if (left() < ENOUGH_MS) throw new Error('no time is left in this invocation');
      await publish(group.map(({ event }) => event));
      count(METRIC.published, group.length);
    } catch (error) {
      logger.error('facts not published', { code: 'PUBLISH_FAILED', count: group.length, orderKey: group[0]?.orderKey, error: shown(error) });
      await Promise.all(group.map(({ orderKey, seq }) => retry({ orderKey, seq })));
    }
  }
}
