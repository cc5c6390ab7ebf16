import type { OwnerGroup } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import { causeOf, isMapping } from '../../contracts/reference.ts';
import { optionsOf } from '../../contracts/tasks.ts';
import { type CauseTask, refusalOf, subjectOf } from '../domain/cause-task.ts';
import { type Head, SYSTEM } from '../domain/head.ts';
import { memberOf } from '../domain/owners.ts';
import { type Answer, type Answered, decide, mayNot, whyNotRoute } from '../domain/protocol/index.ts';
import { aroundOf, erpsOf } from '../domain/rules.ts';
import { readCauseTask } from './cause-tasks.ts';
import { cureCause } from './causes.ts';
import { dismiss } from './entry-tasks.ts';
import type { Ledger } from './ledger.ts';
import { isOpen, type Quarantined, readQuarantined } from './quarantine.ts';
import { answerCause, ReferenceContended, setReference } from './references.ts';
import { readTaskItem } from './task-items.ts';
import { placeOfTask } from './tasks.ts';

export interface DecideDeps {
  readonly ledger: Ledger;
  readonly policy: Policy;
  readonly sendRun: (message: { orderKey: string }) => Promise<void>;
  readonly sendCause: (message: { cause: string }) => Promise<void>;
}

export interface Request extends Answer {
  /** correct: what the code is called in the ERP. */
  readonly target?: string | undefined;
}

/**
 * The one way in which people answer: the board and the CLI call it, and so does the sweeper in place of people. A question about one
 * order is decided by HEAD; one about a cause by its own item; one about a rejected event by the entry in quarantine.
 */
export async function decideTask(deps: DecideDeps, request: Request): Promise<Answered | { readonly answer: 'unknown' }> {
  const place = await placeOfTask(deps.ledger, request.task);
  if (!place) return { answer: 'unknown' };
  if ('cause' in place) return decideCause(deps, place.cause, request);
  return place.entry === undefined ? decideOrder(deps, place.orderKey, request) : decideEntry(deps, place.orderKey, request);
}

const peopleOf = ({ policy }: Pick<DecideDeps, 'policy'>) => ({
  memberOf: (group: OwnerGroup, person: string) => memberOf(policy, group, person),
});

/** Why the question about a rejected event is closed: somebody has dismissed it, or submitted it again. */
function endOf({ code, dismissed, resubmittedAt = '', resubmittedBy }: Quarantined, { task }: Answer): Answered {
  if (dismissed) return { answer: 'already decided', decided: { task, code, option: 'dismiss', ...dismissed } };
  return { answer: 'not open any more', why: `the event was submitted again by ${resubmittedBy} on ${resubmittedAt.slice(0, 16)}Z` };
}

/** What becomes of a rejected event whose order goes on. The entry says whether that is open. */
async function decideEntry(deps: DecideDeps, orderKey: string, request: Request): Promise<Answered | { readonly answer: 'unknown' }> {
  const { ledger } = deps;
  const { option, by, reason, openedAt } = request;
  const task = await readTaskItem(ledger, orderKey, request.task);
  const entry = task?.entry === undefined ? undefined : await readQuarantined(ledger, task.tenant, task.entry);
  if (!task || !entry) return { answer: 'unknown' };
  if (!isOpen(entry)) return endOf(entry, request);
  if (openedAt !== undefined && openedAt !== task.openedAt) return { answer: 'not open any more', why: 'it was asked anew since' };
  const refused = mayNot({ owner: task.owner, options: optionsOf(task.code) }, request, peopleOf(deps));
  if (refused) return refused;
  const ended = await dismiss(ledger, entry, by, reason);
  if (!ended?.done) return ended ? endOf(ended.entry, request) : { answer: 'unknown' };
  return { answer: 'decided', decided: { task: task.id, code: task.code, option, by, at: ended.entry.dismissed?.at ?? '', reason } };
}

async function decideOrder(deps: DecideDeps, orderKey: string, request: Request): Promise<Answered> {
  const { ledger, policy } = deps;
  const decision = (head: Head, now: string) => decide(head, request, now, aroundOf(policy, head));
  const corrected = request.option === 'correct' ? await correctCustomer(deps, orderKey, request, decision) : undefined;
  if (corrected && 'answer' in corrected) return explained(ledger, orderKey, request, corrected);
  const { answer } = await ledger.change(orderKey, decision);
  if (answer.answer === 'decided') await deps.sendRun({ orderKey });
  const told = await explained(ledger, orderKey, request, answer);
  return corrected && told.answer !== 'decided' ? { answer: 'only corrected', what: corrected.what, instead: told } : told;
}

