import type { Head } from '../domain/head.ts';
import { hashOf } from '../domain/identity.ts';
import { epochOfNumber, numbersFrom } from '../domain/protocol/index.ts';
import { type Fact, hashOfFact } from './append.ts';

/** The first fact of an order that is not as it was written, and what is wrong with it. */
export interface Broken {
  readonly seq: number;
  readonly what: string;
}

/** Numbers go on one by one; they leap at a restore alone, to the first of a later epoch. */
const follows = (seq: number, before: number): boolean =>
  seq === before + 1 || (epochOfNumber(seq) > epochOfNumber(before) && seq === numbersFrom(epochOfNumber(seq)) + 1);

/** The hash of facts that were written before it was over `seq` and `run`, too; of those the run can be changed unseen. */
const oldHashOf = ({ previousHash, event, actor }: Fact): string => hashOf({ previousHash, event, actor });

function wrongWith(fact: Fact, before: Pick<Fact, 'seq' | 'hash'>, orderKey: string): string | undefined {
  const { seq, previousHash, event, hash } = fact;
  if (!follows(seq, before.seq)) return `it follows fact ${before.seq}: what stood between them is gone`;
  if (previousHash !== before.hash) return before.seq === 0 ? 'it is not the first' : `it does not continue fact ${before.seq}`;
  if (hash !== hashOfFact(fact) && hash !== oldHashOf(fact)) return 'it was changed after it was written';
  if (event.id !== `${orderKey}:${seq}` || event.data.sequence !== seq)
    return `its event has the id ${event.id} and the sequence ${event.data.sequence}`;
  return undefined;
}

/** Walks the chain of one order's facts, oldest first: hashes, numbers, and that HEAD ends where they end. */
export function firstBroken(orderKey: string, facts: readonly Fact[], head?: Pick<Head, 'seq' | 'lastHash'>): Broken | undefined {
  let before = { seq: 0, hash: '' };
  for (const fact of facts) {
    const what = wrongWith(fact, before, orderKey);
    if (what) return { seq: fact.seq, what };
    before = fact;
  }
  if (!head) return undefined;
  if (head.lastHash !== before.hash || head.seq !== before.seq)
    return { seq: before.seq, what: `HEAD ends with fact ${head.seq} and another hash: facts after this one are gone, or HEAD was changed` };
  return undefined;
}
