import { atRest, type Cure, type Decision, type Head, withNews } from '../head.ts';
import { reroute } from './decide.ts';
import { decideCancel, decideWake } from './news.ts';

/** The order knows who answered the question about its cause, unless the answer is older than its own waiting. */
function withCure(head: Head, cure: Cure | undefined): Head {
  if (!head.wait || !cure || cure.at < head.wait.since) return head;
  const { by, at, option, reason } = cure;
  return { ...head, wait: { ...head.wait, cure: { by, at, option, reason } } };
}

/** Sent to another ERP where that can be done; where it cannot, the next run asks anew. */
function rerouted(head: Head, { to = '' }: Cure): Head {
  const outcome = reroute(head, to, [to]);
  return 'head' in outcome ? outcome.head : head;
}

/**
 * The version of a cause that an order waits for was answered: it runs again, in another ERP if that was the answer; was the answer to
 * cancel, it is cancelled. If it began to wait since, it asks anew. One that is being undone already, or has come to its end, goes on: its
 * question is closed with that of the others, and nobody else would wake it.
 * @param version of the cause that was answered @param cure the answer to it, if anybody gave one
 */
export function decideCauseWake(
  head: Head,
  cause: string,
  version: number,
  now: string,
  cure?: Cure,
): Decision<'due' | 'already due' | 'not waiting'> {
  const { wait } = head;
  if (wait?.cause !== cause || (wait.causeVersion ?? 0) !== version) return { answer: 'not waiting' };
  if (!cure || cure.at < wait.since) return { next: withNews(head, now), answer: 'due' };
  const again = withCure(head, cure);
  // One that waits for the same cause with another code was asked something else.
  if (cure.option === 'reroute' && cure.code === wait.code) return { next: withNews(rerouted(again, cure), now), answer: 'due' };
  if (cure.option !== 'cancel') return { next: withNews(again, now), answer: 'due' };
  if (atRest(head)) return decideWake(again, now);
  const { answer: _asked, ...write } = decideCancel(head, cure.by, now, cure.reason);
  return write.next ? { ...write, answer: 'due' } : decideWake(again, now);
}