/** A question that is closed was answered long ago, or not at all: HEAD knows the last answer only, the task its own. */
async function explained(ledger: Ledger, orderKey: string, { task }: Answer, answer: Answered): Promise<Answered> {
  if (answer.answer !== 'not open any more') return answer;
  const item = await readTaskItem(ledger, orderKey, task);
  if (item?.state !== 'closed' || !item.closed) return answer;
  const { by, at, option, reason = '' } = item.closed;
  if (option) return { answer: by === SYSTEM ? 'too late' : 'already decided', decided: { task, code: item.code, option, by, at, reason } };
  return { answer: 'not open any more', why: `it was closed without an answer on ${at.slice(0, 16)}Z, and ${answer.why}` };
}

/**
 * The link of the account that the question names is corrected first; the answer then is another run. Nothing is written when the answer would be refused.
 * Who else decides in between does not take the correction back. @returns what was corrected, or why nothing was
 */
async function correctCustomer(
  { ledger, sendCause }: DecideDeps,
  orderKey: string,
  { target, by, reason }: Request,
  decision: (head: Head, now: string) => { readonly answer: Answered },
): Promise<Answered | { readonly what: string }> {
  const head = await ledger.read(orderKey);
  if (!head) return { answer: 'not open any more', why: 'the ledger has no such order' };
  const { answer } = decision(head, ledger.stamp());
  if (answer.answer !== 'decided') return answer;
  const code = head.task?.ask?.account;
  if (code === undefined) return { answer: 'not possible', why: 'the question names no account: answer `retry`, and it is asked anew' };
  const refused = await correct({ ledger, sendCause }, { tenant: head.tenant, erp: head.route.erp, kind: 'customer', code }, { target, by, reason });
  return refused ?? { what: `customer ${code} is ${target} in ERP ${head.route.erp} now` };
}

async function correct(
  { ledger, sendCause }: Pick<DecideDeps, 'ledger' | 'sendCause'>,
  { kind, ...mapping }: ReturnType<typeof subjectOf>,
  { target, by, reason }: Pick<Request, 'target' | 'by' | 'reason'>,
  answered?: number,
): Promise<Answered | undefined> {
  if (!isMapping(kind)) return { answer: 'not possible', why: 'there is no mapping behind it' };
  if (!target) return { answer: 'not possible', why: `say which ${kind} of the ERP ${mapping.code} is` };
  try {
    await setReference(ledger, { ...mapping, kind, target, by }, { reason, ...(answered !== undefined && { answered }) });
  } catch (error) {
    if (error instanceof ReferenceContended) return { answer: 'not possible', why: error.message };
    throw error;
  }
  const { tenant, erp, code } = mapping;
  await sendCause({ cause: causeOf(tenant, erp, kind, code) });
  return undefined;
}

/** The answer writes the new version of the cause, which closes its question; the waker carries it out, page by page. */
async function decideCause(deps: DecideDeps, cause: string, request: Request): Promise<Answered> {
  const { ledger } = deps;
  const look = async () => {
    const task = await readCauseTask(ledger, cause);
    return {
      task,
      refused: task ? refusalOf(task, request, peopleOf(deps)) : ({ answer: 'not open any more', why: 'nobody waits for it' } as const),
    };
  };
  const { task, refused } = await look();
  if (refused || !task) return refused as Answered;
  const { option, by, reason } = request;
  // Of two people one writes the version that follows; the other is told what that one decided.
  const failed = option === 'correct' ? await correct(deps, subjectOf(cause), request, task.causeVersion) : await forAll(deps, task, request);
  if (!failed) return { answer: 'decided', decided: { task: task.id, code: task.code, option, by, at: ledger.stamp(), reason } };
  // Whoever was first may have died before it closed the question.
  await cureCause(ledger, cause);
  return (await look()).refused ?? failed;
}

/** Every order that waits for the cause runs again, here or in another ERP, or is cancelled. */
async function forAll(
  { ledger, policy, sendCause }: Pick<DecideDeps, 'ledger' | 'policy' | 'sendCause'>,
  { cause, causeVersion, code }: CauseTask,
  { option, by, reason, to = '' }: Request,
): Promise<Answered | undefined> {
  const { tenant, erp } = subjectOf(cause);
  const why = option === 'reroute' ? whyNotRoute(erp, to, erpsOf(policy, tenant)) : undefined;
  if (why) return { answer: 'not possible', why };
  if (!(await answerCause(ledger, cause, { option, by, reason, ...(option === 'reroute' && { to, code }) }, causeVersion)))
    return { answer: 'not possible', why: 'somebody else is at it: try again' };
  await sendCause({ cause });
  return undefined;
}
