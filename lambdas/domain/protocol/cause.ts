import { atRest, type Decision, type Head, hasStop, pastPivot, SYSTEM, withNews } from '../head.ts';
import { type Cure, waitsForCauseSince } from '../waiting.ts';
import { nobodyAnswered } from './escalate.ts';
import { decideCancel, decideWake } from './news.ts';
import { reroute } from './options.ts';

/** The order knows who answered the question about its cause, unless the answer is older than its own waiting. */
function withCure(head: Head, cure: Cure | undefined): Head {
  if (!head.wait || !cure || cure.at < waitsForCauseSince(head.wait)) return head;
  const { by, at, option, reason } = cure;
  return { ...head, wait: { ...head.wait, cure: { by, at, option, reason } } };
}

/** Sent to another ERP where that can be done, of those who were asked about it; where it cannot, the next run asks anew. */
function rerouted(head: Head, cure: Cure): Head {
  const { to = '', code } = cure;
  const outcome = code === head.wait?.code ? reroute(head, to, [to]) : undefined;
  return outcome && 'head' in outcome ? withCure(outcome.head, cure) : head;
}

/** Due now, and it knows why. Whoever brings the same answer once more finds that it does. */
function wakes(head: Head, next: Head, now: string): Decision<'due' | 'already due'> {
  const knows = head.wait?.cure?.at === next.wait?.cure?.at && head.route.erp === next.route.erp;
  return knows ? decideWake(head, now) : { next: withNews(next, now), answer: 'due' };
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
  // What the policy answered to all, in a version before, says nothing of this one: its own rules decide.
  if (!cure || cure.by === SYSTEM || cure.at < waitsForCauseSince(wait)) return decideWake(head, now);
  if (cure.option === 'reroute') return wakes(head, rerouted(head, cure), now);
  const again = withCure(head, cure);
  if (cure.option !== 'cancel' || atRest(head)) return wakes(head, again, now);
  const { answer: _asked, ...write } = decideCancel(again, cure.by, now, cure.reason);
  return write.next ? { ...write, answer: 'due' } : wakes(head, again, now);
}

/** Somebody has sent the order on since it began to wait, or it owes a look: it runs before anything is decided. */
const runsFirst = ({ run, admissionSince, dueAt = '', wait }: Head, now: string): boolean =>
  run.active || admissionSince !== undefined || (dueAt <= now && dueAt !== wait?.answerDue);

/**
 * Nobody has answered the question that an order shares with others, and its own time is over: it looks once more, since what it waits for
 * may be over without an answer, and then the policy cancels it. It is left alone where that would change nothing, since it stops already,
 * or would ask another person, since the ERP has it.
 * @param at when its rules cancel it; undefined: they do not
 */
export function decideCauseDefault(head: Head, at: string | undefined, now: string): Decision<'cancelled' | 'looks once more' | 'not due'> {
  if (at === undefined || at > now || runsFirst(head, now) || hasStop(head) || atRest(head) || pastPivot(head)) return { answer: 'not due' };
  if ((head.wait?.lookedAt ?? '') < at) return { next: withNews(head, now), answer: 'looks once more' };
  return { ...decideCancel(head, SYSTEM, now, nobodyAnswered(at)), answer: 'cancelled' };
}
