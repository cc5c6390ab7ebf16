import { type Decision, type Head, hasNews, type QuoteItem } from '../../../lambdas/domain/head.ts';
import { snapshotOf } from '../../../lambdas/domain/snapshot.ts';
import type { Ask } from '../../../lambdas/domain/waiting.ts';
import { LATER, LIMIT, momentOf, NOW } from './time.ts';

/** The attempt in the slot is always SLOT; whoever writes an intent comes with NEW. */
export const SLOT = 'slot';
export const NEW = 'new';

/** The run that is current is always run 1. */
export const CURRENT = 1;
const DEATHS_THAT_MATTER = 5;

const slotOf = (open: NonNullable<Head['open']>): NonNullable<Head['open']> => ({
  action: open.action,
  attempt: SLOT,
  at: NOW,
  settleAt: momentOf(open.settleAt),
  ...(open.target !== undefined && { target: open.target }),
  payloadHash: open.payloadHash,
});

/** What a question is about, where a later decision reads it: the order that would be amended. */
const about = ({ ask }: { readonly ask?: Ask | undefined }): { ask?: Ask } => (ask ? { ask: { subject: ask.subject } } : {});

/** What later decisions can read of HEAD, and nothing else: no counters, no hashes, no texts, times as moments. */
function normal(head: Head): Head {
  const { draft, open, tax, wait, lastError } = head;
  const undo = lastError?.step === 'cancel-draft' || lastError?.step === 'void-tax';
  const prepared = head.prepared.customer?.run === head.run.n ? head.prepared.customer : undefined;
  const stops = Object.entries(head.stops).map(([kind, stop]) => [kind, { by: '', at: NOW, ...(stop.decided && { decided: stop.decided }) }]);
  return {
    ...head,
    acceptedAt: NOW,
    createdAt: NOW,
    seq: 1,
    lastHash: '',
    version: 1,
    run: {
      n: head.run.n === 0 ? 0 : CURRENT,
      active: head.run.active,
      limit: LIMIT,
      startedAt: NOW,
      deaths: Math.min(head.run.deaths, DEATHS_THAT_MATTER),
      undos: head.run.active ? head.run.undos : 0,
      policyHash: '',
      ...(head.run.active && head.run.slot !== undefined && { slot: head.run.slot }),
    },
    open: open && slotOf(open),
    draft: draft && { ref: draft.ref, key: '', inputs: draft.inputs, total: { amount: '0', currency: 'EUR' } },
    tax: tax && { id: tax.id, key: tax.key, hash: tax.hash, amount: '0', status: tax.status },
    probes: head.probes.map(momentOf).sort(),
    prepared: head.run.active && prepared ? { customer: { run: CURRENT, hash: prepared.hash, ref: '' } } : {},
    wait: wait && { kind: wait.kind, code: wait.code, since: NOW, times: 1 },
    waited: undefined,
    unanswered: undefined,
    task: head.task && {
      id: head.task.code,
      code: head.task.code,
      openedAt: NOW,
      dueAt: LATER,
      owner: head.task.owner,
      level: 0,
      approved: [],
      ...about(head.task),
    },
    decided: head.decided && { task: '', code: head.decided.code, option: head.decided.option, by: '', at: NOW, reason: '' },
    approvals: {},
    lookFrom: head.lookFrom && momentOf(head.lookFrom),
    epoch: head.epoch,
    stops: Object.fromEntries(stops.sort()),
    admissionSince: head.admissionSince && NOW,
    dueAt: head.dueAt && momentOf(head.dueAt),
    sweepAt: head.sweepAt && momentOf(head.sweepAt),
    lastError:
      head.run.active && lastError?.run === head.run.n
        ? { run: CURRENT, step: undo ? 'cancel-draft' : 'check-customer', code: lastError.code, detail: '', ...about(lastError) }
        : undefined,
  };
}

/** HEAD without what is the same in all: small enough to compare. */
const text = (head: Head): string =>
  JSON.stringify([
    head.orderKey,
    head.predecessor,
    head.state,
    head.generation,
    head.run,
    head.open,
    head.draft,
    head.order,
    head.tax,
    head.probes,
    head.everUnknown,
    head.prepared,
    head.wait,
    head.task?.code,
    head.task?.ask?.subject,
    head.amends,
    head.decided?.code,
    head.lost,
    head.lookFrom,
    head.epoch,
    head.stops,
    head.admissionSince,
    head.dueAt,
    head.sweepAt,
    head.lastError,
  ]);

export interface Step<Answer> {
  readonly head: number;
  readonly written: boolean;
  readonly answer: Answer;
  readonly fact: boolean;
  /** What this write did that no write may do. */
  readonly wrong: string;
}

/** Subscribers are told of every change that they can see. */
const visible = (head: Head): string => {
  const { sequence: _sequence, waiting, ...rest } = snapshotOf(head);
  return JSON.stringify({ ...rest, waiting: waiting && { for: waiting.for, code: waiting.code } });
};

function wrongIn(before: Head, next: Head, fact: boolean): string {
  if (before.run.active && hasNews(before) && !next.run.active && !(next.dueAt !== undefined && next.dueAt <= NOW)) return 'I8 news lost';
  const asks = next.wait?.kind === 'person' && next.wait.cause === undefined;
  if (asks !== (next.task !== undefined)) return `I12 it waits for ${next.wait?.kind ?? 'nobody'} and has ${next.task ? 'a' : 'no'} task`;
  if ((next.dueAt === undefined) !== (next.sweepAt === undefined)) return 'I4 dueAt without sweepAt: no sweep ever finds this order';
  if (!fact && visible(before) !== visible(next)) return 'I10 what subscribers see changed without a fact';
  return '';
}

/** All HEADs met so far, each once, and what each decision made of them: the decisions are pure, so each is asked once. */
export function createHeads() {
  const table: Head[] = [];
  const numbers = new Map<string, number>();
  const answers = new Map<string, Step<unknown>>();

  function put(head: Head): number {
    const small = normal(head);
    const key = text(small);
    let number = numbers.get(key);
    if (number === undefined) {
      number = table.push(small) - 1;
      numbers.set(key, number);
    }
    return number;
  }

  const get = (number: number): Head => table[number] as Head;

  /** `decide` on HEAD, as the ledger's compare-and-set executes it. `name` holds everything that the decision depends on besides HEAD. */
  function change<Answer>(number: number, name: string, decide: (head: Head) => Decision<Answer>): Step<Answer> {
    const key = `${number} ${name}`;
    const known = answers.get(key);
    if (known) return known as Step<Answer>;
    const before = get(number);
    const { next, answer, fact } = decide(before);
    const step: Step<Answer> = next
      ? { head: put(next), written: true, answer, fact: fact !== undefined, wrong: wrongIn(before, next, fact !== undefined) }
      : { head: number, written: false, answer, fact: false, wrong: '' };
    answers.set(key, step);
    return step;
  }

  const met = () => [...new Set(table.flatMap((head) => [head.state, ...(head.wait ? [head.wait.kind] : [])]))];
  return { put, get, change, met, size: () => table.length };
}

export type Heads = ReturnType<typeof createHeads>;

export const quoteItem = (highest: number, withdrawnUpTo: number, keyOf: (rev: number) => string): QuoteItem => ({
  tenant: 't',
  cpq: 'c',
  id: 'q',
  version: 1,
  withdrawnUpTo,
  milestones: {},
  ...(highest > 0 && { highest: { revision: highest, orderKey: keyOf(highest) } }),
});
