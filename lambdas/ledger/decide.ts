import type { OwnerGroup } from '../../contracts/errors.ts';
import type { Policy } from '../../contracts/policy.ts';
import { optionsOf } from '../../contracts/tasks.ts';
import { type CauseTask, mappingOf, refusalOf, settled } from '../domain/cause-task.ts';
import { type Decided, type Decision, type Head, SYSTEM } from '../domain/head.ts';
import { memberOf } from '../domain/owners.ts';
import { type Answer, type Answered, decide, decideCancel, decideWake, mayNot, withCure } from '../domain/protocol/index.ts';
import { aroundOf } from '../domain/rules.ts';
import { readCauseTask, writeCauseTask } from './cause-tasks.ts';
import type { Documents } from './documents.ts';
import { dismiss } from './entry-tasks.ts';
import type { Ledger } from './ledger.ts';
import { isOpen, type Quarantined, readQuarantined } from './quarantine.ts';
import { waitingFor } from './queries.ts';
import { ReferenceContended, setReference } from './references.ts';
import { readTaskItem } from './task-items.ts';
import { placeOfTask } from './tasks.ts';

export interface DecideDeps {
  readonly ledger: Ledger;
  readonly documents: Documents;
  readonly policy: Policy;
  readonly sendRun: (message: { orderKey: string }) => Promise<void>;
  readonly sendCause: (message: { cause: string }) => Promise<void>;
}

export interface Request extends Answer {
  /** correct: what the code is called in the ERP. */
  readonly target?: string | undefined;
}

/** Orders that are read at once where an answer is about many. */
const PAGE = 50;

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
  if (request.option === 'correct') {
    const refused = await correctCustomer(deps, orderKey, request, decision);
    if (refused) return explained(ledger, orderKey, request, refused);
  }
  const { answer } = await ledger.change(orderKey, decision);
  if (answer.answer === 'decided') await deps.sendRun({ orderKey });
  return explained(ledger, orderKey, request, answer);
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

/** The link of the sold-to account is corrected first; the answer then is another run. Nothing is written when the answer would be refused. */
async function correctCustomer(
  { ledger, documents, sendCause }: DecideDeps,
  orderKey: string,
  { target, by, reason }: Request,
  decision: (head: Head, now: string) => { readonly answer: Answered },
): Promise<Answered | undefined> {
  const head = await ledger.read(orderKey);
  if (!head) return { answer: 'not open any more', why: 'the ledger has no such order' };
  const { answer } = decision(head, ledger.stamp());
  if (answer.answer !== 'decided') return answer;
  const { parties } = await documents.readQuote(head.document);
  const code = (parties.find(({ role }) => role === 'sold-to') ?? parties[0])?.customer ?? '';
  return correct({ ledger, sendCause }, { tenant: head.tenant, erp: head.route.erp, kind: 'customer', code }, { target, by, reason });
}

async function correct(
  { ledger, sendCause }: Pick<DecideDeps, 'ledger' | 'sendCause'>,
  mapping: ReturnType<typeof mappingOf>,
  { target, by, reason }: Pick<Request, 'target' | 'by' | 'reason'>,
  expected?: number,
): Promise<Answered | undefined> {
  if (!target) return { answer: 'not possible', why: `say which ${mapping.kind} of the ERP ${mapping.code} is` };
  try {
    await setReference(ledger, { ...mapping, target, by }, { reason, ...(expected !== undefined && { expected }) });
  } catch (error) {
    if (error instanceof ReferenceContended) return { answer: 'not possible', why: error.message };
    throw error;
  }
  const { tenant, erp, kind, code } = mapping;
  await sendCause({ cause: [tenant, erp, kind, code].join('#') });
  return undefined;
}

/** The cure writes the new version of the cause, which closes its question and wakes its orders page by page. */
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
  if (option === 'correct') {
    // Of two people one writes the version that follows; the other is told what that one decided.
    const failed = await correct(deps, mappingOf(cause), request, task.causeVersion);
    if (failed) return (await look()).refused ?? failed;
    return { answer: 'decided', decided: { task: task.id, code: task.code, option, by, at: ledger.stamp(), reason } };
  }
  const done = option === 'retry' ? await retryCause(deps, task, request) : await cancelCause(deps, task, request);
  return done ?? (await look()).refused ?? { answer: 'not possible', why: 'somebody else is at it: try again' };
}

/** One decision for every order that waits for the cause, page by page; those that are due by it are sent. */
async function forEach(
  { ledger, sendRun }: Pick<DecideDeps, 'ledger' | 'sendRun'>,
  cause: string,
  decision: (head: Head, now: string) => Decision<string>,
): Promise<void> {
  let after: Record<string, unknown> | undefined;
  do {
    const page = await waitingFor(ledger, cause, PAGE, after);
    for (const orderKey of page.orderKeys) {
      const { answer } = await ledger.change(orderKey, (head, now) =>
        head.wait?.cause === cause ? decision(head, now) : { answer: 'not waiting' as string },
      );
      if (answer === 'undoing' || answer === 'due') await sendRun({ orderKey });
    }
    after = page.next;
  } while (after);
}

/**
 * Every order that waits for the cause is cancelled; the question closes when none is left, so a repeat goes on.
 * undefined: somebody else answered it meanwhile.
 */
export async function cancelCause(
  deps: Pick<DecideDeps, 'ledger' | 'sendRun'>,
  task: CauseTask,
  { by, reason }: Pick<Answer, 'by' | 'reason'>,
): Promise<Answered | undefined> {
  await forEach(deps, task.cause, (head, now) => decideCancel(head, by, now, reason));
  return close(deps, settled(task, 'cancel', { by, reason }, deps.ledger.stamp()));
}

/**
 * Every order that waits for the cause runs again. The question closes before: an order that stops with it once more finds it closed,
 * and asks anew. Orders that were not woken, should this die on its way, are found without their question by the sweeper.
 */
async function retryCause(deps: Pick<DecideDeps, 'ledger' | 'sendRun'>, task: CauseTask, answer: Answer): Promise<Answered | undefined> {
  const next = settled(task, 'retry', answer, deps.ledger.stamp());
  const done = await close(deps, next);
  if (done) await forEach(deps, task.cause, (head, now) => decideWake(withCure(head, next.decided), now));
  return done;
}

/** undefined: somebody else wrote it meanwhile. */
const close = async ({ ledger }: Pick<DecideDeps, 'ledger'>, done: CauseTask): Promise<Answered | undefined> =>
  (await writeCauseTask(ledger, done)) ? { answer: 'decided', decided: done.decided as Decided } : undefined;
