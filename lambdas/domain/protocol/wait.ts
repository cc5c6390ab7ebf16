import { ERRORS, type ErrorCode, type OwnerGroup, triesAgain } from '../../../contracts/errors.ts';
import { covers } from '../approval.ts';
import { due, type Head, later } from '../head.ts';
import { hashOf } from '../identity.ts';
import { type Ask, steadySinceOf, type Task, type Wait, type Waited, type WaitKind, waitsForCauseSince } from '../waiting.ts';

/** What the policy says about an order that stops. */
export interface Parking {
  /** Seconds until it tries again by itself, the `times`th time in a row with this code; undefined: it does not, a person is asked. */
  triesAgain(code: ErrorCode, times: number): number | undefined;
  /** ISO 8601: until when the group is to answer, in its working time. */
  answerDue(code: ErrorCode, group: OwnerGroup, now: string): string;
  /** Seconds after which the sweeper looks at an order that waits for a shared cause, in case the message of its cure was lost. */
  readonly lookAgain: number;
}

/** Why an order stops. */
export interface Reason {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly cause?: string | undefined;
  readonly causeVersion?: number | undefined;
  readonly ask?: Ask | undefined;
}

const KINDS = { soon: 'later', hold: 'vendor', settle: 'settle', person: 'person', never: 'person' } as const satisfies Record<string, WaitKind>;

/** The same question about the same content is the same task (rule 8). */
const taskId = (head: Head, { code, ask }: Reason): string => hashOf([head.orderKey, code, ask?.subject ?? '', head.contentHash]).slice(0, 20);

/** Until when a question about this order is to be answered: an order that is to be complete before its answer is due has it escalated then. */
export const answerBy = ({ deadline }: Pick<Head, 'deadline'>, answerDue: string, now: string): string =>
  deadline !== undefined && deadline > now && deadline < answerDue ? deadline : answerDue;

/** The groups that have to answer, one after the other. */
const askedOf = ({ code, ask }: Pick<Task, 'code' | 'ask'>): readonly OwnerGroup[] => ask?.approvers ?? [ERRORS[code].owner];

/**
 * A question that nobody has answered goes on where it was, though the order ran in between: with its due time, its escalation, its
 * approvals. One that got worse is asked anew. So is one that other groups have to approve by now, of the first whose approval is missing:
 * approvals that were given stay as far as the groups are still the same.
 */
function taskOf(head: Head, reason: Reason, now: string, parking: Parking): Task {
  const { code, ask } = reason;
  const { contentHash } = head;
  const id = taskId(head, reason);
  const groups = askedOf(reason);
  const unanswered = unansweredOf(head).find((one) => one.id === id);
  const upTo = (value: string | undefined): boolean => covers({ ...unanswered?.ask, value, contentHash, by: [] }, contentHash, ask ?? {});
  const same = unanswered !== undefined && groups.join() === askedOf(unanswered).join();
  const dueOf = (owner: OwnerGroup) => answerBy(head, parking.answerDue(code, owner, now), now);
  if (same && upTo(unanswered.ask?.value)) {
    // Was something else asked in between, the group is told again; has its time run out meanwhile, it gets it anew.
    const before = met(head);
    const goesOn = (head.wait ? head.task?.id : head.waited?.task) === id;
    const late = unanswered.ofBackup || (!goesOn && unanswered.dueAt <= now);
    const told = late || (!goesOn && (!before || before.kind === 'person'));
    const { ofBackup: _before, ...task } = unanswered;
    return { ...task, ask, ...(late && { dueAt: dueOf(unanswered.owner) }), ...(told && { askedAt: now }) };
  }
  // Whose group is the same, and who has approved as much as is asked now, is not asked again; the last approval is still to be given.
  const signed = unanswered?.approved.slice(0, groups.length - 1) ?? [];
  const stale = signed.findIndex(({ value }, n) => groups[n] !== askedOf(unanswered ?? reason)[n] || !upTo(value ?? unanswered?.ask?.value));
  const approved = stale < 0 ? signed : signed.slice(0, stale);
  const owner = groups[approved.length] ?? ERRORS[code].owner;
  return { id, code, openedAt: now, dueAt: dueOf(owner), owner, level: 0, ask, approved };
}

/** Questions without an answer that an order remembers. */
const REMEMBERED = 3;

/** With the open one. */
const unansweredOf = ({ task, unanswered = [] }: Head): readonly Task[] =>
  task ? [task, ...unanswered.filter(({ id }) => id !== task.id)] : unanswered;

/** What is left of them when this one is open. */
function besides(head: Head, asked?: Task): Pick<Head, 'unanswered'> {
  const unanswered = unansweredOf(head).filter(({ id }) => id !== asked?.id);
  return unanswered.length > 0 ? { unanswered: unanswered.slice(0, REMEMBERED) } : {};
}

/**
 * The order waits no more: its question is closed with it. What it waited for is remembered, in case it comes again, and so is the question:
 * something else may come in between, a vendor that is away or another question.
 */
