import { createHash } from 'node:crypto';
import type { CauseKind } from '../../contracts/reference.ts';
import type { Head } from '../domain/head.ts';

/** Keys of the ledger table; the table of items is in docs/architecture.md. */
export const SWEEP_SHARDS = ['S0', 'S1', 'S2', 'S3'] as const;
const DAY_SHARDS = 4;

const shard = (orderKey: string, shards: number): number => (createHash('sha256').update(orderKey).digest()[0] ?? 0) % shards;

export const headKey = (orderKey: string) => ({ pk: `O#${orderKey}`, sk: 'HEAD' });
export const factKey = (orderKey: string, seq: number) => ({ pk: `O#${orderKey}`, sk: `F#${String(seq).padStart(12, '0')}` });
export const documentKey = (orderKey: string, kind: string, id: string) => ({ pk: `O#${orderKey}`, sk: `D#${kind}#${id}` });
export const deliveryKey = (orderKey: string, subscriber: string) => ({ pk: `O#${orderKey}`, sk: `S#${subscriber}` });
export const quoteKey = (tenant: string, cpq: string, quote: string) => ({ pk: `Q#${tenant}#${cpq}#${quote}`, sk: 'HEAD' });
export const numberKey = (tenant: string, number: string, orderKey: string) => ({ pk: `N#${tenant}#${number}`, sk: orderKey });
export const referenceKey = (tenant: string, erp: string, kind: CauseKind, code: string) => ({ pk: `R#${tenant}#${erp}#${kind}`, sk: code });
/** The restores of this ledger, all in one item. */
export const EPOCH_KEY = { pk: 'E#EPOCH', sk: 'HEAD' };
export const quarantineKey = (tenant: string, id: string) => ({ pk: `X#${tenant}`, sk: id });
/** The question about an order; a cause has one. */
export const taskKey = (orderKey: string, id: string) => ({ pk: `O#${orderKey}`, sk: `T#${id}` });
export const causeTaskKey = (cause: string) => ({ pk: `C#${cause}`, sk: 'TASK' });
/** The answer that made this version of a cause. */
export const answerKey = (cause: string, version: number) => ({ pk: `C#${cause}`, sk: `A#${String(version).padStart(12, '0')}` });
/** Where the task with this id is. */
export const taskPlaceKey = (id: string) => ({ pk: `T#${id}`, sk: 'PLACE' });
export const replayKey = (id: string) => ({ pk: 'RP', sk: id });
export const outcomeKey = (replay: string, id: string) => ({ pk: `RP#${replay}`, sk: id });
/** Holds the replay that is at work on a queue. */
export const replayLockKey = (queue: string) => ({ pk: 'RP#ACTIVE', sk: queue });

export const dayPartitions = (day: string): string[] => Array.from({ length: DAY_SHARDS }, (_, n) => `${day}#${n}`);

/** HEAD as an item: the sparse indexes are derived from it, so no write can forget one. */
export function headItem(head: Head): Record<string, unknown> {
  const day = `${head.createdAt.slice(0, 10)}#${shard(head.orderKey, DAY_SHARDS)}`;
  return {
    ...headKey(head.orderKey),
    ...head,
    ...(head.sweepAt && { sweepShard: SWEEP_SHARDS[shard(head.orderKey, SWEEP_SHARDS.length)] }),
    ...(head.wait?.cause && { cause: head.wait.cause, causeSince: `${head.wait.since}#${head.orderKey}` }),
    ...(head.admissionSince && { admission: head.route.erp }),
    day,
    dayKey: `${head.createdAt}#${head.orderKey}`,
  };
}

/** Back from the item: what only the indexes need is left out. */
export function headOf(item: Record<string, unknown>): Head {
  const {
    pk: _pk,
    sk: _sk,
    sweepShard: _shard,
    cause: _cause,
    causeSince: _since,
    admission: _admission,
    day: _day,
    dayKey: _dayKey,
    ...head
  } = item;
  // Written before orders had approvals.
  return { approvals: {}, ...head } as unknown as Head;
}
