import { randomUUID } from 'node:crypto';
import { ConditionalCheckFailedException, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { GetCommand, PutCommand, QueryCommand, TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { PER_SECOND, type ReplayRequest } from '../../contracts/replay.ts';
import { hasEnded, newReplayId, type Replay, type ReplayStatus } from '../domain/replay.ts';
import { replayKey, replayLockKey } from './keys.ts';
import type { Ledger } from './ledger.ts';

/** There is another replay of the same queue. */
export class ReplayActive extends Error {
  override readonly name = 'ReplayActive';
  readonly replay: Replay;

  constructor(replay: Replay) {
    super(`replay ${replay.id} of ${replay.queue} is ${replay.status}`);
    this.replay = replay;
  }
}

/** Another invocation is at work on the replay. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** A replay that nobody has worked on for so long, in milliseconds, has lost its message: it blocks its queue no longer. */
const FORGOTTEN_MS = 15 * 60_000;

const lost = (error: unknown): boolean =>
  error instanceof ConditionalCheckFailedException ||
  (error instanceof TransactionCanceledException && (error.CancellationReasons ?? []).some(({ Code }) => Code === 'ConditionalCheckFailed'));

const replayOf = ({ pk: _pk, sk: _sk, ...replay }: Record<string, unknown>): Replay => replay as unknown as Replay;

export async function readReplay({ client, table }: Ledger, id: string): Promise<Replay | undefined> {
  const { Item } = await client.send(new GetCommand({ TableName: table, Key: replayKey(id), ConsistentRead: true }));
  return Item && replayOf(Item);
}

/** Newest first. */
export async function listReplays({ client, table }: Ledger, limit: number): Promise<Replay[]> {
  const query = { KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': replayKey('').pk } };
  const { Items = [] } = await client.send(new QueryCommand({ TableName: table, ...query, ScanIndexForward: false, Limit: limit }));
  return Items.map(replayOf);
}

async function activeOn(ledger: Ledger, queue: string): Promise<Replay | undefined> {
  const { Item } = await ledger.client.send(new GetCommand({ TableName: ledger.table, Key: replayLockKey(queue), ConsistentRead: true }));
  return Item?.replay === undefined ? undefined : readReplay(ledger, String(Item.replay));
}

/** Ends a replay that nobody goes on with. @throws {ReplayActive} when somebody does, by now */
async function giveUp(ledger: Ledger, active: Replay): Promise<void> {
  if (Date.parse(ledger.stamp()) - Date.parse(active.leaseUntil) < FORGOTTEN_MS) throw new ReplayActive(active);
  await endReplay(ledger, active, 'failed', 'nobody went on with it').catch((error: unknown) => {
    throw error instanceof LeaseLost ? new ReplayActive(active) : error;
  });
}

/** Writes the record together with the lock of its queue. @throws {ReplayActive} when another one has it */
async function lockWith(ledger: Ledger, replay: Replay, condition: object, tries = 2): Promise<Replay> {
  const lock = { ...replayLockKey(replay.queue), replay: replay.id };
  const write = new TransactWriteCommand({
    TransactItems: [
      { Put: { TableName: ledger.table, Item: { ...replayKey(replay.id), ...replay }, ...condition } },
      { Put: { TableName: ledger.table, Item: lock, ConditionExpression: 'attribute_not_exists(replay)' } },
    ],
  });
  try {
    await ledger.client.send(write);
    return replay;
  } catch (error) {
    if (!lost(error)) throw error;
    const active = await activeOn(ledger, replay.queue);
    if (tries === 0) throw active ? new ReplayActive(active) : error;
    // Without one it has ended in the meantime.
    if (active) await giveUp(ledger, active);
    return lockWith(ledger, replay, condition, tries - 1);
  }
}

/** Opens a record. @throws {ReplayActive} */
export function beginReplay(ledger: Ledger, queue: string, request: ReplayRequest): Promise<Replay> {
  const now = ledger.stamp();
  const { republish, by, reason, filter = {}, dryRun = false, perSecond = PER_SECOND } = request;
  const replay: Replay = {
    ...{ id: newReplayId(now), queue, republish, by, reason, filter, dryRun, perSecond },
    ...{ status: 'queued', phase: 'send', counts: {}, verdicts: {}, recent: [], createdAt: now, leaseUntil: now, tries: 0 },
  };
  return lockWith(ledger, replay, { ConditionExpression: 'attribute_not_exists(pk)' });
}

/** Nobody has claimed, handed on or ended it since it was read. */
const asRead = ({ leaseUntil, status }: Replay) => ({
  ConditionExpression: 'leaseUntil = :leaseUntil AND #status = :status',
  ExpressionAttributeNames: { '#status': 'status' },
  ExpressionAttributeValues: { ':leaseUntil': leaseUntil, ':status': status },
});

/** @throws {LeaseLost} where the condition does not hold */
async function putReplay({ client, table }: Ledger, replay: Replay, condition: object): Promise<void> {
  const write = new PutCommand({ TableName: table, Item: { ...replayKey(replay.id), ...replay }, ...condition });
  await client.send(write).catch((error: unknown) => {
    throw lost(error) ? new LeaseLost(`replay ${replay.id} was taken by another invocation`) : error;
  });
}

/** As before anything was sent: whoever goes on tries a few first, too. */
const withoutWaiting = ({ before: _before, probed: _probed, waitingSince: _waiting, unhandled: _unhandled, ...rest }: Replay): Replay => rest;

/**
 * Has a replay go on, and notes who wanted it and why: one that stopped or failed is due again, where it was; one that nobody works on
 * only gets another message.
 * @throws {ReplayActive} where it is at work, or another one of its queue
 */
export async function reopenReplay(ledger: Ledger, replay: Replay, { by, reason }: Pick<ReplayRequest, 'by' | 'reason'>): Promise<Replay> {
  const at = ledger.stamp();
  const resumed = [...(replay.resumed ?? []), { by, reason, at }];
  if (!hasEnded(replay)) {
    if (replay.leaseUntil > at) throw new ReplayActive(replay);
    const noted = { ...replay, resumed };
    await putReplay(ledger, noted, asRead(replay)).catch((error: unknown) => {
      throw error instanceof LeaseLost ? new ReplayActive(replay) : error;
    });
    return noted;
  }
  const { endedAt: _ended, why: _why, lease: _lease, quietSince: _quiet, cursor, counts, verdicts, ...rest } = withoutWaiting(replay);
  const place = replay.republish ? { cursor, counts, verdicts } : { counts: {}, verdicts: {} };
  const again: Replay = { ...rest, ...place, resumed, status: 'queued', phase: 'send', recent: [], leaseUntil: at, tries: 0 };
  return lockWith(ledger, again, asRead(replay));
}

/**
 * Takes the replay for one invocation; undefined: there is nothing to do, since it has ended, or since another message has it go on.
 * @throws {LeaseLost} when another invocation works on it by the same message: if that one dies, this message goes on
 */
export async function claimReplay(ledger: Ledger, id: string, message: string, milliseconds: number): Promise<Replay | undefined> {
  const before = await readReplay(ledger, id);
  const now = ledger.stamp();
  if (!before || hasEnded(before)) return undefined;
  if (before.leaseUntil > now) {
    if (before.message !== message) return undefined;
    throw new LeaseLost(`replay ${id} is at work in another invocation`);
  }
  const leaseUntil = new Date(Date.parse(now) + milliseconds).toISOString();
  const startedAt = before.startedAt ?? now;
  // Whoever died may have received messages since.
  const quietSince = before.tries > 0 ? undefined : before.quietSince;
  const mine: Replay = { ...before, quietSince, status: 'running', startedAt, message, lease: randomUUID(), leaseUntil, tries: before.tries + 1 };
  await putReplay(ledger, mine, asRead(before));
  return mine;
}

const mineStill = ({ lease }: Replay) =>
  lease === undefined
    ? { ConditionExpression: 'attribute_not_exists(lease)' }
    : { ConditionExpression: 'lease = :lease', ExpressionAttributeValues: { ':lease': lease } };

/** @throws {LeaseLost} */
export const saveReplay = (ledger: Ledger, replay: Replay): Promise<void> => putReplay(ledger, replay, mineStill(replay));

/** Closes the record and gives the queue free. @throws {LeaseLost} */
export async function endReplay(ledger: Ledger, replay: Replay, status: ReplayStatus, why?: string): Promise<Replay> {
  // Without the lease: an invocation that is still at work has lost it.
  const ended: Replay = { ...replay, status, why, lease: undefined, message: undefined, endedAt: ledger.stamp() };
  const write = new TransactWriteCommand({
    TransactItems: [
      { Put: { TableName: ledger.table, Item: { ...replayKey(replay.id), ...ended }, ...mineStill(replay) } },
      // Nothing is deleted from the ledger: the lock stays, empty.
      {
        Put: {
          ...{ TableName: ledger.table, Item: replayLockKey(replay.queue) },
          ...{ ConditionExpression: 'replay = :id', ExpressionAttributeValues: { ':id': replay.id } },
        },
      },
    ],
  });
  await ledger.client.send(write).catch((error: unknown) => {
    throw lost(error) ? new LeaseLost(`replay ${replay.id} was taken by another invocation`) : error;
  });
  return ended;
}
