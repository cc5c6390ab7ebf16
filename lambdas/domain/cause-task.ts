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
  /** So are all orders that asked it: to cancel them, as the policy may say at last, would change nothing. */
  readonly stopped?: boolean | undefined;
  readonly owner: OwnerGroup;
  readonly level: number;
  readonly decided?: Decided | undefined;
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
  /** The order is asked to stop already, or has come to its end: nothing of it can be cancelled. */
  readonly stopped?: boolean | undefined;
}

/**
 * Opens the question, or opens it again; one that is open is due earlier when this order has to be complete before. One about an older
 * version than the order waits for is answered, though nobody has closed it yet. undefined: nothing to write.
 * @param answerDue when the answer to a new question is due, without regard to the deadline
 */
export function opened(known: CauseTask | undefined, order: Cause, now: string, answerDue: string): CauseTask | undefined {
  const { cause, causeVersion, code, place } = order;
  const open = known?.state === 'open' && known.causeVersion >= causeVersion ? known : undefined;
  const dueAt = answerBy(order, open?.dueAt ?? answerDue, now);
  const deadline = [open?.deadline, order.deadline].filter((one) => one !== undefined && one > now).sort()[0];
  const stopped = (order.stopped && (!open || open.stopped)) || undefined;
  const same = dueAt === open?.dueAt && deadline === open.deadline && stopped === open.stopped;
  if (open) return same ? undefined : { ...open, dueAt, deadline, stopped, version: open.version + 1 };
  const { owner } = ERRORS[code];
  const about = { id: causeTaskId(cause), cause, tenant: subjectOf(cause).tenant, code, causeVersion, place };
  return { ...about, state: 'open', openedAt: now, dueAt, deadline, stopped, owner, level: 0, version: (known?.version ?? 0) + 1 };
}

/** The cause has this version now: a newer one than the question is about answers it. undefined: nothing to write. */
export function cured(task: CauseTask | undefined, version: number, cure: Cure): CauseTask | undefined {
  if (task?.state !== 'open' || task.causeVersion >= version) return undefined;
  const { option, by, at, reason } = cure;
  return { ...task, state: 'closed', decided: { task: task.id, code: task.code, option, by, at, reason }, version: task.version + 1 };
}

/** Nobody waits for it any more: the orders were cancelled, or go on by another way. */
export const abandoned = ({ decided: _none, ...task }: CauseTask): CauseTask => ({ ...task, state: 'closed', version: task.version + 1 });

/** May this be done about the question? The checks of `decide`, in its order; undefined: yes. */
export function refusalOf(task: CauseTask, { openedAt, option, by }: Answer, around: Pick<Around, 'memberOf'>): Answered | undefined {
  if (task.state === 'closed' || (openedAt !== undefined && openedAt !== task.openedAt)) {
    const { decided } = task;
    if (!decided) return { answer: 'not open any more', why: task.state === 'closed' ? 'nobody waits for it any more' : 'it was asked anew since' };
    return { answer: decided.by === SYSTEM ? 'too late' : 'already decided', decided };
  }
  return mayNot({ owner: task.owner, options: optionsOf(task.code, subjectOf(task.cause).kind) }, { option, by }, around);
}

/** Of what a policy may decide at last only a cancel is an end for all, unless all are stopped already. */
export const defaultOfShared = ({ stopped }: Pick<CauseTask, 'stopped'>, { atLast }: Chain): 'cancel' | undefined =>
  atLast === 'cancel' && !stopped ? atLast : undefined;

/** The answer is late. default: nobody is left to ask, and the policy decides, where the rules of all orders say the same. */
export function escalated(task: CauseTask, now: string, chain: Chain, dueOf: (owner: OwnerGroup) => string): CauseTask | 'default' | undefined {
  if (task.state === 'closed' || task.dueAt > now) return undefined;
  const owner = chain.escalate[task.level];
  if (owner) return { ...task, ...handedTo(owner, task.level + 1, now, answerBy(task, dueOf(owner), now)), version: task.version + 1 };
  return defaultOfShared(task, chain) ? 'default' : undefined;
}
