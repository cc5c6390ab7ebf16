import type { Message } from '@aws-sdk/client-sqs';
import type { DeadLetterDefinition } from '../../../../contracts/queues.ts';
import type { Backlog } from './backlog.ts';
import { ENOUGH_MS, HIDDEN_SECONDS, type ReplayDeps } from './deps.ts';
import { createEnd } from './end.ts';
import { createPace } from './pace.ts';
import { handlePage } from './page.ts';
import type { Session } from './session.ts';
import { createWatch } from './watch.ts';

/** What SQS gives in one call. A page is that much, more where the pace is fast: then the tables are asked less often. */
const CALL = 10;
const MOST = 100;
/** Messages per second for which one page at a time is enough, and how many pages there are at most side by side. */
const PER_PAGE = 50;
const PAGES = 4;

const sizeOf = (perSecond: number): number => Math.min(MOST, Math.max(CALL, Math.ceil(perSecond / CALL)), perSecond);

/**
 * Goes through a dead-letter queue, pages side by side, until it shows nothing more, too much fails, or the time is up.
 * @returns through: to settle, with `why` in the record where it stopped; more: another invocation goes on
 */
export async function drain(deps: ReplayDeps, session: Session, queue: DeadLetterDefinition, backlog: Backlog): Promise<'through' | 'more'> {
  const { perSecond } = session.replay;
  const [watch, end, pace] = [createWatch(deps, session, backlog), createEnd(deps, session, queue.name), createPace(perSecond, deps)];
  const through = (): boolean => end.reached() || session.replay.why !== undefined;
  const size = sizeOf(perSecond);
  let failed = false;

  /** Whoever dies with them gives them back after that time. */
  const receive = async (most: number): Promise<Message[]> => {
    const calls = Array.from({ length: Math.ceil(most / CALL) }, () => deps.queues.receive(queue.name, HIDDEN_SECONDS, Math.min(CALL, most)));
    return (await Promise.all(calls)).flat();
  };

  const page = async (): Promise<void> => {
    await watch.before();
    if (through() || failed || deps.left() <= ENOUGH_MS) return;
    const messages = await receive(watch.probed() ? size : Math.min(CALL, size));
    if (messages.length === 0) return end.nothing();
    end.something();
    const outcomes = await handlePage(deps, session.replay, queue, messages, pace);
    session.tally(outcomes);
    await session.saveNowAndThen();
    await watch.after(outcomes);
  };

  /** A page that fails ends the invocation, but not before the others have written down what they did. */
  const pages = async (): Promise<void> => {
    try {
      while (!through() && !failed && deps.left() > ENOUGH_MS) await page();
    } catch (error) {
      failed = true;
      throw error;
    }
  };

  const ends = await Promise.allSettled(Array.from({ length: Math.min(PAGES, Math.ceil(perSecond / PER_PAGE)) }, pages));
  for (const one of ends) if (one.status === 'rejected') throw one.reason;
  return through() ? 'through' : 'more';
}