export function waitOver(head: Head): Head {
  const { wait, waited: _past, task, unanswered: _before, ...rest } = head;
  const last = met(head);
  if (!wait || !last) return { ...rest, ...(last && { waited: last }), ...besides(head) };
  const { kind, code, since, times, cause, causeVersion, causeSince, steadySince, before } = last;
  const waited = { kind, code, since, times, cause, causeVersion, causeSince, steadySince, ...(before && { before }), task: task?.id };
  return { ...rest, waited, ...besides(head) };
}

/** ... and its question was answered: should the order stop with it again, it is asked anew, and the policy's number of times counts anew. */
export function answered({ wait: _over, task: _closed, waited: _past, ...rest }: Head): Head {
  return rest;
}

/** The cause that an order waits for, or has waited for until it met what passes by itself. */
function causeBefore(before: Wait | Waited | undefined): Wait['before'] {
  if (before?.cause === undefined) return before?.before;
  const { code, since, times, cause, causeVersion = 0 } = before;
  return { code, since, times, cause, causeVersion, causeSince: waitsForCauseSince(before), steadySince: steadySinceOf(before) };
}

/**
 * Stops in a row with what passes by itself after which an order still waits on without new tries of its own, however long it stood in line
 * between them.
 */
const PASSING = 3;

/**
 * Does an order that meets a cause wait for it as before, without trying by itself first? So it does when little has passed by itself in
 * between. After more than that it begins anew.
 */
function waitsOn(last: Wait['before'], { code, cause, causeVersion = 0 }: Reason): boolean {
  const same = last?.code === code && last.cause === cause && last.causeVersion === causeVersion;
  return same && (last.passed ?? 0) <= PASSING;
}

/**
 * The order got on: what it waited for with others, and how often it has tried again, is over, and should it come again, it is another time.
 * A question of its own goes on where it was.
 */
const past = <W extends Wait | Waited>(own: W): W | undefined => (own.cause !== undefined || triesAgain(ERRORS[own.code].retry) ? undefined : own);

/** What the order has stopped with last, as far as it counts when it stops again. */
const met = ({ wait, waited }: Head): Wait | Waited | undefined => (wait?.wentOn ? past(wait) : (wait ?? waited));

/** An effect of the order was done that brought it further than it ever was. While it waits, it waits on, and nobody has looked since: it is the next stop that counts anew. */
export function wentOn({ waited, wait, ...rest }: Head): Head {
  const own = waited && past(waited);
  return { ...rest, ...(wait && { wait: { ...wait, wentOn: true, lookedAt: undefined } }), ...(own && { waited: own }) };
}

/**
 * The order waits for this reason, and `dueAt` says until when. It tries again by itself as often as the policy allows, then its owner is
 * asked. Whoever waits for a person has one open question: its own task, or the shared one of its cause.
 */
export function waitFor(head: Head, reason: Reason, now: string, parking: Parking): { readonly head: Head; readonly dueAt: string } {
  const { code, detail, cause, causeVersion, ask } = reason;
  const before = met(head);
  // Another cause, or what became of this one after an answer, is another question: an answer of before is not about it. Nobody was asked
  // yet while the order tried again by itself.
  const last = causeBefore(before);
  const goesOn = waitsOn(last, reason) ? last : undefined;
  const unasked = before?.cause === undefined && (cause === undefined || triesAgain(ERRORS[code].retry));
  const again = goesOn ?? (before?.code === code && unasked ? before : undefined);
  const times = (again?.times ?? 0) + 1;
  const seconds = parking.triesAgain(code, times);
  const kind: WaitKind = seconds === undefined ? 'person' : code === 'PREDECESSOR_OPEN' ? 'predecessor' : KINDS[ERRORS[code].retry];
  const waits = { kind, code, detail: detail || undefined, since: again?.since ?? now, times, ask };
  const { waited: _past, task: _closed, unanswered: _before, ...rest } = head;
  if (seconds !== undefined) {
    const left = last && { before: { ...last, steadySince: undefined, passed: (last.passed ?? 0) + 1 } };
    return { head: { ...rest, wait: { ...waits, ...left }, ...besides(head) }, dueAt: later(now, seconds) };
  }
  if (cause) {
    const causeSince = goesOn?.causeSince ?? now;
    const steadySince = goesOn?.steadySince ?? now;
    const dueAt = answerBy(head, parking.answerDue(code, ERRORS[code].owner, now), now);
    const wait: Wait = {
      ...waits,
      cause,
      causeVersion,
      ...(causeSince !== waits.since && { causeSince }),
      ...(steadySince !== causeSince && { steadySince }),
      lookedAt: now,
      answerDue: dueAt,
    };
    return { head: { ...rest, wait, ...besides(head) }, dueAt };
  }
  const wait: Wait = { ...waits, cause, causeVersion };
  const task = taskOf(head, reason, now, parking);
  return { head: { ...rest, wait, task, ...besides(head, task) }, dueAt: task.dueAt };
}

/** Who waits for a cause is looked at before it is due: the message that tells of the cure may be lost (rule 8). */
export function dueForCause(head: Head, dueAt: string | undefined, now: string, { lookAgain }: Pick<Parking, 'lookAgain'>): Head {
  const parked = due(head, dueAt);
  const look = later(now, lookAgain);
  return head.wait?.cause && dueAt && look < dueAt ? { ...parked, sweepAt: look } : parked;
}
