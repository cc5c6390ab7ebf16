import { Stop } from '../domain/errors.ts';
import { type Head, isMine, type PreparedStep } from '../domain/head.ts';
import type { Documents } from './documents.ts';
import { RunOver } from './effect.ts';
import type { Ledger } from './ledger.ts';

/** Stores what a step of the active run has worked out. `identity` is the part that makes a draft stale when it changes. */
export async function prepare(
  ledger: Ledger,
  documents: Documents,
  head: Head,
  step: PreparedStep,
  working: unknown,
  identity: unknown = working,
): Promise<void> {
  const { n } = head.run;
  const { hash, ref } = await documents.storeWorking(head.orderKey, step, working, identity);
  const { answer } = await ledger.change(head.orderKey, (current) => {
    if (!isMine(current, n)) return { answer: 'over' as const };
    const known = current.prepared[step];
    if (known?.run === n && known.hash === hash && known.ref === ref) return { answer: 'written' as const };
    return { next: { ...current, prepared: { ...current.prepared, [step]: { run: n, hash, ref } } }, answer: 'written' as const };
  });
  if (answer === 'over') throw new RunOver(`run ${n} of ${head.orderKey} is over`);
}

/** What an earlier step of the same run has worked out: never what an earlier run has read (rule 14). */
export async function preparedBy<Working>(documents: Documents, head: Head, step: PreparedStep): Promise<Working> {
  const prepared = head.prepared[step];
  if (prepared?.run !== head.run.n) throw new Stop('PLATFORM_STEP_DIED', `step ${step} has left nothing in run ${head.run.n}`);
  return (await documents.get(prepared.ref)) as Working;
}

/** Hash over what the steps of this run have worked out, as far as it decides what a draft looks like. */
export const preparedHash = (head: Head, step: PreparedStep): string => head.prepared[step]?.hash ?? '';
