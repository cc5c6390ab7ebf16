import { METRIC } from '../../../../contracts/metrics.ts';
import { deadLettersOf } from '../../../../contracts/queues.ts';
import { logger } from '../../../aws/logger.ts';
import { count } from '../../../aws/metrics.ts';
import { claimReplay, endReplay } from '../../../ledger/replays.ts';
import { createBacklog } from './backlog.ts';
import { type ReplayDeps, sendOn } from './deps.ts';
import { drain } from './drain.ts';
import { republish } from './republish.ts';
import { Session } from './session.ts';
import { settle } from './settle.ts';
import { PROBE_MS } from './watch.ts';

/** Invocations in a row that died or threw. */
const MOST_TRIES = 4;
const GIVEN_UP = `${MOST_TRIES} invocations in a row ended before their time; the logs of operations-replay say why`;

const TO_SETTLE = { phase: 'settle', cursor: undefined, counts: {}, verdicts: {} } as const;

/** As much of the replay as this invocation has time for. @returns whether it came to the end */
async function goOn(deps: ReplayDeps, session: Session): Promise<boolean> {
  if (session.replay.republish) return republish(deps, session, session.replay.republish);
  const queue = deadLettersOf(deps.policy).find(({ name }) => name === session.replay.queue);
  if (!queue) throw new Error(`there is no dead-letter queue ${session.replay.queue} any more`);
  if (session.replay.phase === 'send') {
    const backlog = createBacklog(deps, session, queue);
    await backlog.before();
    if ((await drain(deps, session, queue, backlog)) === 'more') return false;
    // What was sent last is given the time to fail.
    if (session.replay.recent.length > 0) {
      await deps.pause(PROBE_MS);
      if (!(await backlog.over())) return false;
    }
    await session.save(TO_SETTLE);
  }
  return settle(deps, session);
}

/** Shows again what is hidden, and counts, as far as that can be done. @returns whether it came to the end */
async function giveUp(deps: ReplayDeps, session: Session): Promise<boolean> {
  const { republish, phase } = session.replay;
  session.update({ why: GIVEN_UP, ...(!republish && phase === 'send' && TO_SETTLE) });
  if (republish) return true;
  return settle(deps, session, (work) => work.catch((error: Error) => void logger.error('a replay is given up', { error })));
}

/**
 * One invocation of a replay; what is left goes back into the queue.
 * @param messageId the message that asks for it
 * @throws {LeaseLost} while another invocation is at work by the same message, which comes back later, in case that one dies
 */
export async function work(deps: ReplayDeps, id: string, messageId: string): Promise<void> {
  const { ledger } = deps;
  const replay = await claimReplay(ledger, id, messageId, deps.left());
  if (!replay) return;
  const givenUp = replay.tries > MOST_TRIES;
  const session = new Session(ledger, replay);
  const finished = await (givenUp ? giveUp : goOn)(deps, session).catch(async (error: unknown) => {
    // Where that fails too, the lease runs out by itself.
    await session.save({ leaseUntil: ledger.stamp() }).catch(() => undefined);
    throw error;
  });
  if (!finished) {
    await session.save({ leaseUntil: ledger.stamp(), ...(!givenUp && { tries: 0 }) });
    return sendOn(deps, id);
  }
  const { why } = session.replay;
  const end = givenUp ? 'failed' : why === undefined ? 'done' : 'stopped';
  const { status, counts } = await endReplay(ledger, session.replay, end, why);
  if (end !== 'done') count(METRIC.replaysCutShort);
  logger.info('replay ended', { replay: id, queue: replay.queue, status, counts });
}
