import type { SQSEvent } from 'aws-lambda';
import { CPQ, deadLettersOf, deliveryQueue } from '../../../../contracts/queues.ts';
import { type ReplayAnswer, type ReplayRequest, replayRequest } from '../../../../contracts/replay.ts';
import { issuesOf } from '../../../domain/rejected.ts';
import type { Replay } from '../../../domain/replay.ts';
import { beginReplay, endReplay, ReplayActive, readReplay, reopenReplay } from '../../../ledger/replays.ts';
import { type ReplayDeps, sendOn } from './deps.ts';

/** What was asked for cannot be done; the message is for whoever asked, and says what can. */
export class ReplayRefused extends Error {
  override readonly name = 'ReplayRefused';
}

/** The queue that is locked while a replay is at work. @throws {ReplayRefused} */
async function queueOf({ policy, ledger }: ReplayDeps, { queue, republish }: ReplayRequest): Promise<string> {
  if (republish) {
    const { orderKey, subscriber } = republish;
    const known = [...Object.keys(policy.subscribers), CPQ];
    if (subscriber !== undefined && !known.includes(subscriber))
      throw new ReplayRefused(`there is no subscriber ${subscriber}; there are ${known.join(', ')}`);
    if (orderKey !== undefined && !(await ledger.read(orderKey))) throw new ReplayRefused(`no order ${orderKey} in the ledger`);
    return subscriber === undefined ? 'business' : deliveryQueue(subscriber);
  }
  const all = deadLettersOf(policy);
  const found = all.find(({ name }) => name === queue);
  if (!found) throw new ReplayRefused(`there is no dead-letter queue ${queue}; there are ${all.map(({ name }) => name).join(', ')}`);
  if ('stream' in found.takes)
    throw new ReplayRefused(`${queue} only says which part of the stream was given up: republish the facts instead, {"republish": {"since": TIME}}`);
  return found.name;
}

async function resumed({ ledger }: ReplayDeps, id: string, request: ReplayRequest): Promise<Replay> {
  const replay = await readReplay(ledger, id);
  if (!replay) throw new ReplayRefused(`there is no replay ${id}`);
  if (replay.status === 'done') throw new ReplayRefused(`replay ${id} is done: begin another one`);
  return reopenReplay(ledger, replay, request);
}

async function open(deps: ReplayDeps, request: ReplayRequest): Promise<Replay> {
  try {
    if (request.resume !== undefined) return await resumed(deps, request.resume, request);
    return await beginReplay(deps.ledger, await queueOf(deps, request), request);
  } catch (error) {
    if (!(error instanceof ReplayActive)) throw error;
    const { id, queue, status, by } = error.replay;
    throw new ReplayRefused(`replay ${id} of ${queue} is ${status}, begun by ${by}: one replay of a queue at a time; wait until it has ended`);
  }
}

/** Whether the function is invoked by its queue; whatever else is a request, or is refused as none. */
export const isWork = (event: unknown): event is SQSEvent =>
  typeof event === 'object' && event !== null && 'Records' in event && Array.isArray(event.Records);

/** Writes the record of a replay and answers at once; the work is done from the queue. @throws {ReplayRefused} */
export async function begin(deps: ReplayDeps, input: unknown): Promise<ReplayAnswer> {
  const request = replayRequest.safeParse(input);
  if (!request.success) throw new ReplayRefused(issuesOf(request.error));
  const replay = await open(deps, request.data);
  try {
    await sendOn(deps, replay.id);
  } catch (error) {
    if (request.data.resume === undefined) await endReplay(deps.ledger, replay, 'failed', 'its message could not be sent');
    throw error;
  }
  return { replay: replay.id, queue: replay.queue, dryRun: replay.dryRun };
}
