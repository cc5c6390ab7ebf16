import { ERRORS, type ErrorCode, type OwnerGroup } from '../../contracts/errors.ts';
import type { CauseKind, CauseSubject } from '../../contracts/reference.ts';
import { optionsOf } from '../../contracts/tasks.ts';
import { type Assigned, handedTo } from './assignment.ts';
import { SYSTEM } from './head.ts';
import { hashOf } from './identity.ts';
import { type Answer, type Answered, type Around, answerBy, type Chain, mayNot } from './protocol/index.ts';
import type { Place } from './rules.ts';
import type { Cure, Decided } from './waiting.ts';

/** The one question about a cause that many orders may wait for (rule 8): opened by whoever parks for it, closed by its cure. */
export interface CauseTask extends Assigned {
  readonly id: string;
  readonly cause: string;
  readonly tenant: string;
  readonly code: ErrorCode;
  readonly state: 'open' | 'closed';
  /** Version of the cause that is not good enough; a newer one is the cure. */
  readonly causeVersion: number;
  readonly openedAt: string;
  /** Since when the group of `owner` is asked; left out: since `openedAt`. */
  readonly askedAt?: string | undefined;
  readonly dueAt: string;
  /** The earliest of those by which the orders that asked it have to be complete. */
  readonly deadline?: string | undefined;
  /** Region and business unit of the order that asked first: their rules are those of the question. */
  readonly place?: Pick<Place, 'region' | 'businessUnit'> | undefined;
  readonly owner: OwnerGroup;
  readonly level: number;
  readonly decided?: Decided | undefined;
  /** When it was found that nobody waits for it, and closed without an answer. */
  readonly abandonedAt?: string | undefined;
  /** Grows with every write: the condition of the next one. */
  readonly version: number;
}

/** Where the rules of a shared question are from; its orders may be of any region. */
export const placeOfCause = ({ tenant, place }: Pick<CauseTask, 'tenant' | 'place'>): Place => ({ region: '', businessUnit: '', ...place, tenant });

export const causeTaskId = (cause: string): string => hashOf(['cause', cause]).slice(0, 20);

export function subjectOf(cause: string): CauseSubject & { readonly tenant: string } {
  const [tenant = '', erp = '', kind = '', code = ''] = cause.split('#');
  return { tenant, erp, kind: kind as CauseKind, code };
}

export interface Cause {
  readonly cause: string;
  readonly causeVersion: number;
  readonly code: ErrorCode;
  /** Of the order that waits for it. */
  readonly deadline?: string | undefined;
  readonly place?: Pick<Place, 'region' | 'businessUnit'> | undefined;
  /** Since when the order waits for it; left out: from now on. */
  readonly since?: string | undefined;
}

/** It was closed while the only orders that waited for it were at work: for one of them it goes on where it was. */
const goesOn = ({ abandonedAt, causeVersion }: CauseTask, order: Cause): boolean =>
  abandonedAt !== undefined && order.since !== undefined && order.since <= abandonedAt && causeVersion === order.causeVersion;

/**
 * Opens the question, or opens it again; one that is open is due earlier when this order has to be complete before. One about an older
 * version than the order waits for is answered, though nobody has closed it yet. undefined: nothing to write.
 * @param answerDue when the answer to a new question is due, without regard to the deadline
 */
export function opened(known: CauseTask | undefined, order: Cause, now: string, answerDue: string): CauseTask | undefined {
  const { cause, causeVersion, code, place } = order;
  const { abandonedAt, ...before } = known ?? {};
  const open = known && (known.state === 'open' ? known.causeVersion >= causeVersion : goesOn(known, order)) ? (before as CauseTask) : undefined;
  const dueAt = answerBy(order, open?.dueAt ?? answerDue, now);
  const deadline = [open?.deadline, order.deadline].filter((one) => one !== undefined && one > now).sort()[0];
  if (open?.state === 'open' && dueAt === open.dueAt && deadline === open.deadline) return undefined;
  if (open) return { ...open, state: 'open', dueAt, deadline, version: open.version + 1 };
  const { owner } = ERRORS[code];
  const about = { id: causeTaskId(cause), cause, tenant: subjectOf(cause).tenant, code, causeVersion, place };
  return { ...about, state: 'open', openedAt: now, dueAt, deadline, owner, level: 0, version: (known?.version ?? 0) + 1 };
}

/** The cause has this version now: a newer one than the question is about answers it. undefined: nothing to write. */
export function cured(task: CauseTask | undefined, version: number, cure: Cure): CauseTask | undefined {
  if (task?.state !== 'open' || task.causeVersion >= version) return undefined;
  const { option, by, at, reason } = cure;
  return { ...task, state: 'closed', decided: { task: task.id, code: task.code, option, by, at, reason }, version: task.version + 1 };
}

/** Nobody waits for it any more: the orders were cancelled, or go on by another way. */
export const abandoned = ({ decided: _none, ...task }: CauseTask, now: string): CauseTask => ({
  ...task,
  state: 'closed',
  abandonedAt: now,
  version: task.version + 1,
});

/** May this be done about the question? The checks of `decide`, in its order; undefined: yes. */
export function refusalOf(task: CauseTask, { openedAt, option, by }: Answer, around: Pick<Around, 'memberOf'>): Answered | undefined {
  if (task.state === 'closed' || (openedAt !== undefined && openedAt !== task.openedAt)) {
    const { decided } = task;
    if (!decided) return { answer: 'not open any more', why: task.state === 'closed' ? 'nobody waits for it any more' : 'it was asked anew since' };
    return { answer: decided.by === SYSTEM ? 'too late' : 'already decided', decided };
  }
  return mayNot({ owner: task.owner, options: optionsOf(task.code, subjectOf(task.cause).kind) }, { option, by }, around);
}

/**
 * The answer is late: the next group is asked, if there is one. After the last it stays open: the policy decides about each order by the
 * rules of that (`cancelAtLast`).
 */
export function escalated(task: CauseTask, now: string, { escalate }: Chain, dueOf: (owner: OwnerGroup) => string): CauseTask | undefined {
  const owner = escalate[task.level];
  if (task.state === 'closed' || task.dueAt > now || !owner) return undefined;
  return { ...task, ...handedTo(owner, task.level + 1, now, answerBy(task, dueOf(owner), now)), version: task.version + 1 };
}
